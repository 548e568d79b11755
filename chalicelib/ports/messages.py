"""Queues and email."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from chalicelib.domain.jobs import Source
from chalicelib.domain.scans import Verdict

NOTHING_ATTACHED: Final[Mapping[str, str]] = MappingProxyType({})


class Queues(Protocol):
    """Messages to the queues, by logical name (``intake``, ``chunks``, ``finish``, ``notices``)."""

    def send(self, queue: str, messages: Sequence[Mapping[str, object]]) -> None:
        """Sends all of them, ten per call, and repeats failed entries; raises :class:`TemporaryFailure` if some remain
        unsent.
        """
        ...

    def count(self, queue: str) -> int:
        """About how many messages a queue holds; raises :class:`TemporaryFailure`."""
        ...

    def oldest(self, queue: str) -> datetime | None:
        """When the oldest was sent of the first messages that a queue gives; None if it gives none. They stay.

        Raises :class:`TemporaryFailure`.
        """
        ...

    def move(self, queue: str, to: str) -> int:
        """Move up to ten messages to another queue; returns how many. A crash can deliver some twice, and loses none.

        Raises :class:`TemporaryFailure`.
        """
        ...


class Mail(Protocol):
    """Email."""

    def send(self, to: str, subject: str, body: str, attached: Mapping[str, str] = NOTHING_ATTACHED) -> None:
        """Send one message of plain text to one address, with CSV files attached, by their names.

        Raises :class:`MailRefused` where the email service does not accept it, or another :class:`TemporaryFailure`.
        """
        ...


class Delivered(NamedTuple):
    """One event in the inbox: an object's version, and what the event says about it."""

    source: Source
    submitted_at: datetime | None
    """When it was written; None if the event does not say."""
    verdict: Verdict | None = None
    """The result of its malware scan, in that scan's event."""


def source_message(source: Source, submitted_at: datetime) -> dict[str, object]:
    """The intake message for one submitted file, to replace a lost event."""
    return {**source._asdict(), "submittedAt": submitted_at.isoformat()}
