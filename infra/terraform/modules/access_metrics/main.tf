# Requests, faults and response times of every function of the catalogue, from the gateway's access log: what a caller got,
# also when our code crashed, ran out of time or was throttled.

locals {
  # The gateway turns requests away (429) beyond a limit for all callers together. A caller's own limit is no fault of ours.
  fault = "($.status >= 500 || $.error = \"THROTTLED\")"

  served = {
    for function, routes in var.routes : function => join(" || ", [
      for route in routes : format("($.path = \"%s\" && (%s))", route.path, join(" || ", [for method in route.methods : format("$.method = \"%s\"", method)]))
    ])
  }
}

# Its samples are the requests: another filter that counts them would cost as much again.
resource "aws_cloudwatch_log_metric_filter" "latency" {
  for_each = local.served

  name           = "${var.name}-${each.key}-latency"
  log_group_name = var.log_group_name
  pattern        = "{ ${each.value} }"

  metric_transformation {
    namespace = "${var.namespace}/${each.key}"
    name      = "Latency"
    value     = "$.latency"
    unit      = "Milliseconds"
  }

  lifecycle {
    precondition {
      condition     = length("{ ${local.fault} && (${each.value}) }") <= 1024
      error_message = "The filter pattern of ${each.key} is longer than the 1,024 characters that CloudWatch accepts."
    }
  }
}

resource "aws_cloudwatch_log_metric_filter" "faults" {
  for_each = local.served

  name           = "${var.name}-${each.key}-faults"
  log_group_name = var.log_group_name
  pattern        = "{ ${local.fault} && (${each.value}) }"

  metric_transformation {
    namespace = "${var.namespace}/${each.key}"
    name      = "Faults"
    value     = "1"
    unit      = "Count"
  }
}
