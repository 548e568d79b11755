"""The learner register, as matching and as the register's own use cases see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from chalicelib.domain.learners import Learner, LearnerProfile
from chalicelib.domain.pending_matches import PendingMatch
from chalicelib.domain.search import SearchKey


class Learners(Protocol):
    """The learner register, as matching sees it."""

    def profiles(self, ulns: Iterable[str], *, consistent: bool = False) -> dict[str, LearnerProfile]:
        """The profiles of those ULNs that exist; any number of ULNs, read 100 a call."""
        ...


class Created(NamedTuple):
    """The learner is on the register."""


class AlreadyRegistered(NamedTuple):
    """A learner with the same mandatory details is on the register, perhaps since a moment ago; nothing was written."""

    uln: str


class UlnTaken(NamedTuple):
    """The ULN drawn is, or once was, another learner's; nothing was written, and another is to be drawn."""


class LearnerRegister(Protocol):
    """The learner register with all that it holds of a learner. Whatever it writes, it writes with the learner's search
    entries and identity lock in one transaction.
    """

    def get(self, uln: str, *, consistent: bool = False) -> Learner | None:
        """The learner, deleted ones too; eventually consistent unless asked for."""
        ...

    def read(self, ulns: Iterable[str]) -> dict[str, Learner]:
        """Those that exist, deleted ones too; any number, 100 a call; eventually consistent."""
        ...

    def create(self, learner: Learner, beside: str = "") -> Created | AlreadyRegistered | UlnTaken:
        """Write a learner whose ULN must never have been used and whose mandatory details nobody else has.

        With ``beside``, an identifier of the decision, the learner may have the details of another.
        """
        ...

    def update(self, *learners: Learner) -> None:
        """Write each one version on, all or none: the stored version must be one less. Raises Conflict."""
        ...


class Candidates(NamedTuple):
    """Learners who share a search key with what was asked for; ``complete`` is False where a key has too many."""

    profiles: tuple[LearnerProfile, ...]
    complete: bool = True


class PersonIndex(Protocol):
    """Search entries of every learner who is not deleted."""

    def candidates(self, keys: Iterable[SearchKey]) -> Candidates:
        """The learners under any of the keys, each once; strongly consistent; so many of each key and no more."""
        ...


class PendingPage(NamedTuple):
    """Part of a listing; ``cursor`` continues it and is empty at its end."""

    items: list[PendingMatch]
    cursor: str


class PendingMatches(Protocol):
    """Registrations that wait for a decision (ULN-05)."""

    def open(self, pending: PendingMatch) -> PendingMatch:
        """Keep it, unless the organisation has one waiting for the same mandatory details, which is given instead."""
        ...

    def get(self, ukprn: str, pending_id: str) -> PendingMatch | None:
        """Strongly consistent; None too when it is another organisation's."""
        ...

    def save(self, pending: PendingMatch) -> PendingMatch:
        """If the stored revision is still ``pending.revision``; with the new revision. Raises Conflict."""
        ...

    def of_organisation(self, ukprn: str, limit: int, cursor: str = "") -> PendingPage:
        """Those that wait, oldest first; ``cursor`` continues a listing. Raises BadCursor."""
        ...
