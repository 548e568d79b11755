# Every alarm that notifies someone: what it means for users, whether it can wait until morning, and its runbook. Those of the
# catalogue's functions follow from service_levels.json; alarms_of_resources.tf has those that follow from stack.json.

locals {
  levels = jsondecode(file("${path.module}/../service_levels.json"))

  # The functions that a surface serves, with the targets of each.
  served = {
    for surface in keys(local.levels.surfaces) : surface => {
      for function, level in local.levels.functions : function => level if length(try(level.routes[surface], [])) > 0
    }
  }
  served_functions = merge([
    for surface, functions in local.served : {
      for function, level in functions : "${surface}-${function}" => {
        function = function
        surface  = surface
        level    = level
        metrics  = module.access_metrics[surface].namespaces[function]
      }
    }
  ]...)

  topics = {
    for name, urgency in { page = "Act at once, at night too.", ticket = "Can wait until morning." } : name => { arn = module.topic[name].arn, urgency = urgency }
  }

  metrics_namespace = local.stack.metrics.namespace
  metrics_service   = { service = "lrs" }

  # Identity has no budget of faults: the first one is a breach.
  fault_alarms = {
    for key, of in local.served_functions : "${key}-first-fault" => {
      meaning   = "${of.level.title}: a request failed. The target is 100 %, so the first fault is a breach."
      urgent    = true
      runbook   = "identity-fault"
      threshold = 0
      # Lines of the log can be minutes late, and what is filled is never looked at again: so no shorter than five minutes.
      period     = 300
      expression = "FILL(faults, 0)"
      metrics    = { faults = { namespace = of.metrics, name = "Faults" } }
    } if of.level.availability == 100
  }

  response_alarms = merge([
    for key, of in local.served_functions : {
      "${key}-response-day" = {
        meaning    = "${of.level.title}: users have waited longer on average, over the last day, than the ${of.level.meanMilliseconds / 1000} s agreed for the month."
        urgent     = false
        runbook    = "slow-responses"
        threshold  = of.level.meanMilliseconds
        period     = 86400
        expression = "FILL(latency, 0)"
        metrics    = { latency = { namespace = of.metrics, name = "Latency", statistic = "Average" } }
      }
      "${key}-response-now" = {
        meaning    = "${of.level.title}: one user in twenty has waited longer than twice the mean agreed, for a quarter of an hour."
        urgent     = true
        runbook    = "slow-responses"
        threshold  = 2 * of.level.meanMilliseconds
        period     = 300
        periods    = 3
        expression = "FILL(latency, 0)"
        metrics    = { latency = { namespace = of.metrics, name = "Latency", statistic = "p95" } }
      }
    } if of.level.meanMilliseconds != null
  ]...)

  # The month so far, as the reporter publishes it every hour.
  month_alarms = merge(flatten([
    for function, level in local.levels.functions : [
      for channel in level.channels : {
        for name, alarm in {
          availability = {
            metric     = "MonthAvailability"
            comparison = "LessThanThreshold"
            threshold  = level.availability
            meaning    = "fewer requests have succeeded this month than the ${level.availability} % agreed."
          }
          budget = level.availability == 100 ? null : {
            metric     = "MonthErrorBudgetLeft"
            comparison = "LessThanThreshold"
            threshold  = 25
            meaning    = "less than a quarter of the month's error budget is left."
          }
          response = level.meanMilliseconds == null ? null : {
            metric     = "MonthMeanResponse"
            comparison = "GreaterThanThreshold"
            threshold  = level.meanMilliseconds
            meaning    = "users have waited longer on average this month than the ${try(level.meanMilliseconds / 1000, 0)} s agreed."
          }
          } : "${channel}-${function}-month-${name}" => {
          meaning    = "${level.title} (${channel}): ${alarm.meaning}"
          urgent     = false
          runbook    = "month-levels"
          comparison = alarm.comparison
          threshold  = alarm.threshold
          period     = 3600
          missing    = "ignore"
          metrics = { level = {
            namespace  = local.metrics_namespace
            name       = alarm.metric
            dimensions = merge(local.metrics_service, { catalogue_function = function, channel = channel })
            statistic  = alarm.comparison == "LessThanThreshold" ? "Minimum" : "Maximum"
          } }
        } if alarm != null
      }
    ]
  ])...)

  reporter_alarms = {
    "levels-unreported" = {
      meaning    = "The service levels have not been reported for two hours: the month's figures are old, and the alarms on them are blind."
      urgent     = false
      runbook    = "levels-unreported"
      comparison = "LessThanThreshold"
      threshold  = 1
      period     = 7800
      missing    = "breaching"
      expression = "FILL(reports, 0)"
      metrics    = { reports = { namespace = local.metrics_namespace, name = "LevelsReported", dimensions = local.metrics_service } }
    }
  }
}

module "access_metrics" {
  source   = "./modules/access_metrics"
  for_each = local.served

  name           = "${local.prefix}-${each.key}"
  namespace      = "${local.metrics_namespace}/${each.key}"
  log_group_name = module.surface[each.key].access_log_group
  routes         = { for function, level in each.value : function => level.routes[each.key] }
}

module "burn_rate" {
  source   = "./modules/burn_rate"
  for_each = { for key, of in local.served_functions : key => of if of.level.availability < 100 }

  name      = "${local.prefix}-${each.key}"
  title     = each.value.level.title
  namespace = each.value.metrics
  target    = each.value.level.availability
  planned = {
    namespace  = local.metrics_namespace
    name       = "lrs_request_maintenance"
    dimensions = merge(local.metrics_service, { catalogue_function = each.value.function, channel = local.levels.surfaces[each.value.surface] })
  }
  topics  = local.topics
  runbook = "availability"
}

# A module for each, and not one resource for all: Terraform would evaluate all of them again for each.
module "alarm" {
  source = "./modules/alarm"

  for_each = merge(
    local.fault_alarms,
    local.response_alarms,
    local.month_alarms,
    local.reporter_alarms,
    local.queue_alarms,
    local.function_alarms,
    local.every_function_alarms,
    local.caller_alarms,
    local.stream_alarms,
    local.table_alarms,
    local.schedule_alarms,
    local.scheduler_alarms,
    local.batch_alarms,
    local.code_alarms,
    local.firewall_alarms,
    local.probe_alarms,
    local.mail_alarms,
  )

  name  = "${local.prefix}-${each.key}"
  alarm = each.value
  topic = local.topics[each.value.urgent ? "page" : "ticket"]
}
