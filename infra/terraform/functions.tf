locals {
  packages = { main = var.package, reports = var.reports_package }

  queue_mappings  = { for mapping in local.stack.mappings : mapping.queue => mapping if can(mapping.queue) }
  stream_mappings = { for mapping in local.stack.mappings : mapping.table => mapping if can(mapping.table) }
  scheduled       = toset([for schedule in values(local.stack.schedules) : schedule.function])
  mapped          = toset([for mapping in local.stack.mappings : mapping.function])
  serving         = toset([for surface in values(local.stack.surfaces) : surface.function])

  # Two rounds of a schedule at once would do the same work. In an account with AWS's smallest quota nothing can be reserved.
  alone = var.concurrent_executions >= 100 + length(local.scheduled) ? setsubtract(local.scheduled, local.mapped) : toset([])

  rate_units = { minute = 60, hour = 3600, day = 86400 }
  rates = {
    for name, schedule in local.stack.schedules : name =>
    tonumber(regex("[0-9]+", schedule.rate)) * local.rate_units[regex("minute|hour|day", schedule.rate)]
  }
  # An event that its successor has overtaken is of no use.
  event_ages = {
    for function in local.scheduled : function =>
    min(21600, max(60, min([for name, schedule in local.stack.schedules : local.rates[name] if schedule.function == function]...)))
  }

  # The variables of a function follow from its grants (chalicelib/grants.py).
  resource_values = {
    tables  = { for name, table in module.table : name => table.name }
    buckets = { for name, bucket in module.bucket : name => bucket.name }
    queues  = { for name, queue in module.queue : name => queue.url }
    secrets = { for name, secret in aws_secretsmanager_secret.secret : name => secret.name }
    mail    = { sender = local.sender }
    # By name: a group is of the gateway, which calls a function.
    logGroups = { for name in keys(local.stack.logGroups) : name => "${local.prefix}-${name}" }
    metrics   = local.stack.metrics
    functions = { for name in keys(local.stack.functions) : name => "${local.prefix}-${name}" }
  }
  environments = {
    for name, grants in local.grants : name => merge(local.function_settings[name], lookup(local.surface_settings, name, {}), lookup(local.muting_settings, name, {}), lookup(local.probe_settings, name, {}), lookup(local.portal_settings, name, {}), {
      for key in distinct([for grant in grants : "${grant.kind}/${grant.name}"]) :
      replace(upper("LRS_${trimsuffix(split("/", key)[0], "s")}_${split("/", key)[1]}"), "-", "_") => local.resource_values[split("/", key)[0]][split("/", key)[1]]
    })
  }
}

module "function" {
  source   = "./modules/function"
  for_each = local.stack.functions

  name             = "${local.prefix}-${each.key}"
  handler          = each.value.handler
  memory_megabytes = each.value.memoryMegabytes
  timeout_seconds  = each.value.timeoutSeconds
  environment      = local.environments[each.key]
  statements       = concat(local.own_statements[each.key], local.trigger_statements[each.key], local.key_statements[each.key], lookup(local.muting_statements, each.key, []))
  package = {
    bucket  = module.releases.name
    key     = aws_s3_object.package[try(each.value.package, "main")].key
    version = aws_s3_object.package[try(each.value.package, "main")].version_id
    sha256  = filebase64sha256(local.packages[try(each.value.package, "main")])
  }
  key_arn              = module.key["functions"].arn
  boundary             = local.boundary
  log_key_arn          = module.key["logs"].arn
  log_days             = var.log_days
  tracing              = local.stack.tracing
  snap_start           = contains(local.serving, each.key)
  reserved_concurrency = var.stopped ? 0 : contains(local.alone, each.key) ? 1 : null
  recursive_loop       = try(each.value.recursiveLoop, "Terminate")
  missed_runs          = contains(local.scheduled, each.key) ? { queue_arn = module.missed_runs.arn, event_age_seconds = local.event_ages[each.key] } : null
}

resource "aws_lambda_event_source_mapping" "queue" {
  for_each = local.queue_mappings

  event_source_arn                   = module.queue[each.key].arn
  function_name                      = module.function[each.value.function].arn
  enabled                            = !var.stopped
  batch_size                         = each.value.batchSize
  maximum_batching_window_in_seconds = each.value.batchingWindowSeconds
  function_response_types            = each.value.reportBatchItemFailures ? ["ReportBatchItemFailures"] : []

  scaling_config {
    maximum_concurrency = each.value.maximumConcurrency
  }
}

resource "aws_lambda_event_source_mapping" "stream" {
  for_each = local.stream_mappings

  event_source_arn                   = module.table[each.key].stream_arn
  function_name                      = module.function[each.value.function].arn
  enabled                            = !var.stopped
  starting_position                  = each.value.startingPosition
  batch_size                         = each.value.batchSize
  maximum_batching_window_in_seconds = each.value.batchingWindowSeconds
  parallelization_factor             = each.value.parallelizationFactor
  bisect_batch_on_function_error     = each.value.bisectOnError
  maximum_retry_attempts             = each.value.maximumRetryAttempts
  maximum_record_age_in_seconds      = each.value.maximumRecordAgeSeconds
  function_response_types            = each.value.reportBatchItemFailures ? ["ReportBatchItemFailures"] : []

  # A queue would only be given the place of the records in the stream, which forgets them after a day.
  destination_config {
    on_failure {
      destination_arn = module.bucket[each.value.failureBucket].arn
    }
  }

  metrics_config {
    metrics = each.value.metrics
  }
}
