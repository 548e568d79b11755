"""The line of each organisation's files."""

from __future__ import annotations

import json
from dataclasses import replace

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from chalicelib.aws import Reaching
from chalicelib.domain.jobs import Place, Turn
from chalicelib.ports.clock import NewId
from chalicelib.ports.errors import Conflict
from chalicelib.storage import keys
from chalicelib.storage.conditions import condition_failed
from chalicelib.storage.tables import TurnItem


class TurnTable:
    """The lines of the jobs table; its models must be bound."""

    def __init__(self, new_id: NewId) -> None:
        self._new_id = new_id

    def get(self, ukprn: str, kind: str) -> Turn:
        """Strongly consistent; an empty line where there is none."""
        with Reaching("turns.get"):
            item = _read(ukprn, kind)
        if item is None:
            return Turn(ukprn, kind)
        line = tuple(Place(*place) for place in json.loads(item.line))
        return Turn(ukprn, kind, line, int(item.revision))

    def save(self, turn: Turn) -> Turn:
        """Write the line if the stored revision is still the turn's; with its new revision. Raises Conflict."""
        token = self._new_id()
        saved = replace(turn, revision=turn.revision + 1)
        line = json.dumps([list(place) for place in turn.line], separators=(",", ":"))
        item = TurnItem(*keys.turn(turn.ukprn, turn.kind), line=line, revision=saved.revision, token=token)
        none: Condition = TurnItem.pk.does_not_exist()
        with Reaching("turns.save"):
            try:
                item.save(none if turn.revision == 0 else TurnItem.revision == turn.revision)
            except PutError as error:
                if not condition_failed(error):
                    raise
                # A write that was repeated after a lost answer finds its own token.
                stored = _read(turn.ukprn, turn.kind)
                if stored is None or stored.token != token:
                    raise Conflict from None
        return saved


def _read(ukprn: str, kind: str) -> TurnItem | None:
    try:
        return TurnItem.get(*keys.turn(ukprn, kind), consistent_read=True)
    except TurnItem.DoesNotExist:
        return None
