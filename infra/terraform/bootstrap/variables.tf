variable "environment" {
  description = "Name of the environment. Each has an AWS account of its own."
  type        = string

  validation {
    condition     = contains(["dev", "test", "compat", "live"], var.environment)
    error_message = "The environment must be dev, test, compat or live."
  }
}

variable "account_id" {
  description = "Number of the environment's AWS account. Terraform refuses to change any other account."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "The account must be a number of 12 digits."
  }
}

variable "region" {
  description = "AWS region of everything."
  type        = string
  default     = "eu-west-2"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region must be one of AWS, such as eu-west-2."
  }
}

variable "prefix" {
  description = "Beginning of every physical name, as in the main module; lrs-ENVIRONMENT unless another is given."
  type        = string
  default     = null

  validation {
    condition     = var.prefix == null || can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.prefix)) && length(coalesce(var.prefix, "-")) <= 30
    error_message = "The prefix must be at most 30 lower case letters, digits and single hyphens, and must begin with a letter."
  }
}

variable "pipeline" {
  description = "The pipeline that deploys: the issuer of its tokens, their audience, and the subjects that may deploy, such as repo:OWNER/NAME:environment:live. Null if people deploy."
  type = object({
    issuer   = string
    audience = string
    subjects = list(string)
  })
  default = null

  validation {
    condition     = var.pipeline == null || can(regex("^https://[a-z0-9.-]+(/[A-Za-z0-9._/-]*)?$", var.pipeline.issuer))
    error_message = "The issuer must be an https address, such as https://token.actions.githubusercontent.com."
  }

  validation {
    condition     = var.pipeline == null || try(length(var.pipeline.subjects) > 0 && alltrue([for subject in var.pipeline.subjects : !strcontains(subject, "*") && subject != ""]), false)
    error_message = "The subjects that may deploy must be named in full, without *: otherwise any branch could deploy."
  }
}
