locals {
  # An attribute is declared once, however many keys it is part of.
  attributes = {
    for key in concat([var.partition_key, var.sort_key], var.indexes[*].partition_key, var.indexes[*].sort_key) : key.name => key.type...
  }
}

resource "aws_dynamodb_table" "this" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  table_class                 = "STANDARD"
  hash_key                    = var.partition_key.name
  range_key                   = var.sort_key.name
  stream_enabled              = var.stream != null
  stream_view_type            = var.stream
  deletion_protection_enabled = var.protect

  dynamic "attribute" {
    for_each = local.attributes

    content {
      name = attribute.key
      type = one(distinct(attribute.value))
    }
  }

  dynamic "global_secondary_index" {
    for_each = { for index in var.indexes : index.name => index }

    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.partition_key.name
      range_key       = global_secondary_index.value.sort_key.name
      projection_type = global_secondary_index.value.projection
    }
  }

  dynamic "ttl" {
    for_each = var.time_to_live[*]

    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  point_in_time_recovery {
    enabled                 = var.recovery_days > 0
    recovery_period_in_days = var.recovery_days > 0 ? var.recovery_days : null
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.key_arn
  }
}

data "aws_iam_policy_document" "append_only" {
  # BatchWriteItem and PutItem overwrite what is there; only an insert of PartiQL fails if there is something.
  statement {
    sid       = "AppendOnly"
    effect    = "Deny"
    actions   = [for action in ["BatchWriteItem", "DeleteItem", "PartiQLDelete", "PartiQLUpdate", "PutItem", "UpdateItem"] : "dynamodb:${action}"]
    resources = [aws_dynamodb_table.this.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_dynamodb_resource_policy" "append_only" {
  for_each = var.append_only ? toset(["this"]) : toset([])

  resource_arn = aws_dynamodb_table.this.arn
  policy       = data.aws_iam_policy_document.append_only.json
}
