variable "environment" {
  description = "Name of the environment. Each has an AWS account of its own."
  type        = string

  validation {
    condition     = contains(["dev", "test", "compat", "live"], var.environment)
    error_message = "The environment must be dev, test, compat or live."
  }
}

variable "account_id" {
  description = "Number of the environment's AWS account. Terraform then refuses to change any other account."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "The account must be a number of 12 digits."
  }

  validation {
    condition     = var.account_id != null || var.environment != "live"
    error_message = "The live environment needs its account_id, so that nothing else is changed by mistake."
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
  description = "Beginning of every physical name; lrs-ENVIRONMENT unless another is given. Names of buckets are unique in the world, so another may be needed."
  type        = string
  default     = null

  validation {
    condition     = var.prefix == null || can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.prefix)) && length(coalesce(var.prefix, "-")) <= 30
    error_message = "The prefix must be at most 30 lower case letters, digits and single hyphens, and must begin with a letter."
  }
}

variable "package" {
  description = "The deployment package that make package builds, relative to the root module."
  type        = string
  default     = "../../dist/lrs-lambda.zip"

  validation {
    condition     = fileexists(var.package)
    error_message = "There is no such file. Build the deployment package first: make package."
  }
}

variable "reports_package" {
  description = "The package of the function that makes reports, which make package builds, relative to the root module."
  type        = string
  default     = "../../dist/lrs-reports.zip"

  validation {
    condition     = fileexists(var.reports_package)
    error_message = "There is no such file. Build the packages first: make package."
  }
}

variable "settings" {
  description = "Other values for settings of infra/stack.json, by variable. A setting that functions have of their own is changed there; any other is given to every function."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^LRS_[A-Z][A-Z0-9_]*$", name))])
    error_message = "A setting is named as its variable, such as LRS_INBOX_DAYS."
  }

  validation {
    condition     = alltrue([for name in keys(var.settings) : !can(regex("^LRS_(TABLE|BUCKET|QUEUE|SECRET|MAIL)_", name))])
    error_message = "The names of tables, buckets, queues, secrets and the sender follow from infra/stack.json and cannot be set."
  }

  validation {
    condition     = length(setintersection(keys(var.settings), ["LRS_PORTAL_URL", "LRS_PROBE_URL", "LRS_REQUIRE_CLIENT_CERT"])) == 0
    error_message = "Whether callers need a certificate follows from the truststore of their surface, and the addresses of the portal and of what the probe calls from their domains. Set those."
  }

  validation {
    condition     = alltrue([for value in values(var.settings) : trimspace(value) != ""])
    error_message = "A setting must not be empty. Leave it out to use its default."
  }

  validation {
    condition     = alltrue([for name in local.local_settings : contains(keys(var.settings), name)])
    error_message = "Settings that infra/stack.json gives an address of one machine, or an invented one, need a real address: ${join(", ", setsubtract(local.local_settings, keys(var.settings)))}."
  }

  validation {
    condition = alltrue([
      for name in ["LRS_INBOX_DAYS", "LRS_RESULT_DAYS", "LRS_JOB_DAYS"] :
      try(tonumber(var.settings[name]) >= 7 && tonumber(var.settings[name]) <= 3650 && floor(tonumber(var.settings[name])) == tonumber(var.settings[name]), !contains(keys(var.settings), name))
    ])
    error_message = "LRS_INBOX_DAYS, LRS_RESULT_DAYS and LRS_JOB_DAYS must be whole numbers from 7 to 3650."
  }
}

variable "protect" {
  description = "Whether tables and buckets with content are kept when they are removed from the description, or everything is destroyed."
  type        = bool
  default     = true

  validation {
    condition     = var.protect || var.environment != "live"
    error_message = "The live environment must be protected."
  }
}

variable "recovery_days" {
  description = "How many days back a table can be restored to any second."
  type        = number
  default     = 35

  validation {
    condition     = var.recovery_days >= 1 && var.recovery_days <= 35 && floor(var.recovery_days) == var.recovery_days
    error_message = "A table can be restored to at least 1 and at most 35 days ago, in whole days."
  }
}

variable "key_deletion_days" {
  description = "Days before a key that is destroyed is gone, and with it whatever it encrypts."
  type        = number
  default     = 30

  validation {
    condition     = var.key_deletion_days >= 7 && var.key_deletion_days <= 30 && floor(var.key_deletion_days) == var.key_deletion_days
    error_message = "AWS keeps a key for 7 to 30 days before it deletes it."
  }
}

variable "log_days" {
  description = "Days for which logs are kept."
  type        = number
  default     = 400

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_days)
    error_message = "Logs can be kept for 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731 days."
  }

  validation {
    condition     = var.log_days >= 365 || var.environment != "live"
    error_message = "The logs of the live environment must be kept for a year at least: service levels are explained from them."
  }
}

variable "page_emails" {
  description = "Who is woken by alarms that cannot wait until morning. Each address must confirm the first message."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.page_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "An address must look like name@example.org."
  }

  validation {
    condition     = length(var.page_emails) > 0 || var.environment != "live"
    error_message = "The live environment needs someone to be woken: give page_emails."
  }
}

variable "ticket_emails" {
  description = "Where alarms that can wait until morning open a ticket. Each address must confirm the first message."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.ticket_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "An address must look like name@example.org."
  }

  validation {
    condition     = length(var.ticket_emails) > 0 || var.environment != "live"
    error_message = "The live environment needs somewhere for its tickets: give ticket_emails."
  }
}

variable "concurrent_executions" {
  description = "How many functions the account may run at a time: its quota of Lambda in the region."
  type        = number
  default     = 1000

  validation {
    condition     = var.concurrent_executions >= 10
    error_message = "AWS gives an account a quota of at least 10."
  }
}

variable "monthly_budget_usd" {
  description = "What the environment may cost a month, in US dollars. A ticket is opened at 80 %, and when more than all of it is forecast."
  type        = number
  default     = 500

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "The budget must be more than nothing."
  }
}

variable "mail_domain" {
  description = "Domain from which email is sent; that of the sender in infra/stack.json unless another is given."
  type        = string
  default     = null

  validation {
    condition     = var.mail_domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.mail_domain))
    error_message = "The domain of email must be a name such as learning-records.example, in lower case."
  }
}

variable "mail_sandbox_receivers" {
  description = "Addresses that receive email while the account is in the sandbox of SES. Each must confirm a message first."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.mail_sandbox_receivers : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "An address must look like name@example.org."
  }

  validation {
    condition     = length(var.mail_sandbox_receivers) == 0 || var.environment != "live"
    error_message = "The live environment must not be in the sandbox of SES: most of its email would not be delivered."
  }
}

variable "organisations" {
  description = "Organisations that put files into the inbox themselves, by UKPRN: the ARNs of their AWS accounts or roles with the external id that was agreed with them, and their public SSH keys for SFTP."
  type = map(object({
    principals  = optional(list(string), [])
    external_id = optional(string)
    ssh_keys    = optional(list(string), [])
  }))
  default = {}

  validation {
    condition     = alltrue([for ukprn in keys(var.organisations) : can(regex("^[0-9]{8}$", ukprn))])
    error_message = "An organisation is named by its UKPRN, a number of 8 digits."
  }

  validation {
    condition     = alltrue([for one in values(var.organisations) : length(one.principals) + length(one.ssh_keys) > 0])
    error_message = "An organisation needs the ARN of an account or role, or an SSH key: otherwise leave it out."
  }

  validation {
    condition = alltrue(flatten([
      for one in values(var.organisations) : [for principal in one.principals : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(root|(role|user)/.+)$", principal))]
    ]))
    error_message = "A principal must be the ARN of an account (arn:aws:iam::NUMBER:root), a role or a user. It must not be *."
  }

  validation {
    condition     = alltrue([for one in values(var.organisations) : (length(one.principals) > 0) == (one.external_id != null)])
    error_message = "Principals and an external_id go together: without the id, others who use the same supplier could act for the organisation."
  }

  validation {
    condition     = alltrue([for one in values(var.organisations) : one.external_id == null || can(regex("^[A-Za-z0-9+=,.@:/_-]{16,}$", one.external_id))])
    error_message = "An external_id must have at least 16 letters, digits or signs of +=,.@:/_-."
  }

  validation {
    condition     = length(distinct([for one in values(var.organisations) : one.external_id if one.external_id != null])) == length([for one in values(var.organisations) : one.external_id if one.external_id != null])
    error_message = "Each organisation needs an external_id of its own."
  }

  validation {
    condition = alltrue(flatten([
      for one in values(var.organisations) : [for key in one.ssh_keys : can(regex("^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,2}( .*)?$", key))]
    ]))
    error_message = "An SSH key must be a public one: ssh-ed25519, ssh-rsa or ecdsa-sha2-nistp…, and its text in Base64."
  }

  validation {
    condition     = var.sftp || alltrue([for one in values(var.organisations) : length(one.ssh_keys) == 0])
    error_message = "An organisation has an SSH key, but sftp is off."
  }
}

variable "sftp" {
  description = "Whether organisations may put files over SFTP. The server has a price by the hour."
  type        = bool
  default     = false
}

variable "backup_days" {
  description = "Days for which the backups of each day, and those of each month, are kept."
  type        = object({ daily = number, monthly = number })
  default     = { daily = 35, monthly = 400 }

  validation {
    condition     = var.backup_days.daily >= 7 && floor(var.backup_days.daily) == var.backup_days.daily
    error_message = "The backups of each day must be kept for a week at least, in whole days."
  }

  validation {
    condition     = var.backup_days.monthly >= var.backup_days.daily && floor(var.backup_days.monthly) == var.backup_days.monthly
    error_message = "The backups of each month must be kept at least as long as those of each day, in whole days."
  }
}

variable "backup_copies_to" {
  description = "ARN of a vault in another account or region that receives a copy of every backup; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.backup_copies_to == null || can(regex("^arn:aws[a-z-]*:backup:[a-z0-9-]+:[0-9]{12}:backup-vault:[A-Za-z0-9_-]{2,50}$", var.backup_copies_to))
    error_message = "The vault for copies must be the ARN of a backup vault."
  }
}

variable "test_restores" {
  description = "Whether AWS restores every table from its latest backup once a month, and deletes the copy after a day."
  type        = bool
  default     = true
}

variable "stopped" {
  description = "Whether nothing may run, in the middle of a restore (docs/runbooks/restore.md): no schedule, no mapping, no function."
  type        = bool
  default     = false
}

variable "surfaces" {
  description = "Where callers reach each surface of infra/stack.json, and how much it takes. A surface without a domain has the default endpoint of API Gateway. A truststore is a file of certificates in PEM, relative to the root module: callers then need a certificate from one of these authorities. Rates are requests per second of everybody, and of one address in five minutes."
  type = map(object({
    domain = optional(object({
      name            = string
      certificate_arn = string
      zone_id         = optional(string)
      truststore      = optional(string)
    }))
    networks             = optional(list(string), [])
    requests_per_second  = optional(number, 500)
    requests_per_address = optional(number, 30000)
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.surfaces), keys(local.stack.surfaces))) == 0
    error_message = "These are not surfaces of infra/stack.json: ${join(", ", setsubtract(keys(var.surfaces), keys(local.stack.surfaces)))}."
  }

  validation {
    condition     = alltrue([for surface in values(var.surfaces) : try(fileexists(surface.domain.truststore), true)])
    error_message = "The file of a truststore does not exist."
  }

  validation {
    condition     = !contains(["compat", "live"], var.environment) || alltrue([for name in keys(local.stack.surfaces) : try(var.surfaces[name].domain, null) != null])
    error_message = "Every surface of the live and the compat environment needs a domain: on the default endpoint nobody checks certificates."
  }

  validation {
    condition     = var.environment == "dev" || try(var.surfaces["portal"].domain, null) != null
    error_message = "The portal needs a domain: it can only be used at the root of an address, and emails lead to it."
  }

  validation {
    condition     = var.environment != "live" || try(var.surfaces["web"].domain.truststore, null) != null
    error_message = "The web services of the live environment need a truststore: callers identify their systems by certificates."
  }
}
