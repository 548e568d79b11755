"""Messages of a queue are processed one by one, and failures are reported without their text."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.cloud.messages import deliver
from chalicelib.observability import Code
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.batches.apply import ChunkBusy
from tests.unit.conftest import Lines

CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 1000)


def event(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": f"m{place}", "body": body, "attributes": {"ApproximateReceiveCount": "2"}}
            for place, body in enumerate(bodies)
        ]
    }


def failing(error: Exception) -> Callable[[str], None]:
    def step(body: str) -> None:
        if "bad" in body:
            raise error

    return step


@pytest.mark.req("ACH-06")
def test_what_failed_comes_again_and_the_others_do_not(lines: Lines) -> None:
    answer = deliver(event("good", "bad", "good"), CONTEXT, failing(ValueError()))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_a_batch_that_fails_whole_comes_again_whole(lines: Lines) -> None:
    answer = deliver(event("bad", "bad"), CONTEXT, failing(ValueError()))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m1"}]}


@pytest.mark.req("SEC-02")
def test_a_fault_is_logged_with_job_chunk_attempt_and_kind(lines: Lines) -> None:
    body = json.dumps({"job": "DBAD", "chunk": 3, "bad": "Quixadelle"})
    deliver(event(body), CONTEXT, failing(ValueError("Quixadelle")))
    fault, measured, by_code = lines()
    assert (fault["code"], fault["level"], fault["kind"]) == ("FAULT", "ERROR", "ValueError")
    assert (fault["job"], fault["chunk"], fault["attempt"]) == ("DBAD", 3, 2)
    assert measured["Faults"] == [1.0]
    assert "Quixadelle" not in json.dumps([fault, measured, by_code])


@pytest.mark.parametrize(
    ("text", "place"),
    [("files.read: SlowDown", "files.read: SlowDown"), ("Quixadelle wird 1987 geboren", None)],
)
def test_a_temporary_failure_is_a_warning_with_its_place(lines: Lines, text: str, place: str | None) -> None:
    deliver(event("bad"), CONTEXT, failing(TemporaryFailure(text)))
    again, measured, _ = lines()
    assert (again["code"], again["level"], again.get("place")) == ("TRY_AGAIN", "WARNING", place)
    assert measured["TriedAgain"] == [1.0]


def test_an_expected_exception_is_not_an_error_and_its_message_comes_again(lines: Lines) -> None:
    body = '{"job": "DBAD", "chunk": 3, "bad": 1}'
    answer = deliver(event("good", body), CONTEXT, failing(ChunkBusy()), {ChunkBusy: Code.CHUNK_BUSY})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    (busy,) = lines()
    assert (busy["code"], busy["level"], busy["job"], busy["attempt"]) == ("CHUNK_BUSY", "INFO", "DBAD", 2)


@pytest.mark.parametrize("body", ["bad", "[]", '"bad"', '{"job": "Vyvyanne Quixadelle", "bad": 1}'])
def test_a_message_that_is_not_ours_is_logged_without_repeating_it(lines: Lines, body: str) -> None:
    def step(text: str) -> None:
        raise KeyError(text)

    deliver(event(body), CONTEXT, step)
    fault, *measured = lines()
    assert fault["kind"] == "KeyError"
    assert "job" not in fault
    assert "Quixadelle" not in json.dumps([fault, *measured])
