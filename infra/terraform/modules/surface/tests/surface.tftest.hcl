variables {
  prefix               = "lrs-test"
  surface              = "web"
  function             = { name = "lrs-test-api", alias = "live", invoke_arn = "arn:aws:apigateway:eu-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-2:123456789012:function:lrs-test-api:live/invocations" }
  routes               = { "/" = ["ANY"], "/{proxy+}" = ["ANY"], "/v1/learners/{uln}" = ["GET", "HEAD", "PATCH"] }
  responses            = { for kind in ["DEFAULT_4XX", "DEFAULT_5XX", "WAF_FILTERED"] : kind => { status_code = "403", response_parameters = { "gatewayresponse.header.Content-Type" = "'application/problem+json'" }, response_templates = { "application/json" = "{}" } } }
  access_log           = { numbers = { at = "$context.requestTimeEpoch", status = "$context.status" }, texts = { requestId = "$context.extendedRequestId" } }
  domain               = { name = "api.example.org", certificate_arn = "arn:aws:acm:eu-west-2:123456789012:certificate/web", truststore = "-----BEGIN CERTIFICATE-----\n" }
  requests_per_second  = 500
  requests_per_address = 10000
  log_key_arn          = "arn:aws:kms:eu-west-2:123456789012:key/logs"
  log_days             = 400
  log_bucket           = { name = "lrs-test-access-logs" }
  protect              = true
}

run "every_route_and_everything_else_reaches_the_alias" {
  command = plan

  assert {
    condition     = join(" ", keys(jsondecode(aws_api_gateway_rest_api.this.body).paths["/v1/learners/{uln}"])) == "get head patch"
    error_message = "A path has its own methods."
  }

  assert {
    condition     = alltrue([for path in ["/", "/{proxy+}"] : join(" ", keys(jsondecode(aws_api_gateway_rest_api.this.body).paths[path])) == "x-amazon-apigateway-any-method"])
    error_message = "What no route has goes to the function."
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body).paths["/{proxy+}"]["x-amazon-apigateway-any-method"].parameters[0].name == "proxy"
    error_message = "A parameter of the path is declared by its name."
  }

  assert {
    condition = alltrue(flatten([
      for methods in values(jsondecode(aws_api_gateway_rest_api.this.body).paths) : [
        for operation in values(methods) : operation["x-amazon-apigateway-integration"].uri == var.function.invoke_arn
      ]
    ]))
    error_message = "Every request goes to the alias."
  }

  assert {
    condition     = aws_lambda_permission.this.qualifier == "live"
    error_message = "The permission is for the alias alone."
  }
}

run "nobody_passes_domain_certificate_and_firewall_by" {
  command = plan

  assert {
    condition     = aws_api_gateway_rest_api.this.disable_execute_api_endpoint
    error_message = "With a domain of its own, the default endpoint is off."
  }

  assert {
    condition     = aws_api_gateway_domain_name.this["api.example.org"].security_policy == "TLS_1_2"
    error_message = "API Gateway has mutual TLS with this policy alone, which also accepts TLS 1.3."
  }

  assert {
    condition     = length(aws_api_gateway_domain_name.this["api.example.org"].mutual_tls_authentication) == 1
    error_message = "Callers need a certificate."
  }

  assert {
    condition     = aws_api_gateway_base_path_mapping.this["api.example.org"].base_path == null
    error_message = "The domain leads to the root."
  }

  assert {
    condition     = length(aws_route53_record.this) == 0
    error_message = "Without a zone there is no record."
  }
}

run "the_stage_writes_the_line_of_the_description" {
  command = plan

  assert {
    condition     = aws_api_gateway_stage.this.access_log_settings[0].format == "{\"at\":$context.requestTimeEpoch,\"status\":$context.status,\"requestId\":\"$context.extendedRequestId\"}"
    error_message = "Numbers are numbers, texts are texts."
  }

  assert {
    condition     = aws_cloudwatch_log_group.access.name == "lrs-test-access-web"
    error_message = "Metric filters and the reporter look here."
  }

  assert {
    condition     = !aws_api_gateway_method_settings.this.settings[0].data_trace_enabled
    error_message = "Bodies and headers are never logged."
  }

  assert {
    condition     = !aws_api_gateway_stage.this.xray_tracing_enabled
    error_message = "A trace of the stage has the address of the request, and so a ULN."
  }
}

run "the_firewall_lets_a_body_of_64_kilobytes_through_and_keeps_no_personal_data" {
  command = plan

  assert {
    condition     = aws_wafv2_web_acl.this.association_config[0].request_body[0].api_gateway[0].default_size_inspection_limit == "KB_64"
    error_message = "As much of the body is looked at as can be."
  }

  assert {
    condition     = contains(local.managed_rules.AWSManagedRulesCommonRuleSet.counted, "SizeRestrictions_BODY")
    error_message = "A body over 8 KB is not blocked."
  }

  assert {
    condition     = local.managed_rules.AWSManagedRulesKnownBadInputsRuleSet.counted == []
    error_message = "Log4j is blocked."
  }

  assert {
    condition     = startswith(aws_cloudwatch_log_group.firewall.name, "aws-waf-logs-")
    error_message = "AWS writes to no other group."
  }

  assert {
    condition     = anytrue([for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : length(field.uri_path) == 1])
    error_message = "A path can contain a ULN."
  }

  assert {
    condition     = contains(flatten([for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : field.single_header[*].name]), "authorization")
    error_message = "A token is never logged."
  }

  assert {
    condition     = alltrue([for rule in aws_wafv2_web_acl.this.rule : !rule.visibility_config[0].sampled_requests_enabled])
    error_message = "No sample of a request is kept."
  }
}

run "without_a_domain_the_default_endpoint_is_on" {
  command = plan

  variables {
    domain = null
  }

  assert {
    condition     = !aws_api_gateway_rest_api.this.disable_execute_api_endpoint && length(aws_api_gateway_domain_name.this) == 0
    error_message = "A trial needs no domain."
  }
}

run "only_named_networks_may_call" {
  command = plan

  variables {
    networks = ["203.0.113.0/24"]
  }

  assert {
    condition     = jsondecode(aws_api_gateway_rest_api.this.body)["x-amazon-apigateway-policy"].Statement[0].Condition.IpAddress["aws:SourceIp"][0] == "203.0.113.0/24"
    error_message = "Whatever the policy does not allow is denied."
  }
}

run "two_surfaces_need_no_copy" {
  command = apply

  module {
    source = "./tests/two"
  }

  assert {
    condition     = { for name, surface in output.surfaces : name => surface.access_log_group } == { portal = "lrs-two-access-portal", web = "lrs-two-access-web" }
    error_message = "Each has its own access log."
  }

  assert {
    condition     = { for name, surface in output.surfaces : name => surface.address } == { portal = "https://portal.example.org", web = "https://api.example.org" }
    error_message = "Each has its own domain."
  }

  assert {
    condition     = length(distinct([for surface in output.surfaces : surface.firewall_name])) == 2
    error_message = "Each has its own firewall."
  }
}

run "a_gateway_that_answers_unknown_paths_itself_is_refused" {
  command = plan

  variables {
    routes = { "/" = ["ANY"], "/health" = ["GET"] }
  }

  expect_failures = [var.routes]
}

run "a_domain_must_be_a_name" {
  command = plan

  variables {
    domain = { name = "https://api.example.org", certificate_arn = "arn:aws:acm:eu-west-2:123456789012:certificate/web" }
  }

  expect_failures = [var.domain]
}

run "a_truststore_must_have_a_certificate" {
  command = plan

  variables {
    domain = { name = "api.example.org", certificate_arn = "arn:aws:acm:eu-west-2:123456789012:certificate/web", truststore = "-----BEGIN PRIVATE KEY-----" }
  }

  expect_failures = [var.domain]
}

run "a_network_must_be_a_block" {
  command = plan

  variables {
    networks = ["203.0.113.1"]
  }

  expect_failures = [var.networks]
}
