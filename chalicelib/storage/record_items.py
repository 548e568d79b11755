"""What a learner's partition holds beside learner and achievements: events, availability, marks of challenges.

``body`` has the fields of each in the order of its type.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.challenges import ChallengeMark, ChallengeStatus
from chalicelib.domain.codes import ChallengeType
from chalicelib.domain.records import (
    Availability,
    AvailabilityChange,
    AvailabilityState,
    ParticipationEvent,
    Source,
)
from chalicelib.storage import keys
from chalicelib.storage.tables import Item, VersionedItem
from chalicelib.storage.texts import JsonText

_SOURCES: Final = {source.value: source for source in Source}
_STATES: Final = {state.value: state for state in AvailabilityState}
_TYPES: Final = {kind.value: kind for kind in ChallengeType}
_STATUSES: Final = {status.value: status for status in ChallengeStatus}


class EventItem(Item):
    """An event of school data or a funding return, ``ULN#<uln>`` / ``EVT#<source>#<id>``."""

    body = JsonText()


class EventHolderItem(Item):
    """Under which ULN an event is held, ``EVT#<source>#<id>`` / ``HOLDER``."""

    uln = UnicodeAttribute()


class AvailabilityItem(VersionedItem):
    """The availability of a record, ``ULN#<uln>`` / ``AVAILABILITY``; ``body`` is its latest change."""

    body = JsonText()


class AvailabilityChangeItem(Item):
    """An earlier change of it, ``AVAILABILITY#<uln>`` / ``<number>``: a look at the record does not read it."""

    body = JsonText()


class ChallengeMarkItem(Item):
    """The mark of a challenge on the learner's record, ``ULN#<uln>`` / ``CHALLENGE#<reference>``."""

    body = JsonText()


def event_item(event: ParticipationEvent) -> EventItem:
    """The item of an event."""
    uln, source, event_id, *body = event
    return EventItem(*keys.event(uln, source, event_id), body=body)


def event_of(item: EventItem) -> ParticipationEvent:
    """The event in an item. Raises UnknownKey, ValueError."""
    uln, source, event_id = keys.event_of(item.pk, item.sk)
    made = ParticipationEvent(uln, _SOURCES[source], event_id, *item.body)
    if made.award_date is made.start_date is made.end_date is None:
        return made
    return made._replace(
        award_date=_day(made.award_date), start_date=_day(made.start_date), end_date=_day(made.end_date)
    )


def availability_item(availability: Availability) -> AvailabilityItem:
    """The item of a record's availability."""
    key = keys.availability(availability.uln)
    return AvailabilityItem(*key, body=availability.latest, revision=availability.revision)


def replaced_item(availability: Availability) -> AvailabilityChangeItem | None:
    """The item of the change that the latest one replaces."""
    key = keys.availability_change(availability.uln, availability.revision - 1)
    return AvailabilityChangeItem(*key, body=availability.replaced) if availability.replaced is not None else None


def availability_of(item: AvailabilityItem) -> Availability:
    """The availability in an item."""
    state, *by = item.body
    return Availability(keys.uln_of(item.pk), AvailabilityChange(_STATES[state], *by), int(item.revision))


def mark_item(mark: ChallengeMark) -> ChallengeMarkItem:
    """The item of a challenge's mark."""
    uln, reference, *body = mark
    return ChallengeMarkItem(*keys.challenge_mark(uln, reference), body=body)


def mark_of(item: ChallengeMarkItem) -> ChallengeMark:
    """The mark in an item. Raises UnknownKey."""
    kind, status, raised_at, raised_by, events, resolved_at = item.body
    return ChallengeMark(
        *keys.challenge_mark_of(item.pk, item.sk),
        _TYPES[kind],
        _STATUSES[status],
        raised_at,
        raised_by,
        tuple(events),
        resolved_at,
    )


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
