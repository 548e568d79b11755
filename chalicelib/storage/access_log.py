"""Access to a learner's record: the audit log of one learner, page by page, newest first (PLR-07)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from chalicelib.aws import temporary_failures
from chalicelib.domain.looks import REPEATED_LOOKS
from chalicelib.ports.records import AccessPage
from chalicelib.storage import keys
from chalicelib.storage.audit import AuditItem, entry_of
from chalicelib.storage.cursors import Cursors
from chalicelib.storage.tables import Models

_READ: Final = 500
"""Entries read by a call where most may be others': what is read is filtered afterwards."""


class AccessLogTable:
    """The audit table, read by learner."""

    MODELS: ClassVar[Models] = {"audit": (AuditItem,)}

    def __init__(self, cursors: Callable[[], Cursors]) -> None:
        self._cursors = cursors

    def page(self, uln: str, ukprn: str, limit: int, cursor: str = "", *, own_only: bool = False) -> AccessPage:
        """At most ``limit`` entries. Raises BadCursor, TemporaryFailure."""
        subject = keys.learner(uln).pk
        scope = ("access-log", ukprn, uln)
        start = {"pk": {"S": subject}, "sk": {"S": self._cursors().open(scope, cursor)}} if cursor else None
        shown = ~AuditItem.action.is_in(*REPEATED_LOOKS)
        if own_only:
            shown &= AuditItem.organisation == ukprn
        with temporary_failures("access_log.page"):
            found = AuditItem.query(
                subject,
                filter_condition=shown,
                scan_index_forward=False,
                limit=limit,
                page_size=_READ if own_only else limit,
                last_evaluated_key=start,
            )
            entries = [entry_of(item) for item in found]
        last = found.last_evaluated_key
        return AccessPage(entries, self._cursors().seal(scope, last["sk"]["S"]) if last else "")
