data "aws_region" "current" {}

locals {
  # Where files are dropped and whose they are: chalicelib/services/batches/places.py.
  folder = "drop/${var.ukprn}/"
  role   = length(var.principals) > 0 ? toset(["this"]) : toset([])
  user   = var.sftp != null && length(var.ssh_keys) > 0 ? toset(["this"]) : toset([])
}

data "aws_iam_policy_document" "drop" {
  statement {
    sid       = "Put"
    actions   = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    resources = ["${var.bucket.arn}/${local.folder}*"]

    # A file in an archive could not be read: it would fail again and again, and keep others waiting.
    condition {
      test     = "StringEqualsIfExists"
      variable = "s3:x-amz-storage-class"
      values   = ["STANDARD"]
    }
  }

  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [var.bucket.arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${local.folder}*"]
    }
  }

  # The parts of a large file are decrypted when they are put together.
  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${data.aws_region.current.region}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = [var.bucket.arn]
    }
  }
}

# From an account of its own: a caller must also know the external id that was agreed with the organisation.
data "aws_iam_policy_document" "trust" {
  for_each = local.role

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.principals
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role" "drop" {
  for_each = local.role

  name                 = "${var.prefix}-drop-${var.ukprn}"
  description          = "The organisation ${var.ukprn} puts its files into the inbox."
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  permissions_boundary = var.boundary
}

resource "aws_iam_role_policy" "drop" {
  for_each = local.role

  name   = "drop"
  role   = aws_iam_role.drop[each.key].id
  policy = data.aws_iam_policy_document.drop.json
}

# Over SFTP, with a key.
resource "aws_iam_role" "sftp" {
  for_each = local.user

  name                 = "${var.prefix}-sftp-${var.ukprn}"
  description          = "The organisation ${var.ukprn} puts its files into the inbox over SFTP."
  assume_role_policy   = var.sftp.trust
  permissions_boundary = var.boundary
}

resource "aws_iam_role_policy" "sftp" {
  for_each = local.user

  name   = "drop"
  role   = aws_iam_role.sftp[each.key].id
  policy = data.aws_iam_policy_document.drop.json
}

resource "aws_transfer_user" "sftp" {
  for_each = local.user

  server_id           = var.sftp.server_id
  user_name           = var.ukprn
  role                = aws_iam_role.sftp[each.key].arn
  home_directory_type = "LOGICAL"

  # The user sees the folder as the root, and cannot name anything above it.
  home_directory_mappings {
    entry  = "/"
    target = "/${var.bucket.name}/${trimsuffix(local.folder, "/")}"
  }
}

resource "aws_transfer_ssh_key" "sftp" {
  for_each = length(local.user) > 0 ? toset(var.ssh_keys) : toset([])

  server_id = var.sftp.server_id
  user_name = aws_transfer_user.sftp["this"].user_name
  body      = each.key
}
