output "name" {
  description = "Physical name of the function."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "ARN of the function, without a version."
  value       = aws_lambda_function.this.arn
}

output "alias" {
  description = "Name of the alias that callers reach; null if the function has none."
  value       = try(aws_lambda_alias.this["live"].name, null)
}

output "invoke_arn" {
  description = "ARN by which API Gateway calls the function: its alias, or the function itself."
  value       = try(aws_lambda_alias.this["live"].invoke_arn, aws_lambda_function.this.invoke_arn)
}
