variable "name" {
  description = "Physical name of the bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "The name of a bucket is 3 to 63 lower case letters, digits and hyphens."
  }
}

variable "key" {
  description = "The key that encrypts the objects; null for the key of S3 itself."
  type        = object({ arn = string })
  default     = null
}

variable "versioned" {
  description = "Whether replaced and hidden objects are kept as versions."
  type        = bool
}

variable "expiry" {
  description = "For how many days objects under a prefix are kept; an empty prefix is the whole bucket."
  type        = list(object({ prefix = string, days = number }))
  default     = []

  validation {
    condition     = alltrue([for rule in var.expiry : rule.days >= 1 && floor(rule.days) == rule.days])
    error_message = "Objects are kept for a whole number of days, one at least."
  }

  validation {
    condition     = length(distinct(var.expiry[*].prefix)) == length(var.expiry)
    error_message = "Two rules of expiry have the same prefix."
  }
}

variable "replaced_days" {
  description = "Days for which a version is kept after another has replaced or hidden it, and for which an upload in parts may last."
  type        = number
  default     = 7
}

variable "notifications" {
  description = "The queues to which objects under a prefix are announced."
  type        = list(object({ events = list(string), prefix = string, queue_arn = string }))
  default     = []
}

variable "eventbridge" {
  description = "Whether EventBridge receives the events of the bucket, for services of AWS that need them."
  type        = bool
  default     = false
}

variable "scanner" {
  description = "The role that scans objects and tags them with the result; null if objects are not scanned. Nobody else may tag them."
  type        = object({ arn = string })
  default     = null
}

variable "log_bucket" {
  description = "The bucket that receives the access log; null for none."
  type        = object({ name = string })
  default     = null
}

variable "logs_of" {
  description = "ARNs of the buckets whose access logs this one receives."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.logs_of) == 0 || var.key == null
    error_message = "S3 delivers access logs only to a bucket that is encrypted with the key of S3 itself: give no key."
  }
}

variable "protect" {
  description = "Whether the bucket is kept if it is not empty when it is destroyed."
  type        = bool
}
