mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  name               = "lrs-test-intake"
  key_arn            = "arn:aws:kms:eu-west-2:123456789012:key/00000000-0000-0000-0000-000000000000"
  visibility_seconds = 720
  retention_seconds  = 345600
  wait_seconds       = 20
}

run "messages_are_encrypted_with_a_data_key_for_an_hour" {
  command = plan

  assert {
    condition     = aws_sqs_queue.this.kms_master_key_id == var.key_arn && aws_sqs_queue.this.kms_data_key_reuse_period_seconds == 3600
    error_message = "Messages must be encrypted with our key, without a call to KMS for each."
  }

  assert {
    condition     = one(data.aws_iam_policy_document.this.statement[*].sid) == "TlsOnly"
    error_message = "Nobody but the account's own roles may send to a queue that nothing announces to."
  }
}

run "a_service_sends_only_for_what_is_named" {
  command = plan

  variables {
    buckets = ["arn:aws:s3:::lrs-test-inbox"]
    rules   = ["arn:aws:events:eu-west-2:123456789012:rule/lrs-test-inbox-scan"]
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.this.statement :
      toset([for condition in statement.condition : condition.variable]) == toset(["aws:SourceArn", "aws:SourceAccount"]) if startswith(statement.sid, "From")
    ])
    error_message = "A service must name the source for which it sends, in this account."
  }

  assert {
    condition     = toset(data.aws_iam_policy_document.this.statement[*].sid) == toset(["TlsOnly", "FromS3", "FromEvents"])
    error_message = "S3 and EventBridge must be able to send."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    visibility_seconds = 43201
    retention_seconds  = 59
    wait_seconds       = 21
  }

  expect_failures = [var.visibility_seconds, var.retention_seconds, var.wait_seconds]
}
