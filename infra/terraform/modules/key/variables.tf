variable "name" {
  description = "Name of the key's alias."
  type        = string
}

variable "description" {
  description = "The class of data that the key encrypts."
  type        = string
}

variable "services" {
  description = "AWS services that send to encrypted queues or topics of this account, by their principal."
  type        = list(string)
  default     = []
}

variable "logs" {
  description = "Whether CloudWatch Logs encrypts log groups of this account with the key."
  type        = bool
  default     = false
}

variable "deletion_days" {
  description = "Days before a destroyed key is gone."
  type        = number
}
