variable "name" {
  description = "The alarm's name."
  type        = string
}

variable "topic" {
  description = "What is notified when the alarm fires and when it is over, and how urgent that is, in words."
  type        = object({ arn = string, urgency = string })
}

variable "alarm" {
  description = "What it means for users, its runbook (a page of docs/runbooks), and what it watches: one metric, or an expression over several."
  type = object({
    meaning    = string
    runbook    = string
    comparison = optional(string, "GreaterThanThreshold")
    threshold  = number
    period     = number
    periods    = optional(number, 1)
    to_alarm   = optional(number)
    missing    = optional(string, "notBreaching")
    expression = optional(string)
    metrics = map(object({
      namespace  = string
      name       = string
      dimensions = optional(map(string), {})
      statistic  = optional(string, "Sum")
    }))
  })

  validation {
    condition     = var.alarm.expression != null || length(var.alarm.metrics) == 1
    error_message = "An alarm on several metrics needs an expression."
  }

  validation {
    condition     = var.alarm.period * var.alarm.periods <= (var.alarm.period < 3600 ? 86400 : 604800)
    error_message = "Periods below an hour may span a day, longer ones seven days."
  }

  validation {
    condition     = length(var.alarm.metrics) <= 10
    error_message = "An alarm takes at most ten metrics."
  }
}
