# What must be there before the rest of an environment: where Terraform keeps its state, and who may deploy. Applied once by
# a person (docs/deploy.md).

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      service     = "learning-records"
      environment = var.environment
    }
  }
}

data "aws_partition" "current" {}

locals {
  prefix    = coalesce(var.prefix, "lrs-${var.environment}")
  partition = data.aws_partition.current.partition

  # What the pipeline writes and must read again: it reads no other object.
  deployed_objects = concat(
    ["${module.state.arn}/*"],
    [for bucket in ["releases", "truststore-*"] : "arn:${local.partition}:s3:::${local.prefix}-${bucket}/*"],
  )
}

module "state_key" {
  source = "../modules/key"

  name          = "${local.prefix}-terraform-state"
  description   = "Terraform's state"
  deletion_days = 30
}

# Terraform locks a state with an object beside it, so there is no table of locks.
module "state" {
  source = "../modules/bucket"

  name      = "${local.prefix}-terraform-state"
  key       = module.state_key
  versioned = true
  protect   = true
}

resource "aws_iam_openid_connect_provider" "pipeline" {
  for_each = var.pipeline == null ? toset([]) : toset(["this"])

  url            = var.pipeline.issuer
  client_id_list = [var.pipeline.audience]
}

data "aws_iam_policy_document" "deploy_trust" {
  for_each = var.pipeline == null ? toset([]) : toset(["this"])

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.pipeline[each.key].arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${trimprefix(var.pipeline.issuer, "https://")}:aud"
      values   = [var.pipeline.audience]
    }

    condition {
      test     = "StringEquals"
      variable = "${trimprefix(var.pipeline.issuer, "https://")}:sub"
      values   = var.pipeline.subjects
    }
  }
}

resource "aws_iam_role" "deploy" {
  for_each = var.pipeline == null ? toset([]) : toset(["this"])

  name                 = "${local.prefix}-deploy"
  description          = "The pipeline that deploys ${local.prefix}"
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.deploy_trust[each.key].json
}

data "aws_iam_policy_document" "deploy" {
  # The account has nothing but this environment, so the role manages these services in it. It reads no data itself, but
  # whoever deploys decides what the functions do: review what is deployed, and protect the pipeline as the data.
  statement {
    sid = "Services"
    actions = [
      "acm:*", "apigateway:*", "backup-storage:*", "backup:*", "budgets:*", "cloudwatch:*", "dynamodb:*", "events:*", "guardduty:*", "kms:*",
      "lambda:*", "logs:*", "route53:*", "s3:*", "scheduler:*", "secretsmanager:*", "ses:*", "sns:*", "sqs:*", "transfer:*", "wafv2:*",
    ]
    resources = ["*"]
  }

  # What the functions, and nobody who deploys, do with data.
  statement {
    sid    = "NoData"
    effect = "Deny"
    actions = [
      "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:ExportTableToPointInTime",
      "dynamodb:GetItem", "dynamodb:GetRecords", "dynamodb:PartiQLDelete", "dynamodb:PartiQLInsert", "dynamodb:PartiQLSelect",
      "dynamodb:PartiQLUpdate", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem", "secretsmanager:GetSecretValue",
      "sqs:ReceiveMessage",
    ]
    resources = ["*"]
  }

  statement {
    sid           = "NoFiles"
    effect        = "Deny"
    actions       = ["s3:GetObject", "s3:GetObjectVersion"]
    not_resources = local.deployed_objects
  }

  # A role of the environment is made and changed within the boundary alone.
  statement {
    sid       = "Roles"
    actions   = ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
    resources = ["${local.roles}-*"]

    condition {
      test     = "ArnEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }

  statement {
    sid       = "PoliciesOfServices"
    actions   = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
    resources = [for name in ["backup", "gateway"] : "${local.roles}-${name}"]

    condition {
      test     = "ArnEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }

    condition {
      test     = "ArnEquals"
      variable = "iam:PolicyARN"
      values = [
        for name in [
          "AWSBackupServiceRolePolicyForS3Backup", "AWSBackupServiceRolePolicyForS3Restore", "service-role/AWSBackupServiceRolePolicyForBackup",
          "service-role/AWSBackupServiceRolePolicyForRestores", "service-role/AmazonAPIGatewayPushToCloudWatchLogs",
        ] : "arn:${local.partition}:iam::aws:policy/${name}"
      ]
    }
  }

  statement {
    sid = "OtherwiseOfRoles"
    actions = [
      "iam:DeleteRole", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies",
      "iam:TagRole", "iam:UntagRole", "iam:UpdateRole", "iam:UpdateRoleDescription",
    ]
    resources = ["${local.roles}-*"]
  }

  # Who may take a role changes with the organisations alone. A role of another kind is replaced for that.
  statement {
    sid       = "RolesOfOrganisations"
    actions   = ["iam:UpdateAssumeRolePolicy"]
    resources = [for name in ["drop", "sftp"] : "${local.roles}-${name}-*"]
  }

  statement {
    sid       = "RolesForServices"
    actions   = ["iam:PassRole"]
    resources = ["${local.roles}-*"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values = [
        "apigateway.amazonaws.com", "backup.amazonaws.com", "lambda.amazonaws.com", "malware-protection-plan.guardduty.amazonaws.com",
        "restore-testing.backup.amazonaws.com", "scheduler.amazonaws.com", "transfer.amazonaws.com",
      ]
    }
  }

  # Whoever could take another role would do what that one may: a trust policy alone could allow it.
  statement {
    sid       = "NoOtherRole"
    effect    = "Deny"
    actions   = ["sts:AssumeRole"]
    resources = ["*"]
  }

  statement {
    sid       = "NotItself"
    effect    = "Deny"
    resources = ["${local.roles}-deploy"]
    not_actions = [
      "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies",
    ]
  }

  statement {
    sid    = "NotTheBoundary"
    effect = "Deny"
    actions = [
      "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:DeleteRolePermissionsBoundary",
      "iam:SetDefaultPolicyVersion",
    ]
    resources = ["*"]
  }

  # Services make these roles for themselves when they are first used.
  statement {
    sid       = "RolesOfServices"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${local.partition}:iam::${var.account_id}:role/aws-service-role/*"]

    condition {
      test     = "StringLike"
      variable = "iam:AWSServiceName"
      values   = ["backup.amazonaws.com", "guardduty.amazonaws.com", "malware-protection-plan.guardduty.amazonaws.com", "ops.apigateway.amazonaws.com", "restore-testing.backup.amazonaws.com", "transfer.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "deploy" {
  for_each = aws_iam_role.deploy

  name   = "deploy"
  role   = each.value.id
  policy = data.aws_iam_policy_document.deploy.json
}
