module "bucket" {
  source   = "./modules/bucket"
  for_each = local.stack.buckets

  name          = "${local.prefix}-${each.key}"
  key           = module.key["files"]
  versioned     = each.value.versioned
  expiry        = local.bucket_expiry[each.key]
  notifications = [for rule in try(each.value.notifications, []) : { events = rule.events, prefix = rule.prefix, queue_arn = module.queue[rule.queue].arn }]
  # GuardDuty and AWS Backup learn of objects from EventBridge; Terraform would switch it off again.
  eventbridge = contains(keys(local.scans), each.key) || each.value.versioned
  scanner     = try(aws_iam_role.scanner[each.key], null)
  log_bucket  = module.access_logs
  protect     = var.protect
}

# Who read and wrote which object. S3 only delivers these logs to a bucket that is encrypted with its own key.
module "access_logs" {
  source = "./modules/bucket"

  name      = "${local.prefix}-access-logs"
  versioned = false
  expiry    = [{ prefix = "", days = var.log_days }]
  logs_of   = [for name in concat(keys(local.stack.buckets), ["releases"], [for surface in keys(local.truststores) : "truststore-${surface}"]) : "arn:${local.partition}:s3:::${local.prefix}-${name}"]
  protect   = var.protect
}

# The packages that were deployed; Lambda keeps a copy of each version that it runs.
module "releases" {
  source = "./modules/bucket"

  name       = "${local.prefix}-releases"
  key        = module.key["functions"]
  versioned  = true
  log_bucket = module.access_logs
  protect    = var.protect
}

resource "aws_s3_object" "package" {
  for_each = local.packages

  bucket             = module.releases.name
  key                = each.key == "main" ? "lrs-lambda.zip" : "lrs-${each.key}.zip"
  source             = each.value
  source_hash        = filesha256(each.value)
  content_type       = "application/zip"
  kms_key_id         = module.key["functions"].arn
  bucket_key_enabled = true
}
