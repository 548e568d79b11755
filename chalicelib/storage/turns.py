"""The queue of each organisation's files."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.jobs import Place, Turn
from chalicelib.ports.clock import NewId
from chalicelib.ports.errors import Conflict
from chalicelib.storage import keys
from chalicelib.storage.tables import Models, VersionedItem
from chalicelib.storage.texts import JsonText


class TurnItem(VersionedItem):
    """The queue of one organisation's files of one kind, ``TURN#<ukprn>#<kind>`` / ``TURN``."""

    line = JsonText()
    token = UnicodeAttribute()


class TurnTable:
    """The queues in the jobs table."""

    MODELS: ClassVar[Models] = {"jobs": (TurnItem,)}

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id

    def get(self, ukprn: str, kind: str) -> Turn:
        """Strongly consistent; an empty queue if there is none."""
        item = TurnItem.find("turns.get", keys.turn(ukprn, kind))
        if item is None:
            return Turn(ukprn, kind)
        return Turn(ukprn, kind, tuple(Place(*place) for place in item.line), int(item.revision))

    def save(self, turn: Turn) -> Turn:
        """Write the queue if the stored revision is still the turn's; returns it with its new revision. Raises
        Conflict.
        """
        key, token = keys.turn(turn.ukprn, turn.kind), self._new_id()
        saved = replace(turn, revision=turn.revision + 1)
        item = TurnItem(*key, line=[list(place) for place in turn.line], revision=saved.revision, token=token)
        if not item.put("turns.save", item.follows()):
            # A write that was repeated after a lost answer finds its own token.
            stored = TurnItem.find("turns.save", key)
            if stored is None or stored.token != token:
                raise Conflict
        return saved
