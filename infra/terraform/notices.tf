# Where alarms go: a topic that wakes someone and one that opens a ticket; and what AWS reports as events rather than metrics.

module "topic" {
  source   = "./modules/topic"
  for_each = { page = var.page_emails, ticket = var.ticket_emails }

  name    = "${local.prefix}-${each.key}"
  key_arn = module.key["alarms"].arn
  emails  = each.value
  publishers = {
    cloudwatch = ["arn:${local.partition}:cloudwatch:${var.region}:${local.account_id}:alarm:${local.prefix}-*"]
    events     = ["arn:${local.partition}:events:${var.region}:${local.account_id}:rule/${local.prefix}-*"]
    budgets    = ["arn:${local.partition}:budgets::${local.account_id}:*"]
  }
}

locals {
  events = {
    malware = {
      meaning = "Malware was found in a submitted file."
      urgent  = false
      runbook = "malware-scan"
      pattern = {
        source        = ["aws.guardduty"]
        "detail-type" = ["GuardDuty Malware Protection Object Scan Result"]
        detail        = { scanResultDetails = { scanResultStatus = ["THREATS_FOUND"] } }
      }
    }
    "malware-plan" = {
      meaning = "The malware plan of a bucket does not work: files wait for their scan."
      urgent  = true
      runbook = "malware-scan"
      pattern = {
        source        = ["aws.guardduty"]
        "detail-type" = ["GuardDuty Malware Protection Resource Status Warning", "GuardDuty Malware Protection Resource Status Error"]
      }
    }
    backup = {
      meaning = "A backup was not made. An older one, and the last 35 days of the tables, are still there."
      urgent  = false
      runbook = "backup-failed"
      pattern = {
        source        = ["aws.backup"]
        "detail-type" = ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"]
        detail        = { "$or" = [{ state = ["ABORTED", "EXPIRED", "FAILED"] }, { status = ["ABORTED", "FAILED"] }] }
      }
    }
    certificate = {
      meaning = "A certificate of the service is about to expire. After that, no caller can connect."
      urgent  = false
      runbook = "certificate-expiring"
      pattern = {
        source        = ["aws.acm"]
        "detail-type" = ["ACM Certificate Approaching Expiration", "ACM Certificate Expired", "ACM Certificate Renewal Action Required"]
      }
    }
    key = {
      meaning = "Someone has disabled a key or scheduled its deletion. What it encrypts cannot be read without it."
      urgent  = true
      runbook = "key-deletion"
      pattern = {
        source        = ["aws.kms"]
        "detail-type" = ["AWS API Call via CloudTrail"]
        detail        = { eventSource = ["kms.amazonaws.com"], eventName = ["DisableKey", "ScheduleKeyDeletion"] }
      }
    }
  }
}

resource "aws_cloudwatch_event_rule" "notice" {
  for_each = local.events

  name          = "${local.prefix}-notice-${each.key}"
  description   = "${each.value.meaning} ${local.topics[each.value.urgent ? "page" : "ticket"].urgency} Runbook: docs/runbooks/${each.value.runbook}.md"
  event_pattern = jsonencode(each.value.pattern)
}

resource "aws_cloudwatch_event_target" "notice" {
  for_each = local.events

  rule      = aws_cloudwatch_event_rule.notice[each.key].name
  target_id = each.value.urgent ? "page" : "ticket"
  arn       = module.topic[each.value.urgent ? "page" : "ticket"].arn

  # The sentence and where to look, without the event: a key of an object may contain a name.
  input_transformer {
    input_paths    = { account = "$.account", time = "$.time", kind = "$.detail-type", id = "$.id" }
    input_template = jsonencode("${aws_cloudwatch_event_rule.notice[each.key].description} (<kind>, <time>, account <account>, event <id>)")
  }
}

resource "aws_budgets_budget" "month" {
  name         = "${local.prefix}-month"
  budget_type  = "COST"
  limit_amount = format("%.1f", var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  # The messages of AWS Budgets cannot name a runbook.
  tags = { runbook = "docs/runbooks/cost-budget.md" }

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }

    content {
      comparison_operator       = "GREATER_THAN"
      threshold                 = notification.value
      threshold_type            = "PERCENTAGE"
      notification_type         = notification.key
      subscriber_sns_topic_arns = [module.topic["ticket"].arn]
    }
  }
}
