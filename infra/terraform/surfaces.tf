# The APIs. A surface of stack.json names its function; its routes and responses are generated from the code.

locals {
  surfaces    = { for name, surface in local.stack.surfaces : name => merge({ function = surface.function, compress_from = try(surface.compressFrom, null) }, try(var.surfaces[name], local.plain_surface)) }
  routes      = jsondecode(file("${path.module}/../routes.json"))
  responses   = jsondecode(file("${path.module}/../gateway_responses.json"))
  access_line = jsondecode(file("${path.module}/../access_log.json"))

  # A surface that the variables do not mention.
  plain_surface = { domain = null, networks = [], requests_per_second = 500, requests_per_address = 30000 }

  truststores = { for name, surface in local.surfaces : name => surface.domain.truststore if try(surface.domain.truststore, null) != null }

  # A variable belongs to a version of a function, so a function serves one surface. It asks for certificates where the
  # gateway does: one without the other would let everybody in, or nobody.
  surface_settings = { for name, surface in local.surfaces : surface.function => { LRS_REQUIRE_CLIENT_CERT = tostring(contains(keys(local.truststores), name)) } }
}

# The probe calls the web service as callers do, and emails lead to the portal; the addresses follow from the domains.
locals {
  portal          = try(local.surfaces["portal"].domain.name, null)
  portal_settings = { for name, own in local.own_settings : name => { LRS_PORTAL_URL = "https://${local.portal}" } if local.portal != null && contains(keys(own), "LRS_PORTAL_URL") }

  probed         = try(local.surfaces["web"].domain.name, null)
  probe_settings = { probe_service = { for name, domain in { LRS_PROBE_URL = local.probed } : name => "https://${domain}/health" if domain != null } }
}

module "surface" {
  source   = "./modules/surface"
  for_each = local.surfaces

  prefix  = local.prefix
  surface = each.key
  function = {
    name       = module.function[each.value.function].name
    alias      = module.function[each.value.function].alias
    invoke_arn = module.function[each.value.function].invoke_arn
  }
  routes        = local.routes[each.key]
  responses     = local.responses[each.key]
  access_log    = local.access_line
  compress_from = each.value.compress_from
  domain = each.value.domain == null ? null : {
    name            = each.value.domain.name
    certificate_arn = each.value.domain.certificate_arn
    zone_id         = each.value.domain.zone_id
    truststore      = try(file("${path.module}/${each.value.domain.truststore}"), null)
  }
  networks             = each.value.networks
  requests_per_second  = each.value.requests_per_second
  requests_per_address = each.value.requests_per_address
  log_key_arn          = module.key["logs"].arn
  log_days             = try(local.stack.logGroups["access-${each.key}"].retentionDays, var.log_days)
  log_bucket           = module.access_logs
  protect              = var.protect

  # API Gateway makes no stage with a log before the account lets it write one.
  depends_on = [aws_api_gateway_account.this]
}

data "aws_iam_policy_document" "gateway_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["apigateway.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "gateway" {
  name                 = "${local.prefix}-gateway"
  description          = "API Gateway writes its logs."
  assume_role_policy   = data.aws_iam_policy_document.gateway_trust.json
  permissions_boundary = local.boundary
}

# AWS's own policy: API Gateway refuses a role that may do less.
resource "aws_iam_role_policy_attachment" "gateway" {
  role       = aws_iam_role.gateway.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

# There is one of these in an account and region.
resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.gateway.arn

  depends_on = [aws_iam_role_policy_attachment.gateway]
}
