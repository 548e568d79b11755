variable "prefix" {
  description = "Beginning of the physical names."
  type        = string
}

variable "ukprn" {
  description = "The organisation's UKPRN."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{8}$", var.ukprn))
    error_message = "A UKPRN is a number of 8 digits."
  }
}

variable "bucket" {
  description = "The bucket into which the organisation puts files."
  type        = object({ name = string, arn = string })
}

variable "key_arn" {
  description = "ARN of the key that encrypts the bucket."
  type        = string
}

variable "boundary" {
  description = "ARN of the policy beyond which no role can be allowed anything."
  type        = string
}

variable "principals" {
  description = "ARNs of the organisation's accounts, roles or users that may take the role; empty for none."
  type        = list(string)
}

variable "external_id" {
  description = "What a caller must also know to take the role; null if there are no principals."
  type        = string
}

variable "sftp" {
  description = "The SFTP server, and the policy by which it takes the user's role; null for no user."
  type        = object({ server_id = string, trust = string })
  default     = null
}

variable "ssh_keys" {
  description = "The user's public SSH keys."
  type        = list(string)
  default     = []
}
