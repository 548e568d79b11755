"""What the service levels are computed from, and where they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.domain.failed_hours import FailedHour
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.tallies import Measured, Row, Tallies


class WrittenLine(NamedTuple):
    """A line of a log."""

    written: int
    """In milliseconds since 1970."""
    text: str


class AccessLogs(Protocol):
    """The gateway's access logs."""

    def lines(self, surface: str, start: datetime, end: datetime) -> Iterator[WrittenLine]:
        """The lines of a surface that were written from start to end, in any order, some perhaps twice.

        Raises :class:`TemporaryFailure`.
        """
        ...


class Measurements(Protocol):
    """What the functions measure of requests and files."""

    def measured(self, rows: Sequence[Row], start: datetime, end: datetime) -> list[Measured]:
        """What was measured of these rows from start to before end, in periods of a minute or, long ago, more.

        Raises :class:`TemporaryFailure`.
        """
        ...


class HourTallies(NamedTuple):
    """What was counted in an hour."""

    hour: datetime
    tallies: Tallies
    excluded: tuple[tuple[int, int], ...]
    """The agreed maintenance in it, in milliseconds since 1970."""


class MonthTallies(NamedTuple):
    """What was counted in a month."""

    month: Month
    tallies: Tallies
    counted_until: datetime
    is_reported: bool = False
    """Whether its report has been sent: then it does not change any more."""
    worst: tuple[FailedHour, ...] = ()
    """The hours in which most requests of each function failed."""


class MonthlyReport(NamedTuple):
    """The report of a month, as it was sent."""

    month: Month
    text: str
    csv: str


class LevelStore(Protocol):
    """Tallies by hour and month, and the monthly reports. Every method raises :class:`TemporaryFailure`."""

    def put_hours(self, hours: Sequence[HourTallies]) -> None:
        """Store hours in place of what was counted in them before."""
        ...

    def hours(self, month: Month) -> list[HourTallies]:
        """The hours of a month, in order."""
        ...

    def counted_until(self) -> datetime | None:
        """The end of the last hour that was counted when it was over; None before the first."""
        ...

    def keep_counted_until(self, moment: datetime) -> None:
        """Keep the place from which counting continues."""
        ...

    def put_month(self, month: MonthTallies) -> None:
        """Store a month in place of what was counted in it before."""
        ...

    def month(self, month: Month) -> MonthTallies | None:
        """A month."""
        ...

    def months(self, limit: int) -> list[MonthTallies]:
        """The latest months, newest first."""
        ...

    def claim_report(self, report: MonthlyReport, now: datetime, until: datetime) -> bool:
        """Store the report and claim its sending until then; False if it is claimed or was sent."""
        ...

    def report_sent(self, report: MonthlyReport) -> None:
        """Keep that the report was sent."""
        ...

    def is_report_sent(self, month: Month) -> bool:
        """Whether a month's report was sent."""
        ...
