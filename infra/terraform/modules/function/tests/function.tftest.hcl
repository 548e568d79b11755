mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name             = "lrs-test-watch_jobs"
  handler          = "functions.watch_jobs.handler"
  package          = { bucket = "lrs-test-releases", key = "lrs-lambda.zip", version = "1", sha256 = "abc" }
  memory_megabytes = 512
  timeout_seconds  = 60
  environment      = { LRS_TABLE_JOBS = "lrs-test-jobs" }
  statements       = [{ actions = ["dynamodb:GetItem"], resources = ["arn:aws:dynamodb:eu-west-2:123456789012:table/lrs-test-jobs"] }]
  key_arn          = "arn:aws:kms:eu-west-2:123456789012:key/00000000-0000-0000-0000-000000000000"
  boundary         = "arn:aws:iam::123456789012:policy/lrs-test-boundary"
  log_key_arn      = "arn:aws:kms:eu-west-2:123456789012:key/00000000-0000-0000-0000-000000000001"
  log_days         = 400
  tracing          = "Active"
}

run "a_function_runs_on_arm_with_its_own_role_and_log" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.architectures == tolist(["arm64"]) && aws_lambda_function.this.runtime == "python3.13"
    error_message = "The package is built for python3.13 on arm64."
  }

  assert {
    condition = (
      aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/lrs-test-watch_jobs"
      && aws_cloudwatch_log_group.this.retention_in_days == 400
      && aws_cloudwatch_log_group.this.kms_key_id == var.log_key_arn
    )
    error_message = "The log must have a group of its own, a time after which it ends, and our key."
  }

  assert {
    condition     = aws_lambda_function_recursion_config.this.recursive_loop == "Terminate" && aws_lambda_function.this.reserved_concurrent_executions == -1
    error_message = "Unless it is said, loops are stopped and nothing is reserved."
  }

  assert {
    condition     = length(aws_lambda_alias.this) == 0 && length(aws_lambda_function_event_invoke_config.this) == 0
    error_message = "Unless it is said, there is no alias and no destination for events."
  }
}

run "a_round_is_not_repeated_and_a_failure_is_kept" {
  command = plan

  variables {
    reserved_concurrency = 1
    missed_runs          = { queue_arn = "arn:aws:sqs:eu-west-2:123456789012:lrs-test-missed-runs", event_age_seconds = 300 }
  }

  assert {
    condition = (
      aws_lambda_function_event_invoke_config.this["this"].maximum_retry_attempts == 0
      && aws_lambda_function_event_invoke_config.this["this"].destination_config[0].on_failure[0].destination == var.missed_runs.queue_arn
      && aws_lambda_function.this.reserved_concurrent_executions == 1
    )
    error_message = "A round must run alone, once, and leave a message if it fails."
  }
}

run "callers_reach_a_published_version_from_a_snapshot" {
  command = plan

  variables {
    snap_start = true
  }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_function.this.snap_start[0].apply_on == "PublishedVersions" && aws_lambda_alias.this["live"].name == "live"
    error_message = "A snapshot is of a published version, and only an alias reaches that."
  }
}

run "tracing_can_be_left_to_callers" {
  command = plan

  variables {
    tracing = "PassThrough"
  }

  assert {
    condition     = !strcontains(join(" ", flatten(data.aws_iam_policy_document.this.statement[*].actions)), "xray")
    error_message = "Without tracing nothing is allowed that has no resource."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    memory_megabytes     = 64
    timeout_seconds      = 901
    tracing              = "Sometimes"
    recursive_loop       = "Perhaps"
    reserved_concurrency = -1
    statements           = [{ actions = ["s3:*"], resources = ["*"] }]
    missed_runs          = { queue_arn = "arn:aws:sqs:eu-west-2:123456789012:lrs-test-missed-runs", event_age_seconds = 30 }
  }

  expect_failures = [var.memory_megabytes, var.timeout_seconds, var.tracing, var.recursive_loop, var.reserved_concurrency, var.statements, var.missed_runs]
}
