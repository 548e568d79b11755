"""What awarding organisations submitted in time, in time because of an extension, and late (ACH-10, C10 7).

New data count from the award date, changes from their action date. Every accepted change counts, at the day on which it
was submitted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from chalicelib.domain.working_time import LONDON, Period, service_hours_between, ten_working_days_before


class Counts(NamedTuple):
    """Numbers of submissions."""

    new_in_time: int = 0
    new_extended: int = 0
    """New data that are in time only because unavailability extended the ten working days."""
    new_late: int = 0
    changed_in_time: int = 0
    changed_late: int = 0

    @property
    def total(self) -> int:
        return sum(self)

    def plus(self, other: Counts) -> Counts:
        return Counts(*(one + more for one, more in zip(self, other, strict=True)))


class Terms(NamedTuple):
    """The earliest award dates that are in time on a day."""

    day: date
    plain: date
    """By the ten working days alone."""
    extended: date
    """With the service hours lost to unavailability; the same where none were."""

    @property
    def is_extended(self) -> bool:
        return self.extended != self.plain


class Submitted(NamedTuple):
    """One accepted change."""

    since: date
    """The award date of new data, the action date of a change."""
    is_new: bool
    is_late: bool
    """As it was marked when it was submitted."""


def terms_of(day: date, holidays: frozenset[date], outages: Iterable[Period]) -> Terms:
    """What is in time on a day, as far as outages are known."""
    return Terms(day, ten_working_days_before(day, holidays), ten_working_days_before(day, holidays, outages))


def loses_days(outage: Period, terms: Terms, holidays: frozenset[date]) -> bool:
    """Whether service hours were lost in it on the days that count: after the earliest award, and before the day."""
    first, last = (datetime.combine(day, time(), LONDON) for day in (terms.extended + timedelta(days=1), terms.day))
    return bool(service_hours_between(max(outage[0], first), min(outage[1], last), holidays))


def counted(submitted: Iterable[Submitted], terms: Terms) -> Counts:
    """The submissions of a day.

    What was marked late before the outage was recorded is in time, if the outage extends its days.
    """
    found = [0] * len(Counts._fields)
    for one in submitted:
        found[_place_of(one, terms)] += 1
    return Counts(*found)


def _place_of(one: Submitted, terms: Terms) -> int:
    if not one.is_new:
        is_extended = terms.extended <= one.since < terms.plain
        return 4 if one.is_late and not is_extended else 3
    if one.since >= terms.plain:
        return 0
    return 1 if one.since >= terms.extended or not one.is_late else 2


def days_between(first: date, last: date) -> list[date]:
    """The days from one to another, both included."""
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]
