"""What the use cases of personal learning records and challenges need from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from chalicelib.domain.challenges import Challenge
from chalicelib.domain.records import Availability, Holdings, ParticipationEvent
from chalicelib.ports.audit import AuditEntry

EventKey = tuple[str, str, str]
"""ULN, source, and the event's id within it."""


EventIdentity = tuple[str, str]
"""Source, and the event's id within it."""


class Records(Protocol):
    """What the register holds under a ULN."""

    def holdings(self, uln: str) -> Holdings | None:
        """All of it in one strongly consistent query; None if no learner is registered."""
        ...

    def save_availability(self, availability: Availability) -> None:
        """Write the next revision, and keep the change that it replaces: the stored one must be one less, or absent for
        the first. Raises Conflict.
        """
        ...


class ParticipationEvents(Protocol):
    """Events from school data and funding returns."""

    def read(self, keys: Iterable[EventKey]) -> dict[EventKey, ParticipationEvent]:
        """Those that exist; any number of keys, read 100 per call."""
        ...

    def write(self, events: Sequence[ParticipationEvent]) -> None:
        """Write them, replacing existing ones, 25 per call. Keys must be distinct."""
        ...

    def holders(self, events: Iterable[EventIdentity]) -> dict[EventIdentity, str]:
        """The ULN under which each event was last recorded as held; events never recorded are left out."""
        ...

    def hold(self, holders: Mapping[EventIdentity, str]) -> None:
        """Record the ULN under which each event is held, 25 per call."""
        ...


class Casework(Protocol):
    """Challenges. Each change and the mark on the learner's record are written together, or not at all."""

    def create(self, challenge: Challenge, after: str = "") -> str:
        """Write a new challenge, and return an empty text. If its organisation has raised one with the same problem
        other than ``after``, nothing is written, and its reference is returned. Of several at once, one is written.

        Raises Conflict if the reference already exists.
        """
        ...

    def get(self, reference: str) -> Challenge | None:
        """Strongly consistent."""
        ...

    def save(self, challenge: Challenge) -> Challenge:
        """Writes it if the stored revision is still the challenge's; returns it with the new revision. Raises
        Conflict.
        """
        ...


class AccessPage(NamedTuple):
    """A page of an access log; ``cursor`` is for the next page, empty at the end."""

    items: list[AuditEntry]
    cursor: str


class AccessLog(Protocol):
    """Who looked at a learner's record or changed it (PLR-07)."""

    def page(self, uln: str, ukprn: str, limit: int, cursor: str = "", *, own_only: bool = False) -> AccessPage:
        """Newest first, without ``REPEATED_LOOKS``; ``own_only``: only those of the organisation itself.

        A cursor only works for the organisation that received it. Raises BadCursor.
        """
        ...


class Seals(Protocol):
    """Seals a short text, so that it can neither be forged nor used for another scope."""

    def seal(self, scope: tuple[str, ...], place: str) -> str: ...

    def open(self, scope: tuple[str, ...], token: str) -> str:
        """The text; raises BadCursor if it was not sealed for this scope, or has expired."""
        ...
