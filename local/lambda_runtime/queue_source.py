"""A queue that feeds a function, as Lambda's event source mapping for SQS behaves."""

from __future__ import annotations

import base64
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from local.emulated.stack import REGION, QueueMapping, queue_arn
from local.lambda_runtime.invocation import InvocationError, Workers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from local.emulated.cloud import ProvisionedCloud
    from local.lambda_runtime.pace import Pace

_LOGGER = logging.getLogger(__name__)
_RECEIVE_LIMIT = 10

Message = dict[str, Any]


class QueueSource:
    """Receives messages, calls the function with them, deletes those it handled.

    A message whose batch raised an exception, or that the function names in `batchItemFailures`, becomes visible again,
    until the queue moves it to its dead-letter queue. An answer that cannot be read, or that names a message not in the
    batch, fails the whole batch.
    """

    def __init__(self, mapping: QueueMapping, cloud: ProvisionedCloud, workers: Workers, pace: Pace) -> None:
        self.mapping = mapping
        self._address = cloud.queue(mapping.queue)
        self._arn = queue_arn(cloud.prefix, mapping.queue)
        self._visibility = int(cloud.stack.queues[mapping.queue]["visibilitySeconds"])
        self._sqs = cloud.client("sqs")
        self._workers = workers
        self._pace = pace
        self._concurrency = max(1, min(mapping.maximum_concurrency, pace.concurrency))

    def run(self, stop: threading.Event) -> None:
        """Serve until `stop` is set, then wait for running invocations."""
        slots = threading.Semaphore(self._concurrency)
        with ThreadPoolExecutor(self._concurrency, thread_name_prefix=self.mapping.queue) as pool:
            while not stop.is_set():
                if not slots.acquire(timeout=self._pace.wait_seconds):
                    continue
                messages = self._receive_patiently(stop)
                if messages:
                    pool.submit(self._deliver_and_release, messages, slots)
                else:
                    slots.release()

    def drain_once(self) -> int:
        """Deliver one batch of visible messages, on this thread; returns the number of messages delivered."""
        messages = self._receive(self.mapping.batch_size, wait_seconds=0)
        if messages:
            self.deliver(messages)
        return len(messages)

    def deliver(self, messages: Sequence[Message]) -> None:
        """Call the function with one batch and delete what it handled."""
        started = time.monotonic()
        try:
            answer = self._workers.invoke(self.mapping.function, self.event(messages))
            failed = self._failed(messages, answer)
        except InvocationError as error:
            _LOGGER.warning("%s failed with %d message(s): %s", self.mapping.function.name, len(messages), error)
            failed = {message["MessageId"] for message in messages}
        handled = [message for message in messages if message["MessageId"] not in failed]
        returned = [message for message in messages if message["MessageId"] in failed]
        self._delete(handled)
        self._return(returned)
        seconds = time.monotonic() - started
        _LOGGER.info(
            "%s: %d handled, %d returned, %.3f s", self.mapping.function.name, len(handled), len(returned), seconds
        )

    def event(self, messages: Iterable[Message]) -> dict[str, Any]:
        """The event Lambda would build from these messages."""
        return {"Records": [self._record(message) for message in messages]}

    def _record(self, message: Message) -> dict[str, Any]:
        record = {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": {
                name: _attribute(value) for name, value in message.get("MessageAttributes", {}).items()
            },
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._arn,
            "awsRegion": REGION,
        }
        if "MD5OfMessageAttributes" in message:
            record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
        return record

    def _failed(self, messages: Sequence[Message], answer: Any) -> set[str]:
        """The ids that were not handled. Raises `InvocationError` if the answer fails the whole batch."""
        if not self.mapping.report_batch_item_failures or not answer:
            return set()
        failures = answer.get("batchItemFailures") if isinstance(answer, dict) else answer
        if failures is None:
            return set()
        known = {message["MessageId"] for message in messages}
        named: set[str] = set()
        for failure in failures if isinstance(failures, list) else [failures]:
            identifier = str(failure.get("itemIdentifier")) if isinstance(failure, dict) else ""
            if identifier not in known:
                raise InvocationError("Local.UnknownItem", "batchItemFailures names a message not in the batch")
            named.add(identifier)
        return named

    def _deliver_and_release(self, messages: Sequence[Message], slots: threading.Semaphore) -> None:
        try:
            self.deliver(messages)
        except (BotoCoreError, ClientError) as error:
            # Messages that could not be deleted are delivered again; handlers can deal with that.
            _LOGGER.warning("%s: %s", self.mapping.queue, error)
        finally:
            slots.release()

    def _receive_patiently(self, stop: threading.Event) -> list[Message]:
        try:
            messages = self._receive(self.mapping.batch_size, self._pace.wait_seconds)
            deadline = time.monotonic() + self.mapping.batching_window_seconds
            while messages and len(messages) < self.mapping.batch_size and time.monotonic() < deadline:
                if stop.is_set():
                    break
                left = max(0, min(self._pace.wait_seconds, int(deadline - time.monotonic())))
                messages += self._receive(self.mapping.batch_size - len(messages), left)
            if messages and stop.is_set():
                self._return(messages, at_once=True)
                return []
        except (BotoCoreError, ClientError) as error:
            _LOGGER.warning("%s cannot be read: %s", self.mapping.queue, error)
            stop.wait(self._pace.error_pause_seconds)
            return []
        return messages

    def _receive(self, limit: int, wait_seconds: int) -> list[Message]:
        answer = self._sqs.receive_message(
            QueueUrl=self._address,
            MaxNumberOfMessages=min(limit, _RECEIVE_LIMIT),
            WaitTimeSeconds=wait_seconds,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(answer.get("Messages", []))

    def _delete(self, messages: Sequence[Message]) -> None:
        for batch in _entries(messages):
            for failure in self._sqs.delete_message_batch(QueueUrl=self._address, Entries=batch).get("Failed", []):
                _LOGGER.warning("%s: a message could not be deleted: %s", self.mapping.queue, failure.get("Code"))

    def _return(self, messages: Sequence[Message], *, at_once: bool = False) -> None:
        for message in messages:
            receives = int(message.get("Attributes", {}).get("ApproximateReceiveCount", "1"))
            seconds = 0 if at_once else self._pace.visibility(receives, self._visibility)
            if seconds is not None:
                self._sqs.change_message_visibility(
                    QueueUrl=self._address, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds
                )


def _entries(messages: Sequence[Message]) -> Iterable[list[dict[str, Any]]]:
    for start in range(0, len(messages), _RECEIVE_LIMIT):
        yield [
            {"Id": str(position), "ReceiptHandle": message["ReceiptHandle"]}
            for position, message in enumerate(messages[start : start + _RECEIVE_LIMIT])
        ]


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    attribute: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    if "StringValue" in value:
        attribute["stringValue"] = value["StringValue"]
    if "BinaryValue" in value:
        attribute["binaryValue"] = base64.b64encode(value["BinaryValue"]).decode("ascii")
    return attribute
