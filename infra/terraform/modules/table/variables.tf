variable "name" {
  description = "Physical name of the table."
  type        = string
}

variable "key_arn" {
  description = "ARN of the key that encrypts the table."
  type        = string
}

variable "partition_key" {
  description = "Attribute by which items are distributed; its type is S, N or B."
  type        = object({ name = string, type = string })
}

variable "sort_key" {
  description = "Attribute by which the items of a partition are sorted."
  type        = object({ name = string, type = string })
}

variable "indexes" {
  description = "Other orders in which items are read; projection is ALL or KEYS_ONLY."
  type = list(object({
    name          = string
    partition_key = object({ name = string, type = string })
    sort_key      = object({ name = string, type = string })
    projection    = string
  }))
  default = []

  validation {
    condition     = length(distinct(var.indexes[*].name)) == length(var.indexes)
    error_message = "Two indexes have the same name."
  }

  validation {
    condition     = alltrue([for index in var.indexes : contains(["ALL", "KEYS_ONLY"], index.projection)])
    error_message = "The projection of an index must be ALL or KEYS_ONLY."
  }
}

variable "stream" {
  description = "What the records of the table's stream show; null for no stream."
  type        = string
  default     = null

  validation {
    condition     = var.stream == null || contains(["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"], coalesce(var.stream, "-"))
    error_message = "The stream must show NEW_AND_OLD_IMAGES, NEW_IMAGE, OLD_IMAGE or KEYS_ONLY."
  }
}

variable "time_to_live" {
  description = "Attribute with the time at which an item ends; null if items do not end."
  type        = string
  default     = null
}

variable "append_only" {
  description = "Whether items are only ever added: nobody may change or remove one."
  type        = bool
  default     = false

  validation {
    condition     = !(var.append_only && var.time_to_live != null)
    error_message = "Items of a table to which is only added cannot end by themselves."
  }
}

variable "recovery_days" {
  description = "How many days back the table can be restored to any second; 0 if it cannot be."
  type        = number

  validation {
    condition     = var.recovery_days >= 0 && var.recovery_days <= 35
    error_message = "A table can be restored to at most 35 days ago."
  }
}

variable "protect" {
  description = "Whether AWS refuses to delete the table."
  type        = bool
}
