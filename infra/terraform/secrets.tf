# Made empty: a command fills them once, so that no value is ever in Terraform's state.
resource "aws_secretsmanager_secret" "secret" {
  for_each = local.stack.secrets

  name                    = "${local.prefix}-${each.key}"
  description             = "${each.value.bytes} random bytes, filled once by a command"
  kms_key_id              = module.key["secrets"].arn
  recovery_window_in_days = var.key_deletion_days
}
