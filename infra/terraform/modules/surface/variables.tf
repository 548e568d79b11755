variable "prefix" {
  description = "Beginning of every physical name."
  type        = string
}

variable "surface" {
  description = "Name of the surface, which is also the name of its stage."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]*$", var.surface))
    error_message = "The name of a surface is lower case letters, digits and underscores."
  }
}

variable "function" {
  description = "The function that answers: its physical name, its alias or null, and the ARN by which API Gateway calls it."
  type        = object({ name = string, alias = string, invoke_arn = string })
}

variable "routes" {
  description = "The methods of every path, ANY for all of them."
  type        = map(list(string))

  validation {
    condition     = try(var.routes["/"] == tolist(["ANY"]) && var.routes["/{proxy+}"] == tolist(["ANY"]), false)
    error_message = "The paths / and /{proxy+} must take ANY method. Otherwise API Gateway answers what no route has, and takes a token for a signature."
  }

  validation {
    condition     = alltrue([for method in flatten(values(var.routes)) : contains(["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"], method)])
    error_message = "A method must be one of HTTP's that API Gateway has, in capitals, or ANY."
  }
}

variable "responses" {
  description = "What API Gateway answers by itself, by its types of response."
  type = map(object({
    status_code         = string
    response_parameters = map(string)
    response_templates  = map(string)
  }))

  validation {
    condition     = length(setsubtract(["DEFAULT_4XX", "DEFAULT_5XX", "WAF_FILTERED"], keys(var.responses))) == 0
    error_message = "DEFAULT_4XX, DEFAULT_5XX and WAF_FILTERED are needed: everything else falls back to the first two."
  }
}

variable "access_log" {
  description = "The fields of the access log with their variables: numbers always have a value, texts may not."
  type        = object({ numbers = map(string), texts = map(string) })

  validation {
    condition     = contains(values(var.access_log.texts), "$context.extendedRequestId")
    error_message = "Requests are counted by $context.extendedRequestId: a caller can choose the other id."
  }
}

variable "compress_from" {
  description = "Bytes of a response from which it is compressed for those who accept that; null for never."
  type        = number
  default     = null
}

variable "domain" {
  description = "The surface's own domain, with a certificate for it in ACM; null for the default endpoint of API Gateway. With a zone of Route 53 its record is made. With a truststore, certificates of authorities in PEM, callers need a certificate of one of them."
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
    truststore      = optional(string)
  })
  default = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain.name))
    error_message = "The domain must be a name such as api.learning-records.example, in lower case."
  }

  validation {
    condition     = try(startswith(var.domain.certificate_arn, "arn:"), true)
    error_message = "The certificate must be given by its ARN in ACM."
  }

  validation {
    condition     = try(var.domain.truststore, null) == null || try(strcontains(var.domain.truststore, "-----BEGIN CERTIFICATE-----"), false)
    error_message = "The truststore must have at least one certificate in PEM."
  }
}

variable "networks" {
  description = "Networks that may call, as CIDR blocks; empty for all."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for network in var.networks : can(cidrhost(network, 0))])
    error_message = "A network must be a CIDR block such as 203.0.113.0/24."
  }
}

variable "requests_per_second" {
  description = "Requests per second in the long run for all callers together; twice as many may come at once."
  type        = number

  validation {
    condition     = var.requests_per_second >= 1 && var.requests_per_second <= 10000
    error_message = "AWS lets an account have 1 to 10000 requests per second."
  }
}

variable "requests_per_address" {
  description = "Requests from one address in five minutes; more are blocked. A supplier of software calls for many organisations from one address."
  type        = number

  validation {
    condition     = var.requests_per_address >= 10 && var.requests_per_address <= 2000000000
    error_message = "The firewall can count 10 to 2,000,000,000 requests of an address."
  }
}

variable "log_key_arn" {
  description = "ARN of the key that encrypts the logs."
  type        = string
}

variable "log_days" {
  description = "Days for which the logs are kept."
  type        = number
}

variable "log_bucket" {
  description = "The bucket that receives the access log of the truststore's bucket."
  type        = object({ name = string })
}

variable "protect" {
  description = "Whether the truststore's bucket is kept if it is not empty when it is destroyed."
  type        = bool
}
