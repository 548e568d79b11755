"""Personal learning records: everything under a ULN in one query, and the events that feeds bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from chalicelib.domain.challenges import ChallengeMark
from chalicelib.domain.learners import Learner
from chalicelib.domain.records import Availability, HeldAchievement, Holdings, ParticipationEvent
from chalicelib.ports.errors import Conflict
from chalicelib.storage import keys
from chalicelib.storage.achievement_items import held_in
from chalicelib.storage.conditions import Patience
from chalicelib.storage.learner_items import LearnerItem, learner_of_item
from chalicelib.storage.record_items import (
    AvailabilityChangeItem,
    AvailabilityItem,
    ChallengeMarkItem,
    EventHolderItem,
    EventItem,
    availability_item,
    availability_of,
    event_item,
    event_of,
    mark_of,
    replaced_item,
)
from chalicelib.storage.tables import Models
from chalicelib.storage.wire import read_items, whole_partition, write_items

EventKey = tuple[str, str, str]
EventIdentity = tuple[str, str]


class RecordTable:
    """Records in the register table."""

    MODELS: ClassVar[Models] = {"register": (LearnerItem, AvailabilityItem, AvailabilityChangeItem)}

    def holdings(self, uln: str) -> Holdings | None:
        """All that is held under a ULN in one query, strongly consistent: a look sees what its caller just wrote, and
        a record that was made unavailable is unavailable at once. None where no learner is. Raises TemporaryFailure.
        """
        learner: Learner | None = None
        availability: Availability | None = None
        achievements: list[HeldAchievement] = []
        events: list[ParticipationEvent] = []
        challenges: list[ChallengeMark] = []
        for item in whole_partition("records.holdings", LearnerItem, keys.learner(uln).pk):
            kind = item["sk"]["S"].partition(keys.SEPARATOR)[0]
            if kind == keys.ACHIEVEMENT:
                achievements.append(held_in(item))
            elif kind == keys.EVENT:
                events.append(event_of(EventItem.of(item)))
            elif kind == keys.CHALLENGE:
                challenges.append(mark_of(ChallengeMarkItem.of(item)))
            elif kind == keys.AVAILABILITY:
                availability = availability_of(AvailabilityItem.of(item))
            elif kind == keys.LEARNER:
                learner = learner_of_item(LearnerItem.of(item))
        if learner is None:
            return None
        return Holdings(learner, tuple(achievements), tuple(events), availability, tuple(challenges))

    def save_availability(self, availability: Availability) -> None:
        """Write it one revision on, so that its item never grows. Raises Conflict, TemporaryFailure.

        The change before it is kept first: if the write then fails, the item has what is kept, and nothing is lost.
        """
        item, replaced = availability_item(availability), replaced_item(availability)
        if replaced is not None:
            replaced.put("records.save_availability", replaced.absent())
        if not item.put("records.save_availability", item.follows()):
            # A write that was repeated after a lost answer finds its own result.
            stored = AvailabilityItem.find("records.save_availability", keys.availability(availability.uln))
            if stored is None or availability_of(stored) != availability._replace(replaced=None):
                raise Conflict


class EventTable:
    """The events in the register table that feeds bring, and in the index of persons under which ULN each is held."""

    MODELS: ClassVar[Models] = {"register": (EventItem,), "person_index": (EventHolderItem,)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def read(self, wanted: Iterable[EventKey]) -> dict[EventKey, ParticipationEvent]:
        """Those that exist, strongly consistent. Raises TemporaryFailure."""
        unread = [keys.event(*key) for key in dict.fromkeys(wanted)]
        items = read_items("participation_events.read", self._patience, EventItem, unread, consistent=True)
        events = (event_of(EventItem.of(item)) for item in items)
        return {(event.uln, event.source.value, event.event_id): event for event in events}

    def write(self, events: Sequence[ParticipationEvent]) -> None:
        """Store them, replacing earlier versions: the content of an event is decided by its source only. Raises
        TemporaryFailure.
        """
        write_items("participation_events.write", self._patience, [event_item(event) for event in events])

    def holders(self, events: Iterable[EventIdentity]) -> dict[EventIdentity, str]:
        """The ULN under which each event is held, strongly consistent. Raises TemporaryFailure."""
        unread = [keys.event_holder(*event) for event in dict.fromkeys(events)]
        items = read_items("participation_events.holders", self._patience, EventHolderItem, unread, consistent=True)
        found = (EventHolderItem.of(item) for item in items)
        return {keys.event_holder_of(item.pk): str(item.uln) for item in found}

    def hold(self, holders: Mapping[EventIdentity, str]) -> None:
        """Record the ULN under which each event is held. Raises TemporaryFailure."""
        items = [EventHolderItem(*keys.event_holder(*event), uln=uln) for event, uln in holders.items()]
        write_items("participation_events.hold", self._patience, items)
