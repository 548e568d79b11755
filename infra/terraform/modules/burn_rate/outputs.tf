output "arns" {
  description = "ARNs of the alarms that notify, by action: page and ticket."
  value       = { for action, alarm in aws_cloudwatch_composite_alarm.availability : action => alarm.arn }
}
