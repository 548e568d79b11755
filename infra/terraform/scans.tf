# Malware scans of submitted files (docs/decisions/0030-malware-scans.md), where the setting of a bucket's scan is on.

data "aws_iam_policy_document" "scanner_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["malware-protection-plan.guardduty.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "scanner" {
  for_each = local.scans

  name                 = "${local.prefix}-${each.key}-scanner"
  description          = "GuardDuty scans the files in ${each.key} for malware."
  assume_role_policy   = data.aws_iam_policy_document.scanner_trust.json
  permissions_boundary = local.boundary
}

data "aws_iam_policy_document" "scanner" {
  for_each = local.scans

  # GuardDuty makes this rule itself, and names it so.
  statement {
    sid       = "ManageRule"
    actions   = ["events:PutRule", "events:DeleteRule", "events:PutTargets", "events:RemoveTargets"]
    resources = ["arn:${local.partition}:events:${var.region}:${local.account_id}:rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*"]

    condition {
      test     = "StringLike"
      variable = "events:ManagedBy"
      values   = ["malware-protection-plan.guardduty.amazonaws.com"]
    }
  }

  statement {
    sid       = "WatchRule"
    actions   = ["events:DescribeRule", "events:ListTargetsByRule"]
    resources = ["arn:${local.partition}:events:${var.region}:${local.account_id}:rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*"]
  }

  statement {
    sid       = "Bucket"
    actions   = ["s3:PutBucketNotification", "s3:GetBucketNotification", "s3:ListBucket"]
    resources = [module.bucket[each.key].arn]
  }

  statement {
    sid       = "Validate"
    actions   = ["s3:PutObject"]
    resources = ["${module.bucket[each.key].arn}/malware-protection-resource-validation-object"]
  }

  statement {
    sid       = "Scan"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [for prefix in each.value.prefixes : "${module.bucket[each.key].arn}/${prefix}*"]
  }

  statement {
    sid       = "Tag"
    actions   = ["s3:GetObjectTagging", "s3:GetObjectVersionTagging", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"]
    resources = [for prefix in each.value.prefixes : "${module.bucket[each.key].arn}/${prefix}*"]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.key["files"].arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "scanner" {
  for_each = local.scans

  name   = "scan"
  role   = aws_iam_role.scanner[each.key].id
  policy = data.aws_iam_policy_document.scanner[each.key].json
}

resource "aws_guardduty_malware_protection_plan" "scan" {
  for_each = local.scans
  # GuardDuty tries the role when the plan is made.
  depends_on = [aws_iam_role_policy.scanner]

  role = aws_iam_role.scanner[each.key].arn

  protected_resource {
    s3_bucket {
      bucket_name     = module.bucket[each.key].name
      object_prefixes = each.value.prefixes
    }
  }

  actions {
    tagging {
      status = "ENABLED"
    }
  }
}

resource "aws_cloudwatch_event_rule" "scan" {
  for_each = local.scans

  name        = "${local.prefix}-${each.key}-scan"
  description = "Results of the malware scans of ${each.key}"
  event_pattern = jsonencode({
    source      = ["aws.guardduty"]
    detail-type = ["GuardDuty Malware Protection Object Scan Result"]
    detail = {
      s3ObjectDetails = {
        bucketName = ["${local.prefix}-${each.key}"]
        objectKey  = [for prefix in each.value.prefixes : { prefix = prefix }]
      }
    }
  })
}

resource "aws_cloudwatch_event_target" "scan" {
  for_each = local.scans

  rule      = aws_cloudwatch_event_rule.scan[each.key].name
  target_id = "queue"
  arn       = module.queue[each.value.queue].arn
}
