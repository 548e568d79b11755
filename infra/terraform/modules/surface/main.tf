# One API with its own domain, firewall and access log, in front of one function.

locals {
  name        = "${var.prefix}-${var.surface}"
  description = "Requests to ${var.surface}"

  integration = {
    type                = "AWS_PROXY"
    httpMethod          = "POST"
    uri                 = var.function.invoke_arn
    passthroughBehavior = "when_no_match"
    timeoutInMillis     = 29000
  }
  operations = {
    for path, methods in var.routes : path => {
      for method in methods : method == "ANY" ? "x-amazon-apigateway-any-method" : lower(method) => {
        parameters = [
          for name in regexall("\\{(\\w+)\\+?\\}", path) : { name = name[0], in = "path", required = true, schema = { type = "string" } }
        ]
        # API Gateway warns of `default`, and a warning fails.
        responses                         = { "200" = { description = "What the function returns" } }
        "x-amazon-apigateway-integration" = local.integration
      }
    }
  }
  # Whatever this does not allow is denied.
  policy = {
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*", Condition = { IpAddress = { "aws:SourceIp" = var.networks } } },
    ]
  }

  # A domain takes the versions of TLS of its API, whatever its own policy says, and an API takes 1.0 unless it is told.
  tls = { policy = "SecurityPolicy_TLS13_1_2_2021_06", access_mode = "STRICT" }

  # The gateway's line of a request; a variable without a value is "-", so only what always is a number has no quotes.
  log_fields = concat(
    [for name, variable in var.access_log.numbers : "\"${name}\":${variable}"],
    [for name, variable in var.access_log.texts : "\"${name}\":\"${variable}\""],
  )
}

resource "aws_api_gateway_rest_api" "this" {
  name                         = local.name
  description                  = local.description
  disable_execute_api_endpoint = var.domain != null
  fail_on_warnings             = true
  put_rest_api_mode            = "overwrite"
  minimum_compression_size     = var.compress_from
  security_policy              = local.tls.policy
  endpoint_access_mode         = local.tls.access_mode

  # Responses and policies are part of the document: writing it again would remove what was added to the API beside it.
  body = jsonencode(merge(
    {
      openapi = "3.0.1"
      info    = { title = local.name, version = "1" }
      paths   = local.operations

      # Any other body is taken for UTF-8, which damages files. Of a response the first type in Accept decides: browsers
      # that follow a link to a file ask for text/html first.
      "x-amazon-apigateway-binary-media-types" = ["multipart/form-data", "application/pdf", "text/html"]

      "x-amazon-apigateway-security-policy"      = local.tls.policy
      "x-amazon-apigateway-endpoint-access-mode" = local.tls.access_mode
      "x-amazon-apigateway-gateway-responses" = {
        for kind, response in var.responses : kind => {
          statusCode         = response.status_code
          responseTemplates  = response.response_templates
          responseParameters = response.response_parameters
        }
      }
    },
    var.compress_from == null ? {} : { "x-amazon-apigateway-minimum-compression-size" = var.compress_from },
    length(var.networks) > 0 ? { "x-amazon-apigateway-policy" = local.policy } : {},
  ))

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  # The default endpoint is only switched off by a deployment.
  triggers = { redeployment = sha256("${aws_api_gateway_rest_api.this.body}${aws_api_gateway_rest_api.this.disable_execute_api_endpoint}") }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "${var.prefix}-access-${var.surface}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

# API Gateway makes this group by itself, but would keep it for ever.
resource "aws_cloudwatch_log_group" "faults" {
  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${var.surface}"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = var.surface
  description   = local.description
  # A trace of the stage has the whole address of the request, which can contain a ULN. That of the function has none.
  xray_tracing_enabled = false

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = "{${join(",", local.log_fields)}}"
  }

  depends_on = [aws_cloudwatch_log_group.faults]
}

resource "aws_api_gateway_method_settings" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    # Why a request failed, without its path, headers or body.
    logging_level      = "ERROR"
    data_trace_enabled = false
    # Five metrics for each method, each at a price; ours come from the access log.
    metrics_enabled        = false
    throttling_rate_limit  = var.requests_per_second
    throttling_burst_limit = 2 * var.requests_per_second
  }
}

# This stage only: nobody can have the function called by a test in the console, without domain, certificate and firewall.
resource "aws_lambda_permission" "this" {
  statement_id  = "gateway-${var.surface}"
  action        = "lambda:InvokeFunction"
  function_name = var.function.name
  qualifier     = var.function.alias
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/${aws_api_gateway_stage.this.stage_name}/*"
}
