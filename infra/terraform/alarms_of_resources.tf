# Alarms of queues, functions, tables, schedules and log codes.

locals {
  # A dead letter here holds up every later file of its organisation.
  urgent_dead_letters = ["intake"]

  queue_alarms = merge([
    for queue, of in local.stack.queues : {
      "queue-${queue}-dead" = {
        meaning   = "Messages of the queue ${queue} failed again and again and were set aside. Their users wait for an answer until they are sent back."
        urgent    = contains(local.urgent_dead_letters, queue)
        runbook   = of.deadLetterQueue
        threshold = 0
        period    = 60
        metrics = { messages = {
          namespace  = "AWS/SQS"
          name       = "ApproximateNumberOfMessagesVisible"
          dimensions = { QueueName = "${local.prefix}-${of.deadLetterQueue}" }
          statistic  = "Maximum"
        } }
      }
      "queue-${queue}-age" = {
        meaning   = "A message of the queue ${queue} has waited for an hour: files are answered late, and 48 hours are promised."
        urgent    = false
        runbook   = "queue-age"
        threshold = 3600
        period    = 300
        periods   = 3
        metrics = { age = {
          namespace  = "AWS/SQS"
          name       = "ApproximateAgeOfOldestMessage"
          dimensions = { QueueName = "${local.prefix}-${queue}" }
          statistic  = "Maximum"
        } }
      }
    } if can(of.deadLetterQueue)
  ]...)

  # Callers wait for those that serve a surface; the work of the others is tried again.
  function_alarms = merge([
    for function, of in local.stack.functions : {
      "function-${function}-errors" = {
        meaning    = "More than 1 % of the runs of ${function} fail. ${contains(local.serving, function) ? "Callers get errors." : "Its work is tried again, and is late."}"
        urgent     = contains(local.serving, function)
        runbook    = "function-errors"
        threshold  = 0.01
        period     = 300
        periods    = 3
        expression = "FILL(errors, 0) / FILL(runs, 1)"
        metrics = {
          errors = { namespace = "AWS/Lambda", name = "Errors", dimensions = { FunctionName = "${local.prefix}-${function}" } }
          runs   = { namespace = "AWS/Lambda", name = "Invocations", dimensions = { FunctionName = "${local.prefix}-${function}" } }
        }
      }
      "function-${function}-duration" = {
        meaning   = "One run of ${function} in a hundred takes more than 80 % of its ${of.timeoutSeconds} s: soon some will be cut off."
        urgent    = false
        runbook   = "function-duration"
        threshold = 800 * of.timeoutSeconds
        period    = 300
        periods   = 3
        metrics   = { duration = { namespace = "AWS/Lambda", name = "Duration", dimensions = { FunctionName = "${local.prefix}-${function}" }, statistic = "p99" } }
      }
    }
  ]...)

  # What should never happen to any function: one alarm for ten of them, the most metrics that an alarm takes.
  tens = {
    RecursiveInvocationsDropped = chunklist([for function, of in local.stack.functions : function if try(of.recursiveLoop, "Terminate") != "Allow"], 10)
    Throttles                   = chunklist([for function in keys(local.stack.functions) : function if !contains(local.serving, function)], 10)
  }

  every_function_alarms = merge(flatten([
    for metric, of in {
      RecursiveInvocationsDropped = { name = "recursion", urgent = true, runbook = "recursion-dropped", periods = 1, meaning = "Lambda stopped a chain of runs as a loop. What the next run was to do is not done." }
      Throttles                   = { name = "throttles", urgent = false, runbook = "function-throttles", periods = 3, meaning = "A function that works on files or schedules is throttled. Its work waits." }
      } : [
      for number, functions in local.tens[metric] : {
        "functions-${of.name}-${number + 1}" = {
          meaning    = "${of.meaning} One of: ${join(", ", functions)}."
          urgent     = of.urgent
          runbook    = of.runbook
          threshold  = 0
          period     = 300
          periods    = of.periods
          expression = join(" + ", [for function in functions : "FILL(${function}, 0)"])
          metrics = {
            for function in functions : function => { namespace = "AWS/Lambda", name = metric, dimensions = { FunctionName = "${local.prefix}-${function}" } }
          }
        }
      }
    ]
  ])...)

  caller_alarms = merge(
    {
      for function in local.serving : "function-${function}-throttles" => {
        meaning   = "${function} is throttled: callers are turned away."
        urgent    = true
        runbook   = "function-throttles"
        threshold = 0
        period    = 60
        periods   = 3
        metrics   = { throttles = { namespace = "AWS/Lambda", name = "Throttles", dimensions = { FunctionName = "${local.prefix}-${function}" } } }
      }
    },
    {
      "functions-concurrency" = {
        meaning   = "The account runs more than 80 % of the ${var.concurrent_executions} functions at a time that AWS allows it. Beyond that, callers are turned away."
        urgent    = true
        runbook   = "function-throttles"
        threshold = 0.8 * var.concurrent_executions
        period    = 300
        periods   = 3
        metrics   = { running = { namespace = "AWS/Lambda", name = "ConcurrentExecutions", statistic = "Maximum" } }
      }
    },
  )

  stream_alarms = merge([
    for mapping in local.stack.mappings : {
      "stream-${mapping.table}-age" = {
        meaning   = "Changes of ${mapping.table} have been missing from the audit log for five minutes. ${mapping.function} gives up after 23 hours."
        urgent    = true
        runbook   = "audit-stream"
        threshold = 300000
        period    = 60
        periods   = 5
        metrics = { age = {
          namespace  = "AWS/Lambda"
          name       = "IteratorAge"
          dimensions = { FunctionName = "${local.prefix}-${mapping.function}" }
          statistic  = "Maximum"
        } }
      }
      "stream-${mapping.table}-given-up" = {
        meaning   = "Changes of ${mapping.table} could not be added to the audit log, and lie in the bucket ${mapping.failureBucket}."
        urgent    = true
        runbook   = "audit-stream"
        threshold = 0
        period    = 300
        metrics = { given_up = {
          namespace  = "AWS/Lambda"
          name       = "OnFailureDestinationDeliveredEventCount"
          dimensions = { EventSourceMappingUUID = aws_lambda_event_source_mapping.stream[mapping.table].uuid }
        } }
      }
    } if can(mapping.table)
  ]...)

  # CloudWatch ignores missing data of DynamoDB's metrics, so that an alarm on one would never end: these are filled.
  table_alarms = merge([
    for table, of in local.stack.tables : {
      "table-${table}-throttles" = {
        meaning    = "DynamoDB throttles the table ${table}: requests are slow and some fail."
        urgent     = true
        runbook    = "table-throttles"
        threshold  = 0
        period     = 60
        periods    = 5
        to_alarm   = 3
        expression = join(" + ", [for id in keys(local.throttles[table]) : "FILL(${id}, 0)"])
        metrics    = local.throttles[table]
      }
    }
  ]...)

  throttles = {
    for table, of in local.stack.tables : table => merge([
      for key, index in merge({ table = null }, { for index in try(of.indexes, []) : index.name => index.name }) : {
        for way in ["read", "write"] : "${way}_${key}" => {
          namespace  = "AWS/DynamoDB"
          name       = "${title(way)}ThrottleEvents"
          dimensions = merge({ TableName = "${local.prefix}-${table}" }, index == null ? {} : { GlobalSecondaryIndexName = index })
        }
      }
    ]...)
  }

  # These prove their work by a metric, which has its own alarm.
  proven = ["watch_jobs", "report_levels", "probe_service"]

  # A schedule that is switched off or has lost its permission is silent: its function has not run for two rounds. What runs every few
  # minutes is missed before the morning.
  schedule_alarms = merge([
    for name, of in local.stack.schedules : {
      "schedule-${name}-silent" = {
        meaning    = "${of.function} should run every ${replace(regex("\\((.+)\\)", of.rate)[0], "/^1 /", "")}, and has not run for two rounds."
        urgent     = local.rates[name] < 900
        runbook    = "schedule-silent"
        comparison = "LessThanThreshold"
        threshold  = 1
        period     = 2 * local.rates[name] + 600
        missing    = "breaching"
        expression = "FILL(runs, 0)"
        metrics    = { runs = { namespace = "AWS/Lambda", name = "Invocations", dimensions = { FunctionName = "${local.prefix}-${of.function}" } } }
      }
    } if !contains(local.proven, of.function)
  ]...)

  scheduler_alarms = {
    "schedules-missed" = {
      meaning   = "A scheduled run failed, or could not be started, and is not tried again. The next round does its work, late."
      urgent    = false
      runbook   = "schedule-silent"
      threshold = 0
      period    = 60
      metrics = { missed = {
        namespace  = "AWS/SQS"
        name       = "ApproximateNumberOfMessagesVisible"
        dimensions = { QueueName = module.missed_runs.name }
        statistic  = "Maximum"
      } }
    }
    "schedules-dropped" = {
      meaning    = "The scheduler could not start a function, and has given up. The next round does its work, late."
      urgent     = false
      runbook    = "schedule-silent"
      threshold  = 0
      period     = 300
      expression = "FILL(dropped, 0)"
      metrics    = { dropped = { namespace = "AWS/Scheduler", name = "InvocationDroppedCount", dimensions = { ScheduleGroup = aws_scheduler_schedule_group.this.name } } }
    }
  }

  # The oldest unfinished file, which watch_jobs measures every five minutes, against the hours that are promised.
  batch_hours  = { half = local.levels.batchHours / 2, given_up = local.levels.batchOwnHours, promised = local.levels.batchHours }
  batch_metric = { namespace = local.metrics_namespace, name = "OldestJobHours", dimensions = local.metrics_service, statistic = "Maximum" }

  batch_alarms = merge(
    {
      for hours, of in {
        (local.batch_hours.half)     = { urgent = false, meaning = "Half of the ${local.batch_hours.promised} hours that are promised are left." }
        (local.batch_hours.given_up) = { urgent = true, meaning = "${local.batch_hours.promised - local.batch_hours.given_up} of the ${local.batch_hours.promised} hours that are promised are left, and records without an answer are now refused." }
        (local.batch_hours.promised) = { urgent = true, meaning = "The promise to its organisation is broken." }
        } : "batch-older-than-${hours}-hours" => {
        meaning   = "A file has waited for ${hours} hours. ${of.meaning}"
        urgent    = of.urgent
        runbook   = "jobs-past-36-hours"
        threshold = tonumber(hours)
        period    = 900
        metrics   = { hours = local.batch_metric }
      }
    },
    {
      "batch-unwatched" = {
        meaning    = "Nobody has looked for late files for a quarter of an hour, so none would be noticed or sent again."
        urgent     = true
        runbook    = "schedule-silent"
        comparison = "LessThanThreshold"
        threshold  = 1
        period     = 900
        missing    = "breaching"
        expression = "FILL(rounds, 0)"
        metrics    = { rounds = merge(local.batch_metric, { statistic = "SampleCount" }) }
      }
      "batch-given-up" = {
        meaning   = "A file was ended after ${local.batch_hours.given_up} hours with records that we could not process."
        urgent    = true
        runbook   = "jobs-past-36-hours"
        threshold = 0
        period    = 300
        metrics   = { given_up = { namespace = local.metrics_namespace, name = "GivenUp", dimensions = local.metrics_service } }
      }
    },
  )

  # Warnings and errors in the log, by code.
  codes = {
    AUDIT_UNREADABLE           = { runbook = "audit-stream", urgent = true, meaning = "A change to the register could not be read, and is missing from the audit log." }
    FAULT                      = { runbook = "function-errors", urgent = false, meaning = "Our program failed unexpectedly. A caller got an error, or work is tried again." }
    FEED_UNREADABLE            = { runbook = "import-refused", urgent = false, meaning = "A feed of school data or funding returns could not be read. Learners' records lack its events." }
    FILE_ASTRAY                = { runbook = "files-astray", urgent = false, meaning = "A file in the inbox names no organisation. Its sender waits for an answer." }
    IMPORT_REFUSED             = { runbook = "import-refused", urgent = false, meaning = "An import of the registers was refused. Newer aims are unknown until one succeeds." }
    JOB_TROUBLE                = { runbook = "jobs-past-36-hours", urgent = false, meaning = "The watch run could not check a job, which may be late." }
    LEVELS_BEHIND              = { runbook = "levels-unreported", urgent = false, meaning = "The reporter had no time to count every hour. The next run continues." }
    LINES_ODD                  = { runbook = "levels-unreported", urgent = false, meaning = "The access log lacks lines, or has some that cannot be read. The month's figures may be wrong." }
    LIST_ENDS                  = { runbook = "reference-lists", urgent = false, meaning = "A list ends within a year. After that, working days are counted wrongly." }
    LIST_MISSING               = { runbook = "reference-lists", urgent = false, meaning = "An operator's list is missing, and the packaged sample finds almost nothing." }
    MAINTENANCE_NOTICE_REFUSED = { runbook = "notices-dead", urgent = false, meaning = "The email service refused an announcement of maintenance. An organisation does not know of it." }
    MALWARE_FOUND              = { runbook = "malware-scan", urgent = false, meaning = "Malware was found in a submitted file, which was refused unread." }
    NOT_STARTED                = { runbook = "reference-lists", urgent = true, meaning = "A function does not start, because a setting or a list is missing or malformed. Its users get no answers." }
    NOTICE_GIVEN_UP            = { runbook = "notices-dead", urgent = false, meaning = "An organisation gets no email about its file, which is complete." }
    NOTICE_REFUSED             = { runbook = "notices-dead", urgent = false, meaning = "The email service refused an email about a file, which is complete." }
    RECORD_FAULT               = { runbook = "function-errors", urgent = false, meaning = "Our program failed on a record of a file, which was refused with LRS-FAULT-1." }
    REPORT_NOT_SENT            = { runbook = "levels-unreported", urgent = false, meaning = "The monthly report could not be sent to the service manager. It is tried again." }
    SCAN_DENIED                = { runbook = "malware-scan", urgent = true, meaning = "The malware scanner may not read a file. It waits, and so do later files of its organisation." }
    SCAN_FAILED                = { runbook = "malware-scan", urgent = true, meaning = "A malware scan failed. The file waits, and so do later files of its organisation." }
    SCAN_OVERDUE               = { runbook = "malware-scan", urgent = true, meaning = "A file has no result of its malware scan. It waits, and so do later files of its organisation." }
    SCAN_UNSUPPORTED           = { runbook = "malware-scan", urgent = false, meaning = "A file cannot be scanned for malware, and was refused." }
    TIMELINESS_BEHIND          = { runbook = "schedule-silent", urgent = false, meaning = "The count of what came in time had no time for every day. The next run continues." }
    TRY_AGAIN                  = { runbook = "function-errors", urgent = false, threshold = 100, period = 900, meaning = "Many messages are returned to their queues because of temporary failures. Files are answered late." }
  }

  code_alarms = {
    for code, of in local.codes : "code-${code}" => {
      meaning    = of.meaning
      urgent     = of.urgent
      runbook    = of.runbook
      threshold  = try(of.threshold, 0)
      period     = try(of.period, 300)
      expression = "FILL(lines, 0)"
      metrics    = { lines = { namespace = local.metrics_namespace, name = "LogLines", dimensions = merge(local.metrics_service, { code = code }) } }
    }
  }

  # The service as its callers see it, every minute, also when nobody else calls. Without a domain there is nothing to call.
  probe_alarms = {
    for surface, of in local.surfaces : "${surface}-unreachable" => {
      meaning    = "The service does not answer calls from outside, so its callers get no answers."
      urgent     = true
      runbook    = "service-unreachable"
      comparison = "LessThanThreshold"
      threshold  = 0.5
      period     = 300
      missing    = "breaching"
      expression = "FILL(succeeded, 0)"
      metrics    = { succeeded = { namespace = local.metrics_namespace, name = "ProbeSucceeded", dimensions = local.metrics_service, statistic = "Average" } }
    } if surface == "web" && of.domain != null
  }

  firewall_alarms = {
    for surface in keys(local.surfaces) : "${surface}-firewall-blocks" => {
      meaning    = "The firewall has blocked many requests to the surface ${surface} for a quarter of an hour: an attack, or callers who did nothing wrong."
      urgent     = false
      runbook    = "firewall-blocks"
      threshold  = 500
      period     = 300
      periods    = 3
      expression = "FILL(blocked, 0)"
      metrics    = { blocked = { namespace = "AWS/WAFV2", name = "BlockedRequests", dimensions = { WebACL = module.surface[surface].firewall_name, Region = var.region, Rule = "ALL" } } }
    }
  }

  # SES pauses an account's sending above 10 % bounces or 0.5 % complaints.
  mail_alarms = {
    for name, of in {
      bounces    = { metric = "Reputation.BounceRate", threshold = 0.05 }
      complaints = { metric = "Reputation.ComplaintRate", threshold = 0.001 }
      } : "mail-${name}" => {
      meaning   = "Too many of our emails end as ${name}. SES may stop sending, and organisations would get no emails."
      urgent    = false
      runbook   = "mail-reputation"
      threshold = of.threshold
      period    = 3600
      missing   = "ignore"
      metrics   = { rate = { namespace = "AWS/SES", name = of.metric, statistic = "Maximum" } }
    }
  }
}
