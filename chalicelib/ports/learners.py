"""The learner register, for matching and for the register's own use cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from chalicelib.domain.learners import Learner, LearnerProfile
from chalicelib.domain.ledgers import LedgerEntry
from chalicelib.domain.pending_matches import PendingMatch
from chalicelib.domain.results import RecordResult
from chalicelib.domain.search import Block, SearchKey


class Learners(Protocol):
    """The learner register, for matching."""

    def profiles(self, ulns: Iterable[str], *, consistent: bool = False) -> dict[str, LearnerProfile]:
        """The profiles of the ULNs that exist; any number of ULNs, read 100 per call."""
        ...


class Created(NamedTuple):
    """The learner was registered."""


class AlreadyRegistered(NamedTuple):
    """A learner with the same mandatory details is already registered; nothing was written."""

    uln: str


class UlnTaken(NamedTuple):
    """The ULN drawn is or was another learner's; nothing was written, and another one has to be drawn."""


class Overtaken(NamedTuple):
    """Someone else has been registered in one of the blocks since they were seen; nothing was written."""


class Seen(NamedTuple):
    """One block as a registration has seen it before its search."""

    version: int = 0
    """How many learners have been registered in it."""
    latest: tuple[LearnerProfile, ...] = ()
    """The latest of them, as they were registered, newest first. Their search entries may not be readable yet."""


SeenBlocks = Mapping[Block, Seen]


class LearnerRegister(Protocol):
    """The learner register with all details of a learner.

    It always writes a learner together with their search entries and identity lock, in one transaction, and with the
    ledger entry of the record that writes them, if there is one. Every write raises TemporaryFailure if another
    delivery has made that entry.
    """

    def get(self, uln: str, *, consistent: bool = False) -> Learner | None:
        """The learner, including deleted ones; by default eventually consistent."""
        ...

    def read(self, ulns: Iterable[str], *, consistent: bool = False) -> dict[str, Learner]:
        """Those that exist, including deleted ones; any number, 100 per call; by default eventually consistent."""
        ...

    def create(
        self, learner: Learner, seen: SeenBlocks, decision: str = "", entry: LedgerEntry | None = None
    ) -> Created | AlreadyRegistered | UlnTaken | Overtaken:
        """Write a learner whose ULN must never have been used and whose mandatory details nobody else has.

        ``seen`` are the blocks that were searched: nothing is written if anyone was registered there since. With
        ``decision``, the id of the decision that they are different people, another learner may have the same details.
        """
        ...

    def update(self, *learners: Learner, entry: LedgerEntry | None = None) -> None:
        """Write the next version of each, all or none: the stored version must be one less. Raises Conflict."""
        ...


class Candidates(NamedTuple):
    """Learners who share a search key with the criteria; ``complete`` is False if a key of a birthday has too
    many.
    """

    profiles: tuple[LearnerProfile, ...]
    complete: bool = True


class PersonIndex(Protocol):
    """The search entries of all learners who are not deleted, and the blocks that these are in."""

    def candidates(self, keys: Iterable[SearchKey]) -> Candidates:
        """The learners with any of the keys, each once; strongly consistent; at most this number for each key."""
        ...

    def blocks(self, wanted: Iterable[Block]) -> SeenBlocks:
        """Each of these blocks as it is now; strongly consistent."""
        ...


class Ledgers(Protocol):
    """The ledgers of chunks; entries are made by the writes that they belong to."""

    def read(self, job_id: str, chunk: int) -> list[tuple[RecordResult, ...]]:
        """The results of each entry, in order; strongly consistent."""
        ...


class PendingPage(NamedTuple):
    """A page of a list; ``cursor`` is for the next page, empty at the end."""

    items: list[PendingMatch]
    cursor: str


class PendingMatches(Protocol):
    """Registrations that are waiting for a decision (ULN-05)."""

    def open(self, pending: PendingMatch, entry: LedgerEntry | None = None) -> PendingMatch:
        """Store it, unless one with the same mandatory details is already waiting; then return that one.

        ``entry`` is made only if it is stored. Raises TemporaryFailure if another delivery has made it.
        """
        ...

    def get(self, ukprn: str, pending_id: str) -> PendingMatch | None:
        """Strongly consistent; also None if it is another organisation's."""
        ...

    def save(self, pending: PendingMatch) -> PendingMatch:
        """Write it if the stored revision is still ``pending.revision``, and return it with the new revision.

        Raises Conflict.
        """
        ...

    def of_organisation(self, ukprn: str, limit: int, cursor: str = "") -> PendingPage:
        """Those that are waiting, oldest first; ``cursor`` is from the previous page. Raises BadCursor."""
        ...
