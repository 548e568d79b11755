output "names" {
  description = "Names of the alarms that notify, by action: page and ticket."
  value       = { for action, alarm in aws_cloudwatch_composite_alarm.availability : action => alarm.alarm_name }
}

output "arns" {
  description = "ARNs of the alarms that notify, by action: page and ticket."
  value       = { for action, alarm in aws_cloudwatch_composite_alarm.availability : action => alarm.arn }
}
