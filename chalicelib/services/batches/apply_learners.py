"""Apply a chunk of a learner batch: learners are found, registered and updated, each once (ULN-06, ULN-07).

It is exact even if chunks are delivered twice or deliveries die half-way: whatever a record writes, a learner or a new
version of one, carries a mark with the job, the record and its answer. The ULNs that a record may draw follow from a
seed of the chunk, which is drawn at random and stored before the first of them is used. A later delivery reads the
learners with these ULNs, and those named in records; where it finds its mark it repeats the answer and writes nothing.
If several records, files or services register one person at once, the identity lock lets one of them write; the others
return its ULN.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learner_batches import JobType, ReturnCode
from chalicelib.domain.learner_fields import SUBMITTED
from chalicelib.domain.learner_rules import changed_details, is_named, may_change_sharing, read_submitted
from chalicelib.domain.learners import LINKED, Learner, LearnerDetails, profile_of
from chalicelib.domain.looks import LookAction
from chalicelib.domain.matching import SubmittedDetails, verify
from chalicelib.domain.pending_matches import PendingMatch, PendingReason
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.domain.uln import Uln, mint
from chalicelib.domain.working_time import london_day
from chalicelib.formats.batch.learner_records import LearnerRecord, parse_learner, return_code_of
from chalicelib.formats.batch.records import Record
from chalicelib.ports.clock import NewId
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.learners import AlreadyRegistered, Created, LearnerRegister, PendingMatches
from chalicelib.services.batches.apply import ApplyPorts, ChunkDelivery, ChunkWork
from chalicelib.services.learner_search import LearnerSearch, SearchResult, next_version

DRAWS: Final = 8
"""Most ULNs that one record may draw; about one in twenty of all ULNs is in use."""

TRIES: Final = 5
"""How often an update is decided again after others have changed the learner."""

MARKS_KEPT: Final = 8
"""Marks of batch records that a learner keeps."""


@dataclass(frozen=True, slots=True)
class LearnerWorkPorts:
    """What learner batches also need from outside."""

    register: LearnerRegister
    pending: PendingMatches
    search: LearnerSearch
    new_id: NewId


class LearnerWork(ChunkWork[LearnerRecord, LearnerRecord]):
    """One delivery of a chunk of a learner batch."""

    action = LookAction.LEARNER_IN_FILE_REGISTERED

    def __init__(self, ports: ApplyPorts, delivery: ChunkDelivery, learners: LearnerWorkPorts) -> None:
        super().__init__(ports, delivery)
        self._learners = learners
        self._job_type = JobType(delivery.job.job_type or JobType.FULL)
        if self._job_type is JobType.CHECK:
            self.action = LookAction.LEARNER_IN_FILE_CHECKED
        self._today = london_day(delivery.job.submitted_at)

    def parse(self, record: Record) -> LearnerRecord:
        parsed = parse_learner(record.values, self._job_type, self._today)
        return parsed._replace(failures=(*record.failures, *parsed.failures)) if record.failures else parsed

    def check(self, number: int, parsed: LearnerRecord) -> LearnerRecord | RecordResult:
        return _refused(number, return_code_of(parsed.failures), *parsed.failures) if parsed.failures else parsed

    def apply_one(self, number: int, checked: LearnerRecord) -> RecordResult:
        if not checked.uln:
            return self._find_or_register(number, checked)
        return self._update(number, checked) if self._job_type is JobType.FULL else self._check(number, checked)

    # What an earlier delivery has done.

    def _mark(self, number: int, code: ReturnCode) -> str:
        return f"{self.job.job_id}/{number}={code}"

    def _own(self, number: int, learner: Learner) -> RecordResult | None:
        """The answer given to this record by the delivery that wrote a version of the learner."""
        mine = f"{self.job.job_id}/{number}="
        code = next((mark.removeprefix(mine) for mark in learner.batch_records if mark.startswith(mine)), "")
        if not code:
            return None
        outcome = Outcome.REGISTERED if code == ReturnCode.NEW else Outcome.UPDATED
        return _written(number, outcome, code, learner.uln)

    def recall(self, parsed: Mapping[int, LearnerRecord]) -> Mapping[int, RecordResult]:
        """The learner with the mark of a record: with the ULN that it names, or one that it drew.

        A record that causes an unexpected error now may have been registered earlier.
        """
        if self._job_type is JobType.CHECK:
            return {}
        sound = {number: one for number, one in parsed.items() if not one.failures}
        wanted = {number: [one.uln] for number, one in sound.items() if one.uln}
        drawing = [number for number, one in sound.items() if one.details is not None]
        for number in (*drawing, *self.settled):
            wanted[number] = [self._drawn(number, turn) for turn in range(DRAWS)]
        held = self._learners.register.read(dict.fromkeys(uln for ulns in wanted.values() for uln in ulns))
        found = (self._own(number, held[uln]) for number, ulns in wanted.items() for uln in ulns if uln in held)
        return {own.number: own for own in found if own is not None}

    # A record without a ULN.

    def _find_or_register(self, number: int, parsed: LearnerRecord) -> RecordResult:
        assert parsed.criteria is not None
        result = self._learners.search.search(parsed.criteria)
        if result.code in ("WSRC0004", "WSRC0022"):
            profile = result.judged[0].profile
            if not profile.master_uln:
                return _found(number, profile.uln)
            return self._answered_for(number, profile.uln, self._learners.register.get(profile.uln, consistent=True))
        if self._job_type is JobType.CHECK:
            return self._looked(number, result)
        assert parsed.details is not None
        if result.code == "WSRC0001":
            return self._register(number, parsed.details)
        return self._pending(number, parsed, parsed.details, result)

    def _looked(self, number: int, result: SearchResult) -> RecordResult:
        if result.code == "WSRC0001":
            return _not_found(number, failure("LRS-LRB-4"))
        code = ReturnCode.POSSIBLE if result.judged else ReturnCode.TOO_MANY
        return _possible(number, code, failure("LRS-LRB-3"))

    def _pending(
        self, number: int, parsed: LearnerRecord, details: LearnerDetails, result: SearchResult
    ) -> RecordResult:
        """Nobody is registered until someone has decided (ULN-05); sent again, the same match waits."""
        few = bool(result.judged)
        caller = self.delivery.caller
        self._learners.pending.open(
            PendingMatch(
                "P" + self._learners.new_id(),
                caller.ukprn,
                caller.user,
                caller.channel,
                self.ports.clock(),
                PendingReason.POSSIBLE_MATCHES if few else PendingReason.TOO_MANY_MATCHES,
                details,
                tuple(dict.fromkeys(one.profile.master_uln or one.profile.uln for one in result.judged)),
                parsed.mis_identifier,
                self.job.job_id,
            )
        )
        code, notice = (ReturnCode.POSSIBLE, "LRS-LRB-1") if few else (ReturnCode.TOO_MANY, "LRS-LRB-2")
        return _possible(number, code, failure(notice))

    def _register(self, number: int, details: LearnerDetails) -> RecordResult:
        now, caller = self.ports.clock(), self.delivery.caller
        for turn in range(DRAWS):
            learner = Learner(
                self._drawn(number, turn),
                details,
                created_date=now,
                last_updated_date=now,
                registered_by=caller.ukprn,
                created_via_channel=caller.channel,
                last_updated_by=caller.ukprn,
                last_updated_user=caller.user,
                last_updated_via_channel=caller.channel,
                last_updated_action="register",
                batch_records=(self._mark(number, ReturnCode.NEW),),
            )
            written = self._learners.register.create(learner)
            if isinstance(written, Created):
                return _written(number, Outcome.REGISTERED, ReturnCode.NEW, learner.uln)
            if isinstance(written, AlreadyRegistered):
                return self._registered_already(number, written.uln)
        raise TemporaryFailure("no ULN was free")

    def _registered_already(self, number: int, uln: str) -> RecordResult:
        """Somebody has written these details since the search, perhaps an earlier try of our own."""
        held = self._learners.register.get(uln, consistent=True)
        own = self._own(number, held) if held else None
        if own is not None:
            return own
        return self._answered_for(number, uln, held)

    def _answered_for(self, number: int, uln: str, held: Learner | None) -> RecordResult:
        """The learner to return for a ULN: the master if linked; restricted learners are not disclosed."""
        answered = self._learners.search.master_of(held)
        if answered is not None and not answered.restricted:
            return _found(number, uln, answered.uln if answered.uln != uln else "")
        if self._job_type is JobType.CHECK:
            return _not_found(number, failure("LRS-LRB-4"))
        return _refused(number, ReturnCode.CONFLICT, failure("LRS-LRB-5"))

    def _drawn(self, number: int, turn: int) -> Uln:
        """The ULN that a record draws at its n-th try: random, but the same at every delivery."""
        return mint(_draws(f"{self._seed}/{number}/{turn}"))

    @cached_property
    def _seed(self) -> str:
        key = f"work/{self.job.job_id}/seed/{self.delivery.chunk:04d}.txt"
        files = self.ports.files
        files.write_if_absent("work", key, self._learners.new_id().encode(), "text/plain")
        return files.read("work", key).decode()

    # A record with a ULN.

    def _update(self, number: int, parsed: LearnerRecord) -> RecordResult:
        for _ in range(TRIES):
            held = self._learners.register.get(parsed.uln, consistent=True)
            if held is None or not held.is_live or held.restricted:
                return _not_found(number, failure("ACL002", "ULN"))
            if not is_named(profile_of(held), parsed.given):
                return _not_found(number, failure("ACL003", "ULN"))
            if held.status == LINKED:
                answered = self._learners.search.master_of(held)
                if answered is None or answered.restricted:
                    return _not_found(number, failure("ACL002", "ULN"))
                return _found(number, held.uln, answered.uln if answered.uln != held.uln else "")
            decided = self._decided(number, parsed, held)
            if isinstance(decided, RecordResult):
                return decided
            try:
                self._learners.register.update(decided)
            except Conflict:
                continue
            return _written(number, Outcome.UPDATED, ReturnCode.UPDATED, held.uln)
        return _refused(number, ReturnCode.CONFLICT, failure("LRS-LRB-6", "ULN"))

    def _decided(self, number: int, parsed: LearnerRecord, held: Learner) -> RecordResult | Learner:
        """The version to write, or the answer if there is nothing to write. Empty values are not changed."""
        details = changed_details(held.details, parsed.given, self._today)
        if not isinstance(details, LearnerDetails):
            return _refused(number, return_code_of(details), *details)
        if details == held.details:
            return _found(number, held.uln)
        if not may_change_sharing(held.details.ability_to_share, details.ability_to_share):
            return _refused(number, ReturnCode.CONFLICT, failure("LRS-LRB-7", "AbilityToShare"))
        marks = (*held.batch_records, self._mark(number, ReturnCode.UPDATED))[-MARKS_KEPT:]
        changed = held._replace(details=details, batch_records=marks)
        return next_version(self.delivery.caller, changed, "update", self.ports.clock())

    def _check(self, number: int, parsed: LearnerRecord) -> RecordResult:
        held = self._learners.register.get(parsed.uln, consistent=True)
        master = self._learners.search.master_of(held) if held is not None and held.status == LINKED else None
        verification = verify(
            _submitted(parsed), profile_of(held) if held else None, profile_of(master) if master else None
        )
        if verification.code == "VRC001":
            return _found(number, parsed.uln)
        if verification.code in ("VRC002", "VRC004") and verification.answered is not None:
            return _found(number, parsed.uln, verification.answered.uln)
        if verification.code == "VRC003":
            notice = failure("ACW002", "ULN", why="; ".join(verification.explanation))
            return _possible(number, ReturnCode.POSSIBLE, notice)
        code = "ACL002" if verification.code == "VRC006" else "ACL003"
        return _not_found(number, failure(code, "ULN", flags=", ".join(verification.flags)))


def _written(number: int, outcome: Outcome, code: str, uln: str) -> RecordResult:
    return RecordResult(number, outcome, code, returned=(uln,))


def _found(number: int, uln: str, master_uln: str = "") -> RecordResult:
    if master_uln:
        linked = (failure("ACL004", "ULN"),)
        return RecordResult(number, Outcome.FOUND, ReturnCode.LINKED, failures=linked, returned=(master_uln,))
    return RecordResult(number, Outcome.FOUND, ReturnCode.EXACT, returned=(uln,))


def _possible(number: int, code: ReturnCode, notice: Failure) -> RecordResult:
    return RecordResult(number, Outcome.POSSIBLE, code, failures=(notice,))


def _not_found(number: int, reason: Failure) -> RecordResult:
    return RecordResult(number, Outcome.NOT_FOUND, ReturnCode.NOT_FOUND, failures=(reason,))


def _refused(number: int, code: ReturnCode, *reasons: Failure) -> RecordResult:
    return RecordResult(number, Outcome.REFUSED, code, failures=reasons)


def _draws(seed: str) -> Callable[[int], int]:
    """Numbers that follow from a seed and look random to anyone who does not know it."""
    taken = iter(range(1_000_000))
    return lambda most: int.from_bytes(hashlib.sha256(f"{seed}/{next(taken)}".encode()).digest(), "big") % most


def _submitted(parsed: LearnerRecord) -> SubmittedDetails:
    """A valid record, in the form that verification needs."""
    known = {field.name for field in SUBMITTED}
    details = read_submitted({"uln": parsed.uln} | {name: parsed.given[name] for name in known & parsed.given.keys()})
    assert isinstance(details, SubmittedDetails)
    return details
