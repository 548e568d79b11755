# The firewall in front of the stage. What it blocks gets our own response (WAF_FILTERED) and a line in the access log.

locals {
  # What no log keeps: a browser's referer contains the path of a page, and so perhaps a ULN.
  secret_headers = ["authorization", "cookie", "idempotency-key", "referer", "x-client-cert"]

  # In the order in which they are asked. A rule that is only counted blocks nothing.
  managed_rules = {
    AWSManagedRulesAmazonIpReputationList = { priority = 1, counted = [] }
    # Log4j and other faults that are known everywhere.
    AWSManagedRulesKnownBadInputsRuleSet = { priority = 2, counted = [] }
    AWSManagedRulesCommonRuleSet = {
      priority = 3
      counted = [
        # It would block a body over 8 KB. The function takes more, and says itself what is too large.
        "SizeRestrictions_BODY",
        # They would block files in XML, and texts of people with markup, a path or an address in them. The function reads
        # no body as code, and shows what it contains as text.
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        # Programs need not name themselves.
        "NoUserAgent_HEADER",
      ]
    }
  }
}

resource "aws_wafv2_web_acl" "this" {
  name        = local.name
  description = local.description
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  # As much of a body as can be looked at.
  association_config {
    request_body {
      api_gateway {
        default_size_inspection_limit = "KB_64"
      }
    }
  }

  # What is stored of requests, also of those that are shown as samples.
  data_protection_config {
    data_protection {
      action = "SUBSTITUTION"

      field {
        field_type = "BODY"
      }
    }

    data_protection {
      action = "SUBSTITUTION"

      field {
        field_type = "QUERY_STRING"
      }
    }

    data_protection {
      action = "SUBSTITUTION"

      field {
        field_type = "SINGLE_HEADER"
        field_keys = local.secret_headers
      }
    }
  }

  rule {
    name     = "rate"
    priority = 0

    action {
      block {}
    }

    statement {
      rate_based_statement {
        aggregate_key_type    = "IP"
        evaluation_window_sec = 300
        limit                 = var.requests_per_address
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${local.name}-rate"
      sampled_requests_enabled   = false
    }
  }

  dynamic "rule" {
    for_each = local.managed_rules

    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key

          dynamic "rule_action_override" {
            for_each = rule.value.counted

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${local.name}-${rule.key}"
        sampled_requests_enabled   = false
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.name
    sampled_requests_enabled   = false
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = aws_api_gateway_stage.this.arn
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}

# AWS only writes to a group whose name begins so.
resource "aws_cloudwatch_log_group" "firewall" {
  name              = "aws-waf-logs-${local.name}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.firewall.arn]

  # A path can contain a ULN.
  redacted_fields {
    uri_path {}
  }

  redacted_fields {
    query_string {}
  }

  dynamic "redacted_fields" {
    for_each = local.secret_headers

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }

  # Only what was blocked, or would have been.
  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }

      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }
}
