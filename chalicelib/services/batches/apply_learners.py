"""Apply a chunk of a learner batch: learners are found, registered and updated, each once (ULN-06, ULN-07).

It is exact even if chunks are delivered twice or deliveries stop half-way. The records are applied in file order, and
each one that registers or updates a learner or leaves a pending match enters its result in the ledger of the chunk, in
the same transaction. The entry also has the results of the records since the last entry, which wrote nothing. So the
ledger is always a beginning of the chunk: a later delivery repeats it, whatever has happened to the learners since, and
continues after it. An entry that exists is never written again, so that two deliveries cannot apply one record.

If several records, files or services register one person at once, the identity lock lets one of them write; the others
return its ULN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learner_batches import JobType, ReturnCode
from chalicelib.domain.learner_fields import SUBMITTED
from chalicelib.domain.learner_rules import legible_submitted
from chalicelib.domain.ledgers import LedgerEntry
from chalicelib.domain.looks import LookAction
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.pending_matches import PendingReason
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.domain.uln import mint
from chalicelib.domain.working_time import london_day
from chalicelib.formats.batch.learner_records import LearnerRecord, parse_learner, return_code_of
from chalicelib.formats.batch.records import Record
from chalicelib.ports.learners import Learners, Ledgers
from chalicelib.services.batches.apply import ApplyPorts, ChunkDelivery, ChunkWork
from chalicelib.services.registration import DRAWS, LearnerChange, Registered, RegisterPolicy, Registration
from chalicelib.services.verification import REFUSED, register_failures, register_notices, verifications

LEDGER_KEPT: Final = timedelta(days=7)
"""How long a ledger is kept: as long as the other work of a job, which ends within two days."""


@dataclass(frozen=True, slots=True)
class LearnerWorkPorts:
    """What learner batches also need from outside."""

    learners: Learners
    ledgers: Ledgers
    registration: Registration
    draw: Callable[[int], int]
    """An unpredictable whole number from 0 to n - 1."""


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
        self._place = 0
        """The place of the next entry in the ledger."""
        self._unentered: list[RecordResult] = []
        """Results since the last entry."""
        self._entered: RecordResult | None = None
        """The last result that was entered."""
        self._objections: dict[int, Sequence[Failure]] = {}
        """The register's reasons against refused records, as it was before the chunk's own updates."""
        self._updated: set[str] = set()
        """The ULNs of the learners that this delivery has updated."""

    def parse(self, record: Record) -> LearnerRecord:
        parsed = parse_learner(record.values, self._job_type, self._today)
        return parsed._replace(failures=(*record.failures, *parsed.failures)) if record.failures else parsed

    def check(self, number: int, parsed: LearnerRecord) -> LearnerRecord | RecordResult:
        """A refused record is compared with the register too if its ULN can be read, to report every reason at once."""
        if not parsed.failures or parsed.names_someone:
            return parsed
        return _refused(number, return_code_of(parsed.failures), *parsed.failures)

    def apply_one(self, number: int, checked: LearnerRecord) -> RecordResult:
        if checked.failures:
            return self._refusal(number, checked)
        if not checked.uln:
            return self._find_or_register(number, checked)
        return self._update(number, checked) if self._job_type is JobType.FULL else self._check(number, checked)

    def apply(self, checked: Mapping[int, LearnerRecord]) -> None:
        self._objections = self._objected({number: one for number, one in checked.items() if one.failures})
        for number, one in checked.items():
            self.still_held()
            result = None if number in self.settled else self.isolated((number,), self.apply_one, number, one)
            if result is not None:
                self.settled[number] = result
            if result is None or result is not self._entered:
                self._unentered.append(self.settled[number])

    # The ledger.

    def recall(self, parsed: Mapping[int, LearnerRecord]) -> Mapping[int, RecordResult]:
        """The results in the ledger, also of a record that now causes an unexpected error."""
        del parsed
        if self._job_type is JobType.CHECK:
            return {}
        entries = self._learners.ledgers.read(self.job.job_id, self.delivery.chunk)
        self._place = len(entries)
        return {result.number: result for entry in entries for result in entry}

    def _entry(self, result: RecordResult) -> LedgerEntry:
        """The entry of a record that writes something, with the results since the last entry."""
        results, ends = (*self._unentered, result), self.ports.clock() + LEDGER_KEPT
        return LedgerEntry(self.job.job_id, self.delivery.chunk, self._place, results, ends)

    def _made(self, entry: LedgerEntry) -> RecordResult:
        """The result of a record whose entry was made; the next entry follows it."""
        self._place += 1
        self._unentered = []
        self._entered = entry.results[-1]
        return self._entered

    # A record without a ULN.

    def _find_or_register(self, number: int, parsed: LearnerRecord) -> RecordResult:
        if self._job_type is JobType.CHECK:
            assert parsed.criteria is not None
            return _looked(number, self._learners.registration.look(parsed.criteria))
        assert parsed.details is not None
        tried: list[tuple[Registered, LedgerEntry]] = []

        def entry(answer: Registered) -> LedgerEntry:
            tried.append((answer, self._entry(_registered(number, answer))))
            return tried[-1][1]

        policy = RegisterPolicy(
            lambda: (mint(self._learners.draw) for _ in range(DRAWS)),
            entry=entry,
            mis_identifier=parsed.mis_identifier,
            job_id=self.job.job_id,
        )
        done = self._learners.registration.register(self.delivery.caller, parsed.details, policy)
        if tried and tried[-1][0] == done:
            return self._made(tried[-1][1])
        return _registered(number, done)

    # A refused record with a ULN.

    def _objected(self, refused: Mapping[int, LearnerRecord]) -> dict[int, Sequence[Failure]]:
        """The register's reasons against records that are refused already; a linked ULN is none."""
        if self._job_type is JobType.CHECK:
            details = {number: legible for number, one in refused.items() if (legible := _legible(one)) is not None}
            found = verifications(self._learners.learners, details, self) if details else {}
            return {number: register_failures(one) for number, one in found.items() if one.code in REFUSED}
        changes = {number: LearnerChange(one.uln, one.given, self._today) for number, one in refused.items()}
        objections = self._learners.registration.objections(changes, self)
        return {number: [why for why in found if why.code != "WSRC0022"] for number, found in objections.items()}

    def _refusal(self, number: int, parsed: LearnerRecord) -> RecordResult:
        found = self._objected({number: parsed}) if parsed.uln in self._updated else self._objections
        return _refused(number, return_code_of(parsed.failures), *found.get(number, ()), *parsed.failures)

    # A record with a ULN.

    def _update(self, number: int, parsed: LearnerRecord) -> RecordResult:
        """Empty values leave the stored ones unchanged."""
        entry = self._entry(_written(number, Outcome.UPDATED, ReturnCode.UPDATED, parsed.uln))
        change = LearnerChange(parsed.uln, parsed.given, self._today, entry=entry)
        done = self._learners.registration.update(self.delivery.caller, change)
        if done.code == "WSRC0006":
            self._updated.add(parsed.uln)
            return self._made(entry)
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
    if done.uln:
        return _found(number, done.uln, is_master=done.code == "WSRC0022")
    if done.reason is None:
        return _refused(number, ReturnCode.CONFLICT, failure("WSRC0021"))
    if done.reason is PendingReason.POSSIBLE_MATCHES:
        return _possible(number, ReturnCode.POSSIBLE, failure("LRS-LRB-1"))
    return _possible(number, ReturnCode.TOO_MANY, failure("LRS-LRB-2"))


def _looked(number: int, found: Registered) -> RecordResult:
    if found.uln:
        return _found(number, found.uln, is_master=found.code == "WSRC0022")
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


def _submitted(parsed: LearnerRecord) -> SubmittedDetails:
    """A valid record, in the form that verification needs."""
    details = _legible(parsed)
    assert details is not None
    return details


def _legible(parsed: LearnerRecord) -> SubmittedDetails | None:
    """The faultless values of a record with a ULN, in the form that verification needs."""
    faulty = {why.field for why in parsed.failures}
    known = {field.name for field in SUBMITTED if field.wire not in faulty}
    return legible_submitted({"uln": parsed.uln} | {name: parsed.given[name] for name in known & parsed.given.keys()})
