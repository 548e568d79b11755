module "table" {
  source   = "./modules/table"
  for_each = local.stack.tables

  name          = "${local.prefix}-${each.key}"
  key_arn       = module.key[local.table_keys[each.key]].arn
  partition_key = each.value.partitionKey
  sort_key      = each.value.sortKey
  indexes       = try([for index in each.value.indexes : { name = index.name, partition_key = index.partitionKey, sort_key = index.sortKey, projection = index.projection }], [])
  stream        = try(each.value.stream, null)
  time_to_live  = try(each.value.timeToLive, null)
  append_only   = try(each.value.appendOnly, false)
  recovery_days = each.value.pointInTimeRecovery ? var.recovery_days : 0
  protect       = var.protect
}
