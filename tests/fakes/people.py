"""Fakes of the whole learner register, the index of people and pending matches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import count

from chalicelib.domain.learners import Learner, LearnerProfile, learner_of, profile_of
from chalicelib.domain.ledgers import LedgerEntry
from chalicelib.domain.pending_matches import PendingMatch
from chalicelib.domain.results import RecordResult
from chalicelib.domain.search import BY_POSTCODE, Block, SearchKey, entry_keys, identity_of
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.learners import (
    AlreadyRegistered,
    Candidates,
    Created,
    Overtaken,
    PendingPage,
    Seen,
    SeenBlocks,
    UlnTaken,
)
from tests.fakes.calls import Fake, FakeClock, Hook, call, no_hook, page_after
from tests.fakes.register import FakeLearners

READ_BATCH = 100


class FakeLedgers(Fake):
    """The entries of each chunk, in order."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[tuple[str, int], dict[int, LedgerEntry]] = {}

    @call("ledgers.read")
    def read(self, job_id: str, chunk: int) -> list[tuple[RecordResult, ...]]:
        return [entry.results for _, entry in sorted(self.held.get((job_id, chunk), {}).items())]

    def check(self, entry: LedgerEntry | None) -> None:
        """Raises TemporaryFailure if the entry exists."""
        if entry is not None and entry.place in self.held.get((entry.job_id, entry.chunk), {}):
            raise TemporaryFailure("LedgerEntryExists")

    def enter(self, entry: LedgerEntry | None) -> None:
        if entry is not None:
            self.held.setdefault((entry.job_id, entry.chunk), {})[entry.place] = entry


class FakeLearnerRegister(Fake):
    """Learners by ULN, shared with :class:`FakeLearners`: a profile added there is a learner here."""

    def __init__(self, learners: FakeLearners, ledgers: FakeLedgers, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.learners = learners
        self.ledgers = ledgers
        self.whole: dict[str, Learner] = {}
        self.locks: dict[str, str] = {}
        """The ULN by identity and decision."""
        self.blocks: dict[Block, Seen] = {}

    def put(self, learner: Learner) -> None:
        """Store without any condition, to arrange a test."""
        self.whole[learner.uln] = learner
        profile = profile_of(learner)
        self.learners.put(profile)
        self._relock(learner.uln, _lock(profile) if entry_keys(profile) else "")

    def load(self, learners: Iterable[Learner]) -> None:
        """Like the real register."""
        for learner in learners:
            self.put(learner)

    @call("learner_register.get")
    def get(self, uln: str, *, consistent: bool = False) -> Learner | None:
        return self._learner(uln, self._seen(consistent=consistent))

    def read(self, ulns: Iterable[str], *, consistent: bool = False) -> dict[str, Learner]:
        wanted = list(dict.fromkeys(ulns))
        found: dict[str, Learner] = {}
        for start in range(0, len(wanted), READ_BATCH):
            found |= self._read(wanted[start : start + READ_BATCH], consistent=consistent)
        return found

    @call("learner_register.read")
    def _read(self, ulns: list[str], *, consistent: bool) -> dict[str, Learner]:
        held = self._seen(consistent=consistent)
        return {uln: learner for uln in ulns if (learner := self._learner(uln, held)) is not None}

    @call("learner_register.create", knows_own=True)
    def create(
        self, learner: Learner, seen: SeenBlocks, decision: str = "", entry: LedgerEntry | None = None
    ) -> Created | AlreadyRegistered | UlnTaken | Overtaken:
        self.ledgers.check(entry)
        lock = _lock(profile_of(learner), decision)
        if lock in self.locks:
            return AlreadyRegistered(self.locks[lock])
        if any(self.blocks.get(block, Seen()).version != was.version for block, was in seen.items()):
            return Overtaken()
        if learner.uln in self.learners.held:
            return UlnTaken()
        self._keep(learner)
        for block, was in seen.items():
            self.blocks[block] = Seen(was.version + 1, (profile_of(learner), *was.latest)[:3])
        self.locks[lock] = learner.uln
        self.ledgers.enter(entry)
        return Created()

    @call("learner_register.update", knows_own=True)
    def update(self, *learners: Learner, entry: LedgerEntry | None = None) -> None:
        for learner in learners:
            stored = self._learner(learner.uln, self.learners.held)
            if stored is None or stored.version_number != learner.version_number - 1:
                raise Conflict
        self.ledgers.check(entry)
        self.ledgers.enter(entry)
        for learner in learners:
            before = self.learners.held[learner.uln]
            profile = profile_of(learner)
            self._keep(learner)
            if identity_of(before) != identity_of(profile) or not entry_keys(profile):
                self._relock(learner.uln, _lock(profile) if entry_keys(profile) else "")

    def _seen(self, *, consistent: bool) -> dict[str, LearnerProfile | None]:
        return dict(self.learners.held) if consistent else {**self.learners.held, **self.learners.lagging}

    def _learner(self, uln: str, seen: dict[str, LearnerProfile | None]) -> Learner | None:
        profile = seen.get(uln)
        if profile is None:
            return None
        whole = self.whole.get(uln)
        return whole if whole is not None and profile_of(whole) == profile else learner_of(profile)

    def _keep(self, learner: Learner) -> None:
        self.whole[learner.uln] = learner
        self.learners.put(profile_of(learner))

    def _relock(self, uln: str, lock: str) -> None:
        for held in [held for held, holder in self.locks.items() if holder == uln]:
            del self.locks[held]
        if lock:
            self.locks.setdefault(lock, uln)


def _lock(profile: LearnerProfile, decision: str = "") -> str:
    return f"{identity_of(profile)}|{decision}"


class FakePersonIndex(Fake):
    """All learners, found by the rules of the entries."""

    def __init__(self, register: FakeLearnerRegister, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.register = register
        self.learners = register.learners
        self.most = 500
        self.late: set[str] = set()
        """ULNs of learners whose entries cannot be read yet, although their transaction has been carried out."""
        self._entered: dict[str, LearnerProfile] = {}
        """The learners as their entries have them."""
        self._under: defaultdict[SearchKey, set[str]] = defaultdict(set)

    def candidates(self, keys: Iterable[SearchKey]) -> Candidates:
        found: dict[str, LearnerProfile] = {}
        complete = True
        for key in dict.fromkeys(keys):
            under = self._of_key(key)
            complete = complete and (len(under) <= self.most or key.kind == BY_POSTCODE)
            found |= {profile.uln: profile for profile in under[: self.most]}
        return Candidates(tuple(found.values()), complete)

    @call("person_index.blocks")
    def blocks(self, wanted: Iterable[Block]) -> SeenBlocks:
        return {block: self.register.blocks.get(block, Seen()) for block in wanted}

    @call("person_index.candidates")
    def _of_key(self, key: SearchKey) -> list[LearnerProfile]:
        for uln, one in self.learners.held.items():
            if self._entered.get(uln) is not one:
                self._enter(one)
        there = self._under[key] & self.learners.held.keys() - self.late
        return [self.learners.held[uln] for uln in sorted(there)]

    def _enter(self, profile: LearnerProfile) -> None:
        before = self._entered.get(profile.uln)
        for key in entry_keys(before) if before else ():
            self._under[key].discard(profile.uln)
        for key in entry_keys(profile):
            self._under[key].add(profile.uln)
        self._entered[profile.uln] = profile


class FakePendingMatches(Fake):
    """Pending matches by id."""

    def __init__(self, ledgers: FakeLedgers, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.ledgers = ledgers
        self.held: dict[str, PendingMatch] = {}

    @call("pending_matches.open", knows_own=True)
    def open(self, pending: PendingMatch, entry: LedgerEntry | None = None) -> PendingMatch:
        self.ledgers.check(entry)
        for there in self.held.values():
            if not there.state.is_end and _registration(there) == _registration(pending):
                return there
        self.ledgers.enter(entry)
        self.held[pending.pending_id] = pending._replace(revision=1)
        return self.held[pending.pending_id]

    @call("pending_matches.get")
    def get(self, ukprn: str, pending_id: str) -> PendingMatch | None:
        pending = self.held.get(pending_id)
        return pending if pending is not None and pending.ukprn == ukprn else None

    @call("pending_matches.save", knows_own=True)
    def save(self, pending: PendingMatch) -> PendingMatch:
        if self.held[pending.pending_id].revision != pending.revision:
            raise Conflict
        self.held[pending.pending_id] = pending._replace(revision=pending.revision + 1)
        return self.held[pending.pending_id]

    @call("pending_matches.of_organisation")
    def of_organisation(self, ukprn: str, limit: int, cursor: str = "") -> PendingPage:
        theirs = [one for one in self.held.values() if one.ukprn == ukprn and not one.state.is_end]
        theirs.sort(key=lambda one: (one.raised_at, one.pending_id))
        return PendingPage(*page_after(cursor, theirs, limit, lambda one: f"{ukprn} {one.pending_id}"))


def _registration(pending: PendingMatch) -> tuple[str, str]:
    return pending.ukprn, identity_of(profile_of(Learner("", pending.details)))


class CountedDraws:
    """Numbers in order instead of random ones: the ULNs drawn are the first valid ones."""

    def __init__(self, start: int = 700_000_000) -> None:
        self._numbers = count(start)

    def __call__(self, below: int) -> int:
        return next(self._numbers) % below
