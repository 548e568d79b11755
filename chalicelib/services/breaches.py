"""Where the faults of a month fell, and what was known to be wrong then (SLA-01, SLA-04)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.recoveries import clocked_between
from chalicelib.domain.tallies import HOUR
from chalicelib.domain.working_time import Period
from chalicelib.ports.clock import Clock
from chalicelib.ports.levels import Outages, RecoveryStore
from chalicelib.ports.tallies import MonthTallies


class Cause(StrEnum):
    """What is recorded about an hour."""

    RECOVERY = "recovery"
    DOWNTIME = "downtime"
    """Downtime that somebody recorded, or emergency maintenance."""
    UNKNOWN = "unknown"


class FaultHour(NamedTuple):
    """An hour in which requests failed."""

    hour: datetime
    channel: str
    requests: int
    faults: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class BreachPorts:
    """What is read."""

    outages: Outages
    recoveries: RecoveryStore
    clock: Clock
    bank_holidays: frozenset[date]


class Breaches:
    """The causes of breaches, for service managers. Each method may raise TemporaryFailure."""

    def __init__(self, ports: BreachPorts) -> None:
        self._ports = ports

    def worst_hours(self, held: MonthTallies, function: str) -> list[FaultHour]:
        """The hours of a month in which most requests of a function failed, by channel; worst first, then by time."""
        recoveries, downtime = self._recoveries(held.month), self.downtime(held.month)
        return [
            FaultHour(one.hour, one.row.channel, one.requests, one.faults, _cause(one.hour, recoveries, downtime))
            for one in held.worst
            if one.row.function == function
        ]

    def downtime(self, month: Month) -> list[Period]:
        """Recorded downtime and emergency maintenance of a month, in order."""
        periods = self._ports.outages.since((month.start - timedelta(days=1)).date())
        return [(start, end) for start, end in periods if start < month.end and end > month.start]

    def _recoveries(self, month: Month) -> list[Period]:
        my, now = self._ports, self._ports.clock()
        found = clocked_between(my.recoveries.all(), month.start, month.end, now, my.bank_holidays)
        return [(one.recovery.invoked_at, one.recovery.reinstated_at or now) for one in found]


def _cause(hour: datetime, recoveries: Iterable[Period], downtime: Iterable[Period]) -> Cause:
    if _touches(hour, recoveries):
        return Cause.RECOVERY
    return Cause.DOWNTIME if _touches(hour, downtime) else Cause.UNKNOWN


def _touches(hour: datetime, periods: Iterable[Period]) -> bool:
    return any(start < hour + HOUR and hour < end for start, end in periods)
