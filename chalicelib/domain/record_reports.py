"""How the events of a record are shown: participation and achievement, in the order and period that is asked for
(PLR-01, PLR-03).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from chalicelib.domain.codes import Code, CodeList
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.records import LearningEvent, day_of
from chalicelib.domain.values import read_fields


class Part(StrEnum):
    """The two parts of a record's events."""

    ACHIEVEMENT = "achievement"
    """What has been awarded."""
    PARTICIPATION = "participation"
    """Learning with a start or an end, without an award."""


class Order(StrEnum):
    """The orders in which events can be shown; within one place of it the newest come first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    TITLE = "title"
    LEVEL = "level"
    AWARDING_ORGANISATION = "awarding-organisation"
    PROVIDER = "provider"


class Period(NamedTuple):
    """From the first to the last day; None for no limit."""

    first: date | None = None
    last: date | None = None

    def has(self, event: LearningEvent) -> bool:
        """Whether the day of the event is in it. An event without a day is only in a period without limits."""
        day = day_of(event)
        if day is None:
            return self.first is None and self.last is None
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


class Choice(NamedTuple):
    """What to show of a record."""

    parts: frozenset[Part] = frozenset(Part)
    order: Order = Order.NEWEST
    period: Period = Period()


EVERYTHING: Final = Choice()

LEARNER: Final = "learner"
"""The learner's details, in the list of what a report can show."""
SHOWN: Final = Field(
    "shown",
    Kind.CODE,
    20,
    "What the report shows.",
    mandatory=True,
    codes=CodeList(
        "ReportPart",
        (
            Code(LEARNER, "the learner’s details"),
            Code(Part.ACHIEVEMENT, "achievement"),
            Code(Part.PARTICIPATION, "participation"),
        ),
    ),
)
ORDER: Final = Field(
    "order",
    Kind.CODE,
    30,
    "The order of the events.",
    codes=CodeList("ReportOrder", tuple(Code(order, order.replace("-", " ")) for order in Order)),
)
FIRST_DAY: Final = Field("first_day", Kind.DATE, 10, "The first day of the period.", "2023-09-01")
LAST_DAY: Final = Field("last_day", Kind.DATE, 10, "The last day of the period.", "2025-08-31")


class Report(NamedTuple):
    """What a report shows (PLR-03)."""

    choice: Choice = EVERYTHING
    has_learner: bool = True


def read_report(shown: Sequence[str], texts: Mapping[str, str]) -> Report | tuple[Failure, ...]:
    """The report that is asked for, or every reason against it: those of ``values.judged``; ``LRS-PLR-3`` the period
    ends before it begins.
    """
    found = [reason for one in shown or [""] for reason in read_fields((SHOWN,), {SHOWN.name: one})[1]]
    values, reasons = read_fields((ORDER, FIRST_DAY, LAST_DAY), texts)
    order, first, last = values.values()
    found += reasons
    if first is not None and last is not None and last < first:
        found.append(failure("LRS-PLR-3", LAST_DAY.wire))
    if found:
        return tuple(found)
    parts = frozenset(Part(one) for one in shown if one != LEARNER)
    return Report(Choice(parts, Order(order or Order.NEWEST), Period(first, last)), LEARNER in shown)


def part_of(event: LearningEvent) -> Part:
    """The part of the record to which an event belongs."""
    return Part.PARTICIPATION if event.achievement_award_date is None else Part.ACHIEVEMENT


def chosen(events: Iterable[LearningEvent], choice: Choice = EVERYTHING) -> dict[Part, list[LearningEvent]]:
    """The events of each part that is wanted, in the order that is wanted; ``events`` are newest first."""
    found: dict[Part, list[LearningEvent]] = {part: [] for part in Part if part in choice.parts}
    for event in events:
        part = part_of(event)
        if part in found and choice.period.has(event):
            found[part].append(event)
    return {part: _ordered(those, choice.order) for part, those in found.items()}


def _ordered(events: Sequence[LearningEvent], order: Order) -> list[LearningEvent]:
    key = _KEYS.get(order)
    return list(events) if key is None else sorted(events, key=key)


def _text(*names: str) -> Callable[[LearningEvent], tuple[bool, str]]:
    """By the first of these fields that has a text; events without any come last."""

    def key(event: LearningEvent) -> tuple[bool, str]:
        text = next((found for name in names if (found := getattr(event, name))), "")
        return not text, text.casefold()

    return key


def _oldest(event: LearningEvent) -> tuple[bool, int]:
    day = day_of(event)
    return day is None, day.toordinal() if day else 0


_KEYS: Final[dict[Order, Callable[[LearningEvent], Any]]] = {
    Order.OLDEST: _oldest,
    Order.TITLE: _text("subject", "subject_code"),
    Order.LEVEL: _text("level"),
    Order.AWARDING_ORGANISATION: _text("awarding_organisation_name", "awarding_organisation_ukprn"),
    Order.PROVIDER: _text("achievement_provider_name", "achievement_provider_ukprn"),
}
