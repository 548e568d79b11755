"""Lines of the access log are written by themselves, all of them, and never hold up a request."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.emulated.access_log import FORMAT, AccessLog, access_line, access_log_group

GROUP = access_log_group("lrs-test", "web")
NOW = int(time.time() * 1000)  # older lines than two weeks are refused

pytestmark = pytest.mark.req("SLA-01")


def line(at: int, **given: object) -> str:
    found = {"$context.requestTimeEpoch": at, "$context.responseLatency": 12, "$context.status": 200}
    return access_line(found | {f"$context.{name}": value for name, value in given.items()})


@pytest.fixture
def logs() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("logs", region_name="eu-west-2")


def written(logs: Any) -> list[dict[str, Any]]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP)
    return [event for page in pages for event in page["events"]]


def test_a_line_has_every_field_and_numbers_are_numbers() -> None:
    found = json.loads(line(NOW, httpMethod="GET", resourcePath="/v1/learners/{uln}"))
    assert set(found) == {*FORMAT["numbers"], *FORMAT["texts"]}
    assert (found["at"], found["latency"], found["status"]) == (NOW, 12, 200)
    assert (found["method"], found["path"], found["error"]) == ("GET", "/v1/learners/{uln}", "-")


def test_a_field_has_one_variable_and_none_carries_what_a_caller_sent() -> None:
    variables = [variable for part in FORMAT.values() for variable in part.values()]
    assert len(set(variables)) == len(variables)
    # A caller may choose the requestId, by a header.
    personal = (
        "$context.path",
        "$context.identity",
        "$context.authorizer",
        "$context.requestId",
        "$context.requestOverride",
    )
    assert not [variable for variable in variables if variable.startswith(personal)]


def test_every_line_of_every_thread_is_written_before_an_orderly_stop(logs: Any) -> None:
    log = AccessLog(logs, GROUP, every_seconds=60)
    log.start()

    def work(thread: int) -> None:
        for number in range(600):
            log.put(line(NOW + number, extendedRequestId=f"{thread}-{number}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.stop()
    ids = [json.loads(event["message"])["requestId"] for event in written(logs)]
    assert sorted(ids) == sorted(f"{thread}-{number}" for thread in range(4) for number in range(600))


def test_lines_of_requests_that_end_in_another_order_are_written_by_their_times(logs: Any) -> None:
    log = AccessLog(logs, GROUP)
    log.start()
    for at in (NOW + 500, NOW + 100, NOW + 300):
        log.put(line(at))
    log.stop()
    log = AccessLog(logs, GROUP)  # a later start finds its log group
    log.start()
    log.put(line(NOW + 700))
    log.stop()
    assert [event["timestamp"] - NOW for event in written(logs)] == [100, 300, 500, 700]


def test_a_line_too_many_is_dropped_and_counted_not_waited_for(logs: Any, caplog: pytest.LogCaptureFixture) -> None:
    log = AccessLog(logs, GROUP, most_waiting=2)
    for at in range(5):
        log.put(line(at))
    with caplog.at_level("WARNING"):
        assert log.flush() == 2
    assert "3 of access log lost: too many were waiting" in caplog.text


def test_a_log_that_cannot_be_written_is_reported_and_stops_nothing(
    logs: Any, caplog: pytest.LogCaptureFixture
) -> None:
    log = AccessLog(logs, GROUP)  # not started: there is no log group
    log.put(line(1))
    with caplog.at_level("WARNING"):
        assert log.flush() == 1
    assert "1 of access log lost" in caplog.text
