"""The append-only log (SEC-01)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.aws import Reaching
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.ports.audit import AuditEntry
from chalicelib.storage import keys
from chalicelib.storage.batches import write_items
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import AuditItem


class AuditTable:
    """The audit table. ``client`` gives the DynamoDB client of botocore."""

    def __init__(self, table: str, client: Callable[[], Any], patience: Patience) -> None:
        self._table = table
        self._client = client
        self._patience = patience

    def record(self, entries: Sequence[AuditEntry]) -> None:
        """Write all of them or raise. An entry's key is its identity: written again, it is the same item.

        Raises TemporaryFailure, upon which some may be written and all may be written again.
        """
        # One call must not name an item twice; an entry that is given twice is one entry.
        distinct = {(entry.subject, entry.at, entry.entry_id): entry for entry in entries}
        items = [
            AuditItem(
                *keys.audit(*identity),
                action=entry.action,
                outcome=entry.outcome,
                organisation=entry.organisation,
                user=entry.user,
                detail=json.dumps(dict(entry.detail), ensure_ascii=False, separators=(",", ":"), sort_keys=True),
            ).serialize()
            for identity, entry in distinct.items()
        ]
        write_items(self._table, self._client(), self._patience, items)

    def of_subject(self, subject: str, start: str = "", end: str = "") -> list[AuditEntry]:
        """The entries on one subject by time, from ``start`` to ``end``, which are times in ISO 8601 or empty."""
        within = AuditItem.sk.between(start or "0", (end or "9") + "~")
        with Reaching("audit.of_subject"):
            return [_entry(item) for item in AuditItem.query(subject, within)]


def _entry(item: AuditItem) -> AuditEntry:
    subject, at, entry_id = keys.audit_of(item.pk, item.sk)
    action, outcome = LookAction(item.action), LookOutcome(item.outcome)
    return AuditEntry(subject, at, entry_id, action, outcome, item.organisation, item.user, json.loads(item.detail))
