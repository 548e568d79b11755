variable "name" {
  description = "Physical name of the function."
  type        = string
}

variable "handler" {
  description = "What Lambda calls: module.attribute."
  type        = string
}

variable "package" {
  description = "The deployment package: an object of a bucket, and the digest of its content."
  type        = object({ bucket = string, key = string, version = string, sha256 = string })
}

variable "memory_megabytes" {
  description = "Memory of the function, and with it its share of a processor."
  type        = number

  validation {
    condition     = var.memory_megabytes >= 128 && var.memory_megabytes <= 10240
    error_message = "A function has 128 to 10240 megabytes of memory."
  }
}

variable "timeout_seconds" {
  description = "After how long the function is stopped."
  type        = number

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "A function may run for 1 to 900 seconds."
  }
}

variable "environment" {
  description = "The function's variables."
  type        = map(string)
}

variable "statements" {
  description = "What the function may do besides writing its log and its traces."
  type = list(object({
    actions    = list(string)
    resources  = list(string)
    conditions = optional(list(object({ test = string, variable = string, values = list(string) })), [])
  }))

  validation {
    condition     = alltrue([for action in flatten(var.statements[*].actions) : !strcontains(action, "*")])
    error_message = "An action must be named in full, without *."
  }
}

variable "key_arn" {
  description = "ARN of the key that encrypts the function's variables and snapshots."
  type        = string
}

variable "boundary" {
  description = "ARN of the policy beyond which the role cannot be allowed anything."
  type        = string
}

variable "log_key_arn" {
  description = "ARN of the key that encrypts the function's log."
  type        = string
}

variable "log_days" {
  description = "Days for which the log is kept."
  type        = number
}

variable "tracing" {
  description = "Active: Lambda traces the function; PassThrough: only what a caller traces."
  type        = string

  validation {
    condition     = contains(["Active", "PassThrough"], var.tracing)
    error_message = "Tracing must be Active or PassThrough."
  }
}

variable "reserved_concurrency" {
  description = "At most so many of the function run at a time, and so many always can; 0 stops it, null is no limit of its own."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 0, false)
    error_message = "A function cannot run fewer than no times at once."
  }
}

variable "recursive_loop" {
  description = "Whether Lambda lets the function be invoked more than 16 times in one chain of requests: Allow or Terminate."
  type        = string
  default     = "Terminate"

  validation {
    condition     = contains(["Allow", "Terminate"], var.recursive_loop)
    error_message = "The recursive loop must be Allow or Terminate."
  }
}

variable "missed_runs" {
  description = "The queue for events that started the function asynchronously in vain, and how long such an event may wait; null if nothing starts it so."
  type        = object({ queue_arn = string, event_age_seconds = number })
  default     = null

  validation {
    condition     = try(var.missed_runs.event_age_seconds >= 60 && var.missed_runs.event_age_seconds <= 21600, var.missed_runs == null)
    error_message = "An event can wait for 60 to 21600 seconds."
  }
}

variable "snap_start" {
  description = "Whether Lambda starts the function from a snapshot of each published version, behind an alias."
  type        = bool
  default     = false
}
