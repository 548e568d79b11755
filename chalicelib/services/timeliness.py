"""Reports of what came in time and late, by awarding organisation and month (ACH-10, C10 7).

A daily function counts each day until it has been over for a fortnight, since the register's stream may be late. It
counts an older day again when the extension of its ten working days has changed: an outage may be recorded, or
corrected, weeks later. It keeps its place: days that it missed, however many, are counted by the next runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.domain.access import Capability
from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.refusals import Refused
from chalicelib.domain.timeliness import Counts, Submitted, Terms, counted, days_between, loses_days, terms_of
from chalicelib.domain.working_time import OUTAGE_DAYS, Period, london_day
from chalicelib.ports.accounts import AllAccounts, Organisation
from chalicelib.ports.achievements import Submissions, SubmittedChange
from chalicelib.ports.clock import Clock
from chalicelib.ports.levels import Outages
from chalicelib.ports.timeliness import DayCounts, Place, TimelinessStore

SETTLES: Final = timedelta(days=14)
"""How long after a day it is counted for the last time, unless an outage that changes it is recorded later."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TimelinessPorts:
    """The ports that counting and reporting use."""

    accounts: AllAccounts
    submissions: Submissions
    outages: Outages
    store: TimelinessStore
    clock: Clock
    bank_holidays: frozenset[date]


class Counted(NamedTuple):
    """What a run did."""

    days: int
    """Days of organisations that had submissions."""
    is_behind: bool
    """Whether there was no time for every day."""


class TimelinessCount:
    """Counts what awarding organisations submitted."""

    def __init__(self, ports: TimelinessPorts) -> None:
        self._ports = ports

    def run(self, until: datetime) -> Counted:
        """Count the days that are new or not settled, then those whose extension has changed, while there is time.

        A run counts one day at least. The next one continues from the place that is kept after each day.
        """
        today = london_day(self._ports.clock())
        place = self._ports.store.place() or Place.before(today - OUTAGE_DAYS)
        organisations = list(self._organisations())
        standing: dict[Month, set[tuple[str, date]]] = {}
        found = 0
        for number, terms in enumerate(self._due(place, today)):
            if number and self._ports.clock() >= until:
                return Counted(found, is_behind=True)
            found += self._count(terms, organisations, standing)
            moved = place.after(terms, is_settled=terms.day <= today - SETTLES)
            if moved != place:
                place = moved
                self._ports.store.keep_place(place)
        return Counted(found, is_behind=False)

    def _due(self, place: Place, today: date) -> list[Terms]:
        """The days to count: first those from the place on, so that they are not kept waiting by older ones."""
        first = place.settled + _DAY
        earliest = min(first, today - OUTAGE_DAYS)
        known = _terms(self._ports, days_between(earliest, today - _DAY))
        due = [one for one in known if one.day >= first]
        return due + [one for one in known if one.day < first and not place.is_as_counted(one)]

    def _count(
        self, terms: Terms, organisations: Iterable[Organisation], standing: dict[Month, set[tuple[str, date]]]
    ) -> int:
        """Count a day in place of what stood for it; how many organisations had submissions."""
        month = Month(terms.day.year, terms.day.month)
        if month not in standing:
            standing[month] = {(one.ukprn, one.day) for one in self._ports.store.of_month(month)}
        counts = [self._of_day(organisation, terms) for organisation in organisations]
        self._ports.store.record([one for one in counts if one.counts.total or (one.ukprn, one.day) in standing[month]])
        return sum(1 for one in counts if one.counts.total)

    def _organisations(self) -> Iterable[Organisation]:
        after, is_last = "", False
        while not is_last:
            page, after = self._ports.accounts.page(after)
            yield from (one for one in page if one.is_awarding_organisation)
            is_last = not after

    def _of_day(self, organisation: Organisation, terms: Terms) -> DayCounts:
        changes = self._ports.submissions.of_day(organisation.ukprn, terms.day)
        counts = counted((_submitted(change) for _, change in changes), terms)
        return DayCounts(organisation.ukprn, organisation.name, terms.day, counts)


class Extension(NamedTuple):
    """A day on which unavailability let earlier awards be in time."""

    terms: Terms
    outages: tuple[Period, ...]
    """The periods of unavailability whose service hours were lost since the earliest of those awards."""


class TimelinessReport(NamedTuple):
    """A month, for one organisation or all."""

    month: Month
    counted_until: date
    """The last day that is counted; the day before the month if there is none yet."""
    days: Sequence[DayCounts]
    extensions: Sequence[Extension]

    @property
    def organisations(self) -> list[DayCounts]:
        """The sum of each organisation, at the month's first day."""
        found: dict[str, DayCounts] = {}
        for one in self.days:
            held = found.get(one.ukprn)
            counts = one.counts.plus(held.counts) if held else one.counts
            found[one.ukprn] = DayCounts(one.ukprn, one.name, date(self.month.year, self.month.number, 1), counts)
        return list(found.values())

    @property
    def total(self) -> Counts:
        """The sum of all."""
        total = Counts()
        for one in self.days:
            total = total.plus(one.counts)
        return total


class TimelinessReports:
    """Reports for awarding organisations, each its own, and for service managers."""

    def __init__(self, ports: TimelinessPorts) -> None:
        self._ports = ports

    def this_month(self) -> Month:
        """The current month."""
        return Month.of(self._ports.clock())

    def of_month(self, caller: Caller, month: Month, ukprn: str = "") -> TimelinessReport:
        """The report of a month.

        Service managers see every organisation, or the one with the UKPRN; others their own. Raises Refused
        (LRS-ORG-1).
        """
        is_manager = str(Capability.SERVICE_LEVELS_READ) in caller.capabilities
        wanted = ukprn if is_manager else ukprn or caller.ukprn
        if not is_manager and wanted != caller.ukprn:
            raise Refused(failure("LRS-ORG-1"))
        first = date(month.year, month.number, 1)
        place = self._ports.store.place()
        last = min(london_day(month.end) - _DAY, place.counted) if place else first - _DAY
        extensions = list(self._extensions(days_between(first, last))) if first <= last else []
        days = self._ports.store.of_month(month, wanted)
        return TimelinessReport(month, max(last, first - _DAY), days, extensions)

    def _extensions(self, days: Sequence[date]) -> Iterable[Extension]:
        outages = self._ports.outages.since(days[0] - OUTAGE_DAYS)
        for terms in _terms(self._ports, days, outages):
            if terms.is_extended:
                lost = [one for one in outages if loses_days(one, terms, self._ports.bank_holidays)]
                yield Extension(terms, tuple(lost))


def _terms(ports: TimelinessPorts, days: Sequence[date], outages: Sequence[Period] | None = None) -> list[Terms]:
    known = ports.outages.since(days[0] - OUTAGE_DAYS) if outages is None else outages
    return [terms_of(day, ports.bank_holidays, known) for day in days]


def _submitted(change: SubmittedChange) -> Submitted:
    is_new = change.revision == 1
    # Of several actions at once, it is not known which one was late: their mark stays.
    is_one_change = not is_new and change.action_date and len(change.actions) == 1
    since = date.fromisoformat(change.action_date) if is_one_change else change.key.award_date
    return Submitted(since, is_new, change.late)
