"""What stands under a ULN besides learner and achievements, as items and back: events, availability, challenge marks.

Each is one JSON text in the attribute ``told``, in the order of its type's fields: nothing looks into it before it is
read as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from chalicelib.domain.challenges import ChallengeMark, ChallengeStatus, ChallengeType
from chalicelib.domain.records import (
    Availability,
    AvailabilityChange,
    AvailabilityState,
    ParticipationEvent,
    Source,
)
from chalicelib.storage import keys
from chalicelib.storage.batches import Item, key_of

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=date.isoformat).encode
_SOURCES: Final = {source.value: source for source in Source}
_STATES: Final = {state.value: state for state in AvailabilityState}
_TYPES: Final = {kind.value: kind for kind in ChallengeType}
_STATUSES: Final = {status.value: status for status in ChallengeStatus}


def event_item(event: ParticipationEvent) -> Item:
    """The item of an event."""
    uln, source, event_id, *told = event
    return {**key_of(keys.event(uln, source, event_id)), "told": {"S": _encode(told)}}


def event_of(item: Mapping[str, Any]) -> ParticipationEvent:
    """The event in an item. Raises UnknownKey, ValueError."""
    uln, source, event_id = keys.event_of(item["pk"]["S"], item["sk"]["S"])
    told = json.loads(item["told"]["S"])
    made = ParticipationEvent(uln, _SOURCES[source], event_id, *told)
    if made.award_date is made.start_date is made.end_date is None:
        return made
    return made._replace(
        award_date=_day(made.award_date), start_date=_day(made.start_date), end_date=_day(made.end_date)
    )


def availability_item(availability: Availability) -> Item:
    """The item of a record's availability."""
    return {
        **key_of(keys.availability(availability.uln)),
        "told": {"S": _encode(availability.history)},
        "revision": {"N": str(availability.revision)},
    }


def availability_of(item: Mapping[str, Any]) -> Availability:
    """The availability in an item."""
    history = tuple(AvailabilityChange(_STATES[state], *by) for state, *by in json.loads(item["told"]["S"]))
    return Availability(keys.uln_of(item["pk"]["S"]), history, int(item["revision"]["N"]))


def mark_item(mark: ChallengeMark) -> Item:
    """The item of a challenge's mark."""
    uln, reference, *told = mark
    return {**key_of(keys.challenge_mark(uln, reference)), "told": {"S": _encode(told)}}


def mark_of(item: Mapping[str, Any]) -> ChallengeMark:
    """The mark in an item. Raises UnknownKey."""
    kind, status, raised_at, raised_by, events, resolved_at = json.loads(item["told"]["S"])
    return ChallengeMark(
        *keys.challenge_mark_of(item["pk"]["S"], item["sk"]["S"]),
        _TYPES[kind],
        _STATUSES[status],
        raised_at,
        raised_by,
        tuple(events),
        resolved_at,
    )


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
