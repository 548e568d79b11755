mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name      = "lrs-test-inbox"
  key       = { arn = "arn:aws:kms:eu-west-2:123456789012:key/00000000-0000-0000-0000-000000000000" }
  versioned = true
  protect   = true
}

run "versions_and_parts_of_uploads_end_too" {
  command = plan

  variables {
    expiry = [{ prefix = "", days = 30 }, { prefix = "feeds/", days = 90 }]
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.noncurrent_version_expiration[0].noncurrent_days == 7 if startswith(rule.id, "expire")
    ])
    error_message = "Versions must end a week after they were replaced."
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : rule.id] == ["abort-uploads", "expire", "expire-feeds"]
    error_message = "Each rule needs a name of its own, and uploads that were not completed must end."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this.rule[0].abort_incomplete_multipart_upload[0].days_after_initiation == 7
    error_message = "Parts of uploads that were not completed must end after a week."
  }
}

run "a_bucket_without_versions_has_no_rule_for_them" {
  command = plan

  variables {
    versioned = false
    expiry    = [{ prefix = "work/", days = 7 }]
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this.rule[1].noncurrent_version_expiration) == 0
    error_message = "There are no versions to end."
  }
}

run "a_put_without_a_key_is_not_denied" {
  command = plan

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.this.statement :
      contains([for condition in statement.condition : "${condition.test} ${join(" ", condition.values)}"], "Null false")
      if contains(["OtherEncryption", "OtherKey", "KeyOfTheCaller"], statement.sid)
    ])
    error_message = "Our own puts name no key, so a denial must look only at those that do."
  }

  assert {
    condition     = length(setintersection(["TlsOnly", "RecentTlsOnly", "OtherEncryption", "OtherKey", "KeyOfTheCaller"], data.aws_iam_policy_document.this.statement[*].sid)) == 5
    error_message = "A denial is missing."
  }
}

run "only_the_scanner_tags" {
  command = plan

  variables {
    scanner = { arn = "arn:aws:iam::123456789012:role/scanner" }
  }

  assert {
    condition = one([
      for statement in data.aws_iam_policy_document.this.statement :
      one([for condition in statement.condition : "${condition.test} ${condition.variable} ${one(condition.values)}"]) if statement.sid == "TagsOfTheScanner"
    ]) == "ArnNotEquals aws:PrincipalArn arn:aws:iam::123456789012:role/scanner"
    error_message = "Everyone but the scanner must be denied to tag."
  }
}

run "logs_cannot_be_delivered_to_a_bucket_with_our_key" {
  command = plan

  variables {
    logs_of = ["arn:aws:s3:::lrs-test-work"]
  }

  expect_failures = [var.logs_of]
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    name   = "Learner_Records"
    expiry = [{ prefix = "", days = 0 }]
  }

  expect_failures = [var.name, var.expiry]
}

run "two_rules_for_one_prefix_are_refused" {
  command = plan

  variables {
    expiry = [{ prefix = "a/", days = 1 }, { prefix = "a/", days = 2 }]
  }

  expect_failures = [var.expiry]
}
