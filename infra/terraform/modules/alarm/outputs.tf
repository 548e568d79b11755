output "name" {
  description = "The alarm's name in CloudWatch."
  value       = aws_cloudwatch_metric_alarm.this.alarm_name
}
