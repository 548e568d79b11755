"""Versions of the catalogue of aims and providers (QUAL-01).

A version is one immutable object in the catalogue bucket; an item in the catalogue table says which one is in force. A
job is decided by one version from beginning to end, whatever is published meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from chalicelib.aws import Reaching
from chalicelib.domain.achievements import Catalogue
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.files import Files
from chalicelib.storage import keys
from chalicelib.storage.conditions import condition_failed
from chalicelib.storage.tables import CurrentCatalogueItem

BUCKET: Final = "catalogue"
_KEPT: Final = 2
"""Versions kept in memory: the one in force, and the one that a job of before still uses."""


def snapshot_key(version: str) -> str:
    """The object of a version in the catalogue bucket."""
    return f"snapshots/{version}"


class CatalogueStore:
    """The catalogue table, whose models must be bound, and the catalogue bucket.

    ``read`` makes a catalogue of an object's bytes. Versions stay in memory once read.
    """

    def __init__(self, files: Files, read: Callable[[bytes], Catalogue], clock: Clock) -> None:
        self._files = files
        self._read = read
        self._clock = clock
        self._held: dict[str, Catalogue] = {}

    def current_version(self) -> str:
        """The version in force, strongly consistent. Raises Missing while none has been published."""
        try:
            with Reaching("catalogues.current_version"):
                item = CurrentCatalogueItem.get(*keys.current_catalogue(), consistent_read=True)
        except CurrentCatalogueItem.DoesNotExist:
            raise Missing from None
        return str(item.version)

    def load(self, version: str) -> Catalogue:
        """The catalogue of that version. Raises Missing, and what ``read`` raises for bytes that are no catalogue."""
        held = self._held.get(version)
        if held is None:
            held = self._read(self._files.read(BUCKET, snapshot_key(version)))
            while len(self._held) >= _KEPT:
                del self._held[next(iter(self._held))]
            self._held[version] = held
        return held

    def publish(self, version: str, snapshot: bytes, previous: str | None = None) -> bool:
        """Store a version and put it in force; False when an object of that version existed.

        With ``previous`` (empty for none) only while that version is in force, else raises Conflict. Raises what
        ``read`` raises for bytes that are no catalogue.
        """
        self._read(snapshot)
        new = self._files.write_if_absent(BUCKET, snapshot_key(version), snapshot, "application/gzip")
        published = self._clock().isoformat()
        item = CurrentCatalogueItem(*keys.current_catalogue(), version=version, published=published)
        with Reaching("catalogues.publish"):
            try:
                item.save(_in_force(previous))
            except PutError as error:
                if not condition_failed(error):
                    raise
                if self.current_version() != version:
                    raise Conflict from None
        return new


def _in_force(previous: str | None) -> Condition | None:
    if previous is None:
        return None
    none: Condition = CurrentCatalogueItem.pk.does_not_exist()
    return CurrentCatalogueItem.version == previous if previous else none
