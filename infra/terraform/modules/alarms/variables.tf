variable "prefix" {
  description = "Start of the alarms' names."
  type        = string
}

variable "page_topic_arn" {
  description = "Topic that wakes someone: for alarms that cannot wait until morning."
  type        = string
}

variable "ticket_topic_arn" {
  description = "Topic that opens a ticket: for alarms that can wait until morning."
  type        = string
}

variable "alarms" {
  description = "By name: what it means for users, whether it wakes someone, its runbook (a page of docs/runbooks), and what it watches: one metric, or an expression over several."
  type = map(object({
    meaning    = string
    urgent     = bool
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
  }))

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : alarm.expression != null || length(alarm.metrics) == 1])
    error_message = "An alarm on several metrics needs an expression."
  }

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : alarm.period * alarm.periods <= (alarm.period < 3600 ? 86400 : 604800)])
    error_message = "Periods below an hour may span a day, longer ones seven days."
  }

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : length(alarm.metrics) <= 10])
    error_message = "An alarm takes at most ten metrics."
  }
}
