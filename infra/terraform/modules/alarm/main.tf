locals {
  single = var.alarm.expression == null ? values(var.alarm.metrics)[0] : null
}

resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = var.name
  alarm_description   = "${var.alarm.meaning} ${var.topic.urgency} Runbook: docs/runbooks/${var.alarm.runbook}.md"
  alarm_actions       = [var.topic.arn]
  ok_actions          = [var.topic.arn]
  comparison_operator = var.alarm.comparison
  threshold           = var.alarm.threshold
  evaluation_periods  = var.alarm.periods
  datapoints_to_alarm = coalesce(var.alarm.to_alarm, var.alarm.periods)
  treat_missing_data  = var.alarm.missing

  namespace   = try(local.single.namespace, null)
  metric_name = try(local.single.name, null)
  dimensions  = try(local.single.dimensions, null)
  period      = local.single == null ? null : var.alarm.period

  # CloudWatch takes percentiles under another name.
  statistic          = local.single == null ? null : startswith(local.single.statistic, "p") ? null : local.single.statistic
  extended_statistic = local.single == null ? null : startswith(local.single.statistic, "p") ? local.single.statistic : null

  dynamic "metric_query" {
    for_each = local.single == null ? [var.alarm.expression] : []

    content {
      id          = "watched"
      label       = var.name
      expression  = metric_query.value
      return_data = true
    }
  }

  dynamic "metric_query" {
    for_each = local.single == null ? var.alarm.metrics : {}

    content {
      id          = metric_query.key
      return_data = false

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        period      = var.alarm.period
        stat        = metric_query.value.statistic
      }
    }
  }
}
