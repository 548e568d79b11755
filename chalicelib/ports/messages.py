"""Queues and the post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.domain.jobs import Source


class Queues(Protocol):
    """Messages to the queues, by logical name (``intake``, ``chunks``, ``finish``, ``notices``)."""

    def send(self, queue: str, messages: Sequence[Mapping[str, object]]) -> None:
        """All of them, ten a call, failed entries again; raises :class:`TemporaryFailure` when some stay unsent."""
        ...


class Mail(Protocol):
    """The post."""

    def send(self, to: str, subject: str, body: str) -> None:
        """Send one message of plain text to one address; raises :class:`TemporaryFailure`."""
        ...


class Delivered(NamedTuple):
    """One event of the inbox: an object's version, and when it was written."""

    source: Source
    submitted_at: datetime


def source_message(source: Source, submitted_at: datetime) -> dict[str, object]:
    """The intake message that stands for one submitted file (a re-send of a lost event)."""
    return {**source._asdict(), "submittedAt": submitted_at.isoformat()}
