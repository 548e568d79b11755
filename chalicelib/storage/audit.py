"""The append-only log (SEC-01).

Entries are inserted with PartiQL statements: a function's only permission to write is ``PartiQLInsert``, which can
neither change nor delete what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.aws import temporary_failures
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.ports.audit import AuditEntry
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.texts import JsonText, encode, quoted
from chalicelib.storage.wire import run_statements


class AuditItem(Item):
    """A look or a change, ``<subject>`` / ``<at>#<id>``; written once, never changed."""

    action = UnicodeAttribute()
    outcome = UnicodeAttribute()
    organisation = UnicodeAttribute()
    user = UnicodeAttribute()
    detail = JsonText()


_NAMES: Final = ("pk", "sk", "action", "outcome", "organisation", "user", "detail")


class AuditTable:
    """The audit table."""

    MODELS: ClassVar[Models] = {"audit": (AuditItem,)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        values = ", ".join(f"'{name}': ?" for name in _NAMES)
        insert = f'INSERT INTO "{AuditItem.table()}" VALUE {{{values}}}'
        self._insert = f'{{"Statement":{quoted(insert)},"Parameters":[{{"S":'

    def record(self, entries: Sequence[AuditEntry]) -> None:
        """Write all of them or raise an error. An entry's key is its identity: one that exists is left unchanged.

        Raises TemporaryFailure, after which some may be written and all may be written again.
        """
        # A call must not name an item twice; of an entry that is given twice, the first is written.
        distinct = {keys.audit(entry.subject, entry.at, entry.entry_id): entry for entry in reversed(entries)}
        statements = [self._statement(key, entry) for key, entry in reversed(distinct.items())]
        run_statements("audit.record", self._patience, AuditItem, statements)

    def _statement(self, key: keys.ItemKey, entry: AuditEntry) -> str:
        """As JSON, since the stream brings thousands: all are the same but for their seven values."""
        _, _, _, action, outcome, organisation, user, detail = entry
        pk, sk = key
        values = [pk, sk, action, outcome, organisation, user, encode(detail if type(detail) is dict else dict(detail))]
        return self._insert + '},{"S":'.join(map(quoted, values)) + "}]}"

    def of_subject(self, subject: str, start: str = "", end: str = "") -> list[AuditEntry]:
        """The entries about one subject by time, from ``start`` to ``end``, which are times in ISO 8601 or empty."""
        within = AuditItem.sk.between(start or "0", (end or "9") + "~")
        with temporary_failures("audit.of_subject"):
            return [entry_of(item) for item in AuditItem.query(subject, within)]

    def latest(self, subject: str, most: int, before: str = "") -> list[AuditEntry]:
        """The latest entries about one subject, newest first."""
        earlier = AuditItem.sk < before if before else None
        with temporary_failures("audit.latest"):
            found = AuditItem.query(subject, earlier, scan_index_forward=False, limit=most, page_size=most)
            return [entry_of(item) for item in found]


def entry_of(item: AuditItem) -> AuditEntry:
    """The entry in an item."""
    subject, at, entry_id = keys.audit_of(item.pk, item.sk)
    action, outcome = LookAction(item.action), LookOutcome(item.outcome)
    return AuditEntry(subject, at, entry_id, action, outcome, item.organisation, item.user, item.detail)
