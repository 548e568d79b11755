locals {
  tracing = {
    actions    = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    resources  = ["*"] # X-Ray has no resources of its own.
    conditions = []
  }
  logging = {
    actions    = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources  = ["${aws_cloudwatch_log_group.this.arn}:*"]
    conditions = []
  }
  own_variables = {
    actions    = ["kms:Decrypt"]
    resources  = [var.key_arn]
    conditions = []
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  description          = "The function ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.boundary
}

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = concat([local.logging, local.own_variables], var.tracing == "Active" ? [local.tracing] : [], var.statements)

    content {
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = statement.value.conditions

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "grants"
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_lambda_function" "this" {
  function_name                  = var.name
  role                           = aws_iam_role.this.arn
  runtime                        = "python3.13"
  architectures                  = ["arm64"]
  handler                        = var.handler
  s3_bucket                      = var.package.bucket
  s3_key                         = var.package.key
  s3_object_version              = var.package.version
  source_code_hash               = var.package.sha256
  memory_size                    = var.memory_megabytes
  timeout                        = var.timeout_seconds
  kms_key_arn                    = var.key_arn
  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1)
  publish                        = var.snap_start

  environment {
    variables = var.environment
  }

  tracing_config {
    mode = var.tracing
  }

  # The code writes lines of JSON itself.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  dynamic "snap_start" {
    for_each = var.snap_start ? ["PublishedVersions"] : []

    content {
      apply_on = snap_start.value
    }
  }

  # A function that starts before it may do anything fails, and a snapshot is made at once.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_alias" "this" {
  for_each = var.snap_start ? toset(["live"]) : toset([])

  name             = each.key
  description      = "The version that callers reach"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}

resource "aws_lambda_function_recursion_config" "this" {
  function_name  = aws_lambda_function.this.function_name
  recursive_loop = var.recursive_loop
}

# By default Lambda calls twice more, and then forgets the event.
resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = var.missed_runs == null ? toset([]) : toset(["this"])

  function_name                = aws_lambda_function.this.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = var.missed_runs.event_age_seconds

  destination_config {
    on_failure {
      destination = var.missed_runs.queue_arn
    }
  }
}
