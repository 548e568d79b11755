# What each function may do, as infra/README.md says: its grants, and what its triggers and keys need. maintenance.tf adds what alarms need.

locals {
  arns = {
    tables  = { for name, table in module.table : name => table.arn }
    buckets = { for name, bucket in module.bucket : name => bucket.arn }
    queues  = { for name, queue in module.queue : name => queue.arn }
    secrets = { for name, secret in aws_secretsmanager_secret.secret : name => secret.arn }
    # By name: a group is of the gateway, which calls a function.
    logGroups = { for name in keys(local.stack.logGroups) : name => "arn:${local.partition}:logs:${var.region}:${local.account_id}:log-group:${local.prefix}-${name}:*" }
    functions = { for name in keys(local.stack.functions) : name => "arn:${local.partition}:lambda:${var.region}:${local.account_id}:function:${local.prefix}-${name}" }
    metrics   = { namespace = "*" } # CloudWatch has no resource for metrics.
  }
  key_classes = {
    tables  = local.table_keys
    buckets = { for name in keys(local.stack.buckets) : name => "files" }
    queues  = { for name in keys(local.stack.queues) : name => "messages" }
    secrets = { for name in keys(local.stack.secrets) : name => "secrets" }
  }
  services = {
    tables    = "dynamodb"
    buckets   = "s3"
    queues    = "sqs"
    secrets   = "secretsmanager"
    mail      = "ses"
    logGroups = "logs"
    metrics   = "cloudwatch"
    functions = "lambda"
  }

  # A resource is `jobs`, or a part of it: `jobs/index/open_jobs`, `inbox/drop/*`.
  grants = {
    for name, function in local.stack.functions : name => flatten([
      for kind, resources in function.grants : [
        for resource, actions in resources : {
          kind    = kind
          name    = split("/", resource)[0]
          part    = trimprefix(trimprefix(resource, split("/", resource)[0]), "/")
          actions = [for action in actions : action]
        }
      ]
    ])
  }

  # Grants of items, by table and action: a batch may name items of each of its keys.
  item_grants = {
    for name, grants in local.grants : name => {
      for one in flatten([
        for grant in grants : [for action in grant.actions : { table = grant.name, action = action, key = trimprefix(grant.part, "keys/") }]
        if grant.kind == "tables" && startswith(grant.part, "keys/")
      ]) : "${one.table} ${one.action}" => one.key...
    }
  }

  own_statements = {
    for name, grants in local.grants : name => concat(
      # ListBucketVersions of a prefix is an action on the bucket, with the prefix as a condition.
      [
        for grant in grants : {
          actions    = [for action in grant.actions : "${local.services[grant.kind]}:${action}" if grant.part == "" || action != "ListBucketVersions"]
          resources  = [join("/", compact([local.arns[grant.kind][grant.name], grant.part]))]
          conditions = []
        } if grant.kind != "mail" && !(grant.kind == "tables" && startswith(grant.part, "keys/")) && length([for action in grant.actions : action if grant.part == "" || action != "ListBucketVersions"]) > 0
      ],
      # All keys of a call are among them, and it has some: of none this is true too.
      [
        for granted, keys in local.item_grants[name] : {
          actions   = ["dynamodb:${split(" ", granted)[1]}"]
          resources = [local.arns.tables[split(" ", granted)[0]]]
          conditions = [
            { test = "ForAllValues:StringLike", variable = "dynamodb:LeadingKeys", values = keys },
            { test = "Null", variable = "dynamodb:LeadingKeys", values = ["false"] },
          ]
        }
      ],
      [
        for grant in grants : {
          actions    = ["s3:ListBucketVersions"]
          resources  = [local.arns.buckets[grant.name]]
          conditions = [{ test = "StringLike", variable = "s3:prefix", values = [grant.part] }]
        } if grant.kind == "buckets" && grant.part != "" && contains(grant.actions, "ListBucketVersions")
      ],
      [
        for grant in grants : {
          actions    = [for action in grant.actions : "ses:${action}"]
          resources  = local.mail_arns
          conditions = [{ test = "StringEquals", variable = "ses:FromAddress", values = [local.sender] }]
        } if grant.kind == "mail"
      ],
    )
  }

  # Lambda polls with the function's role.
  trigger_statements = {
    for name in keys(local.stack.functions) : name => concat(
      [
        for mapping in local.queue_mappings : {
          actions    = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
          resources  = [module.queue[mapping.queue].arn]
          conditions = []
        } if mapping.function == name
      ],
      flatten([
        for mapping in local.stream_mappings : [
          {
            actions    = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
            resources  = [module.table[mapping.table].stream_arn]
            conditions = []
          },
          {
            actions    = ["dynamodb:ListStreams"]
            resources  = ["*"] # It lists every stream, and has no resource of its own.
            conditions = []
          },
          {
            actions    = ["s3:ListBucket"]
            resources  = [module.bucket[mapping.failureBucket].arn]
            conditions = []
          },
          {
            actions    = ["s3:PutObject"]
            resources  = ["${module.bucket[mapping.failureBucket].arn}/aws/lambda/*"]
            conditions = []
          },
        ] if mapping.function == name
      ]),
      contains(local.scheduled, name) ? [{
        actions    = ["sqs:SendMessage"]
        resources  = [module.missed_runs.arn]
        conditions = []
      }] : [],
    )
  }

  # A key may only be used through the service whose data it encrypts.
  uses_keys = {
    for name, grants in local.grants : name => distinct(concat(
      [
        for grant in grants : { class = local.key_classes[grant.kind][grant.name], service = local.services[grant.kind] }
        if contains(keys(local.key_classes), grant.kind) && length(setsubtract(grant.actions, ["ListBucket", "ListBucketVersions"])) > 0
      ],
      [for mapping in local.queue_mappings : { class = "messages", service = "sqs" } if mapping.function == name],
      flatten([
        for mapping in local.stream_mappings : [
          { class = local.table_keys[mapping.table], service = "dynamodb" },
          { class = "files", service = "s3" },
        ] if mapping.function == name
      ]),
      contains(local.scheduled, name) ? [{ class = "messages", service = "sqs" }] : [],
    ))
  }
  key_statements = {
    for name, uses in local.uses_keys : name => [
      for use in uses : {
        actions    = use.service == "secretsmanager" ? ["kms:Decrypt"] : ["kms:Decrypt", "kms:GenerateDataKey"]
        resources  = [module.key[use.class].arn]
        conditions = [{ test = "StringEquals", variable = "kms:ViaService", values = ["${use.service}.${var.region}.amazonaws.com"] }]
      }
    ]
  }
}
