variable "name" {
  description = "Physical name of the queue."
  type        = string
}

variable "key_arn" {
  description = "ARN of the key that encrypts the messages."
  type        = string
}

variable "visibility_seconds" {
  description = "How long a message that has been received stays hidden."
  type        = number

  validation {
    condition     = var.visibility_seconds >= 0 && var.visibility_seconds <= 43200
    error_message = "A message can stay hidden for 0 to 43200 seconds."
  }
}

variable "retention_seconds" {
  description = "How long a message is kept, counted from when it was first sent."
  type        = number

  validation {
    condition     = var.retention_seconds >= 60 && var.retention_seconds <= 1209600
    error_message = "A message can be kept for 60 to 1209600 seconds."
  }
}

variable "wait_seconds" {
  description = "How long a request for messages waits for one, if it does not say."
  type        = number
  default     = 0

  validation {
    condition     = var.wait_seconds >= 0 && var.wait_seconds <= 20
    error_message = "A request for messages can wait for 0 to 20 seconds."
  }
}

variable "buckets" {
  description = "ARNs of the buckets that announce their objects here."
  type        = list(string)
  default     = []
}

variable "rules" {
  description = "ARNs of the rules of EventBridge that send here."
  type        = list(string)
  default     = []
}
