# Backups that outlive a table or a bucket. Tables can also be restored to any second of the last weeks by themselves.

locals {
  # What cannot be had again from elsewhere: tables that can be restored to a second, and buckets with versions.
  backed_up = {
    DynamoDB = [for name, table in local.stack.tables : module.table[name].arn if table.pointInTimeRecovery]
    S3       = [for name, bucket in local.stack.buckets : module.bucket[name].arn if bucket.versioned]
  }
}

resource "aws_backup_vault" "this" {
  name          = "${local.prefix}-backups"
  kms_key_arn   = module.key["backups"].arn
  force_destroy = !var.protect
}

# Nobody deletes a backup before its time. Without a date after which it cannot be lifted, the lock is one of governance.
resource "aws_backup_vault_lock_configuration" "this" {
  for_each = var.protect ? toset(["this"]) : toset([])

  backup_vault_name  = aws_backup_vault.this.name
  min_retention_days = 7
  max_retention_days = var.backup_days.monthly
}

resource "aws_backup_plan" "this" {
  name = "${local.prefix}-backups"

  dynamic "rule" {
    for_each = {
      daily   = { schedule = "cron(0 2 * * ? *)", days = var.backup_days.daily }
      monthly = { schedule = "cron(0 3 1 * ? *)", days = var.backup_days.monthly }
    }

    content {
      rule_name                    = rule.key
      target_vault_name            = aws_backup_vault.this.name
      schedule                     = rule.value.schedule
      schedule_expression_timezone = "Europe/London"
      start_window                 = 60
      completion_window            = 360

      lifecycle {
        delete_after = rule.value.days
      }

      dynamic "copy_action" {
        for_each = var.backup_copies_to[*]

        content {
          destination_vault_arn = copy_action.value

          lifecycle {
            delete_after = rule.value.days
          }
        }
      }
    }
  }
}

data "aws_iam_policy_document" "backup_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "backup" {
  name                 = "${local.prefix}-backup"
  description          = "AWS Backup makes and restores backups."
  assume_role_policy   = data.aws_iam_policy_document.backup_trust.json
  permissions_boundary = local.boundary
}

# AWS's own policies, which follow what its service needs.
resource "aws_iam_role_policy_attachment" "backup" {
  for_each = toset([
    "service-role/AWSBackupServiceRolePolicyForBackup",
    "service-role/AWSBackupServiceRolePolicyForRestores",
    "AWSBackupServiceRolePolicyForS3Backup",
    "AWSBackupServiceRolePolicyForS3Restore",
  ])

  role       = aws_iam_role.backup.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value}"
}

resource "aws_backup_selection" "this" {
  name         = "${local.prefix}-data"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.backup.arn
  resources    = sort(flatten(values(local.backed_up)))
}

# A backup is only one if it can be restored: AWS does that every month, and removes the copies after a day.
resource "aws_backup_restore_testing_plan" "this" {
  for_each = var.test_restores ? toset(["this"]) : toset([])

  name                         = replace("${local.prefix}-restores", "-", "_")
  schedule_expression          = "cron(0 4 ? * SUN#1 *)"
  schedule_expression_timezone = "Europe/London"
  start_window_hours           = 8

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.this.arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 7
  }
}

resource "aws_backup_restore_testing_selection" "tables" {
  for_each = var.test_restores ? toset(["this"]) : toset([])

  name                      = "tables"
  restore_testing_plan_name = aws_backup_restore_testing_plan.this[each.key].name
  iam_role_arn              = aws_iam_role.backup.arn
  protected_resource_type   = "DynamoDB"
  protected_resource_arns   = sort(local.backed_up.DynamoDB)
  validation_window_hours   = 24
}
