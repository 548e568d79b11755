"""Two months of invented submissions, counted in time and late by the daily count itself, for `make run`."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from chalicelib.bootstrap import Services
from chalicelib.domain.achievements import Key, Status
from chalicelib.domain.callers import Channel
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.timeliness import days_between
from chalicelib.domain.uln import Uln
from chalicelib.domain.working_time import LONDON, Period, is_working_day, london_day, ten_working_days_before
from chalicelib.ports.achievements import Submissions, SubmittedChange
from chalicelib.ports.timeliness import DayCounts, Place, TimelinessStore
from chalicelib.services.timeliness import TimelinessCount
from local.samples.examples import EXAMPLE_AIMS, EXAMPLE_LEARNERS

_LATE_RATE: Final = 0.1
_CHANGE_RATE: Final = 0.15


def outage_of(month: Month, holidays: frozenset[date]) -> Period:
    """An outage of fifty minutes in service hours, so near the end of a month that it extends days of the next one."""
    days = days_between(london_day(month.start), london_day(month.end) - timedelta(days=1))
    day = [one for one in days if is_working_day(one, holidays)][-3]
    start = datetime.combine(day, time(10, 10), LONDON).astimezone(UTC)
    return start, start + timedelta(minutes=50)


def make_past_timeliness(services: Services, first: Month) -> None:
    """Record the outage of a month, store what was submitted from then until yesterday, and count it."""
    holidays = services.lists.bank_holidays
    services.outages.record(*outage_of(first, holidays))
    invented = InventedSubmissions(london_day(first.start), holidays)
    gathered = _Gathered(services.timeliness)
    now = services.clock()
    ports = replace(services.timeliness_ports, submissions=invented, store=gathered)
    TimelinessCount(ports).run(now + timedelta(hours=1))
    services.submissions.record(invented.made)  # the next days count them again
    gathered.write()


class InventedSubmissions(Submissions):
    """What awarding organisations submitted on working days."""

    def __init__(self, first: date, holidays: frozenset[date]) -> None:
        self._first = first
        self._holidays = holidays
        self.made: list[tuple[str, SubmittedChange]] = []
        """Every change of the days that were read, each with the id of its event."""

    def record(self, changes: Sequence[tuple[str, SubmittedChange]]) -> None:
        """Keep them to be stored."""
        self.made += changes

    def of_day(self, ukprn: str, day: date, after: str = "") -> Iterator[tuple[str, SubmittedChange]]:
        """The changes of a day, with the marks that they got before the outage was recorded."""
        del after
        if day < self._first or not is_working_day(day, self._holidays):
            return
        dice = random.Random(f"{ukprn}/{day}")
        in_time_from = ten_working_days_before(day, self._holidays)
        changes = sorted((_change(dice, ukprn, day, in_time_from) for _ in range(dice.randrange(10, 40))), key=_at)
        self.record([(f"{dice.getrandbits(128):032x}", change) for change in changes])
        yield from ((f"{number:03d}", change) for number, change in enumerate(changes))


class _Gathered(TimelinessStore):
    """A store that writes everything at its end: a call for each day would take seconds."""

    def __init__(self, store: TimelinessStore) -> None:
        self._store = store
        self._place: Place | None = None
        self._days: list[DayCounts] = []

    def place(self) -> Place | None:
        return self._place

    def keep_place(self, place: Place) -> None:
        self._place = place

    def record(self, days: Sequence[DayCounts]) -> None:
        self._days += days

    def of_month(self, month: Month, ukprn: str = "") -> list[DayCounts]:
        return self._store.of_month(month, ukprn)

    def write(self) -> None:
        """Store what was recorded."""
        self._store.record(self._days)
        if self._place:
            self._store.keep_place(self._place)


def _change(dice: random.Random, ukprn: str, day: date, in_time_from: date) -> SubmittedChange:
    """A new achievement or a change; one in ten is of a day that is too long ago."""
    is_late = dice.random() < _LATE_RATE
    ago = (day - in_time_from).days
    since = day - timedelta(days=dice.randrange(ago + 1, ago + 10) if is_late else dice.randrange(ago))
    is_new = dice.random() >= _CHANGE_RATE
    moment = datetime.combine(day, time(9), LONDON) + timedelta(seconds=dice.randrange(8 * 3600))
    return SubmittedChange(
        organisation=ukprn,
        at=moment.astimezone(UTC).isoformat(timespec="seconds"),
        key=Key(Uln(dice.choice(EXAMPLE_LEARNERS).uln), EXAMPLE_AIMS[0].reference, since),
        revision=1 if is_new else 2,
        actions="1" if is_new else "2",
        status=Status.ACTIVE,
        submission_type=SubmissionType.FINAL,
        late=is_late,
        channel=Channel.BATCH,
        user="",
        job="",
        action_date="" if is_new else since.isoformat(),
    )


def _at(change: SubmittedChange) -> str:
    return change.at
