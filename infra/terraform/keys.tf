locals {
  # One key for each class of data: whoever may use one learns nothing of the others.
  keys = {
    records = {
      description = "Learners, their records, accounts and jobs, in tables"
    }
    audit = {
      description = "The audit log"
    }
    files = {
      description = "Files in buckets"
    }
    messages = {
      description = "Messages in queues"
      services    = ["s3.amazonaws.com", "events.amazonaws.com"]
    }
    secrets = {
      description = "Secrets"
    }
    functions = {
      description = "The package, the environment and the snapshots of functions"
    }
    logs = {
      description = "Logs"
      logs        = true
    }
    alarms = {
      description = "Messages of alarms to operators"
      services    = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com"]
    }
    backups = {
      description = "Backups"
    }
  }
}

module "key" {
  source   = "./modules/key"
  for_each = local.keys

  name          = "${local.prefix}-${each.key}"
  description   = each.value.description
  services      = try(each.value.services, [])
  logs          = try(each.value.logs, false)
  deletion_days = var.key_deletion_days
}
