"""Fakes of what the service levels are computed from, and of where they are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.tallies import HOUR, Measured, Row, hour_of, hours_between, milliseconds
from chalicelib.ports.tallies import HourTallies, MonthlyReport, MonthTallies, WrittenLine
from tests.fakes.calls import Fake, FakeClock, Hook, call, no_hook


class FakeAccessLogs(Fake):
    """The lines of each surface: when each was written, and from when on it can be read."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self._written: dict[tuple[str, datetime], list[tuple[datetime, datetime, str]]] = defaultdict(list)
        self.reads: list[datetime] = []
        """The start of each read."""

    def put(self, surface: str, at: datetime, line: str, delivered: datetime | None = None) -> None:
        self._written[surface, hour_of(at)].append((at, delivered or at, line))

    @call("access_logs.lines")
    def lines(self, surface: str, start: datetime, end: datetime) -> Iterator[WrittenLine]:
        self.reads.append(start)
        for hour in hours_between(hour_of(start), hour_of(end) + HOUR):
            for at, delivered, line in self._written[surface, hour]:
                if start <= at <= end and delivered <= self.clock():
                    yield WrittenLine(milliseconds(at), line)


class FakeMeasurements(Fake):
    """What functions have measured."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: list[Measured] = []

    @call("measurements.measured")
    def measured(self, rows: Sequence[Row], start: datetime, end: datetime) -> list[Measured]:
        return [one for one in self.held if one.row in rows and start <= one.start < end]


class FakeLevels(Fake):
    """Tallies and reports."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held_hours: dict[datetime, HourTallies] = {}
        self.held_months: dict[Month, MonthTallies] = {}
        self.place: datetime | None = None
        self.reports: dict[Month, tuple[MonthlyReport, datetime | None]] = {}
        """Each with the end of its claim; None when it was sent."""

    @call("levels.put_hours")
    def put_hours(self, hours: Sequence[HourTallies]) -> None:
        self.held_hours |= {one.hour: one for one in hours}

    @call("levels.hours")
    def hours(self, month: Month) -> list[HourTallies]:
        return [one for hour, one in sorted(self.held_hours.items()) if Month.of(hour) == month]

    @call("levels.counted_until")
    def counted_until(self) -> datetime | None:
        return self.place

    @call("levels.keep_counted_until")
    def keep_counted_until(self, moment: datetime) -> None:
        self.place = moment

    @call("levels.put_month")
    def put_month(self, month: MonthTallies) -> None:
        self.held_months[month.month] = month

    @call("levels.month")
    def month(self, month: Month) -> MonthTallies | None:
        return self.held_months.get(month)

    @call("levels.months")
    def months(self, limit: int) -> list[MonthTallies]:
        newest = sorted(self.held_months, reverse=True)[:limit]
        return [self.held_months[month] for month in newest]

    @call("levels.claim_report")
    def claim_report(self, report: MonthlyReport, now: datetime, until: datetime) -> bool:
        if report.month in self.reports:
            claimed = self.reports[report.month][1]
            if claimed is None or claimed >= now:
                return False
        self.reports[report.month] = report, until
        return True

    @call("levels.report_sent")
    def report_sent(self, report: MonthlyReport) -> None:
        self.reports[report.month] = report, None

    @call("levels.is_report_sent")
    def is_report_sent(self, month: Month) -> bool:
        return month in self.reports and self.reports[month][1] is None
