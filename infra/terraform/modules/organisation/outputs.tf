output "role_arn" {
  description = "ARN of the role that the organisation takes; null if it has none."
  value       = try(aws_iam_role.drop["this"].arn, null)
}
