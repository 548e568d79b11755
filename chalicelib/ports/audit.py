"""The append-only log of looks and changes (SEC-01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from chalicelib.domain.looks import LookAction, LookOutcome


class AuditEntry(NamedTuple):
    """One look or change, for the append-only log (SEC-01). ``subject`` is the item concerned, such as ``ULN#…``."""

    subject: str
    at: str
    entry_id: str
    action: LookAction
    outcome: LookOutcome
    organisation: str
    user: str
    detail: Mapping[str, str]


def mark_of(entry: AuditEntry) -> str:
    """Where an entry stands in the log of its subject."""
    return f"{entry.at}#{entry.entry_id}"


class Audit(Protocol):
    """The append-only log."""

    def record(self, entries: Sequence[AuditEntry]) -> None:
        """Write all of them or raise an error. Of several entries with one subject, time and id, the first stays."""
        ...


class AuditLog(Protocol):
    """The log, read by subject."""

    def latest(self, subject: str, most: int, before: str = "") -> list[AuditEntry]:
        """The latest entries about one subject, newest first; ``before`` is a mark of :func:`mark_of`."""
        ...
