"""Queues, streams and schedules reach real handlers as Lambda's event source mappings would bring them."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from local.commands.redrive import redrive, redrive_stream
from local.lambda_runtime.event_sources import EventSources
from local.lambda_runtime.invocation import ThreadWorkers
from local.lambda_runtime.pace import AT_ONCE, Pace

if TYPE_CHECKING:
    from local.emulated.cloud import ProvisionedCloud


class Recorder:
    """A handler that keeps its events and answers with a function of the event."""

    def __init__(self, answer: Any = None) -> None:
        self.events: list[dict[str, Any]] = []
        self.contexts: list[Any] = []
        self._answer = answer

    def __call__(self, event: Any, context: Any) -> Any:
        self.events.append(event)
        self.contexts.append(context)
        return self._answer(event) if callable(self._answer) else self._answer

    @property
    def records(self) -> list[dict[str, Any]]:
        return [record for event in self.events for record in event["Records"]]


def sources(cloud: ProvisionedCloud, **handlers: Any) -> EventSources:
    quiet = {name: Recorder() for name in cloud.stack.functions}
    return EventSources(cloud, ThreadWorkers(quiet | handlers), pace=AT_ONCE)


def send(cloud: ProvisionedCloud, queue: str, *bodies: str, **extra: Any) -> None:
    for body in bodies:
        cloud.client("sqs").send_message(QueueUrl=cloud.queue(queue), MessageBody=body, **extra)


def waiting(cloud: ProvisionedCloud, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = cloud.client("sqs").get_queue_attributes(QueueUrl=cloud.queue(queue), AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def test_a_message_reaches_its_function_in_the_shape_lambda_uses_and_is_deleted(fresh_cloud: ProvisionedCloud) -> None:
    handler = Recorder()
    attributes = {
        "trace": {"DataType": "String", "StringValue": "abc"},
        "seal": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
    }
    send(fresh_cloud, "chunks", '{"job": "j1"}', MessageAttributes=attributes)
    sources(fresh_cloud, apply_chunk=handler).drain()
    (record,) = handler.records
    assert record["body"] == '{"job": "j1"}'
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].endswith(f"{fresh_cloud.prefix}-chunks")
    assert record["awsRegion"] == "eu-west-2"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert {"SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"} <= record["attributes"].keys()
    assert record["messageAttributes"]["trace"] == {
        "dataType": "String",
        "stringValue": "abc",
        "stringListValues": [],
        "binaryListValues": [],
    }
    assert base64.b64decode(record["messageAttributes"]["seal"]["binaryValue"]) == b"\x00\x01"
    assert {"messageId", "receiptHandle", "md5OfBody", "md5OfMessageAttributes"} <= record.keys()
    assert waiting(fresh_cloud, "chunks") == 0


def test_the_context_counts_down_to_the_functions_time_limit(fresh_cloud: ProvisionedCloud) -> None:
    handler = Recorder()
    send(fresh_cloud, "chunks", "one")
    sources(fresh_cloud, apply_chunk=handler).drain()
    (context,) = handler.contexts
    assert 0 < context.get_remaining_time_in_millis() <= 60_000
    assert context.function_name == "apply_chunk"
    assert context.memory_limit_in_mb == "512"


def test_only_the_messages_named_in_the_answer_come_again(fresh_cloud: ProvisionedCloud) -> None:
    def fail_first_time(event: Any) -> Any:
        again = [one for one in event["Records"] if one["body"] == "bad"]
        return {
            "batchItemFailures": [
                {"itemIdentifier": one["messageId"]}
                for one in again
                if one["attributes"]["ApproximateReceiveCount"] == "1"
            ]
        }

    handler = Recorder(fail_first_time)
    send(fresh_cloud, "notices", "good", "bad", "good")
    sources(fresh_cloud, send_notice=handler).drain()
    seen = [(one["body"], one["attributes"]["ApproximateReceiveCount"]) for one in handler.records]
    assert sorted(seen) == [("bad", "1"), ("bad", "2"), ("good", "1"), ("good", "1")]
    assert waiting(fresh_cloud, "notices") == 0


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"wrongKey": "x"}]},
        {"batchItemFailures": "everything"},
    ],
)
def test_an_answer_that_names_no_message_of_the_batch_fails_all_of_it(
    fresh_cloud: ProvisionedCloud, answer: Any
) -> None:
    handler = Recorder(answer)
    send(fresh_cloud, "notices", "one", "two")
    sources(fresh_cloud, send_notice=handler).drain()
    assert waiting(fresh_cloud, "notices") == 0
    assert waiting(fresh_cloud, "notices-dead") == 2


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_answer_is_success(fresh_cloud: ProvisionedCloud, answer: Any) -> None:
    send(fresh_cloud, "notices", "one")
    sources(fresh_cloud, send_notice=Recorder(answer)).drain()
    assert waiting(fresh_cloud, "notices") == 0
    assert waiting(fresh_cloud, "notices-dead") == 0


def test_a_message_that_always_fails_ends_in_the_dead_letter_queue_and_can_be_redriven(
    fresh_cloud: ProvisionedCloud,
) -> None:
    def explode(event: Any) -> Any:
        raise ValueError("no")

    handler = Recorder(explode)
    send(fresh_cloud, "intake", "poison")
    sources(fresh_cloud, split_batch=handler).drain()
    poison = [one for one in handler.records if one["body"] == "poison"]
    assert [one["attributes"]["ApproximateReceiveCount"] for one in poison] == ["1", "2", "3", "4", "5"]
    assert waiting(fresh_cloud, "intake-dead") >= 1

    mended = Recorder()
    assert redrive(fresh_cloud, "intake-dead") >= 1
    sources(fresh_cloud, split_batch=mended).drain()
    assert "poison" in [one["body"] for one in mended.records]
    assert waiting(fresh_cloud, "intake-dead") == 0


def test_a_file_put_in_the_inbox_reaches_split_batch_with_its_version(fresh_cloud: ProvisionedCloud) -> None:
    handler = Recorder()
    key = "drop/10000001/résultats & more +1.csv"
    put = fresh_cloud.client("s3").put_object(Bucket=fresh_cloud.bucket("inbox"), Key=key, Body=b"a,b\n")
    sources(fresh_cloud, split_batch=handler).drain()
    bodies = [json.loads(one["body"]) for one in handler.records]
    (notice,) = [body["Records"][0] for body in bodies if "Records" in body]
    assert notice["s3"]["object"]["versionId"] == put["VersionId"]
    assert [body["Event"] for body in bodies if "Event" in body] == ["s3:TestEvent"]


def change(cloud: ProvisionedCloud, sort: str, **values: str) -> None:
    item = {"pk": {"S": "ULN#1"}, "sk": {"S": sort}} | {name: {"S": value} for name, value in values.items()}
    cloud.client("dynamodb").put_item(TableName=cloud.table("register"), Item=item)


def test_a_change_of_the_register_reaches_record_audit_with_old_and_new(fresh_cloud: ProvisionedCloud) -> None:
    change(fresh_cloud, "A", grade="P")
    change(fresh_cloud, "A", grade="D")
    fresh_cloud.client("dynamodb").put_item(
        TableName=fresh_cloud.table("register"),
        Item={"pk": {"S": "ULN#2"}, "sk": {"S": "B"}, "seal": {"B": b"\x01"}},
    )
    handler = Recorder()
    sources(fresh_cloud, record_audit=handler).drain()
    first, second, third = handler.records
    assert [one["eventName"] for one in handler.records] == ["INSERT", "MODIFY", "INSERT"]
    assert "OldImage" not in first["dynamodb"]
    assert second["dynamodb"]["OldImage"]["grade"] == {"S": "P"}
    assert second["dynamodb"]["NewImage"]["grade"] == {"S": "D"}
    assert second["dynamodb"]["Keys"] == {"pk": {"S": "ULN#1"}, "sk": {"S": "A"}}
    assert isinstance(second["dynamodb"]["ApproximateCreationDateTime"], float)
    assert third["dynamodb"]["NewImage"]["seal"] == {"B": "AQ=="}
    assert first["eventSource"] == "aws:dynamodb"
    assert "/stream/" in first["eventSourceARN"]


def test_a_stream_continues_from_the_earliest_record_that_failed(fresh_cloud: ProvisionedCloud) -> None:
    failed: list[str] = []

    def fail_third_once(event: Any) -> Any:
        for record in event["Records"]:
            if record["dynamodb"]["Keys"]["sk"]["S"] == "3" and not failed:
                failed.append("3")
                return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        return {"batchItemFailures": []}

    for sort in "12345":
        change(fresh_cloud, sort)
    handler = Recorder(fail_third_once)
    sources(fresh_cloud, record_audit=handler).drain()
    seen = [[one["dynamodb"]["Keys"]["sk"]["S"] for one in event["Records"]] for event in handler.events]
    assert seen == [["1", "2", "3", "4", "5"], ["3", "4", "5"]]


def test_a_poisoned_change_is_isolated_by_halving_and_given_up_after_its_retries(
    fresh_cloud: ProvisionedCloud,
) -> None:
    done: list[str] = []

    def explode_on_poison(event: Any) -> Any:
        sorts = [one["dynamodb"]["Keys"]["sk"]["S"] for one in event["Records"]]
        if "3" in sorts:
            raise ValueError("poison")
        done.extend(sorts)
        return {}

    for sort in "12345":
        change(fresh_cloud, sort, grade="P")
    running = impatient(sources(fresh_cloud, record_audit=Recorder(explode_on_poison)))
    running.drain()
    assert done == ["1", "2", "4", "5"]
    (kept,) = given_up(fresh_cloud)
    assert (kept["DDBStreamBatchInfo"]["batchSize"], kept["requestContext"]["condition"]) == (
        1, "RetryAttemptsExhausted",
    )  # fmt: skip
    (record,) = json.loads(kept["payload"])["Records"]
    assert record["dynamodb"]["NewImage"]["grade"] == {"S": "P"}, "the whole record, not its address in the stream"
    assert running.drain() == 0


def impatient(running: EventSources) -> EventSources:
    """With streams that are given up after two more attempts, where the cloud goes on for most of a day."""
    for stream in running.streams:
        stream.mapping = replace(stream.mapping, maximum_retry_attempts=2)
    return running


def given_up(cloud: ProvisionedCloud) -> list[dict[str, Any]]:
    """The objects in the bucket for changes that are not on the audit log."""
    s3, bucket = cloud.client("s3"), cloud.bucket("unaudited")
    found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return [json.loads(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()) for one in found]


@pytest.mark.req("SEC-01")
def test_a_failing_batch_is_retried_until_its_records_are_nearly_a_day_old(fresh_cloud: ProvisionedCloud) -> None:
    moment = [datetime.now(UTC)]

    def explode(_: Any) -> Any:
        moment[0] += timedelta(hours=1)
        raise ValueError("the audit table is away")

    change(fresh_cloud, "1")
    handler = Recorder(explode)
    quiet = {name: Recorder() for name in fresh_cloud.stack.functions}
    workers = ThreadWorkers(quiet | {"record_audit": handler})
    EventSources(fresh_cloud, workers, pace=AT_ONCE, clock=lambda: moment[0]).drain()
    assert len(handler.events) in (23, 24)
    (kept,) = given_up(fresh_cloud)
    assert kept["requestContext"]["condition"] == "RecordAgeExceeded"


@pytest.mark.req("SEC-01")
def test_changes_given_up_are_sent_to_the_function_again_when_redriven(fresh_cloud: ProvisionedCloud) -> None:
    def explode(_: Any) -> Any:
        raise ValueError("the audit table is away")

    for sort in "123":
        change(fresh_cloud, sort)
    impatient(sources(fresh_cloud, record_audit=Recorder(explode))).drain()
    assert len(given_up(fresh_cloud)) == 3
    change(fresh_cloud, "4")
    (mapping,) = fresh_cloud.stack.stream_mappings()
    assert redrive_stream(fresh_cloud, mapping, ThreadWorkers({"record_audit": Recorder(explode)})) == 0
    assert len(given_up(fresh_cloud)) == 3
    mended = Recorder()
    assert redrive_stream(fresh_cloud, mapping, ThreadWorkers({"record_audit": mended})) == 3
    assert sorted(one["dynamodb"]["Keys"]["sk"]["S"] for one in mended.records) == ["1", "2", "3"]
    assert given_up(fresh_cloud) == []


def test_a_stream_is_continued_where_it_was_left(fresh_cloud: ProvisionedCloud, tmp_path: Any) -> None:
    path = tmp_path / "checkpoints.json"

    def run() -> list[str]:
        handler = Recorder()
        quiet = {name: Recorder() for name in fresh_cloud.stack.functions}
        workers = ThreadWorkers(quiet | {"record_audit": handler})
        EventSources(fresh_cloud, workers, pace=AT_ONCE, checkpoints=path).drain()
        return [one["dynamodb"]["Keys"]["sk"]["S"] for one in handler.records]

    change(fresh_cloud, "1")
    assert run() == ["1"]
    change(fresh_cloud, "2")
    assert run() == ["2"]
    assert run() == []


def test_a_schedule_calls_its_function_when_due_and_not_before(fresh_cloud: ProvisionedCloud) -> None:
    handler = Recorder()
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    quiet = {name: Recorder() for name in fresh_cloud.stack.functions}
    running = EventSources(fresh_cloud, ThreadWorkers(quiet | {"watch_jobs": handler}), clock=lambda: start)
    assert "watch_jobs" not in running.schedules.tick(start + timedelta(minutes=4))
    assert "watch_jobs" in running.schedules.tick(start + timedelta(minutes=5))
    assert "watch_jobs" not in running.schedules.tick(start + timedelta(minutes=6))
    assert "watch_jobs" in running.schedules.tick(start + timedelta(minutes=30))
    assert handler.events[0]["source"] == "aws.events"
    assert handler.events[0]["time"] == "2026-03-02T09:05:00Z"


def test_in_the_background_no_more_invocations_run_at_once_than_allowed(fresh_cloud: ProvisionedCloud) -> None:
    lock, together, most, done = threading.Lock(), [0], [0], threading.Event()
    seen: list[str] = []
    meet = threading.Barrier(2, timeout=10)

    def work(event: Any) -> Any:
        with lock:
            together[0] += 1
            most[0] = max(most[0], together[0])
        if len(seen) < 2:
            meet.wait()  # proves that two run at the same time
        with lock:
            together[0] -= 1
            seen.append(event["Records"][0]["body"])
            if len(seen) == 20:
                done.set()

    send(fresh_cloud, "chunks", *[str(number) for number in range(20)])
    quiet = {name: Recorder() for name in fresh_cloud.stack.functions}
    workers = ThreadWorkers(quiet | {"apply_chunk": Recorder(work)})
    with EventSources(fresh_cloud, workers, pace=Pace(concurrency=2)):
        assert done.wait(20)
    assert most[0] == 2
    assert sorted(map(int, seen)) == list(range(20))
    assert waiting(fresh_cloud, "chunks") == 0
