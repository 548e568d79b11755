data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  # The one description of the cloud; infra/README.md explains its fields.
  stack = jsondecode(file("${path.module}/../stack.json"))

  prefix     = coalesce(var.prefix, "lrs-${var.environment}")
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  # What every role stays within: bootstrap/boundary.tf.
  boundary = "arn:${local.partition}:iam::${local.account_id}:policy/${local.prefix}-boundary"

  # Settings: a function's own are changed where it has them, any other is given to every function.
  own_settings = { for name, function in local.stack.functions : name => try({ for key, value in function.settings : key => value }, {}) }
  owned        = toset(flatten([for settings in local.own_settings : keys(settings)]))
  settings = merge(
    { for key, value in local.stack.settings : key => value },
    { for key, value in var.settings : key => value if !contains(local.owned, key) },
  )
  function_settings = {
    for name, own in local.own_settings : name => merge(
      local.settings,
      own,
      { for key, value in var.settings : key => value if contains(keys(own), key) },
    )
  }
  every_setting = merge(values(local.function_settings)...)

  # What is described for one machine only: its own addresses, and invented ones of people. Those of the portal and the probe follow from domains.
  local_settings = toset(flatten([
    for part in concat([local.stack], values(local.stack.functions)) : [
      for key, value in try(part.settings, {}) : key if !contains(["LRS_PORTAL_URL", "LRS_PROBE_URL"], key) && (strcontains(value, "127.0.0.1") || endswith(value, ".example"))
    ]
  ]))

  # A table to which functions only add has a key of its own.
  table_keys = { for name, table in local.stack.tables : name => try(table.appendOnly, false) ? "audit" : "records" }

  # What a bucket does not keep for ever: days are a number, or the setting that has it.
  bucket_expiry = {
    for name, bucket in local.stack.buckets : name => [
      for rule in try(bucket.expiry, []) : { prefix = rule.prefix, days = try(tonumber(rule.days), tonumber(local.settings[rule.days])) }
    ]
  }
  # The scans of buckets where the setting is on.
  scans = {
    for name, bucket in local.stack.buckets : name => { prefixes = bucket.scan.prefixes, queue = bucket.scan.queue }
    if try(local.every_setting[bucket.scan.setting], "false") == "true"
  }
}
