# Rounds that did not happen: an event that could not be delivered, or a function that failed.
module "missed_runs" {
  source = "./modules/queue"

  name               = "${local.prefix}-missed-runs"
  key_arn            = module.key["messages"].arn
  visibility_seconds = 30
  retention_seconds  = 1209600
}

resource "aws_scheduler_schedule_group" "this" {
  name = local.prefix
}

data "aws_iam_policy_document" "scheduler_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_scheduler_schedule_group.this.arn]
    }
  }
}

resource "aws_iam_role" "scheduler" {
  name                 = "${local.prefix}-scheduler"
  description          = "Starts the functions that have a schedule."
  assume_role_policy   = data.aws_iam_policy_document.scheduler_trust.json
  permissions_boundary = local.boundary
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    actions   = ["lambda:InvokeFunction"]
    resources = [for function in local.scheduled : module.function[function].arn]
  }

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [module.missed_runs.arn]
  }

  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.key["messages"].arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["sqs.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "invoke"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}

resource "aws_scheduler_schedule" "schedule" {
  for_each = local.stack.schedules

  name                = each.key
  group_name          = aws_scheduler_schedule_group.this.name
  description         = "Starts ${each.value.function}."
  schedule_expression = each.value.rate
  state               = var.stopped ? "DISABLED" : "ENABLED"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = module.function[each.value.function].arn
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({ schedule = each.key })

    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = local.event_ages[each.value.function]
    }

    dead_letter_config {
      arn = module.missed_runs.arn
    }
  }

  depends_on = [aws_iam_role_policy.scheduler]
}
