# A line for every request of a surface, from which availability and response times are measured.
resource "aws_cloudwatch_log_group" "access" {
  for_each = local.levels.surfaces

  name              = "${local.prefix}-access-${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = module.key["logs"].arn
}
