mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name          = "lrs-test-jobs"
  key_arn       = "arn:aws:kms:eu-west-2:123456789012:key/00000000-0000-0000-0000-000000000000"
  partition_key = { name = "pk", type = "S" }
  sort_key      = { name = "sk", type = "S" }
  recovery_days = 35
  protect       = true
}

run "an_attribute_of_several_keys_is_declared_once" {
  command = plan

  variables {
    indexes = [
      { name = "by_day", partition_key = { name = "day", type = "S" }, sort_key = { name = "sk", type = "S" }, projection = "KEYS_ONLY" },
      { name = "by_owner", partition_key = { name = "owner", type = "S" }, sort_key = { name = "day", type = "S" }, projection = "ALL" },
    ]
  }

  assert {
    condition     = toset([for attribute in aws_dynamodb_table.this.attribute : attribute.name]) == toset(["pk", "sk", "day", "owner"])
    error_message = "The attributes must be those of the keys, each once."
  }

  assert {
    condition     = length(aws_dynamodb_table.this.attribute) == 4
    error_message = "An attribute is declared twice."
  }
}

run "a_table_is_encrypted_protected_and_can_be_restored" {
  command = plan

  assert {
    condition = (
      aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.key_arn
      && aws_dynamodb_table.this.deletion_protection_enabled
      && aws_dynamodb_table.this.point_in_time_recovery[0].enabled
      && aws_dynamodb_table.this.point_in_time_recovery[0].recovery_period_in_days == 35
    )
    error_message = "The table must have our key, deletion protection and recovery for 35 days."
  }

  assert {
    condition     = length(aws_dynamodb_resource_policy.append_only) == 0
    error_message = "Only a table to which is only added denies changes."
  }
}

run "nobody_changes_a_table_to_which_is_only_added" {
  command = plan

  variables {
    append_only = true
  }

  assert {
    condition     = toset(data.aws_iam_policy_document.append_only.statement[0].actions) == toset([for action in ["BatchWriteItem", "DeleteItem", "PartiQLDelete", "PartiQLUpdate", "PutItem", "UpdateItem"] : "dynamodb:${action}"])
    error_message = "Every action that can overwrite, change or remove an item must be denied."
  }

  assert {
    condition     = length(aws_dynamodb_resource_policy.append_only) == 1
    error_message = "The table must have the policy."
  }
}

run "items_of_such_a_table_cannot_end" {
  command = plan

  variables {
    append_only  = true
    time_to_live = "ends"
  }

  expect_failures = [var.append_only]
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    stream        = "EVERYTHING"
    recovery_days = 36
    indexes = [
      { name = "twice", partition_key = { name = "a", type = "S" }, sort_key = { name = "b", type = "S" }, projection = "ALL" },
      { name = "twice", partition_key = { name = "a", type = "S" }, sort_key = { name = "b", type = "S" }, projection = "INCLUDE" },
    ]
  }

  expect_failures = [var.stream, var.recovery_days, var.indexes]
}
