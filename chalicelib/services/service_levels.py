"""The service levels: counted every hour, shown to service managers, and reported on the first of the month.

The reporter (SLA-01 to SLA-04) counts the requests of each hour from the gateway's access log. An hour is counted
anew in every run until it has been over for three hours, so lines that come late count, and a second run changes
nothing. It is also counted anew when agreed maintenance in it is entered or cancelled, until the month's report is
sent. Runs keep their place: what one has no time for, the next one does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from chalicelib.domain.callers import Channel
from chalicelib.domain.failed_hours import worst_hours
from chalicelib.domain.maintenance import Environment, excluded_periods
from chalicelib.domain.monthly_levels import Described, DescribedFunction, Level, Month, levels_of, overall
from chalicelib.domain.recoveries import Clocked, clocked_between
from chalicelib.domain.tallies import (
    HOUR,
    OTHER,
    Exclusions,
    Row,
    Tallies,
    count_lines,
    count_measured,
    hour_of,
    hours_between,
    total,
)
from chalicelib.formats.access_log import read_line
from chalicelib.formats.level_reports import FILE_NAME, csv_report, letter_of
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.levels import RecoveryStore, Schedules
from chalicelib.ports.tallies import (
    AccessLogs,
    HourTallies,
    LevelStore,
    Measurements,
    MonthlyReport,
    MonthTallies,
    WrittenLine,
)
from chalicelib.services.post import Post

SETTLES: Final = 3 * HOUR
"""How long an hour has been over when it is counted for the last time."""
WRITTEN_EARLIER: Final = timedelta(minutes=1)
WRITTEN_LATER: Final = timedelta(minutes=5)
"""A line is written when its request ends: 29 seconds after it arrived at the latest, by clocks that may differ."""
ARRIVED: Final = HOUR
"""How long an hour has been over when its lines are compared with what functions say they have answered."""
CLAIM: Final = timedelta(minutes=20)
"""How long a run that sends a report keeps others from it; longer than a run can last."""
HISTORY_MONTHS: Final = 13
_CHECKED_LINES: Final = 5_000
_MEASURED: Final = (Channel.BATCH, Channel.PORTAL)
"""Channels of which the gateway's access log does not say which function a request belongs to."""


class ReporterPorts(NamedTuple):
    """What the reporter needs of the world."""

    access_logs: AccessLogs
    measurements: Measurements
    store: LevelStore
    post: Post
    schedules: Schedules
    recoveries: RecoveryStore
    clock: Clock
    bank_holidays: frozenset[date]


@dataclass(slots=True)
class Run:
    """What a run of the reporter did."""

    hours: int = 0
    """Hours that were counted."""
    is_behind: bool = False
    """Whether there was no time for all of them."""
    month: MonthTallies | None = None
    levels: list[Level] = field(default_factory=list)
    """The figures of the current month."""
    recoveries: list[Clocked] = field(default_factory=list)
    """Recoveries from disaster in the current month, with their clocks (SLA-07)."""
    sent: list[Month] = field(default_factory=list)
    """Months whose report was sent."""
    not_sent: list[tuple[Month, str]] = field(default_factory=list)
    """Months whose report could not be sent, and the kind of error."""


class _NoTime(Exception):
    """The run must end."""


class LevelReporter:
    """Counts, publishes and reports."""

    def __init__(
        self, ports: ReporterPorts, described: Described, environment: Environment, manager_email: str
    ) -> None:
        self._ports = ports
        self._described = described
        self._environment = environment
        self._manager = manager_email

    def run(self, until: datetime) -> Run:
        """Count what is new until that time, then add up and send the reports that are due."""
        done = Run()
        now = self._ports.clock()
        place = self._ports.store.counted_until()
        first = self._first_month(now, place)
        windows = self._ports.schedules.since(first.start)
        exclusions = Exclusions(excluded_periods(one for one in windows if one.environment is self._environment))
        try:
            self._count_new(place or first.start, first.start, now, exclusions, until, done)
        except _NoTime:
            done.is_behind = True
        self._add_up_all(first, now, exclusions, until, done)
        done.recoveries = self._recoveries(Month.of(now), now)
        self._send_reports(now, done)
        return done

    def _recoveries(self, month: Month, now: datetime) -> list[Clocked]:
        return clocked_between(self._ports.recoveries.all(), month.start, month.end, now, self._ports.bank_holidays)

    def _first_month(self, now: datetime, place: datetime | None) -> Month:
        """The earliest month that is kept, or in which an earlier run has counted."""
        counted = [one.month for one in self._ports.store.months(HISTORY_MONTHS)]
        if place is not None:
            counted.append(Month.of(place))
        return min([Month.of(now), *counted])

    def _count_new(
        self, place: datetime, first: datetime, now: datetime, exclusions: Exclusions, until: datetime, done: Run
    ) -> None:
        """Count the hours that are new or not settled from a place on, but none before a first one."""
        store, current = self._ports.store, hour_of(now)
        for hour in hours_between(max(first, min(place, current) - SETTLES), current + HOUR):
            self._count_hour(hour, exclusions, until, done)
            if place < hour + HOUR <= current:
                place = hour + HOUR
                store.keep_counted_until(place)

    def _count_hour(self, hour: datetime, exclusions: Exclusions, until: datetime, done: Run) -> HourTallies:
        tallies = Tallies()
        for surface in self._described.surfaces:
            raw = self._ports.access_logs.lines(surface.name, hour - WRITTEN_EARLIER, hour + HOUR + WRITTEN_LATER)
            lines = ((one.written, read_line(one.text)) for one in self._while_time(raw, until))
            count_lines(tallies, surface, hour, lines, exclusions)
        found = self._ports.measurements.measured(self._rows(), hour, hour + HOUR)
        count_measured(tallies, found, frozenset(self._described.functions), _MEASURED, exclusions)
        if self._ports.clock() < hour + HOUR + ARRIVED:
            tallies.measured = {}  # else lines that are on their way would look as if they were missing
        counted = HourTallies(hour, tallies, exclusions.within(hour, hour + HOUR))
        self._ports.store.put_hours([counted])
        done.hours += 1
        return counted

    def _rows(self) -> list[Row]:
        return [Row(number, channel) for number, one in self._described.functions.items() for channel in one.channels]

    def _add_up_all(self, first: Month, now: datetime, exclusions: Exclusions, until: datetime, done: Run) -> None:
        """Add up every month from the first one to the current one that is not reported.

        Also those of which this run has counted no hour: the run that did may have ended before it could add them up.
        """
        store, current = self._ports.store, Month.of(now)
        reported = {one.month for one in store.months(HISTORY_MONTHS) if one.is_reported}
        place = store.counted_until() or first.start
        month = first
        while month < current:
            if month not in reported and month.start < place:
                self._add_up(month, place, exclusions, until, done)
            month = month.next
        done.month = self._add_up(current, place, exclusions, until, done)
        done.levels = levels_of(done.month.tallies, self._described, Channel.BATCH)

    def _add_up(
        self, month: Month, place: datetime, exclusions: Exclusions, until: datetime, done: Run
    ) -> MonthTallies:
        """Store the sum of a month's hours."""
        hours = [self._in_force(one, exclusions, until, done) for one in self._ports.store.hours(month)]
        worst = worst_hours((one.hour, one.tallies) for one in hours)
        counted = MonthTallies(month, total(one.tallies for one in hours), min(place, month.end), worst=worst)
        self._ports.store.put_month(counted)
        return counted

    def _in_force(self, held: HourTallies, exclusions: Exclusions, until: datetime, done: Run) -> HourTallies:
        """The hour, counted again if agreed maintenance in it was entered or cancelled since."""
        if held.excluded == exclusions.within(held.hour, held.hour + HOUR):
            return held
        try:
            return self._count_hour(held.hour, exclusions, until, done)
        except _NoTime:
            done.is_behind = True
            return held

    def _unreported(self, now: datetime) -> list[MonthTallies]:
        """Months that are over and whose report has not been sent, in order."""
        held = self._ports.store.months(HISTORY_MONTHS)
        return sorted((one for one in held if not one.is_reported and one.month.end <= now), key=lambda one: one.month)

    def _send_reports(self, now: datetime, done: Run) -> None:
        """Send the report of each month that is over and settled, once."""
        until = self._ports.store.counted_until()
        for held in self._unreported(now):
            if until is None or done.is_behind or until < held.month.end or now < held.month.end + SETTLES + HOUR:
                continue
            try:
                if self._send_report(held, now):
                    done.sent.append(held.month)
            except TemporaryFailure as error:
                done.not_sent.append((held.month, type(error).__name__))

    def _send_report(self, held: MonthTallies, now: datetime) -> bool:
        store = self._ports.store
        levels = levels_of(held.tallies, self._described, Channel.BATCH)
        recoveries = self._recoveries(held.month, now)
        letter = letter_of(held, levels, recoveries, self._described)
        report = MonthlyReport(held.month, "\n".join(letter.happened), csv_report(held.month, levels))
        if store.claim_report(report, now, now + CLAIM):
            attached = {FILE_NAME.format(held.month): report.csv}
            self._ports.post.send(self._manager, letter, attached)
            store.report_sent(report)
        elif not store.is_report_sent(held.month):
            return False
        # A run that has sent it may have ended before this.
        store.put_month(held._replace(is_reported=True))
        return True

    def _while_time(self, lines: Iterator[WrittenLine], until: datetime) -> Iterator[WrittenLine]:
        """The lines, as long as there is time for more."""
        while self._ports.clock() < until:
            part = list(islice(lines, _CHECKED_LINES))
            if not part:
                return
            yield from part
        raise _NoTime


class MonthLevels(NamedTuple):
    """A month with its figures."""

    held: MonthTallies
    levels: list[Level]

    @property
    def missed(self) -> list[Level]:
        """The levels that miss a target."""
        return [level for level in self.levels if level.missed]

    @property
    def others(self) -> int:
        """Requests and records that belong to no function."""
        return sum(level.requests + level.excluded for level in self.levels if level.function == OTHER)

    def together(self, function: DescribedFunction) -> Level:
        """The figures of a function over all its channels."""
        return overall(function, self.held.tallies, Channel.BATCH)


class ServiceLevels:
    """What service managers see."""

    def __init__(self, store: LevelStore, described: Described, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.described = described

    def month(self, month: Month | None = None) -> MonthLevels | None:
        """The figures of a month, by default the current one; None if nothing was counted in it.

        The current month is there from its start.
        """
        current = Month.of(self._clock())
        held = self._store.month(month or current)
        if held is None and month in (None, current):
            held = MonthTallies(current, Tallies(), current.start)
        return self._with_figures(held) if held else None

    def history(self) -> list[MonthLevels]:
        """The latest months, newest first."""
        return [self._with_figures(held) for held in self._store.months(HISTORY_MONTHS)]

    def _with_figures(self, held: MonthTallies) -> MonthLevels:
        return MonthLevels(held, levels_of(held.tallies, self.described, Channel.BATCH))
