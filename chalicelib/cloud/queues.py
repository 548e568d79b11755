"""Messages to SQS."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from chalicelib.aws import temporary_failures
from chalicelib.ports.errors import TemporaryFailure

BATCH: Final = 10
_TRIES: Final = 3
_WAIT: Final = 1
"""Seconds to wait for messages. Without, SQS asks some of its servers only, and a queue can seem empty; a queue's own
wait is longer than this client's.
"""


class SqsQueues:
    """Queues in SQS. ``client`` returns botocore's client; ``address`` returns the address of a queue by its logical
    name.
    """

    def __init__(self, client: Callable[[], Any], address: Callable[[str], str]) -> None:
        self._client = client
        self._address = address

    def send(self, queue: str, messages: Sequence[Mapping[str, object]]) -> None:
        """Sends all of them, ten per call, and repeats failed entries. Raises TemporaryFailure if some remain
        unsent.
        """
        address = self._address(queue)
        for start in range(0, len(messages), BATCH):
            entries = [
                {"Id": str(number), "MessageBody": json.dumps(message, separators=(",", ":"))}
                for number, message in enumerate(messages[start : start + BATCH])
            ]
            self._send(queue, address, entries)

    def count(self, queue: str) -> int:
        """About how many messages a queue holds. Raises TemporaryFailure."""
        wanted = "ApproximateNumberOfMessages"
        with temporary_failures(f"queues.count {queue}"):
            answer = self._client().get_queue_attributes(QueueUrl=self._address(queue), AttributeNames=[wanted])
        return int(answer["Attributes"][wanted])

    def oldest(self, queue: str) -> datetime | None:
        """When the oldest was sent of the first messages that a queue gives; None if it gives none. They stay visible.

        Raises TemporaryFailure.
        """
        found = self._receive(queue, _WAIT, VisibilityTimeout=0, MessageSystemAttributeNames=["SentTimestamp"])
        sent = [int(one["Attributes"]["SentTimestamp"]) for one in found]
        return datetime.fromtimestamp(min(sent) / 1000, UTC) if sent else None

    def move(self, queue: str, to: str, wait: int = _WAIT) -> int:
        """Move up to ten messages to another queue; returns how many. Each is sent before it is deleted.

        ``wait`` are the seconds to wait for one. Raises TemporaryFailure.
        """
        found = self._receive(queue, wait)
        if not found:
            return 0
        entries = [{"Id": str(number), "MessageBody": one["Body"]} for number, one in enumerate(found)]
        self._send(to, self._address(to), entries)
        handles = [{"Id": str(number), "ReceiptHandle": one["ReceiptHandle"]} for number, one in enumerate(found)]
        with temporary_failures(f"queues.move {queue}"):
            self._client().delete_message_batch(QueueUrl=self._address(queue), Entries=handles)
        return len(found)

    def _receive(self, queue: str, wait: int, **wanted: Any) -> list[dict[str, Any]]:
        wanted |= {"MaxNumberOfMessages": BATCH, "WaitTimeSeconds": wait}
        with temporary_failures(f"queues.receive {queue}"):
            answer = self._client().receive_message(QueueUrl=self._address(queue), **wanted)
        return list(answer.get("Messages", ()))

    def _send(self, queue: str, address: str, entries: list[dict[str, str]]) -> None:
        """Sends one batch; a call that succeeds partly is repeated for the rest."""
        code = ""
        for _ in range(_TRIES):
            with temporary_failures(f"queues.send {queue}"):
                answer = self._client().send_message_batch(QueueUrl=address, Entries=entries)
            failed = {entry["Id"]: entry["Code"] for entry in answer.get("Failed", ())}
            if not failed:
                return
            code = next(iter(failed.values()))
            entries = [entry for entry in entries if entry["Id"] in failed]
        raise TemporaryFailure(f"queues.send {queue}: {code}")
