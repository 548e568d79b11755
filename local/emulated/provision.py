"""Create what `infra/stack.json` describes. Safe to repeat: resources that exist and match are not changed.

The clients are passed in: the local cloud and the tests provision an emulator, moto or another endpoint in the same
way.
"""

from __future__ import annotations

import json
from contextlib import suppress
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from chalicelib.cloud.clock import now
from chalicelib.cloud.events import SCANNED
from chalicelib.cloud.token_keys import renewed
from local.emulated.stack import Stack, physical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

REPLACED_DAYS = 7
"""How long a version is kept after another has replaced or hidden it: its job reads it until the job has ended."""

SERVICES = ("dynamodb", "sqs", "s3", "secretsmanager", "ses", "logs", "cloudwatch")
"""The services that the functions call."""
EVERYTHING = (*SERVICES, "events")

SCANS: Final = "{}-scan"
"""The rule that sends the results of a bucket's malware scans to a queue, by the bucket's physical name."""
_TARGET: Final = "queue"


class ProvisionError(RuntimeError):
    """An existing resource cannot be changed to match: a table's key differs. The message names the table and a
    solution.
    """


def provision(stack: Stack, prefix: str, client: Callable[[str], Any], services: Collection[str] = EVERYTHING) -> None:
    """Create tables, queues, buckets, notifications, rules of scans, secrets, log groups, the sender.

    `client` returns the client of a service by its name; nothing is created for services not in `services`. Raises
    `ProvisionError` or `ClientError`.
    """
    if "dynamodb" in services:
        for name, table in stack.tables.items():
            _provision_table(client("dynamodb"), physical_name(prefix, name), table)
    arns = _provision_queues(stack, prefix, client("sqs")) if "sqs" in services else {}
    if "s3" in services:
        for name, bucket in stack.buckets.items():
            _provision_bucket(client("s3"), physical_name(prefix, name), bucket, arns)
    if "events" in services and arns:
        for name, bucket in stack.buckets.items():
            _provision_scan(client("events"), physical_name(prefix, name), bucket.get("scan"), arns)
    if "secretsmanager" in services:
        _provision_secrets(stack, prefix, client("secretsmanager"))
    if "logs" in services:
        _provision_logs(stack, prefix, client("logs"))
    if "ses" in services:
        client("ses").verify_email_identity(EmailAddress=stack.sender)


def _provision_logs(stack: Stack, prefix: str, logs: Any) -> None:
    for name, log in stack.log_groups.items():
        group = physical_name(prefix, name)
        with suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_group(logGroupName=group)
        logs.put_retention_policy(logGroupName=group, retentionInDays=log["retentionDays"])


def _provision_secrets(stack: Stack, prefix: str, vault: Any) -> None:
    for name, secret in stack.secrets.items():
        with suppress(vault.exceptions.ResourceExistsException):
            vault.create_secret(Name=physical_name(prefix, name), SecretString=_new_secret(secret))


def _new_secret(secret: Mapping[str, Any]) -> str:
    return renewed("", now()) if secret.get("form") == "token-keys" else token_hex(secret["bytes"])


def _provision_table(dynamodb: Any, name: str, table: Mapping[str, Any]) -> None:
    wanted = table_definition(name, table)
    try:
        _amend_table(dynamodb, wanted, dynamodb.describe_table(TableName=name)["Table"])
    except dynamodb.exceptions.ResourceNotFoundException:
        dynamodb.create_table(**wanted)
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    if "timeToLive" in table:
        _enable_time_to_live(dynamodb, name, table["timeToLive"])
    if table["pointInTimeRecovery"]:
        dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )


def table_definition(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `CreateTable` for one described table; on-demand capacity."""
    indexes = table.get("indexes", [])
    keys = {key["name"]: key["type"] for part in (table, *indexes) for key in (part["partitionKey"], part["sortKey"])}
    definition: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _key_schema(table),
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": kind} for key, kind in sorted(keys.items())],
    }
    if indexes:
        definition["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index["name"],
                "KeySchema": _key_schema(index),
                "Projection": {"ProjectionType": index["projection"]},
            }
            for index in indexes
        ]
    if "stream" in table:
        definition["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": table["stream"]}
    return definition


def _key_schema(part: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"AttributeName": part["partitionKey"]["name"], "KeyType": "HASH"},
        {"AttributeName": part["sortKey"]["name"], "KeyType": "RANGE"},
    ]


def _amend_table(dynamodb: Any, wanted: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    if found["KeySchema"] != wanted["KeySchema"]:
        raise ProvisionError(
            f"{wanted['TableName']} exists with another key. Remove the local cloud's state (.local) and start again"
        )
    existing = {index["IndexName"] for index in found.get("GlobalSecondaryIndexes", [])}
    for index in wanted.get("GlobalSecondaryIndexes", []):
        if index["IndexName"] not in existing:
            dynamodb.update_table(
                TableName=wanted["TableName"],
                AttributeDefinitions=wanted["AttributeDefinitions"],
                GlobalSecondaryIndexUpdates=[{"Create": index}],
            )
    if "StreamSpecification" in wanted and not found.get("StreamSpecification", {}).get("StreamEnabled"):
        dynamodb.update_table(TableName=wanted["TableName"], StreamSpecification=wanted["StreamSpecification"])


def _enable_time_to_live(dynamodb: Any, name: str, attribute: str) -> None:
    state = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if state.get("TimeToLiveStatus") != "ENABLED":
        dynamodb.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute}
        )


def _provision_queues(stack: Stack, prefix: str, sqs: Any) -> dict[str, str]:
    """Create the queues; their ARNs by name."""
    arns: dict[str, str] = {}
    # Dead-letter queues first: a redrive policy must name a queue that exists.
    for name, queue in sorted(stack.queues.items(), key=lambda entry: "deadLetterQueue" in entry[1]):
        attributes = {
            "MessageRetentionPeriod": str(queue["retentionSeconds"]),
            "ReceiveMessageWaitTimeSeconds": str(queue["waitSeconds"]),
            "VisibilityTimeout": str(queue["visibilitySeconds"]),
        }
        if "deadLetterQueue" in queue:
            target = arns[queue["deadLetterQueue"]]
            policy = {"deadLetterTargetArn": target, "maxReceiveCount": queue["maxReceiveCount"]}
            attributes["RedrivePolicy"] = json.dumps(policy)
        address = _provision_queue(sqs, physical_name(prefix, name), attributes)
        found = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["QueueArn"])
        arns[name] = found["Attributes"]["QueueArn"]
    return arns


def _provision_queue(sqs: Any, name: str, attributes: Mapping[str, str]) -> str:
    try:
        return str(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])
    except sqs.exceptions.QueueNameExists:
        address = str(sqs.get_queue_url(QueueName=name)["QueueUrl"])
        sqs.set_queue_attributes(QueueUrl=address, Attributes=attributes)
        return address


def _provision_bucket(s3: Any, physical: str, bucket: Mapping[str, Any], arns: Mapping[str, str]) -> None:
    try:
        s3.head_bucket(Bucket=physical)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        s3.create_bucket(Bucket=physical, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    if bucket["versioned"]:
        s3.put_bucket_versioning(Bucket=physical, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket=physical, LifecycleConfiguration={"Rules": _expiry_rules(bucket)})
    rules = _notification_rules(bucket, arns)
    # Setting a notification makes S3 send `s3:TestEvent` to the queue, so an unchanged one is not set again.
    found = s3.get_bucket_notification_configuration(Bucket=physical).get("QueueConfigurations", [])
    if {rule["Id"]: rule["QueueArn"] for rule in rules} != {rule.get("Id"): rule["QueueArn"] for rule in found}:
        s3.put_bucket_notification_configuration(
            Bucket=physical, NotificationConfiguration={"QueueConfigurations": rules}
        )


def _provision_scan(events: Any, physical: str, scan: Mapping[str, Any] | None, arns: Mapping[str, str]) -> None:
    """The rule for the results of the bucket's scans, if it is scanned."""
    name = SCANS.format(physical)
    if scan is None:
        with suppress(events.exceptions.ResourceNotFoundException):
            events.remove_targets(Rule=name, Ids=[_TARGET])
            events.delete_rule(Name=name)
        return
    events.put_rule(Name=name, EventPattern=json.dumps(scan_pattern(physical, scan)))
    events.put_targets(Rule=name, Targets=[{"Id": _TARGET, "Arn": arns[scan["queue"]]}])


def scan_pattern(physical: str, scan: Mapping[str, Any]) -> dict[str, Any]:
    """The results of the scans of a bucket, as a rule of EventBridge selects them."""
    source, detail_type = SCANNED
    keys = [{"prefix": prefix} for prefix in scan["prefixes"]]
    stored = {"bucketName": [physical], "objectKey": keys}
    return {"source": [source], "detail-type": [detail_type], "detail": {"s3ObjectDetails": stored}}


def _expiry_rules(bucket: Mapping[str, Any]) -> list[dict[str, Any]]:
    """In a versioned bucket an expired object is only hidden: its versions end too, once no job can need them.

    The parts of an upload that was never completed are no object, and would stay for ever.
    """
    parts = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": REPLACED_DAYS}}
    rules: list[dict[str, Any]] = [{"ID": "abort-uploads", "Status": "Enabled", "Filter": {"Prefix": ""}, **parts}]
    for rule in bucket.get("expiry", ()):
        ends: dict[str, Any] = {"Expiration": {"Days": rule["days"]}}
        if bucket["versioned"]:
            ends["NoncurrentVersionExpiration"] = {"NoncurrentDays": REPLACED_DAYS}
        name = f"expire-{rule['prefix'].strip('/').replace('/', '-')}".removesuffix("-")
        rules.append({"ID": name, "Status": "Enabled", "Filter": {"Prefix": rule["prefix"]}, **ends})
    return rules


def _notification_rules(bucket: Mapping[str, Any], arns: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "Id": f"{rule['queue']}-{rule['prefix'].strip('/').replace('/', '-')}".rstrip("-"),
            "QueueArn": arns[rule["queue"]],
            "Events": list(rule["events"]),
            **(
                {"Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": rule["prefix"]}]}}}
                if rule["prefix"]
                else {}
            ),
        }
        for rule in bucket.get("notifications", [])
    ]
