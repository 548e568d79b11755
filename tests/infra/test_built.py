"""One description, two builders, one cloud: the evaluated state and the local cloud make the same of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import cache, partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.check.built import build
from infra.check.state import State, first
from local.emulated.provision import SCANS, provision
from local.emulated.stack import REGION, Stack, load_stack, physical_name

PREFIX = "lrs-live"

SERVICES = ("dynamodb", "sqs", "s3", "events", "logs")
"""Whose resources both builders make."""

Client = Callable[[str], Any]
Described = dict[str, Any]


@pytest.fixture(scope="module")
def described(evaluated: State) -> Stack:
    """The description with the settings of the evaluated environment."""
    api = evaluated.by("function_name", "lambda_function")[physical_name(PREFIX, "api")]
    given = first(api["environment"])["variables"]
    return load_stack(settings={name: given[name] for name in load_stack().settings})


@pytest.fixture(scope="module")
def two_clouds(evaluated: State, described: Stack) -> tuple[Described, Described]:
    """What there is after each builder: of the evaluated state, of the local cloud."""
    with emulated() as client:
        build(evaluated, client, SERVICES)
        deployed = everything(described, client)
    with emulated() as client:
        provision(described, PREFIX, client, SERVICES)
        local = everything(described, client)
    return deployed, local


@contextmanager
def emulated() -> Iterator[Client]:
    """An empty account of moto's: its clients."""
    with mock_aws():
        yield cache(partial(boto3.client, region_name=REGION))


@pytest.fixture
def client() -> Iterator[Client]:
    with emulated() as found:
        yield found


def everything(stack: Stack, client: Client) -> Described:
    """What the account has of everything that is described."""
    return {
        **{f"table {name}": table(client("dynamodb"), physical_name(PREFIX, name)) for name in stack.tables},
        **{f"queue {name}": queue(client("sqs"), physical_name(PREFIX, name)) for name in stack.queues},
        **{f"bucket {name}": bucket(client("s3"), physical_name(PREFIX, name)) for name in stack.buckets},
        **{
            f"scans of {name}": scans(client("events"), SCANS.format(physical_name(PREFIX, name)))
            for name, body in stack.buckets.items()
            if "scan" in body
        },
        **{f"log {name}": retention(client("logs"), physical_name(PREFIX, name)) for name in stack.log_groups},
    }


def table(dynamodb: Any, name: str) -> Described:
    found = dynamodb.describe_table(TableName=name)["Table"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return {
        "key": found["KeySchema"],
        "attributes": sorted(found["AttributeDefinitions"], key=str),
        "billing": found["BillingModeSummary"]["BillingMode"],
        "indexes": {
            one["IndexName"]: (one["KeySchema"], one["Projection"]) for one in found.get("GlobalSecondaryIndexes", ())
        },
        "stream": found.get("StreamSpecification"),
        "time to live": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
        "recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
    }


def queue(sqs: Any, name: str) -> Described:
    address = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=address, AttributeNames=["All"])["Attributes"]
    return {
        "arn": found["QueueArn"],
        "visibility": found["VisibilityTimeout"],
        "retention": found["MessageRetentionPeriod"],
        "dead letters": json.loads(found.get("RedrivePolicy", "null")),
    }


def bucket(s3: Any, name: str) -> Described:
    announced = s3.get_bucket_notification_configuration(Bucket=name).get("QueueConfigurations", ())
    return {
        "versioned": s3.get_bucket_versioning(Bucket=name).get("Status") == "Enabled",
        # Each builder has names of its own for what it announces.
        "announced": [{part: one[part] for part in one if part != "Id"} for one in announced],
        "expiry": s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"],
    }


def scans(events: Any, rule: str) -> Described:
    return {
        "pattern": json.loads(events.describe_rule(Name=rule)["EventPattern"]),
        "targets": [one["Arn"] for one in events.list_targets_by_rule(Rule=rule)["Targets"]],
    }


def retention(logs: Any, name: str) -> int:
    (found,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return int(found["retentionInDays"])


def test_the_deployed_cloud_is_the_local_cloud(two_clouds: tuple[Described, Described]) -> None:
    deployed, local = two_clouds
    assert deployed == local


def test_an_announced_object_reaches_its_queue_and_no_other(evaluated: State, described: Stack, client: Client) -> None:
    build(evaluated, client, ("sqs", "s3"))
    sqs, s3 = client("sqs"), client("s3")

    def taken(name: str) -> list[str]:
        address = sqs.get_queue_url(QueueName=physical_name(PREFIX, name))["QueueUrl"]
        messages = sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        bodies = [json.loads(one["Body"]) for one in messages.get("Messages", ())]
        return [record["s3"]["object"]["key"] for body in bodies for record in body.get("Records", ())]

    for name, body in described.buckets.items():
        for rule in body.get("notifications", ()):
            taken(rule["queue"])  # S3's own message, that it may send
            key = f"{rule['prefix']}file"
            s3.put_object(Bucket=physical_name(PREFIX, name), Key=key, Body=b"x")
            assert {one: found for one in described.queues if (found := taken(one))} == {rule["queue"]: [key]}


def test_every_alarm_is_accepted_and_watches_what_was_written(evaluated: State, client: Client) -> None:
    build(evaluated, client, ("cloudwatch",))
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm"])
    found = {one["AlarmName"]: one for page in pages for one in page["MetricAlarms"]}
    written = evaluated.by("alarm_name", "cloudwatch_metric_alarm")
    assert {name: (one["Threshold"], len(one.get("Metrics", ()))) for name, one in found.items()} == {
        name: (float(one["threshold"]), len(one["metric_query"] or ())) for name, one in written.items()
    }


def changed(state: list[dict[str, Any]], address: str, change: Callable[[Any], Any]) -> State:
    """The state with the values of one resource changed."""
    (one,) = [deepcopy(resource) for resource in state if resource["address"] == address]
    change(one["values"])
    return State([one if resource["address"] == address else resource for resource in state])


def test_a_billing_mode_that_there_is_not_is_refused(state: list[dict[str, Any]], client: Client) -> None:
    wrong = changed(
        state,
        'module.table["jobs"].aws_dynamodb_table.this',
        lambda values: values.update(billing_mode="PAY_PER_REQUESTS"),
    )
    with pytest.raises(ClientError, match="when BillingMode is PROVISIONED"):
        build(wrong, client, ("dynamodb",))


def test_the_key_of_an_index_that_is_not_declared_is_refused(state: list[dict[str, Any]], client: Client) -> None:
    wrong = changed(
        state,
        'module.table["jobs"].aws_dynamodb_table.this',
        lambda values: values["global_secondary_index"][0].update(range_key="undeclared"),
    )
    with pytest.raises(ClientError, match="undeclared"):
        build(wrong, client, ("dynamodb",))


def test_dead_letters_for_a_queue_that_there_is_not_are_refused(state: list[dict[str, Any]], client: Client) -> None:
    wrong = changed(
        state,
        'aws_sqs_queue_redrive_policy.queue["notices"]',
        lambda values: values.update(redrive_policy=values["redrive_policy"].replace("-dead", "-gone")),
    )
    with pytest.raises(ClientError, match="gone"):
        build(wrong, client, ("sqs",))
