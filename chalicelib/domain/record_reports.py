"""How the events of a record are shown: participation and achievement, in the order and period that is asked for
(PLR-01, PLR-03).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from chalicelib.domain.records import LearningEvent, day_of


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
