"""Metrics printed as log lines are recognised and sent on."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import example, given
from hypothesis import strategies as st

from local.emulated.metrics import MetricForwarder, metric_data, standard_output_to

LINE: dict[str, Any] = {
    "_aws": {
        "Timestamp": 1_772_442_000_000,
        "CloudWatchMetrics": [
            {
                "Namespace": "LRS",
                "Dimensions": [["service"], ["service", "job"]],
                "Metrics": [{"Name": "Records", "Unit": "Count"}, {"Name": "Latency", "Unit": "Milliseconds"}],
            }
        ],
    },
    "service": "apply",
    "job": "7",
    "Records": [3, 4.5],
    "Latency": 12,
}


class CloudWatch:
    def __init__(self, error: Exception | None = None) -> None:
        self.calls: list[tuple[str, list[dict[str, Any]]]] = []
        self._error = error

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803
        if self._error:
            raise self._error
        self.calls.append((Namespace, MetricData))


def test_every_metric_is_sent_under_every_set_of_dimensions() -> None:
    found = metric_data(json.dumps(LINE))
    assert [namespace for namespace, _ in found] == ["LRS"] * 4
    assert [(datum["MetricName"], len(datum["Dimensions"])) for _, datum in found] == [
        ("Records", 1),
        ("Records", 2),
        ("Latency", 1),
        ("Latency", 2),
    ]
    first = found[0][1]
    assert first["Values"] == [3.0, 4.5]
    assert first["Unit"] == "Count"
    assert first["Dimensions"] == [{"Name": "service", "Value": "apply"}]
    assert first["Timestamp"] == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "line", ["", "hello", '{"level": "INFO"}', '{"_aws": {"CloudWatchMetrics": 3}}', '{"CloudWatchMetrics']
)
def test_any_other_line_has_none(line: str) -> None:
    assert metric_data(line) == []


@example(10**20)
@example(10**40)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_nothing_that_is_printed_upsets_it(value: Any) -> None:
    assert metric_data(json.dumps({"_aws": {"CloudWatchMetrics": value, "Timestamp": value}})) == []


def test_a_flush_sends_each_namespace_in_one_call() -> None:
    cloudwatch = CloudWatch()
    forwarder = MetricForwarder(cloudwatch)
    assert forwarder.take(json.dumps(LINE))
    assert not forwarder.take("hello")
    assert forwarder.take(json.dumps(LINE))
    assert forwarder.flush() == 8
    assert [(namespace, len(data)) for namespace, data in cloudwatch.calls] == [("LRS", 8)]
    assert forwarder.flush() == 0


def test_a_metric_that_cannot_be_sent_delays_nothing(caplog: pytest.LogCaptureFixture) -> None:
    refused = ClientError({"Error": {"Code": "InternalFailure", "Message": ""}}, "PutMetricData")
    forwarder = MetricForwarder(CloudWatch(refused))
    forwarder.take(json.dumps(LINE))
    assert forwarder.flush() == 4
    assert "lost" in caplog.text


def test_printed_metrics_are_taken_and_the_rest_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    forwarder = MetricForwarder(CloudWatch())
    with standard_output_to(forwarder.take):
        print("before")  # noqa: T201
        print(json.dumps(LINE))  # noqa: T201
        sys.stdout.write("two\nlines\n")
    assert capsys.readouterr().out == "before\ntwo\nlines\n"
    assert forwarder.flush() == 4
