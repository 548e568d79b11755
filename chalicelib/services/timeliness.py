"""Reports of what came in time and late, by awarding organisation and month (ACH-10, C10 7).

A nightly function counts the submissions of the last days again, since the register's stream may be late. It also
counts those of every day on which unavailability extends the ten working days: an outage may be recorded weeks later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from chalicelib.domain.access import Capability
from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.refusals import Refused
from chalicelib.domain.timeliness import Counts, Submitted, Terms, counted, days_between, terms_of
from chalicelib.domain.working_time import OUTAGE_DAYS, Period, london_day
from chalicelib.ports.accounts import AllAccounts, Organisation
from chalicelib.ports.achievements import Submissions, SubmittedChange
from chalicelib.ports.clock import Clock
from chalicelib.ports.levels import Outages
from chalicelib.ports.timeliness import DayCounts, TimelinessStore

COUNTED_DAYS: Final = 14
"""How many days, up to yesterday, are always counted again; extended ones for as long as an outage can be recorded."""
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


class TimelinessCount:
    """Counts what awarding organisations submitted."""

    def __init__(self, ports: TimelinessPorts) -> None:
        self._ports = ports

    def run(self) -> int:
        """Count the last and the extended days again; returns how many days of organisations had submissions."""
        today = london_day(self._ports.clock())
        known = _terms(self._ports, days_between(today - OUTAGE_DAYS, today - _DAY))
        terms = [one for one in known if one.is_extended or one.day >= today - COUNTED_DAYS * _DAY]
        found = 0
        for organisation in self._organisations():
            counts = [self._of_day(organisation, one) for one in terms]
            held = [one for one in counts if one.counts.total]
            self._ports.store.record(held)
            found += len(held)
        return found

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
    """The periods of unavailability since the earliest of those awards."""


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
        last = min(london_day(month.end) - _DAY, london_day(self._ports.clock()) - _DAY)
        extensions = list(self._extensions(days_between(first, last))) if first <= last else []
        days = self._ports.store.of_month(month, wanted)
        return TimelinessReport(month, max(last, first - _DAY), days, extensions)

    def _extensions(self, days: Sequence[date]) -> Iterable[Extension]:
        outages = self._ports.outages.since(days[0] - OUTAGE_DAYS)
        for terms in _terms(self._ports, days, outages):
            if terms.is_extended:
                lost = [
                    one for one in outages if terms.extended < london_day(one[1]) and london_day(one[0]) <= terms.day
                ]
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
