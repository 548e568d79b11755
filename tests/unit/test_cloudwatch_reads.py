"""What CloudWatch's answers can be that neither emulator gives: empty pages, many metrics, old values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.cloud.access_logs import CloudWatchAccessLogs
from chalicelib.cloud.measurements import CloudWatchMeasurements
from chalicelib.domain.tallies import HOUR, Row

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)

pytestmark = pytest.mark.req("SLA-01")


def test_an_empty_page_of_the_access_log_is_not_its_end() -> None:
    line = {"timestamp": 7, "message": "one"}
    pages = [{"events": [], "nextToken": "a"}, {"events": [line], "nextToken": "b"}, {"events": []}]
    asked: list[str | None] = []

    def filter_log_events(**wanted: Any) -> Any:
        asked.append(wanted.get("nextToken"))
        return pages[len(asked) - 1]

    logs = CloudWatchAccessLogs(lambda: SimpleNamespace(filter_log_events=filter_log_events), "lrs-{}".format)
    assert [tuple(one) for one in logs.lines("web", NOW - HOUR, NOW)] == [(7, "one")]
    assert asked == [None, "a", "b"]


class Metrics:
    """CloudWatch with one value for each metric."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.periods: set[int] = set()

    def get_metric_data(self, MetricDataQueries: list[dict[str, Any]], **_: Any) -> Any:  # noqa: N803 - AWS's name
        self.asked.append(len(MetricDataQueries))
        self.periods |= {query["MetricStat"]["Period"] for query in MetricDataQueries}
        found = [{"Id": query["Id"], "Timestamps": [NOW], "Values": [2.0]} for query in MetricDataQueries]
        return {"MetricDataResults": found}


def test_a_call_asks_for_five_hundred_metrics_at_most() -> None:
    metrics = Metrics()
    rows = [Row(f"ACH-{number}", "webservice") for number in range(1_001)]
    found = CloudWatchMeasurements(lambda: metrics, "LearningRecords", lambda: NOW).measured(rows, NOW - HOUR, NOW)
    assert metrics.asked == [500, 500, 1]
    assert {one.row for one in found} == set(rows)
    assert {one.requests for one in found} == {2}


def test_every_page_of_the_metrics_is_read() -> None:
    def page(number: int) -> dict[str, Any]:
        values = {"Timestamps": [NOW + timedelta(minutes=number)], "Values": [number + 1.0]}
        return {"MetricDataResults": [{"Id": "q0", **values}], "NextToken": str(number + 1)}

    def get_metric_data(NextToken: str = "0", **_: Any) -> Any:  # noqa: N803 - AWS's name
        return page(int(NextToken)) | ({"NextToken": ""} if NextToken == "2" else {})

    client = SimpleNamespace(get_metric_data=get_metric_data)
    measurements = CloudWatchMeasurements(lambda: client, "LearningRecords", lambda: NOW)
    found = measurements.measured([Row("ACH-01", "webservice")], NOW, NOW + HOUR)
    assert [one.requests for one in found] == [1, 2, 3]


@pytest.mark.parametrize(("days", "period"), [(14, 60), (15, 300), (62, 300), (63, 3_600), (400, 3_600)])
def test_old_values_are_asked_for_in_the_periods_that_are_kept(days: int, period: int) -> None:
    metrics = Metrics()
    start = NOW - timedelta(days=days)
    rows = [Row("ACH-06", "batch")]
    (found,) = CloudWatchMeasurements(lambda: metrics, "LearningRecords", lambda: NOW).measured(
        rows, start, start + HOUR
    )
    assert metrics.periods == {period}
    assert found.end - found.start == timedelta(seconds=period)
