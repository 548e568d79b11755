# The address of the surface, at the root of its own domain. Systems with a certificate get in, nobody else.

locals {
  domains     = var.domain == null ? {} : { (var.domain.name) = var.domain }
  truststores = { for name, domain in local.domains : name => domain.truststore if domain.truststore != null }
  records     = { for name, domain in local.domains : name => domain.zone_id if domain.zone_id != null }
}

# The certificates of authorities are public. API Gateway reads them with the rights of whoever applies this, by version.
module "truststore" {
  source   = "../bucket"
  for_each = local.truststores

  name       = "${var.prefix}-truststore-${var.surface}"
  versioned  = true
  log_bucket = var.log_bucket
  protect    = var.protect
}

resource "aws_s3_object" "truststore" {
  for_each = local.truststores

  bucket       = module.truststore[each.key].name
  key          = "truststore.pem"
  content      = each.value
  content_type = "application/x-pem-file"
}

resource "aws_api_gateway_domain_name" "this" {
  for_each = local.domains

  domain_name              = each.key
  regional_certificate_arn = each.value.certificate_arn
  # Both accept TLS 1.2 and 1.3 only, as the API does. API Gateway has client certificates with the first, older policy alone.
  security_policy      = each.value.truststore == null ? "SecurityPolicy_TLS13_1_2_2021_06" : "TLS_1_2"
  endpoint_access_mode = each.value.truststore == null ? "STRICT" : null

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  dynamic "mutual_tls_authentication" {
    for_each = each.value.truststore == null ? [] : [aws_s3_object.truststore[each.key]]

    content {
      truststore_uri     = "s3://${mutual_tls_authentication.value.bucket}/${mutual_tls_authentication.value.key}"
      truststore_version = mutual_tls_authentication.value.version_id
    }
  }
}

resource "aws_api_gateway_base_path_mapping" "this" {
  for_each = local.domains

  domain_name = aws_api_gateway_domain_name.this[each.key].domain_name
  api_id      = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
}

resource "aws_route53_record" "this" {
  for_each = local.records

  zone_id = each.value
  name    = each.key
  type    = "A"

  alias {
    name                   = aws_api_gateway_domain_name.this[each.key].regional_domain_name
    zone_id                = aws_api_gateway_domain_name.this[each.key].regional_zone_id
    evaluate_target_health = false
  }
}
