"""Create what `infra/stack.json` describes in the emulator. Safe to repeat: what exists and agrees is left alone."""

from __future__ import annotations

import json
from contextlib import suppress
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.cloud.clock import now
from chalicelib.cloud.token_keys import renewed
from local.emulated.clients import cloud_client
from local.emulated.stack import Stack, physical_name, queue_arn

if TYPE_CHECKING:
    from collections.abc import Mapping


class ProvisionError(RuntimeError):
    """What exists cannot become what is described: a table's key differs. The message names the table and a way out."""


def provision(stack: Stack, prefix: str, endpoint: str) -> None:
    """Create tables, queues, buckets, notifications, secrets, the sender. Raises `ProvisionError` or `ClientError`."""
    dynamodb = cloud_client("dynamodb", endpoint)
    for name, table in stack.tables.items():
        _provision_table(dynamodb, physical_name(prefix, name), table)
    sqs = cloud_client("sqs", endpoint)
    # Dead-letter queues first: a redrive policy must name a queue that exists.
    for name, queue in sorted(stack.queues.items(), key=lambda entry: "deadLetterQueue" in entry[1]):
        _provision_queue(sqs, prefix, name, queue)
    s3 = cloud_client("s3", endpoint)
    for name, bucket in stack.buckets.items():
        _provision_bucket(s3, prefix, name, bucket)
    vault = cloud_client("secretsmanager", endpoint)
    for name, secret in stack.secrets.items():
        with suppress(vault.exceptions.ResourceExistsException):
            vault.create_secret(Name=physical_name(prefix, name), SecretString=_new_secret(secret))
    cloud_client("ses", endpoint).verify_email_identity(EmailAddress=stack.sender)


def _new_secret(secret: Mapping[str, Any]) -> str:
    return renewed("", now()) if secret.get("form") == "token-keys" else token_hex(secret["bytes"])


def _provision_table(dynamodb: Any, name: str, table: Mapping[str, Any]) -> None:
    wanted = table_definition(name, table)
    try:
        _amend_table(dynamodb, wanted, dynamodb.describe_table(TableName=name)["Table"])
    except dynamodb.exceptions.ResourceNotFoundException:
        dynamodb.create_table(**wanted)
    if "timeToLive" in table:
        _enable_time_to_live(dynamodb, name, table["timeToLive"])
    dynamodb.update_continuous_backups(
        TableName=name,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": table["pointInTimeRecovery"]},
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
            f"{wanted['TableName']} exists with another key; remove the local cloud's state (.local) and start again"
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


def _provision_queue(sqs: Any, prefix: str, name: str, queue: Mapping[str, Any]) -> None:
    attributes = {
        "MessageRetentionPeriod": str(queue["retentionSeconds"]),
        "VisibilityTimeout": str(queue["visibilitySeconds"]),
    }
    if "deadLetterQueue" in queue:
        target = queue_arn(prefix, queue["deadLetterQueue"])
        policy = {"deadLetterTargetArn": target, "maxReceiveCount": queue["maxReceiveCount"]}
        attributes["RedrivePolicy"] = json.dumps(policy)
    try:
        sqs.create_queue(QueueName=physical_name(prefix, name), Attributes=attributes)
    except sqs.exceptions.QueueNameExists:
        address = sqs.get_queue_url(QueueName=physical_name(prefix, name))["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=address, Attributes=attributes)


def _provision_bucket(s3: Any, prefix: str, name: str, bucket: Mapping[str, Any]) -> None:
    physical = physical_name(prefix, name)
    try:
        s3.head_bucket(Bucket=physical)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
            raise
        s3.create_bucket(Bucket=physical, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    if bucket["versioned"]:
        s3.put_bucket_versioning(Bucket=physical, VersioningConfiguration={"Status": "Enabled"})
    if bucket.get("expiry"):
        s3.put_bucket_lifecycle_configuration(Bucket=physical, LifecycleConfiguration={"Rules": _expiry_rules(bucket)})
    rules = _notification_rules(prefix, bucket)
    # Setting a notification makes S3 send `s3:TestEvent` to the queue, so an unchanged one is not set again.
    found = s3.get_bucket_notification_configuration(Bucket=physical).get("QueueConfigurations", [])
    if {rule["Id"]: rule["QueueArn"] for rule in rules} != {rule.get("Id"): rule["QueueArn"] for rule in found}:
        s3.put_bucket_notification_configuration(
            Bucket=physical, NotificationConfiguration={"QueueConfigurations": rules}
        )


def _expiry_rules(bucket: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "ID": f"expire-{rule['prefix'].strip('/')}",
            "Status": "Enabled",
            "Filter": {"Prefix": rule["prefix"]},
            "Expiration": {"Days": rule["days"]},
        }
        for rule in bucket["expiry"]
    ]


def _notification_rules(prefix: str, bucket: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "Id": f"{rule['queue']}-{rule['prefix'].strip('/').replace('/', '-')}",
            "QueueArn": queue_arn(prefix, rule["queue"]),
            "Events": list(rule["events"]),
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": rule["prefix"]}]}},
        }
        for rule in bucket.get("notifications", [])
    ]
