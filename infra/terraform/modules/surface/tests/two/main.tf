# Two surfaces from one module: what each has of its own comes from here, and nothing else.

locals {
  responses = jsondecode(file("${path.module}/../../../../../gateway_responses.json"))
  line      = jsondecode(file("${path.module}/../../../../../access_log.json"))
  routes    = jsondecode(file("${path.module}/../../../../../routes.json"))
  surfaces = {
    web = {
      routes     = local.routes.web
      domain     = { name = "api.example.org", certificate_arn = "arn:aws:acm:eu-west-2:123456789012:certificate/web", zone_id = "Z1", truststore = "-----BEGIN CERTIFICATE-----\n" }
      per_second = 500
    }
    portal = {
      routes     = { "/" = ["ANY"], "/{proxy+}" = ["ANY"], "/sign-in/{token}" = ["GET", "HEAD"] }
      domain     = { name = "portal.example.org", certificate_arn = "arn:aws:acm:eu-west-2:123456789012:certificate/portal" }
      per_second = 50
    }
  }
}

module "surface" {
  source   = "../.."
  for_each = local.surfaces

  prefix               = "lrs-two"
  surface              = each.key
  function             = { name = "lrs-two-${each.key}", alias = "live", invoke_arn = "arn:aws:apigateway:eu-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-2:123456789012:function:lrs-two-${each.key}:live/invocations" }
  routes               = each.value.routes
  responses            = local.responses[each.key]
  access_log           = local.line
  domain               = each.value.domain
  requests_per_second  = each.value.per_second
  requests_per_address = 10000
  log_key_arn          = "arn:aws:kms:eu-west-2:123456789012:key/logs"
  log_days             = 400
  log_bucket           = { name = "lrs-two-access-logs" }
  protect              = true
}
