locals {
  single = { for name, alarm in var.alarms : name => values(alarm.metrics)[0] if alarm.expression == null }

  # CloudWatch takes percentiles and the like under another name than plain statistics.
  plain = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"]
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.alarms

  alarm_name          = "${var.prefix}-${each.key}"
  alarm_description   = "${each.value.meaning} ${each.value.urgent ? "Act at once, at night too." : "Can wait until morning."} Runbook: docs/runbooks/${each.value.runbook}.md"
  alarm_actions       = [each.value.urgent ? var.page_topic_arn : var.ticket_topic_arn]
  ok_actions          = [each.value.urgent ? var.page_topic_arn : var.ticket_topic_arn]
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = coalesce(each.value.to_alarm, each.value.periods)
  treat_missing_data  = each.value.missing

  namespace          = try(local.single[each.key].namespace, null)
  metric_name        = try(local.single[each.key].name, null)
  dimensions         = try(local.single[each.key].dimensions, null)
  period             = each.value.expression == null ? each.value.period : null
  statistic          = try(contains(local.plain, local.single[each.key].statistic) ? local.single[each.key].statistic : null, null)
  extended_statistic = try(contains(local.plain, local.single[each.key].statistic) ? null : local.single[each.key].statistic, null)

  dynamic "metric_query" {
    for_each = each.value.expression == null ? [] : [each.value.expression]

    content {
      id          = "watched"
      label       = each.key
      expression  = metric_query.value
      return_data = true
    }
  }

  dynamic "metric_query" {
    for_each = each.value.expression == null ? {} : each.value.metrics

    content {
      id          = metric_query.key
      return_data = false

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        period      = each.value.period
        stat        = metric_query.value.statistic
      }
    }
  }
}
