"""A table's stream that feeds a function, as Lambda's event source mapping for DynamoDB streams behaves."""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
import uuid
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from local.emulated.stack import REGION, StreamMapping
from local.lambda_runtime.invocation import InvocationError, Workers, function_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from local.lambda_runtime.pace import Pace

_LOGGER = logging.getLogger(__name__)
_NAMED = "batchItemFailures"
_LOST_PLACE = ("ExpiredIteratorException", "TrimmedDataAccessException")

Record = dict[str, Any]


class Checkpoints:
    """The last sequence number handled in each shard; stored in a file if one is given."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._places: dict[str, str] = {}
        if path and path.exists():
            self._places = json.loads(path.read_text(encoding="utf-8"))

    def get(self, stream_arn: str, shard: str) -> str | None:
        """The last sequence number handled, or None."""
        return self._places.get(f"{stream_arn} {shard}")

    def put(self, stream_arn: str, shard: str, sequence_number: str) -> None:
        """Store a sequence number as handled."""
        with self._lock:
            self._places[f"{stream_arn} {shard}"] = sequence_number
            if self._path:
                fresh = self._path.with_suffix(".new")
                fresh.write_text(json.dumps(self._places, indent=2, sort_keys=True), encoding="utf-8")
                fresh.replace(self._path)

    def forget(self, stream_arn: str, shard: str) -> None:
        """Start this shard again from its oldest record."""
        with self._lock:
            self._places.pop(f"{stream_arn} {shard}", None)


class Failures:
    """The bucket that receives abandoned batches: one object for each, as Lambda writes it, with the whole event."""

    def __init__(self, s3: Any, bucket: str, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self._s3 = s3
        self._bucket = bucket

    def keep(self, mapping: StreamMapping, shard: str, event: dict[str, Any], condition: str, attempts: int) -> None:
        """Write an event that is not tried again."""
        now = self.clock()
        first, last = event["Records"][0], event["Records"][-1]
        times = [record["dynamodb"]["ApproximateCreationDateTime"] for record in (first, last)]
        arrived = [datetime.fromtimestamp(time, UTC).isoformat() for time in times]
        document = {
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": function_arn(mapping.function.name),
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": now.isoformat(),
            "DDBStreamBatchInfo": {
                "shardId": shard,
                "startSequenceNumber": _sequence_number(first),
                "endSequenceNumber": _sequence_number(last),
                "approximateArrivalOfFirstRecord": arrived[0],
                "approximateArrivalOfLastRecord": arrived[1],
                "batchSize": len(event["Records"]),
                "streamArn": first["eventSourceARN"],
            },
            "payload": json.dumps(event),
        }
        key = f"aws/lambda/{mapping.table}/{shard}/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=json.dumps(document).encode())


class StreamSource:
    """Reads a table's changes in order and calls the function with batches of them.

    A batch that raises an exception is retried, in halves if the description says so; one whose answer names a record
    in `batchItemFailures` is retried from the earliest record named. After the last attempt, or when its oldest record
    is too old, the whole batch goes to the bucket for failures and the stream continues.

    Not emulated: batches of one shard are not delivered in parallel.
    """

    def __init__(
        self,
        mapping: StreamMapping,
        stream_arn: str,
        streams: Any,
        workers: Workers,
        pace: Pace,
        checkpoints: Checkpoints,
        failures: Failures,
    ) -> None:
        self.mapping = mapping
        self.stream_arn = stream_arn
        self._streams = streams
        self._workers = workers
        self._pace = pace
        self._checkpoints = checkpoints
        self._failures = failures
        self._iterators: dict[str, str | None] = {}

    def run(self, stop: threading.Event) -> None:
        """Serve until `stop` is set."""
        while not stop.is_set():
            try:
                delivered = self._pass(stop, self.mapping.batching_window_seconds)
            except (BotoCoreError, ClientError) as error:
                _LOGGER.warning("the stream of %s cannot be read: %s", self.mapping.table, error)
                stop.wait(self._pace.error_pause_seconds)
                continue
            if not delivered:
                stop.wait(self._pace.stream_poll_seconds)

    def drain_once(self) -> int:
        """Deliver one batch of each shard, on this thread, without waiting; returns the number of records delivered."""
        return self._pass(threading.Event(), 0.0)

    def _pass(self, stop: threading.Event, window: float) -> int:
        delivered = 0
        for shard in self._shards():
            records = self._read(shard, stop, window)
            if records:
                self.deliver(shard, records, stop)
                delivered += len(records)
        return delivered

    def _shards(self) -> list[str]:
        if not self._iterators:
            description = self._streams.describe_stream(StreamArn=self.stream_arn)["StreamDescription"]
            self._iterators = {shard["ShardId"]: None for shard in description["Shards"]}
        return list(self._iterators)

    def _read(self, shard: str, stop: threading.Event, window: float) -> list[Record]:
        records: list[Record] = []
        deadline = time.monotonic() + window
        while len(records) < self.mapping.batch_size:
            found = self._get_records(shard, self.mapping.batch_size - len(records))
            records += found
            if not records or stop.is_set() or time.monotonic() >= deadline:
                break
            if not found:
                stop.wait(self._pace.stream_poll_seconds)
        return records

    def _get_records(self, shard: str, limit: int) -> list[Record]:
        try:
            iterator = self._iterators[shard] or self._iterator(shard)
            answer = self._streams.get_records(ShardIterator=iterator, Limit=limit)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _LOST_PLACE:
                raise
            if error.response["Error"]["Code"] == "TrimmedDataAccessException":
                self._checkpoints.forget(self.stream_arn, shard)
            self._iterators[shard] = None
            return []
        self._iterators[shard] = answer.get("NextShardIterator")
        return list(answer["Records"])

    def _iterator(self, shard: str) -> str:
        last = self._checkpoints.get(self.stream_arn, shard)
        place: dict[str, str] = {"ShardIteratorType": self.mapping.starting_position}
        if last:
            place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": last}
        answer = self._streams.get_shard_iterator(StreamArn=self.stream_arn, ShardId=shard, **place)
        return str(answer["ShardIterator"])

    def deliver(self, shard: str, records: Sequence[Record], stop: threading.Event) -> None:
        """Call the function until every record is handled or abandoned; on `stop`, end at the last checkpoint."""
        work: deque[tuple[Sequence[Record], int]] = deque([(records, 1)])
        while work:
            batch, attempt = work.popleft()
            handled, error = self._try(batch)
            if handled:
                self._checkpoints.put(self.stream_arn, shard, _sequence_number(batch[handled - 1]))
            if handled == len(batch):
                continue
            left = batch[handled:]
            if handled:
                work.appendleft((left, 1))
            elif self.mapping.bisect_on_error and len(left) > 1 and error != _NAMED:
                half = len(left) // 2
                work.extendleft([(left[half:], attempt), (left[:half], attempt)])
            elif (over := self._over(left, attempt)) is not None:
                _LOGGER.error("%s gave up %d record(s): %s", self.mapping.function.name, len(left), over)
                self._failures.keep(self.mapping, shard, self.event(left), over, attempt)
                self._checkpoints.put(self.stream_arn, shard, _sequence_number(left[-1]))
            else:
                stop.wait(self._pace.pause(attempt))
                work.appendleft((left, attempt + 1))
            if stop.is_set():
                self._iterators[shard] = None
                return

    def _over(self, batch: Sequence[Record], attempts: int) -> str | None:
        """Why a batch is not tried again; None if it is."""
        if 0 <= self.mapping.maximum_retry_attempts < attempts:
            return "RetryAttemptsExhausted"
        oldest = batch[0]["dynamodb"]["ApproximateCreationDateTime"]
        age = (self._failures.clock() - oldest).total_seconds()
        return "RecordAgeExceeded" if age > self.mapping.maximum_record_age_seconds else None

    def _try(self, batch: Sequence[Record]) -> tuple[int, str]:
        """(number of records handled from the start, what went wrong)."""
        try:
            answer = self._workers.invoke(self.mapping.function, self.event(batch))
        except InvocationError as error:
            _LOGGER.warning("%s failed with %d record(s): %s", self.mapping.function.name, len(batch), error)
            return 0, str(error)
        if not self.mapping.report_batch_item_failures or not answer:
            return len(batch), ""
        failures = answer.get("batchItemFailures") if isinstance(answer, dict) else [None]
        if not failures:
            return len(batch), ""
        places = {_sequence_number(record): place for place, record in enumerate(batch)}
        named = [failure.get("itemIdentifier") if isinstance(failure, dict) else None for failure in failures]
        if not places.keys() >= set(named):
            return 0, "an answer that names a record not in the batch"
        return min(places[str(name)] for name in named), _NAMED

    def event(self, records: Sequence[Record]) -> dict[str, Any]:
        """The event Lambda would build from these records."""
        return {"Records": [self._record(record) for record in records]}

    def _record(self, record: Record) -> dict[str, Any]:
        change = _plain(record["dynamodb"])
        created = change.get("ApproximateCreationDateTime")
        if isinstance(created, datetime):
            change["ApproximateCreationDateTime"] = created.timestamp()
        return {
            "eventID": record["eventID"],
            "eventName": record["eventName"],
            "eventVersion": record.get("eventVersion", "1.1"),
            "eventSource": "aws:dynamodb",
            "awsRegion": REGION,
            "dynamodb": change,
            "eventSourceARN": self.stream_arn,
        }


def _sequence_number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def _plain(value: Any) -> Any:
    """DynamoDB JSON as Lambda sends it: binary values in base64."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return value
