# Organisations that put files into the inbox themselves. Each reaches its own folder and nothing else.

locals {
  # Where files are dropped and whose they are: chalicelib/services/batches/places.py.
  drop_folders = { for ukprn in keys(var.organisations) : ukprn => "drop/${ukprn}/" }
  inbox        = module.bucket["inbox"]
}

data "aws_iam_policy_document" "organisation" {
  for_each = local.drop_folders

  statement {
    sid       = "Put"
    actions   = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    resources = ["${local.inbox.arn}/${each.value}*"]
  }

  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [local.inbox.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${each.value}*"]
    }
  }

  # The parts of a large file are decrypted when they are put together.
  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [module.key["files"].arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = [local.inbox.arn]
    }
  }
}

# From an AWS account of its own: it must also know the external id that was agreed with it.
locals {
  with_accounts = { for ukprn, organisation in var.organisations : ukprn => organisation if length(organisation.principals) > 0 }
}

data "aws_iam_policy_document" "organisation_trust" {
  for_each = local.with_accounts

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = each.value.principals
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [each.value.external_id]
    }
  }
}

resource "aws_iam_role" "organisation" {
  for_each = local.with_accounts

  name                 = "${local.prefix}-drop-${each.key}"
  description          = "The organisation ${each.key} puts its files into the inbox."
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.organisation_trust[each.key].json
}

resource "aws_iam_role_policy" "organisation" {
  for_each = local.with_accounts

  name   = "drop"
  role   = aws_iam_role.organisation[each.key].id
  policy = data.aws_iam_policy_document.organisation[each.key].json
}

# Over SFTP, with a key: the server costs about 220 US dollars a month, so it is a switch.
locals {
  with_keys = { for ukprn, organisation in var.organisations : ukprn => organisation if var.sftp && length(organisation.ssh_keys) > 0 }
  ssh_keys = merge([
    for ukprn, organisation in local.with_keys : { for number, key in organisation.ssh_keys : "${ukprn}-${number}" => { ukprn = ukprn, key = key } }
  ]...)
  sftp = var.sftp ? toset(["this"]) : toset([])
}

resource "aws_cloudwatch_log_group" "sftp" {
  for_each = local.sftp

  name              = "/aws/transfer/${local.prefix}"
  retention_in_days = var.log_days
  kms_key_id        = module.key["logs"].arn
}

resource "aws_transfer_server" "sftp" {
  for_each = local.sftp

  domain                      = "S3"
  protocols                   = ["SFTP"]
  endpoint_type               = "PUBLIC"
  identity_provider_type      = "SERVICE_MANAGED"
  security_policy_name        = "TransferSecurityPolicy-2024-01"
  structured_log_destinations = ["${aws_cloudwatch_log_group.sftp[each.key].arn}:*"]

  # Many clients set the time of a file after they have put it, which S3 cannot do.
  protocol_details {
    set_stat_option = "ENABLE_NO_OP"
  }
}

data "aws_iam_policy_document" "sftp_trust" {
  for_each = local.sftp

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["transfer.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${local.partition}:transfer:${var.region}:${local.account_id}:user/${aws_transfer_server.sftp[each.key].id}/*"]
    }
  }
}

resource "aws_iam_role" "sftp" {
  for_each = local.with_keys

  name               = "${local.prefix}-sftp-${each.key}"
  description        = "The organisation ${each.key} puts its files into the inbox over SFTP."
  assume_role_policy = data.aws_iam_policy_document.sftp_trust["this"].json
}

resource "aws_iam_role_policy" "sftp" {
  for_each = local.with_keys

  name   = "drop"
  role   = aws_iam_role.sftp[each.key].id
  policy = data.aws_iam_policy_document.organisation[each.key].json
}

resource "aws_transfer_user" "sftp" {
  for_each = local.with_keys

  server_id           = aws_transfer_server.sftp["this"].id
  user_name           = each.key
  role                = aws_iam_role.sftp[each.key].arn
  home_directory_type = "LOGICAL"

  # The user sees the folder as the root, and cannot name anything above it.
  home_directory_mappings {
    entry  = "/"
    target = "/${local.inbox.name}/${trimsuffix(local.drop_folders[each.key], "/")}"
  }
}

resource "aws_transfer_ssh_key" "sftp" {
  for_each = local.ssh_keys

  server_id = aws_transfer_server.sftp["this"].id
  user_name = aws_transfer_user.sftp[each.value.ukprn].user_name
  body      = each.value.key
}
