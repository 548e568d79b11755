output "arn" {
  description = "ARN of the topic, once services may publish to it."
  value       = aws_sns_topic.this.arn
  depends_on  = [aws_sns_topic_policy.this]
}
