"""Apply a chunk of a learner batch: learners are found, registered and updated, each once (ULN-06, ULN-07).

It is exact even if chunks are delivered twice or deliveries stop half-way: whatever a record writes, a learner or a new
version of one, carries a mark with the job, the record and its answer. The ULNs that a record may draw are derived from
a random seed of the chunk, which is stored before the first of them is used. A later delivery reads the learners with
these ULNs, and those named in records; if it finds its mark, it repeats the answer and writes nothing. If several
records, files or services register one person at once, the identity lock lets one of them write; the others return its
ULN.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learner_batches import JobType, ReturnCode
from chalicelib.domain.learner_fields import SUBMITTED
from chalicelib.domain.learner_rules import read_submitted
from chalicelib.domain.learners import Learner
from chalicelib.domain.looks import LookAction
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.pending_matches import PendingReason
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.domain.uln import Uln, mint
from chalicelib.domain.working_time import london_day
from chalicelib.formats.batch.learner_records import LearnerRecord, parse_learner, return_code_of
from chalicelib.formats.batch.records import Record
from chalicelib.ports.clock import NewId
from chalicelib.ports.learners import LearnerRegister, Learners
from chalicelib.services.batches.apply import ApplyPorts, ChunkDelivery, ChunkWork
from chalicelib.services.registration import DRAWS, LearnerChange, Registered, RegisterPolicy, Registration
from chalicelib.services.verification import REFUSED, register_failures, register_notices, verifications


@dataclass(frozen=True, slots=True)
class LearnerWorkPorts:
    """What learner batches also need from outside."""

    register: LearnerRegister
    learners: Learners
    registration: Registration
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
        """The answers to records whose mark a learner carries, under the ULN in the record or one that it drew.

        A record that causes an unexpected error now may have been registered earlier.
        """
        if self._job_type is JobType.CHECK:
            return {}
        valid = {number: one for number, one in parsed.items() if not one.failures}
        wanted = {number: [one.uln] for number, one in valid.items() if one.uln}
        drawing = [number for number, one in valid.items() if one.details is not None]
        for number in (*drawing, *self.settled):
            wanted[number] = [self._drawn(number, turn) for turn in range(DRAWS)]
        held = self._learners.register.read(dict.fromkeys(uln for ulns in wanted.values() for uln in ulns))
        found = (self._own(number, held[uln]) for number, ulns in wanted.items() for uln in ulns if uln in held)
        return {own.number: own for own in found if own is not None}

    # A record without a ULN.

    def _find_or_register(self, number: int, parsed: LearnerRecord) -> RecordResult:
        if self._job_type is JobType.CHECK:
            assert parsed.criteria is not None
            return _looked(number, self._learners.registration.look(parsed.criteria))
        assert parsed.details is not None
        policy = RegisterPolicy(
            lambda: (self._drawn(number, turn) for turn in range(DRAWS)),
            mark=self._mark(number, ReturnCode.NEW),
            mis_identifier=parsed.mis_identifier,
            job_id=self.job.job_id,
        )
        done = self._learners.registration.register(self.delivery.caller, parsed.details, policy)
        if done.uln:
            return _registered(number, done)
        if done.reason is None:
            return _refused(number, ReturnCode.CONFLICT, failure("WSRC0021"))
        if done.reason is PendingReason.POSSIBLE_MATCHES:
            return _possible(number, ReturnCode.POSSIBLE, failure("LRS-LRB-1"))
        return _possible(number, ReturnCode.TOO_MANY, failure("LRS-LRB-2"))

    def _drawn(self, number: int, turn: int) -> Uln:
        """The ULN that a record draws at its n-th attempt: random, but the same for every delivery."""
        return mint(_draws(f"{self._seed}/{number}/{turn}"))

    @cached_property
    def _seed(self) -> str:
        key = f"work/{self.job.job_id}/seed/{self.delivery.chunk:04d}.txt"
        files = self.ports.files
        files.write_if_absent("work", key, self._learners.new_id().encode(), "text/plain")
        return files.read("work", key).decode()

    # A record with a ULN.

    def _update(self, number: int, parsed: LearnerRecord) -> RecordResult:
        """Empty values leave the stored ones unchanged."""
        change = LearnerChange(parsed.uln, parsed.given, self._today, mark=self._mark(number, ReturnCode.UPDATED))
        done = self._learners.registration.update(self.delivery.caller, change)
        if done.code == "WSRC0006":
            return _written(number, Outcome.UPDATED, ReturnCode.UPDATED, parsed.uln)
        if done.learner is not None:
            return _found(number, done.learner.uln, is_master=done.learner.uln != parsed.uln)
        if done.code == "WSRC0019":
            return _not_found(number, *done.failures)
        code = ReturnCode.CONFLICT if done.code else return_code_of(done.failures)
        return _refused(number, code, *done.failures)

    def _check(self, number: int, parsed: LearnerRecord) -> RecordResult:
        found = verifications(self._learners.learners, {number: _submitted(parsed)})[number]
        if found.code in REFUSED or found.disclosed is None:
            return _not_found(number, *register_failures(found))
        if found.code == "VRC003":
            return _possible(number, ReturnCode.POSSIBLE, *register_notices(found))
        return _found(number, found.disclosed.uln, is_master=found.code != "VRC001")


def _registered(number: int, done: Registered) -> RecordResult:
    if done.code == "WSRC0005":
        return _written(number, Outcome.REGISTERED, ReturnCode.NEW, done.uln)
    return _found(number, done.uln, is_master=done.code == "WSRC0022")


def _looked(number: int, found: Registered) -> RecordResult:
    if found.uln:
        return _registered(number, found)
    if found.code in ("WSRC0001", "WSRC0021"):
        return _not_found(number, failure("LRS-LRB-4"))
    code = ReturnCode.POSSIBLE if found.code == "WSRC0003" else ReturnCode.TOO_MANY
    return _possible(number, code, failure("LRS-LRB-3"))


def _written(number: int, outcome: Outcome, code: str, uln: str) -> RecordResult:
    return RecordResult(number, outcome, code, returned=(uln,))


def _found(number: int, uln: str, *, is_master: bool) -> RecordResult:
    if is_master:
        linked = (failure("ACL004", "ULN"),)
        return RecordResult(number, Outcome.FOUND, ReturnCode.LINKED, failures=linked, returned=(uln,))
    return RecordResult(number, Outcome.FOUND, ReturnCode.EXACT, returned=(uln,))


def _possible(number: int, code: ReturnCode, *notices: Failure) -> RecordResult:
    return RecordResult(number, Outcome.POSSIBLE, code, failures=notices)


def _not_found(number: int, *reasons: Failure) -> RecordResult:
    return RecordResult(number, Outcome.NOT_FOUND, ReturnCode.NOT_FOUND, failures=reasons)


def _refused(number: int, code: ReturnCode, *reasons: Failure) -> RecordResult:
    return RecordResult(number, Outcome.REFUSED, code, failures=reasons)


def _draws(seed: str) -> Callable[[int], int]:
    """Numbers derived from a seed, unpredictable without knowing it."""
    taken = iter(range(1_000_000))
    return lambda most: int.from_bytes(hashlib.sha256(f"{seed}/{next(taken)}".encode()).digest(), "big") % most


def _submitted(parsed: LearnerRecord) -> SubmittedDetails:
    """A valid record, in the form that verification needs."""
    known = {field.name for field in SUBMITTED}
    details = read_submitted({"uln": parsed.uln} | {name: parsed.given[name] for name in known & parsed.given.keys()})
    assert isinstance(details, SubmittedDetails)
    return details
