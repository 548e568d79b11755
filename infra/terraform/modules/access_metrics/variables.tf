variable "namespace" {
  description = "Namespace of the metrics, to which the function's number is added (LearningRecords/web)."
  type        = string
}

variable "log_group_name" {
  description = "Log group of the gateway's access log."
  type        = string
}

variable "name" {
  description = "Start of the names of the filters."
  type        = string
}

variable "routes" {
  description = "By function of the catalogue: the routes that serve it, as the access log names them."
  type        = map(list(object({ methods = list(string), path = string })))

  validation {
    condition     = 2 * length(var.routes) <= 100
    error_message = "A log group takes 100 metric filters, which are two for each function: at most 50 functions."
  }

  validation {
    condition     = alltrue([for routes in values(var.routes) : length(routes) > 0])
    error_message = "A function without routes has nothing to count."
  }
}
