# How fast the month's error budget is being spent, by the pairs of windows of Google's SRE workbook: the long window shows that it
# matters, the short one that it has not stopped.

locals {
  budget = 1 - var.target / 100

  pairs = {
    fast = { rate = 14.4, long = 3600, short = 300, action = "page" }
    slow = { rate = 6, long = 21600, short = 1800, action = "page" }
    days = { rate = 1, long = 259200, short = 21600, action = "ticket" }
  }

  # Few requests make a large share of one fault: the long windows need 20 requests and 3 faults. What is missing is filled, since
  # an alarm without recent data would go on with older data.
  failed = "(FILL(faults, 0) - FILL(planned, 0))"
  counted = {
    long  = "IF((FILL(requests, 0) >= 20) AND (${local.failed} >= 3), ${local.failed} / FILL(requests, 1), 0)"
    short = "${local.failed} / FILL(requests, 1)"
  }

  windows = merge([
    for pair, of in local.pairs : {
      "${pair}-long"  = { rate = of.rate, seconds = of.long, counted = local.counted.long }
      "${pair}-short" = { rate = of.rate, seconds = of.short, counted = local.counted.short }
    }
  ]...)

  actions = {
    page   = { topic = var.topics["page"], spent = "2 % of the month's error budget within an hour, or 5 % within six hours" }
    ticket = { topic = var.topics["ticket"], spent = "10 % of the month's error budget within three days" }
  }
}

resource "aws_cloudwatch_metric_alarm" "window" {
  for_each = local.windows

  alarm_name          = "${var.name}-burn-${each.key}"
  alarm_description   = "Part of the alarms on the availability of ${var.title}; notifies nobody. Runbook: docs/runbooks/${var.runbook}.md"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.rate * local.budget
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "share"
    label       = "Share of requests that failed, agreed maintenance excluded"
    expression  = each.value.counted
    return_data = true
  }

  dynamic "metric_query" {
    for_each = {
      requests = { namespace = var.namespace, name = "Latency", dimensions = {}, statistic = "SampleCount" }
      faults   = { namespace = var.namespace, name = "Faults", dimensions = {}, statistic = "Sum" }
      planned  = merge(var.planned, { statistic = "Sum" })
    }

    content {
      id          = metric_query.key
      return_data = false

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        period      = each.value.seconds
        stat        = metric_query.value.statistic
      }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "availability" {
  for_each = local.actions

  alarm_name        = "${var.name}-availability-${each.key}"
  alarm_description = "${var.title} fails for users: ${each.value.spent}. ${each.value.topic.urgency} Runbook: docs/runbooks/${var.runbook}.md"
  alarm_actions     = [each.value.topic.arn]
  ok_actions        = [each.value.topic.arn]

  alarm_rule = join(" OR ", [
    for pair, of in local.pairs : format(
      "(ALARM(\"%s\") AND ALARM(\"%s\"))",
      aws_cloudwatch_metric_alarm.window["${pair}-long"].alarm_name,
      aws_cloudwatch_metric_alarm.window["${pair}-short"].alarm_name,
    ) if of.action == each.key
  ])
}
