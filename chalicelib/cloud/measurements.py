"""What functions measured of requests and files, in CloudWatch (SLA-01 to SLA-03)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from chalicelib.aws import temporary_failures
from chalicelib.domain.callers import Channel
from chalicelib.domain.tallies import FileTally, Measured, Row
from chalicelib.observability import SERVICE, Metric
from chalicelib.ports.clock import Clock

_KEPT: Final = ((timedelta(days=15), 60), (timedelta(days=63), 300), (timedelta(days=455), 3_600))
"""How long CloudWatch keeps values, and the shortest period in seconds of what is older than the one before."""
_MOST_QUERIES: Final = 500
"""Of a call of ``GetMetricData``."""

_OF_REQUESTS: Final = (("requests", Metric.REQUESTS, "Sum"),)
_OF_PAGES: Final = (
    *_OF_REQUESTS,
    ("faults", Metric.REQUEST_FAULTS, "Sum"),
    ("milliseconds", Metric.REQUEST_DURATION, "Sum"),
    ("timed", Metric.REQUEST_DURATION, "SampleCount"),
)
"""The gateway's log has one path for all pages, so all figures about them are the function's own."""
_OF_FILES: Final = (
    *_OF_PAGES,
    ("ended", Metric.FILES_ENDED, "Sum"),
    ("late", Metric.FILES_LATE, "Sum"),
    ("minutes", Metric.FILE_MINUTES, "Sum"),
    ("longest_minutes", Metric.FILE_MINUTES, "Maximum"),
)
_ASKED: Final = {Channel.BATCH.value: _OF_FILES, Channel.PORTAL.value: _OF_PAGES}
_FILE_FIELDS: Final = ("ended", "late", "minutes", "longest_minutes")


class CloudWatchMeasurements:
    """Reads the metrics that functions print. ``client`` returns botocore's client of CloudWatch."""

    def __init__(self, client: Callable[[], Any], namespace: str, clock: Clock) -> None:
        self._client = client
        self._namespace = namespace
        self._clock = clock

    def measured(self, rows: Sequence[Row], start: datetime, end: datetime) -> list[Measured]:
        """What was measured of these rows from start to before end."""
        seconds = period_of(self._clock() - start)
        asked = [(row, name, query) for row in rows for name, query in self._queries(row, seconds)]
        values: dict[tuple[Row, datetime], dict[str, int]] = defaultdict(dict)
        for first in range(0, len(asked), _MOST_QUERIES):
            part = asked[first : first + _MOST_QUERIES]
            queries = [{"Id": f"q{number}", "MetricStat": query} for number, (_, _, query) in enumerate(part)]
            for number, moment, value in self._values(queries, start, end):
                row, name, _ = part[number]
                values[row, moment][name] = round(value)
        length = timedelta(seconds=seconds)
        return [_measured(row, moment, length, found) for (row, moment), found in sorted(values.items())]

    def _queries(self, row: Row, seconds: int) -> Iterator[tuple[str, dict[str, Any]]]:
        where = {"service": SERVICE, "catalogue_function": row.function, "channel": row.channel}
        dimensions = [{"Name": name, "Value": value} for name, value in where.items()]
        for name, metric, statistic in _ASKED.get(row.channel, _OF_REQUESTS):
            named = {"Namespace": self._namespace, "MetricName": metric.value[0], "Dimensions": dimensions}
            yield name, {"Metric": named, "Period": seconds, "Stat": statistic}

    def _values(
        self, queries: list[dict[str, Any]], start: datetime, end: datetime
    ) -> Iterator[tuple[int, datetime, float]]:
        wanted = {"MetricDataQueries": queries, "StartTime": start, "EndTime": end, "ScanBy": "TimestampAscending"}
        while True:
            with temporary_failures("measurements.measured"):
                page = self._client().get_metric_data(**wanted)
            for result in page["MetricDataResults"]:
                number = int(result["Id"].removeprefix("q"))
                pairs = zip(result["Timestamps"], result["Values"], strict=True)
                yield from ((number, moment, value) for moment, value in pairs)
            if not page.get("NextToken"):
                return
            wanted["NextToken"] = page["NextToken"]


def period_of(age: timedelta) -> int:
    """The shortest period in seconds that CloudWatch still has of values of this age."""
    return next((seconds for kept, seconds in _KEPT if age < kept), _KEPT[-1][1])


def _measured(row: Row, moment: datetime, length: timedelta, found: dict[str, int]) -> Measured:
    files = FileTally(**{name: found.get(name, 0) for name in _FILE_FIELDS}) if found.get("ended") else None
    numbers = {name: number for name, number in found.items() if name not in _FILE_FIELDS}
    return Measured(moment, moment + length, row, **numbers, files=files)
