"""Messages that were given up: what SQS is asked for them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chalicelib.cloud.queues import SqsQueues
from chalicelib.domain.callers import Caller
from chalicelib.services.batches.stuck import StuckPorts, StuckWork
from chalicelib.settings import Settings

SENT = 1_700_000_000


class Sqs:
    """Servers, some of which a request that does not wait asks; a request that does not say waits for the queue's 20
    seconds, and an empty queue's for its own.
    """

    def __init__(self, *bodies: str) -> None:
        self.held = [
            {"Body": body, "ReceiptHandle": body, "Attributes": {"SentTimestamp": str(SENT * 1000)}} for body in bodies
        ]
        self.waits: list[int] = []

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self.held))}}

    def receive_message(self, **wanted: Any) -> dict[str, Any]:
        self.waits.append(wanted.get("WaitTimeSeconds", 20))
        return {"Messages": list(self.held)} if self.held and self.waits[-1] else {}

    def send_message_batch(self, **_: Any) -> dict[str, Any]:
        return {}

    def delete_message_batch(self, **_: Any) -> None:
        self.held.clear()


def stuck(sqs: Sqs) -> StuckWork:
    looks = SimpleNamespace(at=lambda *_, **__: None)
    ports: Any = {"jobs": None, "queues": SqsQueues(lambda: sqs, str), "looks": looks, "clock": None}
    return StuckWork(StuckPorts(**ports))


@pytest.mark.req("SLA-03")
def test_the_oldest_is_awaited_for_less_than_the_client_waits_and_not_in_an_empty_queue() -> None:
    held, empty = Sqs("{}"), Sqs()
    assert stuck(held).of_queue("chunks").since == datetime.fromtimestamp(SENT, UTC)
    assert [0 < wait < Settings().read_timeout for wait in held.waits] == [True]
    assert stuck(empty).of_queue("chunks").since is None
    assert empty.waits == []


@pytest.mark.req("SLA-03")
def test_every_server_is_asked_before_it_is_said_that_no_message_was_there() -> None:
    sqs = Sqs("1", "2")
    assert stuck(sqs).send_again(cast("Caller", None), "chunks") == 2
    assert [0 < wait < Settings().read_timeout for wait in sqs.waits] == [True, True]
