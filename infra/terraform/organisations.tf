# Organisations that put files into the inbox themselves. Each reaches its own folder and nothing else.

locals {
  sftp = var.sftp ? toset(["this"]) : toset([])
}

module "organisation" {
  source   = "./modules/organisation"
  for_each = var.organisations

  prefix      = local.prefix
  ukprn       = each.key
  bucket      = module.bucket["inbox"]
  key_arn     = module.key["files"].arn
  boundary    = local.boundary
  principals  = each.value.principals
  external_id = each.value.external_id
  sftp        = var.sftp ? { server_id = aws_transfer_server.sftp["this"].id, trust = data.aws_iam_policy_document.sftp_trust["this"].json } : null
  ssh_keys    = each.value.ssh_keys
}

# The server costs about 220 US dollars a month, so it is a switch.
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
