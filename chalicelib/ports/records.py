"""What the use cases of personal learning records and of challenges need of the world outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from chalicelib.domain.aims import Aim, AimReference, Provider
from chalicelib.domain.challenges import Challenge
from chalicelib.domain.records import Availability, Holdings, ParticipationEvent
from chalicelib.ports.audit import AuditEntry

EventKey = tuple[str, str, str]
"""ULN, source, and the event's id within it."""


class Records(Protocol):
    """What the register holds under a ULN."""

    def holdings(self, uln: str) -> Holdings | None:
        """All of it in one query, strongly consistent; None where no learner is registered."""
        ...

    def save_availability(self, availability: Availability) -> None:
        """Write it one revision on: the stored one must be one less, or none for the first. Raises Conflict."""
        ...


class ParticipationEvents(Protocol):
    """Events that school data and funding returns brought."""

    def read(self, keys: Iterable[EventKey]) -> dict[EventKey, ParticipationEvent]:
        """Those that exist; any number of keys, read 100 a call."""
        ...

    def write(self, events: Sequence[ParticipationEvent]) -> None:
        """Put them over whatever is there, 25 a call. Keys must be distinct."""
        ...


class Casework(Protocol):
    """Challenges. Each change is made together with the mark on the learner's record, or not at all."""

    def create(self, challenge: Challenge) -> None:
        """Raises Conflict when there is one of that reference."""
        ...

    def get(self, reference: str) -> Challenge | None:
        """Strongly consistent."""
        ...

    def save(self, challenge: Challenge) -> Challenge:
        """If the stored revision is still the challenge's; with the new revision. Raises Conflict."""
        ...


class AccessPage(NamedTuple):
    """Part of an access log; ``cursor`` continues it and is empty at its end."""

    items: list[AuditEntry]
    cursor: str


class AccessLog(Protocol):
    """Who looked at a learner's record or changed it (PLR-07)."""

    def page(self, uln: str, ukprn: str, limit: int, cursor: str = "") -> AccessPage:
        """Newest first. A cursor continues the listing of the organisation it was given to. Raises BadCursor."""
        ...


class Seals(Protocol):
    """Seals a short text so that it can be neither made up nor used for another scope."""

    def seal(self, scope: tuple[str, ...], place: str) -> str: ...

    def open(self, scope: tuple[str, ...], token: str) -> str:
        """The text; raises BadCursor for one not sealed for this scope, or whose time is over."""
        ...


class AimsAndProviders(Protocol):
    """The catalogue in force, as far as records take names from it."""

    def aim(self, reference: AimReference) -> Aim | None: ...

    def is_provider(self, ukprn: str) -> bool: ...

    def provider(self, ukprn: str) -> Provider | None: ...
