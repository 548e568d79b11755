"""Versions of the catalogue of aims and providers (QUAL-01).

A version is one immutable object in the catalogue bucket; an item in the catalogue table says which one is in force. A
job is decided by one version from beginning to end, whatever is published in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition

from chalicelib.domain.achievements import Catalogue
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.files import Files
from chalicelib.storage import keys
from chalicelib.storage.tables import Item, Models

BUCKET: Final = "catalogue"
_KEPT: Final = 2
"""Versions kept in memory: the one in force, and the one that an older job still uses."""


class CurrentCatalogueItem(Item):
    """Which version of the catalogue is in force, ``CATALOGUE`` / ``CURRENT``."""

    version = UnicodeAttribute()
    published = UnicodeAttribute()


def snapshot_key(version: str) -> str:
    """The object of a version in the catalogue bucket."""
    return f"snapshots/{version}"


class CatalogueStore:
    """The catalogue table and the catalogue bucket.

    ``read`` makes a catalogue from an object's bytes. Versions are kept in memory after the first read.
    """

    MODELS: ClassVar[Models] = {"catalogue": (CurrentCatalogueItem,)}

    def __init__(self, files: Files, read: Callable[[bytes], Catalogue], clock: Clock) -> None:
        self._files = files
        self._read = read
        self._clock = clock
        self._held: dict[str, Catalogue] = {}

    def current_version(self) -> str:
        """The version in force, strongly consistent. Raises Missing while none has been published."""
        item = CurrentCatalogueItem.find("catalogues.current_version", keys.current_catalogue())
        if item is None:
            raise Missing
        return str(item.version)

    def load(self, version: str) -> Catalogue:
        """The catalogue of that version. Raises Missing, and any exception of ``read`` for invalid bytes."""
        held = self._held.get(version)
        if held is None:
            held = self._read(self._files.read(BUCKET, snapshot_key(version)))
            while len(self._held) >= _KEPT:
                del self._held[next(iter(self._held))]
            self._held[version] = held
        return held

    def publish(self, version: str, snapshot: bytes, previous: str | None = None) -> bool:
        """Store a version and put it in force; False if an object of that version existed.

        With ``previous`` (empty for none) only while that version is in force, else raises Conflict. Raises any
        exception of ``read`` for invalid bytes.
        """
        self._read(snapshot)
        new = self._files.write_if_absent(BUCKET, snapshot_key(version), snapshot, "application/gzip")
        published = self._clock().isoformat()
        item = CurrentCatalogueItem(*keys.current_catalogue(), version=version, published=published)
        if not item.put("catalogues.publish", _in_force(previous)) and self.current_version() != version:
            raise Conflict
        return new


def _in_force(previous: str | None) -> Condition | None:
    if previous is None:
        return None
    return CurrentCatalogueItem.version == previous if previous else CurrentCatalogueItem.absent()
