locals {
  mail_domain = coalesce(var.mail_domain, split("@", local.stack.mail.sender)[1])
  sender      = "${split("@", local.stack.mail.sender)[0]}@${local.mail_domain}"

  # The identity has a default configuration set, so sending needs permission for that too; in the sandbox also for receivers.
  mail_arns = concat(
    [aws_sesv2_email_identity.sender.arn, aws_sesv2_configuration_set.mail.arn],
    [for address in sort(var.mail_sandbox_receivers) : aws_sesv2_email_identity.receiver[address].arn],
  )
}

resource "aws_sesv2_configuration_set" "mail" {
  configuration_set_name = "${local.prefix}-mail"

  delivery_options {
    tls_policy = "REQUIRE"
  }

  reputation_options {
    reputation_metrics_enabled = true
  }

  sending_options {
    sending_enabled = true
  }

  suppression_options {
    suppressed_reasons = ["BOUNCE", "COMPLAINT"]
  }
}

resource "aws_sesv2_email_identity" "sender" {
  email_identity         = local.mail_domain
  configuration_set_name = aws_sesv2_configuration_set.mail.configuration_set_name

  dkim_signing_attributes {
    next_signing_key_length = "RSA_2048_BIT"
  }
}

resource "aws_sesv2_email_identity_mail_from_attributes" "sender" {
  email_identity         = aws_sesv2_email_identity.sender.email_identity
  mail_from_domain       = "mail.${local.mail_domain}"
  behavior_on_mx_failure = "REJECT_MESSAGE"
}

# While the account is in the sandbox of SES, only addresses that have confirmed a message receive any.
resource "aws_sesv2_email_identity" "receiver" {
  for_each = var.mail_sandbox_receivers

  email_identity = each.key
}

# Email that came back, or that somebody complained about. Operators read the queue; it is kept for two weeks.
module "returned_mail" {
  source = "./modules/queue"

  name               = "${local.prefix}-returned-mail"
  key_arn            = module.key["messages"].arn
  visibility_seconds = 30
  retention_seconds  = 1209600
  rules              = ["arn:${local.partition}:events:${var.region}:${local.account_id}:rule/${local.prefix}-returned-mail"]
}

resource "aws_sesv2_configuration_set_event_destination" "returned_mail" {
  configuration_set_name = aws_sesv2_configuration_set.mail.configuration_set_name
  event_destination_name = "returned-mail"

  event_destination {
    enabled              = true
    matching_event_types = ["BOUNCE", "COMPLAINT", "REJECT"]

    event_bridge_destination {
      event_bus_arn = "arn:${local.partition}:events:${var.region}:${local.account_id}:event-bus/default"
    }
  }
}

resource "aws_cloudwatch_event_rule" "returned_mail" {
  name        = "${local.prefix}-returned-mail"
  description = "Email that came back, or that somebody complained about"
  event_pattern = jsonencode({
    source      = ["aws.ses"]
    detail-type = ["Email Bounced", "Email Complaint Received", "Email Rejected"]
    detail      = { mail = { tags = { "ses:configuration-set" = [aws_sesv2_configuration_set.mail.configuration_set_name] } } }
  })
}

resource "aws_cloudwatch_event_target" "returned_mail" {
  rule      = aws_cloudwatch_event_rule.returned_mail.name
  target_id = "queue"
  arn       = module.returned_mail.arn
}
