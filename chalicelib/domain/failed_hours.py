"""The hours of a month in which most requests failed, kept with the month: nobody reads all its hours (SLA-01)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from heapq import nlargest
from typing import Final, NamedTuple

from chalicelib.domain.tallies import Row, Tallies

MOST_HOURS: Final = 24
"""How many are kept of each function."""


class FailedHour(NamedTuple):
    """An hour in which requests failed."""

    hour: datetime
    row: Row
    requests: int
    faults: int


def worst_hours(hours: Iterable[tuple[datetime, Tallies]]) -> tuple[FailedHour, ...]:
    """The hours in which most requests of each function failed, by channel; worst first, then by time."""
    found: dict[str, list[FailedHour]] = {}
    for hour, tallies in hours:
        for row, tally in tallies.rows.items():
            if tally.faults:
                found.setdefault(row.function, []).append(FailedHour(hour, row, tally.requests, tally.faults))
    return tuple(
        one
        for _, several in sorted(found.items())
        for one in nlargest(MOST_HOURS, several, key=lambda one: (one.faults, -one.hour.timestamp()))
    )
