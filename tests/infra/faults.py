"""Faults to plant in a copy of the infrastructure's code, each with the stage that has to catch it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple


class Fault(NamedTuple):
    """A change of one file. The file is the first one whose text matches."""

    name: str
    files: str
    """Relative to `infra`, a pattern."""
    pattern: str
    replacement: str
    stage: str
    """`fmt`, `validate`, `plan` (a condition on a variable), `values`, `rules` or `grants` (of roles)."""
    says: str
    """A part of what the stage says."""


SECRET_VALUE = """
resource "aws_secretsmanager_secret_version" "value" {
  for_each = local.stack.secrets

  secret_id     = aws_secretsmanager_secret.secret[each.key].id
  secret_string = "value"
}
"""

FAULTS = (
    # The nineteen of the first design.
    Fault("bad formatting", "terraform/modules/queue/main.tf", r"  name +=", "  name=", "fmt", "main.tf"),
    Fault(
        "misspelt argument",
        "terraform/modules/queue/main.tf",
        r"receive_wait_time_seconds ",
        "receive_wait_time ",
        "validate",
        "Unsupported argument",
    ),
    Fault(
        "wrong type",
        "terraform/modules/queue/main.tf",
        r"(receive_wait_time_seconds +=) var.wait_seconds",
        r'\1 "soon"',
        "validate",
        "Incorrect attribute value type",
    ),
    Fault(
        "unknown reference",
        "terraform/modules/queue/main.tf",
        r"data\.aws_iam_policy_document\.this\.json",
        "data.aws_iam_policy_document.that.json",
        "validate",
        "undeclared resource",
    ),
    Fault(
        "unknown exported attribute",
        "terraform/modules/queue/main.tf",
        r"aws_sqs_queue\.this\.url",
        "aws_sqs_queue.this.address",
        "validate",
        "Unsupported attribute",
    ),
    Fault(
        "module variable missing",
        "terraform/queues.tf",
        r"  key_arn +=.*\n",
        "",
        "validate",
        "Missing required argument",
    ),
    Fault(
        "billing mode misspelt",
        "terraform/modules/table/main.tf",
        r"PAY_PER_REQUEST",
        "PAY_PER_REQUESTS",
        "values",
        "'PAY_PER_REQUESTS' is not one of",
    ),
    Fault(
        "runtime misspelt",
        "terraform/modules/function/main.tf",
        r"python3\.13",
        "python3.31",
        "values",
        "'python3.31' is not one of",
    ),
    Fault(
        "function with 64 MB",
        "terraform/modules/function/main.tf",
        r"= var\.memory_megabytes",
        "= 64",
        "values",
        "64 is not from 128",
    ),
    Fault(
        "key of an index not declared",
        "terraform/modules/table/main.tf",
        r"global_secondary_index\.value\.sort_key\.name",
        '"undeclared"',
        "rules",
        "tables_declare_their_keys",
    ),
    Fault(
        "bucket takes plain HTTP",
        "terraform/modules/bucket/main.tf",
        r'("TlsOnly"\n.*\n +actions +=) \["s3:\*"\]',
        r'\1 ["s3:GetBucketAcl"]',
        "rules",
        "buckets_take_tls_only",
    ),
    Fault(
        "public access not blocked",
        "terraform/modules/bucket/main.tf",
        r"(block_public_policy +=) true",
        r"\1 false",
        "rules",
        "buckets_are_private",
    ),
    Fault(
        "no point in time to go back to",
        "terraform/modules/table/main.tf",
        r"(  enabled +=) var\.recovery_days > 0",
        r"\1 false",
        "rules",
        "cannot be restored to a point in time",
    ),
    Fault(
        "queue without a key",
        "terraform/modules/queue/main.tf",
        r"(kms_master_key_id +=) var\.key_arn",
        r"\1 null",
        "rules",
        "queues_are_encrypted_at_a_fair_price",
    ),
    Fault(
        "action s3:*",
        "terraform/grants.tf",
        r'\["s3:ListBucketVersions"\]',
        '["s3:*"]',
        "plan",
        "An action must be named in full",
    ),
    Fault(
        "action kms:* inside a module",
        "terraform/modules/function/main.tf",
        r'\["kms:Decrypt"\]',
        '["kms:*"]',
        "rules",
        "may kms:*",
    ),
    Fault(
        "resource * through a variable of a module",
        "terraform/grants.tf",
        r"(resources +=) local\.mail_arns",
        r'\1 ["*"]',
        "rules",
        "may ses:SendEmail on every resource",
    ),
    Fault(
        "redrive policy misspelt",
        "terraform/queues.tf",
        r"deadLetterTargetArn =",
        "deadLetterTargetARN =",
        "rules",
        "has no dead letters",
    ),
    Fault(
        "partial batch responses off",
        "terraform/functions.tf",
        r'\? \["ReportBatchItemFailures"\] :',
        "? [] :",
        "rules",
        "brings its whole batch back",
    ),
    Fault(
        "metric with a capital",
        "terraform/modules/burn_rate/main.tf",
        r'(id +=) "share"',
        r'\1 "Share"',
        "rules",
        "'Share' is no id",
    ),
    # What the code as built needs.
    Fault(
        "1: nobody hears when Lambda ends a chain",
        "terraform/alarms_of_resources.tf",
        r'"Terminate"\) != "Allow"\]',
        '"Terminate") != "Allow" && function != "api"]',
        "rules",
        "lrs-live-api: nobody hears when Lambda ends a chain",
    ),
    Fault(
        "2: an unknown path is answered by the gateway",
        "routes.json",
        r'"/\{proxy\+\}": \["ANY"\]',
        '"/{proxy+}": ["GET"]',
        "plan",
        "must take ANY method",
    ),
    Fault(
        "4: an absent object is forbidden",
        "stack.json",
        r'"catalogue": \["ListBucket"\],\n +"catalogue/feed-progress',
        '"catalogue/feed-progress',
        "rules",
        "absent_objects_can_be_told",
    ),
    Fault(
        "5: puts without a header denied",
        "terraform/modules/bucket/main.tf",
        r'(customer-algorithm"\n +values +=) \["false"\]',
        r'\1 ["true"]',
        "rules",
        "a put without a header for encryption is denied",
    ),
    Fault(
        "6: a stream's lost batch goes to a queue",
        "terraform/functions.tf",
        r"destination_arn = module\.bucket\[each\.value\.failureBucket\]\.arn",
        "destination_arn = module.missed_runs.arn",
        "rules",
        "is not kept in a bucket",
    ),
    Fault(
        "6: a stream is retried twice",
        "stack.json",
        r'"maximumRetryAttempts": -1',
        '"maximumRetryAttempts": 2',
        "rules",
        "records are given up too early",
    ),
    Fault(
        "7: an audit entry can be overwritten",
        "stack.json",
        r'"audit": \["PartiQLInsert"\],\n( +)"submissions"',
        r'"audit": ["PutItem"],\n\1"submissions"',
        "rules",
        "may PutItem",
    ),
    Fault(
        "7: nothing denies a deletion in the audit",
        "terraform/modules/table/main.tf",
        r'"DeleteItem", ',
        "",
        "rules",
        "DeleteItem is not denied to everyone",
    ),
    Fault(
        "8: a statement of PartiQL needs another action",
        "terraform/grants.tf",
        r':\$\{action\}" if grant\.part',
        r':${replace(action, "PartiQLInsert", "PartiQLSelect")}" if grant.part',
        "grants",
        "api: may not PartiQLInsert of audit",
    ),
    Fault(
        "8: a version needs another action",
        "terraform/grants.tf",
        r"actions = \[for action in actions : action\]",
        'actions = [for action in actions : replace(action, "/^GetObjectVersion$/", "GetObject")]',
        "grants",
        "api: may not GetObjectVersion of catalogue/lists/any",
    ),
    Fault(
        "9: scanned files are not tagged",
        "terraform/scans.tf",
        r'status = "ENABLED"',
        'status = "DISABLED"',
        "rules",
        "scanned files are not tagged",
    ),
    Fault(
        "9: anyone may tag a file as clean",
        "terraform/modules/bucket/main.tf",
        r'"s3:PutObjectTagging", ',
        "",
        "rules",
        "anyone may tag a file as clean",
    ),
    Fault(
        "10: mail names no configuration set",
        "terraform/mail.tf",
        r"(configuration_set_name =) [a-z0-9_.]+\n\n  dkim",
        r"\1 null\n\n  dkim",
        "rules",
        "sends without TLS",
    ),
    Fault(
        "11: a schedule's function is retried",
        "terraform/modules/function/main.tf",
        r"(maximum_retry_attempts +=) 0",
        r"\1 2",
        "rules",
        "is run again beside its next run",
    ),
    Fault(
        "12: the web service starts cold",
        "terraform/modules/function/main.tf",
        r"apply_on = snap_start\.value",
        'apply_on = "None"',
        "rules",
        "starts cold",
    ),
    Fault(
        "13: a function does not ask for certificates",
        "terraform/surfaces.tf",
        r"tostring\(contains\(keys\(local\.truststores\), name\)\)",
        '"false"',
        "rules",
        "does not ask for the certificates",
    ),
    Fault(
        "14: a month's level is of no function",
        "terraform/alarms.tf",
        r"\{ catalogue_function = function, channel = channel \}",
        "{ channel = channel }",
        "rules",
        "MonthAvailability has no catalogue_function",
    ),
    Fault(
        "15: the firewall blocks bodies over 8 KB",
        "terraform/modules/surface/firewall.tf",
        r' +"SizeRestrictions_BODY",\n',
        "",
        "rules",
        "blocks bodies over 8 KB",
    ),
    Fault(
        "the firewall blocks files in XML",
        "terraform/modules/surface/firewall.tf",
        r' +"CrossSiteScripting_BODY",\n',
        "",
        "rules",
        "blocks bodies in XML",
    ),
    Fault(
        "the API's default address is on",
        "terraform/modules/surface/main.tf",
        r"var\.domain != null",
        "false",
        "rules",
        "its default address is on",
    ),
    Fault(
        "a function that anyone's API may call",
        "terraform/modules/surface/main.tf",
        r"(source_arn +=) .*",
        r"\1 null",
        "rules",
        "may call it for anyone",
    ),
    Fault(
        "16: uploads in parts stay for ever",
        "terraform/modules/bucket/main.tf",
        r'("abort-uploads"\n +status +=) "Enabled"',
        r'\1 "Disabled"',
        "rules",
        "parts of uploads that were never completed",
    ),
    Fault(
        "16: what expires is only hidden",
        "terraform/modules/bucket/main.tf",
        r"for_each = var\.versioned \? \[var\.replaced_days\] : \[\]",
        "for_each = []",
        "rules",
        "what expires is only hidden",
    ),
    Fault(
        "17: a secret's value in the state",
        "terraform/secrets.tf",
        r"\A",
        SECRET_VALUE,
        "rules",
        "secrets_have_no_value",
    ),
    Fault(
        "logs with a key that CloudWatch may not use",
        "terraform/keys.tf",
        r"(logs +=) true",
        r"\1 false",
        "rules",
        "CloudWatch Logs may not use its key",
    ),
    Fault(
        "a key that EventBridge may not use",
        "terraform/modules/key/main.tf",
        r'statement\.value == "events\.amazonaws\.com" \? \[\] : ',
        "",
        "rules",
        "EventBridge may not use it",
    ),
    Fault(
        "a role without the boundary",
        "terraform/schedules.tf",
        r"(permissions_boundary +=) local\.boundary",
        r"\1 null",
        "rules",
        "lrs-live-scheduler: has no boundary",
    ),
    Fault(
        "more variables than a function can have",
        "terraform/modules/function/main.tf",
        r"variables = var\.environment",
        'variables = merge(var.environment, { FULL = join("", [for number in range(1000) : "xxxx"]) })',
        "rules",
        "bytes of variables; AWS takes 4096",
    ),
    Fault(
        "messages kept longer than a queue can",
        "terraform/modules/queue/main.tf",
        r"= var\.retention_seconds",
        "= 1300000",
        "rules",
        "message_retention_seconds is 1300000, not from 60 to 1209600",
    ),
    Fault(
        "a queue that does not wait for its function",
        "stack.json",
        r'"visibilitySeconds": 720',
        '"visibilitySeconds": 60',
        "rules",
        "queues_wait_for_their_functions",
    ),
)


ELSEWHERE = {
    "3": "tests/integration/test_web_gateway.py",
}
"""What the code as built needs and no Terraform can break, with the test that looks at it."""

IN_ONE_PLAN = ("values", "rules", "grants")
"""The stages that look at code which Terraform accepts: every such fault is in the same plan."""


def plant(copy: Path, fault: Fault) -> Path:
    """Change the copy; the folder of the changed file."""
    path = copy.parent / fault.files
    text = path.read_text("utf-8")
    changed, times = re.subn(fault.pattern, fault.replacement, text, count=1)
    assert times == 1, f"{fault.name}: nothing in {fault.files} looks like {fault.pattern}"
    path.write_text(changed, "utf-8")
    return path.parent
