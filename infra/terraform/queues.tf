locals {
  # Who puts messages into a queue besides functions: buckets whose objects are announced, and rules of EventBridge.
  announced_by = {
    for name in keys(local.stack.queues) : name => [
      for bucket, body in local.stack.buckets : "arn:${local.partition}:s3:::${local.prefix}-${bucket}"
      if anytrue([for rule in try(body.notifications, []) : rule.queue == name])
    ]
  }
  scanned_by = {
    for name in keys(local.stack.queues) : name => [
      for bucket, scan in local.scans : "arn:${local.partition}:events:${var.region}:${local.account_id}:rule/${local.prefix}-${bucket}-scan" if scan.queue == name
    ]
  }
  dead_letters = { for name, queue in local.stack.queues : queue.deadLetterQueue => name... if can(queue.deadLetterQueue) }
}

module "queue" {
  source   = "./modules/queue"
  for_each = local.stack.queues

  name               = "${local.prefix}-${each.key}"
  key_arn            = module.key["messages"].arn
  visibility_seconds = each.value.visibilitySeconds
  retention_seconds  = each.value.retentionSeconds
  wait_seconds       = each.value.waitSeconds
  buckets            = local.announced_by[each.key]
  rules              = local.scanned_by[each.key]
}

# AWS wants a queue of dead letters to exist before it is named, so these follow when there are all queues.
resource "aws_sqs_queue_redrive_policy" "queue" {
  for_each = { for name, queue in local.stack.queues : name => queue if can(queue.deadLetterQueue) }

  queue_url = module.queue[each.key].url
  redrive_policy = jsonencode({
    deadLetterTargetArn = module.queue[each.value.deadLetterQueue].arn
    maxReceiveCount     = each.value.maxReceiveCount
  })
}

# Nothing else may use a queue as its dead letters.
resource "aws_sqs_queue_redrive_allow_policy" "queue" {
  for_each = local.stack.queues

  queue_url = module.queue[each.key].url
  redrive_allow_policy = jsonencode(merge(
    { redrivePermission = contains(keys(local.dead_letters), each.key) ? "byQueue" : "denyAll" },
    contains(keys(local.dead_letters), each.key) ? { sourceQueueArns = [for source in local.dead_letters[each.key] : module.queue[source].arn] } : {},
  ))
}
