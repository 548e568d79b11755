"""What functions print about requests and files, and months that have been counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from chalicelib.domain.failed_hours import worst_hours
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.tallies import FileTally, Measured, Row, Tallies, Tally, milliseconds
from chalicelib.observability import NAMESPACE, SERVICE, Metric
from chalicelib.ports.tallies import MonthTallies
from tests.fakes.world import FakeWorld


def metric_lines(found: Measured) -> Iterator[str]:
    """Lines in the embedded metric format, such as functions print."""
    values: dict[Metric, list[float]] = {Metric.REQUESTS: [found.requests]}
    if found.row.channel == "batch":
        share, rest = divmod(found.milliseconds, found.timed)
        values[Metric.REQUEST_FAULTS] = [found.faults]
        values[Metric.REQUEST_DURATION] = [share + rest, *[share] * (found.timed - 1)]
    if found.files is not None:
        longest, others = found.files.longest_minutes, found.files.ended - 1
        values[Metric.FILES_ENDED] = [1.0] * found.files.ended
        values[Metric.FILES_LATE] = [found.files.late]
        values[Metric.FILE_MINUTES] = [longest, *[(found.files.minutes - longest) / max(others, 1)] * others]
    dimensions = {"service": SERVICE, "catalogue_function": found.row.function, "channel": found.row.channel}
    for metric, numbers in values.items():
        name, unit = metric.value
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [list(dimensions)],
            "Metrics": [{"Name": name, "Unit": unit}],
        }
        envelope = {"Timestamp": milliseconds(found.start), "CloudWatchMetrics": [directive]}
        yield json.dumps({"_aws": envelope, name: numbers, **dimensions})


def month_tallies(faults: int = 0, slow: int = 0, late: int = 0) -> Tallies:
    """A thousand requests of VLD-01, some of which failed or took ten seconds, and ten files, some of them late."""
    tallies = Tallies(doubled=1, measured={"VLD-01": 1009}, unknown={"GET /{proxy+}"})
    for number in range(1_000):
        tallies.row(Row("VLD-01", "webservice")).count(10_000 if number < slow else 100, is_fault=number < faults)
    tallies.row(Row("IDM-11", "webservice")).count(40, is_fault=False)
    tallies.row(Row("ACH-06", "webservice")).count(100, is_fault=False)
    tallies.row(Row("ACH-06", "batch")).add(Tally(5_000, 1, 2, 3_000))
    tallies.row(Row("other", "webservice")).count(5, is_fault=False)
    tallies.of_files("ACH-06").add(FileTally(10, late, 3_000, 2_900))
    return tallies


def hold_months(world: FakeWorld, last: Month, *, faults: dict[Month, int] | None = None) -> None:
    """Thirteen months up to the last one, with the faults of some; the last one is not over."""
    month = last
    for number in range(13):
        failed = (faults or {}).get(month, 0)
        tallies = month_tallies(failed, slow=500 if failed > 20 else 0, late=int(failed > 20))
        until = month.start + timedelta(days=1, hours=5) if number == 0 else month.end
        worst = worst_hours([(month.start + timedelta(hours=9), tallies)])
        world.levels.put_month(MonthTallies(month, tallies, until, is_reported=number > 0, worst=worst))
        month = month.previous
