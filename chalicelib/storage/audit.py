"""The append-only log (SEC-01)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from chalicelib.aws import temporary_failures
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.ports.audit import AuditEntry
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.texts import JsonText
from chalicelib.storage.wire import WireItem, run_statements


class AuditItem(Item):
    """A look or a change, ``<subject>`` / ``<at>#<id>``; written once, never changed."""

    action = UnicodeAttribute()
    outcome = UnicodeAttribute()
    organisation = UnicodeAttribute()
    user = UnicodeAttribute()
    detail = JsonText()


class AuditTable:
    """The audit table."""

    MODELS: ClassVar[Models] = {"audit": (AuditItem,)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._names = tuple(AuditItem.get_attributes())
        values = ", ".join(f"'{name}': ?" for name in self._names)
        self._insert = f'INSERT INTO "{AuditItem.table()}" VALUE {{{values}}}'

    def record(self, entries: Sequence[AuditEntry]) -> None:
        """Write all of them or raise an error. An entry's key is its identity: one that exists is left unchanged.

        Raises TemporaryFailure, after which some may be written and all may be written again.
        """
        # A call must not name an item twice; of an entry that is given twice, the first is written.
        distinct = {keys.audit(entry.subject, entry.at, entry.entry_id): entry for entry in reversed(entries)}
        items = [
            AuditItem(
                *key,
                action=entry.action,
                outcome=entry.outcome,
                organisation=entry.organisation,
                user=entry.user,
                detail=dict(sorted(entry.detail.items())),
            )
            for key, entry in reversed(distinct.items())
        ]
        run_statements("audit.record", self._patience, AuditItem, [self._statement(item) for item in items])

    def _statement(self, item: AuditItem) -> WireItem:
        values = item.serialize()
        return {"Statement": self._insert, "Parameters": [values[name] for name in self._names]}

    def of_subject(self, subject: str, start: str = "", end: str = "") -> list[AuditEntry]:
        """The entries about one subject by time, from ``start`` to ``end``, which are times in ISO 8601 or empty."""
        within = AuditItem.sk.between(start or "0", (end or "9") + "~")
        with temporary_failures("audit.of_subject"):
            return [entry_of(item) for item in AuditItem.query(subject, within)]


def entry_of(item: AuditItem) -> AuditEntry:
    """The entry in an item."""
    subject, at, entry_id = keys.audit_of(item.pk, item.sk)
    action, outcome = LookAction(item.action), LookOutcome(item.outcome)
    return AuditEntry(subject, at, entry_id, action, outcome, item.organisation, item.user, item.detail)
