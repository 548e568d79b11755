"""What AWS delivers to the functions, compared with moto and the emulator: files, messages, changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from chalicelib.cloud.events import Noticed, chunk_of, deliveries, job_of, noticed
from chalicelib.domain.looks import LookAction
from chalicelib.storage.changes import change_of
from tests.contract.conftest import achievement, key

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def received(cloud, queue):
    """Every message of a queue, taken out."""
    sqs, address = cloud.clients["sqs"], cloud.environment[f"LRS_QUEUE_{queue.upper()}"]
    bodies = []
    while messages := sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages"):
        for message in messages:
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=address, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def drop(cloud, adapters, ukprn, *contents):
    """Write a file again and again; its key, and what the intake queue delivers of it."""
    if not any("notifications" in bucket for bucket in cloud.stack.buckets.values()):
        pytest.skip("notifications are not set up at an operator's endpoint")
    dropped = f"drop/{ukprn}/achievements/Größe 1+1 (é&a).csv"
    for content in contents:
        adapters.files.write("inbox", dropped, content, "text/csv")
    delivered = [one for body in received(cloud, "intake") for one in deliveries(body)]
    return dropped, [one for one in delivered if ukprn in one.source.key]


@pytest.mark.req("ACH-06", "SEC-03")
def test_a_dropped_file_is_delivered_with_its_key_and_the_time(cloud, adapters, ukprn):
    before = datetime.now(UTC)
    adapters.files.write("inbox", f"elsewhere/{ukprn}.csv", b"x", "text/csv")
    adapters.files.write("inbox", f"drop/{ukprn}/", b"", "application/x-directory")
    dropped, delivered = drop(cloud, adapters, ukprn, b"first")
    assert {one.source.key for one in delivered} == {f"elsewhere/{ukprn}.csv", dropped}, "a folder is not a file"
    assert {one.source.bucket for one in delivered} == {"inbox"}
    assert all(abs((one.submitted_at - before).total_seconds()) < 60 for one in delivered)


@pytest.mark.notified_version
@pytest.mark.req("ACH-06")
def test_each_version_of_a_dropped_file_is_delivered_as_such(cloud, adapters, ukprn):
    _, delivered = drop(cloud, adapters, ukprn, b"first", b"second")
    versions = {one.version for one in adapters.files.versions("inbox", f"drop/{ukprn}/").items}
    assert len(versions) == 2
    assert {one.source.version for one in delivered} == versions


@pytest.mark.parametrize(
    ("message", "read", "meaning"),
    [
        ({"job": "J1", "chunk": 3}, chunk_of, ("J1", 3)),
        ({"job": "J1"}, job_of, "J1"),
        ({"job": "J1"}, noticed, Noticed("job", "J1")),
        ({"challenge": "DC-1"}, noticed, Noticed("challenge", "DC-1")),
        ({"maintenance": "MW-1"}, noticed, Noticed("maintenance", "MW-1")),
        ({"maintenance": "MW-1", "after": "a/b"}, noticed, Noticed("maintenance", "MW-1", after="a/b")),
        ({"maintenance": "MW-1", "organisation": "1"}, noticed, Noticed("maintenance", "MW-1", "1")),
    ],
    ids=["chunk", "finish", "notice of a job", "notice of a challenge", "maintenance", "next page", "organisation"],
)
def test_what_is_sent_to_a_queue_is_what_its_function_reads(world, message, read, meaning):
    world.ports.queues.send("finish", [message])
    (body,) = [json.dumps(world.ports.queues.take("finish"))] if world.is_fake else received(world.cloud, "finish")
    assert read(body) == meaning


@pytest.mark.req("ACH-08", "ACH-09", "SEC-01")
def test_a_change_of_an_achievement_is_streamed_with_what_the_audit_log_needs(cloud, adapters, uln):
    if not any("stream" in table for table in cloud.stack.tables.values()):
        pytest.skip("streams are not set up at an operator's endpoint")
    versions = [achievement(key(uln)), achievement(key(uln), 2, grade="Merit")]
    for version in versions:
        adapters.achievements.write(version)
    changes = [change_of(record) for record in streamed(cloud, "register") if uln in str(record)]
    assert [change.entry.subject for change in changes] == [f"ULN#{uln}"] * 2
    assert {change.entry.action for change in changes} == {LookAction.ACHIEVEMENT_CREATED}
    assert [change.submitted.revision for change in changes] == [1, 2]
    assert len({change.entry.entry_id for change in changes}) == 2


def streamed(cloud, table):
    """Every record of a table's stream, oldest first."""
    name = cloud.environment[f"LRS_TABLE_{table.upper()}"]
    arn = cloud.clients["dynamodb"].describe_table(TableName=name)["Table"]["LatestStreamArn"]
    streams = cloud.clients["dynamodbstreams"]
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        place = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        while place:
            page = streams.get_records(ShardIterator=place, Limit=1000)
            yield from page["Records"]
            place = page.get("NextShardIterator") if page["Records"] else None
