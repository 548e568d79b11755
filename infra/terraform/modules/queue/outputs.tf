output "name" {
  description = "Physical name of the queue."
  value       = aws_sqs_queue.this.name
}

output "arn" {
  description = "ARN of the queue, once others may send to it: S3 refuses to announce objects to a queue that does not let it."
  value       = aws_sqs_queue.this.arn
  depends_on  = [aws_sqs_queue_policy.this]
}

output "url" {
  description = "Address of the queue."
  value       = aws_sqs_queue.this.url
}
