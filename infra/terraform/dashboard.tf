# The service manager's dashboard: every function of the catalogue against what is agreed for the month, the deadlines of files,
# recovery from disaster, dead letters and cost. The figures are the reporter's, as in GET /v1/service-levels.

locals {
  figures = [
    { metric = "MonthAvailability", label = "Available %" },
    { metric = "MonthErrorBudgetLeft", label = "Error budget left %" },
    { metric = "MonthMeanResponse", label = "Mean ms" },
    { metric = "MonthP95Response", label = "95 in 100 within ms" },
  ]

  levels_shown = flatten([
    for function, level in local.levels.functions : [
      for channel in level.channels : {
        function = function
        channel  = channel
        # A file has no response time, but its chunks of up to 500 records have a mean.
        figures = [
          for figure in local.figures : channel == "batch" && figure.metric == "MonthMeanResponse" ? merge(figure, { label = "Mean ms for 500 records" }) : figure
          if channel != "batch" || figure.metric != "MonthP95Response"
        ]
        title = format(
          "%s %s, %s: %s %%%s", function, level.title, channel, level.availability,
          level.meanMilliseconds == null || channel == "batch" ? "" : format(", mean %s s", level.meanMilliseconds / 1000),
        )
      }
    ]
  ])

  level_widgets = [
    for place, shown in local.levels_shown : {
      type   = "metric"
      x      = place % 2 * 12
      y      = 8 + 3 * floor(place / 2)
      width  = 12
      height = 3
      properties = {
        title   = shown.title
        view    = "singleValue"
        region  = var.region
        period  = 3600
        stat    = "Minimum"
        stacked = false
        metrics = [
          for figure in shown.figures : [
            local.metrics_namespace, figure.metric, "service", local.metrics_service.service, "catalogue_function", shown.function, "channel", shown.channel, { label = figure.label }
          ]
        ]
      }
    }
  ]

  # Pages have no metrics of the month: these are of the requests themselves, from which the reporter's figures are computed, and
  # show the time that is chosen for the dashboard.
  page_figures = [
    { metric = "lrs_request", label = "Requests", stat = "Sum" },
    { metric = "lrs_request_fault", label = "Failed", stat = "Sum" },
    { metric = "lrs_request_duration", label = "Mean ms", stat = "Average" },
  ]
  page_numbers = keys(local.levels.pages)
  pages_start  = 8 + 3 * ceil(length(local.levels_shown) / 2)

  page_widgets = concat(
    [{
      type       = "text"
      x          = 0
      y          = local.pages_start
      width      = 24
      height     = 2
      properties = { markdown = "## Pages of the portal\nCounted by the functions, for the time that is chosen above; what agreed maintenance refused is left out. What is agreed is agreed for a month." }
    }],
    [
      for place, number in local.page_numbers : {
        type   = "metric"
        x      = place % 3 * 8
        y      = local.pages_start + 2 + 3 * floor(place / 3)
        width  = 8
        height = 3
        properties = {
          title = format(
            "%s %s, portal: %s %%%s", number, local.levels.pages[number].title, local.levels.pages[number].availability,
            local.levels.pages[number].meanMilliseconds == null ? "" : format(", mean %s s", local.levels.pages[number].meanMilliseconds / 1000),
          )
          view                 = "singleValue"
          region               = var.region
          period               = 3600
          stat                 = "Sum"
          stacked              = false
          setPeriodToTimeRange = true
          metrics = [
            for figure in local.page_figures : [
              local.metrics_namespace, figure.metric, "service", local.metrics_service.service, "catalogue_function", number, "channel", "portal", { label = figure.label, stat = figure.stat }
            ]
          ]
        }
      }
    ],
  )

  page_alarm_arns = concat([for rate in module.burn_rate : rate.arns.page], [for key in keys(local.fault_alarms) : module.alarm[key].arn])

  dashboard_widgets = concat(
    [
      {
        type       = "text"
        x          = 0
        y          = 0
        width      = 24
        height     = 2
        properties = { markdown = "## Service levels of this month\nCounted every hour from the gateway's access log, agreed maintenance left out; a function without requests has no figures. `GET /v1/service-levels` has the same figures, and earlier months. What to do: `docs/runbooks`." }
      },
      {
        type   = "metric"
        x      = 0
        y      = 2
        width  = 6
        height = 6
        properties = {
          title   = "Oldest unfinished file, hours (${local.batch_hours.promised} are promised)"
          view    = "timeSeries"
          region  = var.region
          period  = 300
          stat    = "Maximum"
          metrics = [[local.metrics_namespace, "OldestJobHours", "service", local.metrics_service.service, { label = "Oldest file" }]]
          annotations = { horizontal = [
            { value = local.batch_hours.half, label = "ticket" },
            { value = local.batch_hours.given_up, label = "page" },
            { value = local.batch_hours.promised, label = "promise" },
          ] }
        }
      },
      {
        type   = "metric"
        x      = 6
        y      = 2
        width  = 6
        height = 6
        properties = {
          title  = "Dead letters"
          view   = "timeSeries"
          region = var.region
          period = 300
          stat   = "Maximum"
          metrics = [
            for queue in keys(local.dead_letters) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", module.queue[queue].name, { label = queue }]
          ]
        }
      },
      {
        type   = "metric"
        x      = 12
        y      = 2
        width  = 4
        height = 6
        properties = {
          title   = "Recovery from disaster this month, service hours (8 are agreed)"
          view    = "singleValue"
          region  = var.region
          period  = 3600
          stat    = "Maximum"
          metrics = [[local.metrics_namespace, "RecoveryHours", "service", local.metrics_service.service, { label = "Longest; 0 is none" }]]
        }
      },
      {
        # AWS publishes charges in this region only, every six hours, once billing alerts are switched on for the account.
        type   = "metric"
        x      = 16
        y      = 2
        width  = 4
        height = 6
        properties = {
          title   = "Cost this month, US dollars"
          view    = "singleValue"
          region  = "us-east-1"
          period  = 21600
          stat    = "Maximum"
          metrics = [["AWS/Billing", "EstimatedCharges", "Currency", "USD", { label = "So far" }]]
        }
      },
      {
        type   = "alarm"
        x      = 20
        y      = 2
        width  = 4
        height = 6
        properties = {
          title  = "Functions that fail now"
          alarms = local.page_alarm_arns
          states = ["ALARM"]
        }
      },
    ],
    local.level_widgets,
    local.page_widgets,
  )
}

resource "aws_cloudwatch_dashboard" "levels" {
  dashboard_name = "${local.prefix}-levels"
  dashboard_body = jsonencode({ start = "-P1D", periodOverride = "inherit", widgets = local.dashboard_widgets })
}
