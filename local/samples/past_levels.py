"""Two months of invented service levels, counted and reported by the reporter itself, for `make run`.

The reports of both are in the mailbox, and what was submitted in time and late in them is counted too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache

from chalicelib.bootstrap import Services
from chalicelib.domain.callers import Channel
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.tallies import HOUR, FileTally, Measured, Row, Tallies, hour_of, hours_between, milliseconds
from chalicelib.domain.working_time import Period
from chalicelib.ports.tallies import HourTallies, LevelStore, MonthTallies, WrittenLine
from chalicelib.services.service_levels import SETTLES, LevelReporter, ReporterPorts
from local.samples.past_submissions import make_past_timeliness, outage_of
from local.samples.traffic import EndedFile, Spell, SpellKind, Traffic, line_of

AN_HOUR = 25
"""Requests in an hour of a working day."""


def make_past_levels(services: Services) -> bool:
    """Fill the two months before the current one, if nothing has been counted yet; whether that was so."""
    store = services.levels
    if store.months(1):
        return False
    current = Month.of(services.clock())
    first = current.previous.previous
    make_past_timeliness(services, first)
    outage = outage_of(first, services.lists.bank_holidays)
    invented = Invented(_traffic(first, outage), first.start, current.start)
    gathered = _Gathered(store)
    gathered.put_month(MonthTallies(first, Tallies(), first.start))
    gathered.keep_counted_until(first.start)
    end = current.start + SETTLES + HOUR
    ports = ReporterPorts(
        access_logs=invented,
        measurements=invented,
        store=gathered,
        post=services.post,
        schedules=services.schedules,
        recoveries=services.recovery_store,
        clock=lambda: end,
        bank_holidays=services.lists.bank_holidays,
    )
    manager = services.need("service_manager_email")
    LevelReporter(ports, services.described_levels, services.environment, manager).run(end + HOUR)
    store.keep_counted_until(hour_of(services.clock()))  # nobody has called this service before
    return True


def _traffic(first: Month, outage: Period) -> Traffic:
    """Each month has something to see: an outage, a day of faults, a slow week."""
    day, second = timedelta(days=1), first.next.start
    spells = [
        Spell(*outage, SpellKind.OUTAGE),
        Spell(second + 3 * day, second + 17 * day, SpellKind.SLOW, frozenset({"PLR-01"})),
        Spell(second + 12 * day, second + 13 * day, SpellKind.FAULTY, frozenset({"ACH-01"})),
    ]
    return Traffic(seed=first.year * 100 + first.number, an_hour=AN_HOUR, spells=spells)


class Invented:
    """The access log and the measurements of invented traffic."""

    def __init__(self, traffic: Traffic, start: datetime, end: datetime) -> None:
        self._traffic = traffic
        self._start = start
        self._end = end
        self._hour = cache(self._written)

    def lines(self, surface: str, start: datetime, end: datetime) -> Iterator[WrittenLine]:
        """The lines that were written from start to end."""
        first, last = milliseconds(start), milliseconds(end)
        if surface == self._traffic.surface:
            for hour in hours_between(max(self._start, hour_of(start)), min(self._end, hour_of(end) + HOUR)):
                yield from (one for one in self._hour(hour) if first <= one.written <= last)

    def measured(self, rows: Sequence[Row], start: datetime, end: datetime) -> list[Measured]:
        """Files that ended in a whole hour."""
        found = self._traffic.files(max(start, self._start), min(end, self._end))
        return [_measured(one) for one in found if Row(one.function, Channel.BATCH) in rows]

    def _written(self, hour: datetime) -> list[WrittenLine]:
        events = self._traffic.requests(hour, hour + HOUR)
        return [WrittenLine(event["at"] + event["latency"], line_of(event)) for event in events]


def _measured(one: EndedFile) -> Measured:
    start = one.at.replace(second=0, microsecond=0)
    files = FileTally(1, 0, one.minutes, one.minutes)
    row, length = Row(one.function, Channel.BATCH), timedelta(minutes=1)
    return Measured(start, start + length, row, one.records, one.faults, len(one.chunks), sum(one.chunks), files)


class _Gathered:
    """A store that writes hours when they are read: one call for each would take a minute."""

    def __init__(self, store: LevelStore) -> None:
        self._hours: list[HourTallies] = []
        self._place: datetime | None = None
        self.put_month = store.put_month
        self.month = store.month
        self.months = store.months
        self.claim_report = store.claim_report
        self.report_sent = store.report_sent
        self.is_report_sent = store.is_report_sent
        self._store = store

    def put_hours(self, hours: Sequence[HourTallies]) -> None:
        self._hours += hours

    def hours(self, month: Month) -> list[HourTallies]:
        if self._hours:
            self._store.put_hours(self._hours)
            self._hours = []
        return self._store.hours(month)

    def counted_until(self) -> datetime | None:
        return self._place

    def keep_counted_until(self, moment: datetime) -> None:
        self._place = moment
