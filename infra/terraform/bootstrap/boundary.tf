# What no role of the environment can go beyond, whatever policies it is given: decision 37. The pipeline can neither make
# a role without it nor change it; a new kind of action is added here, by whoever prepares the account.

locals {
  arn = {
    for service in ["cloudwatch", "dynamodb", "events", "kms", "lambda", "logs", "secretsmanager", "ses", "sqs"] :
    service => "arn:${local.partition}:${service}:${var.region}:${var.account_id}"
  }
  roles = "arn:${local.partition}:iam::${var.account_id}:role/${local.prefix}"
}

data "aws_iam_policy_document" "boundary" {
  # Functions, with what Lambda does for them; the scheduler; GuardDuty's scans; files of organisations.
  statement {
    sid = "Data"
    actions = [
      "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DescribeStream", "dynamodb:GetItem", "dynamodb:GetRecords",
      "dynamodb:GetShardIterator", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:PutItem", "dynamodb:Query",
      "dynamodb:Scan", "dynamodb:UpdateItem", "lambda:InvokeFunction", "s3:AbortMultipartUpload", "s3:GetBucketNotification", "s3:GetObject",
      "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:ListBucket", "s3:ListBucketVersions",
      "s3:ListMultipartUploadParts", "s3:PutBucketNotification", "s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectVersionTagging",
      "secretsmanager:GetSecretValue", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage",
    ]
    resources = [
      "${local.arn.dynamodb}:table/${local.prefix}-*", "${local.arn.lambda}:function:${local.prefix}-*", "arn:${local.partition}:s3:::${local.prefix}-*",
      "${local.arn.secretsmanager}:secret:${local.prefix}-*", "${local.arn.sqs}:${local.prefix}-*",
    ]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:FilterLogEvents", "logs:PutLogEvents"]
    resources = ["${local.arn.logs}:log-group:${local.prefix}-*", "${local.arn.logs}:log-group:/aws/lambda/${local.prefix}-*"]
  }

  statement {
    sid       = "Mail"
    actions   = ["ses:SendEmail", "ses:SendRawEmail"]
    resources = ["${local.arn.ses}:identity/*", "${local.arn.ses}:configuration-set/${local.prefix}-*"]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["${local.arn.kms}:key/*"]
  }

  statement {
    sid       = "Alarms"
    actions   = ["cloudwatch:DeleteAlarmMuteRule", "cloudwatch:PutAlarmMuteRule"]
    resources = ["${local.arn.cloudwatch}:alarm:${local.prefix}-*", "${local.arn.cloudwatch}:alarm-mute-rule:${local.prefix}-*"]
  }

  statement {
    sid       = "NoResources"
    actions   = ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:ListAlarmMuteRules", "dynamodb:ListStreams", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    resources = ["*"]
  }

  statement {
    sid       = "Rules"
    actions   = ["events:DeleteRule", "events:DescribeRule", "events:ListTargetsByRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets"]
    resources = ["${local.arn.events}:rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*", "${local.arn.events}:rule/AwsBackupManagedRule*"]
  }

  # API Gateway asks for rights on every log.
  statement {
    sid       = "Gateway"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:PutLogEvents"]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "aws:PrincipalArn"
      values   = ["${local.roles}-gateway"]
    }
  }

  # What AWS's own policies for AWS Backup say of tables and buckets. It restores into new ones, with names of its own.
  statement {
    sid = "Backup"
    actions = [
      "backup:CopyFromBackupVault", "backup:CopyIntoBackupVault", "backup:DescribeBackupVault", "backup:TagResource", "dynamodb:BatchWriteItem",
      "dynamodb:CreateBackup", "dynamodb:DeleteBackup", "dynamodb:DeleteItem", "dynamodb:DescribeBackup", "dynamodb:DescribeTable", "dynamodb:GetItem",
      "dynamodb:ListTagsOfResource", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:RestoreTableFromAwsBackup", "dynamodb:RestoreTableFromBackup",
      "dynamodb:Scan", "dynamodb:StartAwsBackupJob", "dynamodb:UpdateItem", "events:DisableRule", "events:EnableRule", "events:ListRules",
      "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom", "kms:ReEncryptTo", "s3:CreateBucket", "s3:DeleteObject", "s3:GetBucketAcl", "s3:GetBucketLocation",
      "s3:GetBucketNotification", "s3:GetBucketOwnershipControls", "s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetInventoryConfiguration",
      "s3:GetObject", "s3:GetObjectAcl", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging",
      "s3:ListAllMyBuckets", "s3:ListBucket", "s3:ListBucketVersions", "s3:ListMultipartUploadParts", "s3:ListTagsForResource",
      "s3:PutBucketNotification", "s3:PutBucketOwnershipControls", "s3:PutBucketVersioning", "s3:PutInventoryConfiguration", "s3:PutObject",
      "s3:PutObjectAcl", "s3:PutObjectTagging", "s3:PutObjectVersionAcl", "tag:GetResources",
    ]
    resources = ["*"]

    condition {
      test     = "ArnEquals"
      variable = "aws:PrincipalArn"
      values   = ["${local.roles}-backup"]
    }
  }

  # Said again, so that no policy of a resource gives it either: to change who may do what, or to take another role.
  statement {
    sid       = "NoRoles"
    effect    = "Deny"
    actions   = ["account:*", "iam:*", "organizations:*", "sts:AssumeRole*"]
    resources = ["*"]
  }

  statement {
    sid       = "NoDeployment"
    effect    = "Deny"
    actions   = ["kms:*", "s3:*"]
    resources = concat([module.state.arn, module.state_key.arn], local.deployed_objects)
  }
}

resource "aws_iam_policy" "boundary" {
  name        = "${local.prefix}-boundary"
  description = "The most that a role of ${local.prefix} can be allowed"
  policy      = data.aws_iam_policy_document.boundary.minified_json
}
