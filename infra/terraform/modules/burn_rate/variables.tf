variable "name" {
  description = "Start of the alarms' names, with surface and function (lrs-live-web-ACH-01)."
  type        = string
}

variable "title" {
  description = "The function in words, for the description of the alarms."
  type        = string
}

variable "namespace" {
  description = "Namespace of the metrics Latency (whose samples are the requests) and Faults of the function."
  type        = string
}

variable "planned" {
  description = "Metric of the requests that were refused because of agreed maintenance: these are no faults."
  type        = object({ namespace = string, name = string, dimensions = map(string) })
}

variable "target" {
  description = "Availability agreed for a calendar month, in per cent."
  type        = number

  validation {
    condition     = var.target > 0 && var.target < 100
    error_message = "A burn rate needs an error budget: a target of 100 % has none, and needs an alarm at the first fault."
  }
}

variable "topics" {
  description = "What wakes someone (page) and what opens a ticket (ticket), and how urgent that is, in words."
  type        = map(object({ arn = string, urgency = string }))
}

variable "runbook" {
  description = "Page of docs/runbooks, without its ending."
  type        = string
}
