"""The lines of organisations' files: one item for each waiting file, so that a file costs the same however many wait.

Nothing counts the items of a line or writes them together. A change is one conditional write of one item, whose effect
is the same when it is repeated after a lost answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.aws import temporary_failures
from chalicelib.domain.jobs import Place
from chalicelib.storage import keys
from chalicelib.storage.job_items import time_text
from chalicelib.storage.tables import Item, Models

_READ: Final = 8
"""Files read in one call: the first has the turn, unless its lease has expired."""


class PlaceItem(Item):
    """A file in its organisation's line, ``TURN#<ukprn>#<kind>`` / ``<submitted>#<job>``."""

    lease_until = UnicodeAttribute(null=True)


class TurnTable:
    """The lines in the jobs table."""

    MODELS: ClassVar[Models] = {"jobs": (PlaceItem,)}

    def line(self, ukprn: str, kind: str) -> Iterator[Place]:
        """The files in order of submission, strongly consistent, read as far as they are needed."""
        with temporary_failures("turns.line"):
            for item in PlaceItem.query(keys.line(ukprn, kind), consistent_read=True, page_size=_READ):
                submitted, job_id = keys.place_of(item.sk)
                until = datetime.fromisoformat(item.lease_until) if item.lease_until else None
                yield Place(ukprn, kind, datetime.fromisoformat(submitted), job_id, until)

    def join(self, place: Place) -> None:
        """Add a file; one that is in the line already keeps its lease."""
        item = _item(place)
        item.lease_until = time_text(place.lease_until) if place.lease_until else None
        item.put("turns.join", item.absent())

    def lease(self, place: Place, until: datetime) -> None:
        """Give a file the turn until then, unless its lease has changed since it was read, or it has left."""
        held = PlaceItem.lease_until
        as_read = held == time_text(place.lease_until) if place.lease_until else held.does_not_exist()
        _item(place).change("turns.lease", [held.set(time_text(until))], PlaceItem.pk.exists() & as_read)

    def renew(self, place: Place, until: datetime) -> None:
        """Extend the lease of a file that has had the turn; never shortens it."""
        later = PlaceItem.lease_until < time_text(until)
        _item(place).change("turns.renew", [PlaceItem.lease_until.set(time_text(until))], later)

    def leave(self, place: Place) -> None:
        """Remove a file, if it is there."""
        _item(place).remove("turns.leave", PlaceItem.pk.exists())


def _item(place: Place) -> PlaceItem:
    return PlaceItem(*keys.place(place.ukprn, place.kind, time_text(place.submitted_at), place.job_id))
