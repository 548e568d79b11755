"""Apply: the records of one chunk are decided, written once and answered once (ACH-01 to ACH-06, ACH-09).

Why it is exact, whatever is delivered twice, dies half-way or is edited meanwhile:

* A delivery claims its chunk for as long as it may live (a lease longer than the function's time-out, and no write
  after it), so no two deliveries work on a chunk at once. What a dead one left behind is found by the next.
* Each achievement key's records are folded over its state into one conditional write. The version that it appends
  names job and chunk and holds the answers of the whole group: a later delivery repeats those answers and writes
  nothing.
* The chunk's results are one object, written only if absent, before the chunk is marked done. A later delivery that
  finds them decides nothing anew.

Pure checks come first and cost nothing; then one read of the chunk's learners, 100 a call; achievements are
written 25 a call, lone creates without a read before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from chalicelib.domain.achievement_rules import rule_failures
from chalicelib.domain.achievements import (
    Achievement,
    Action,
    Catalogue,
    Checked,
    Command,
    Key,
    Outcome,
    Provenance,
    RecordResult,
    Submission,
    SubmissionType,
    fold,
    recorded_results,
)
from chalicelib.domain.batch_answers import Answer
from chalicelib.domain.callers import Channel
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.jobs import Claim, Job
from chalicelib.domain.matching import Verification
from chalicelib.formats.batch.achievement_records import Faulty, parse_record
from chalicelib.formats.batch.answer_files import write_answers
from chalicelib.formats.batch.files import Record
from chalicelib.formats.batch.work_files import chunk_key, read_chunk, result_key, write_results
from chalicelib.ports.accounts import Accounts
from chalicelib.ports.achievements import Achievements
from chalicelib.ports.audit import Audit, AuditEntry
from chalicelib.ports.catalogues import Catalogues
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing, TemporaryFailure
from chalicelib.ports.files import Files
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.journal import SILENT, Journal
from chalicelib.ports.learners import Learners
from chalicelib.ports.messages import Queues
from chalicelib.services.batches.chunk_work import ISOLATE_FROM, LEASE_MARGIN, ChunkBusy, ChunkDelivery
from chalicelib.services.verification import REFUSED, register_failures, verification_of, with_verification

LONDON = ZoneInfo("Europe/London")

TRIES = 5
"""How often a write that others overtake is decided again before the chunk goes back to its queue."""

WRITES = 25
"""Achievements written in one call."""

ORGANISATION_SECONDS = 60
"""How long an organisation read once is good for: a suspension takes effect within this time."""

Results = Sequence[RecordResult | Answer]
Work = Callable[[ChunkDelivery], Sequence[Answer]]
"""Applies a chunk of a batch of another kind than achievements."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ApplyPorts:
    """What the step needs of the world outside."""

    jobs: Jobs
    files: Files
    learners: Learners
    achievements: Achievements
    catalogues: Catalogues
    accounts: Accounts
    audit: Audit
    queues: Queues
    clock: Clock
    journal: Journal = SILENT


class BatchApply:
    """The middle step of the pipeline, run once for each chunk."""

    def __init__(self, ports: ApplyPorts, lease: timedelta, others: Mapping[str, Work] | None = None) -> None:
        self._ports = ports
        self._lease = lease
        self._others = others or {}
        self._recognition: dict[str, tuple[datetime, frozenset[str] | None]] = {}

    def run(self, job_id: str, chunk: int, *, give_up: bool = False) -> None:
        """Apply one chunk, or with ``give_up`` answer what has not been applied as the service's own fault.

        Raises ChunkBusy or another TemporaryFailure, upon which the message is to be delivered again.
        """
        now = self._ports.clock()
        claim = self._ports.jobs.claim_chunk(job_id, chunk, now, now + self._lease)
        if chunk in claim.job.done:
            self._announce(claim.job)
            return
        if not claim.held:
            raise ChunkBusy(f"{job_id} {chunk}")
        if claim.attempt == 1 or not self._has_results(job_id, chunk):
            data, results = self._answered(claim, chunk, now + self._lease - LEASE_MARGIN, give_up=give_up)
            if self._ports.files.write_if_absent("work", result_key(job_id, chunk), data, "application/json"):
                self._ports.journal.applied(claim.job, chunk, claim.attempt, results)
        self._announce(self._ports.jobs.chunk_done(job_id, chunk, self._ports.clock()))

    def _answered(self, claim: Claim, chunk: int, until: datetime, *, give_up: bool) -> tuple[bytes, Results]:
        """The results of a chunk, whatever its records are, as they are kept and as they are."""
        job, attempt = claim.job, claim.attempt
        recognition = self._recognition_of(job)
        if job.kind in self._others:
            active = recognition is not None
            delivery = ChunkDelivery(job, chunk, attempt, until, give_up=give_up, is_active=active)
            answers = self._others[job.kind](delivery)
            return write_answers(answers), answers
        run = _ChunkRun(self._ports, job, chunk, attempt, until, give_up=give_up)
        results = run.results(recognition)
        return write_results(results), results

    def _has_results(self, job_id: str, chunk: int) -> bool:
        try:
            self._ports.files.read("work", result_key(job_id, chunk))
        except Missing:
            return False
        return True

    def _announce(self, job: Job) -> None:
        """Whoever completes the set of chunks sends the job on."""
        if job.is_complete and not job.status.is_end:
            self._ports.queues.send("finish", [{"job": job.job_id}])

    def _recognition_of(self, job: Job) -> frozenset[str] | None:
        """The organisation's recognition numbers; None when it may not submit any more."""
        now = self._ports.clock()
        known = self._recognition.get(job.ukprn)
        if known is None or (now - known[0]).total_seconds() >= ORGANISATION_SECONDS:
            organisation = self._ports.accounts.organisation(job.ukprn)
            active = organisation is not None and organisation.status == "active"
            known = (now, organisation.recognition_numbers if organisation and active else None)
            self._recognition[job.ukprn] = known
        return known[1]


class _ChunkRun:
    """One delivery of one chunk."""

    def __init__(
        self, ports: ApplyPorts, job: Job, chunk: int, attempt: int, until: datetime, *, give_up: bool
    ) -> None:
        self._ports = ports
        self._job = job
        self._chunk = chunk
        self._attempt = attempt
        self._until = until
        self._give_up = give_up
        self._isolating = give_up or attempt >= ISOLATE_FROM
        self._results: dict[int, RecordResult] = {}
        self._refused_by_register: dict[Key, list[RecordResult]] = {}
        at = ports.clock().isoformat(timespec="seconds")
        self._provenance = Provenance(at, job.ukprn, job.user, Channel.BATCH, job.job_id, chunk)
        self._catalogue: Catalogue

    def results(self, recognition: frozenset[str] | None) -> list[RecordResult]:
        """The answer to every record of the chunk, in file order.

        What an earlier delivery has applied is answered as it was then, whatever has become of the organisation, the
        learners or the job since.
        """
        key = chunk_key(self._job.job_id, self._chunk, self._job.chunk_sizes)
        records = read_chunk(self._ports.files.read("work", key))
        parsed = self._parsed(records)
        if self._attempt > 1:
            parsed = self._not_yet_answered(parsed)
        if self._give_up:
            self._answer_all(parsed, Outcome.NOT_PROCESSED, failure("LRS-FAULT-2"))
        elif self._job.cancelled_at is not None or recognition is None:
            self._answer_all(parsed, Outcome.CANCELLED, failure("LRS-CANCEL-1"))
        else:
            self._catalogue = self._ports.catalogues.load(self._job.catalogue_version)
            submission = self._submission(recognition)
            checked = self._checked(parsed, submission)
            if checked:
                self._apply(self._verified(checked), submission)
        self._still_held()
        return [self._results[record.number] for record in records]

    def _submission(self, recognition: frozenset[str]) -> Submission:
        job = self._job
        return Submission(
            ukprn=job.ukprn,
            recognition_numbers=recognition,
            submitted_on=job.submitted_at.astimezone(LONDON).date(),
            submission_type=SubmissionType(job.submission_type),
            late_before=date.fromisoformat(job.late_before),
        )

    def _answer_all(self, parsed: Iterable[_Parsed], outcome: Outcome, reason: Failure) -> None:
        for one in parsed:
            self._results[one.number] = RecordResult(one.number, outcome, failures=(reason,))

    # Checks that need nothing stored.

    def _parsed(self, records: Sequence[Record]) -> list[_Parsed]:
        parsed = [self._isolated((record.number,), _parse, record) for record in records]
        return [one for one in parsed if one is not None]

    def _not_yet_answered(self, parsed: list[_Parsed]) -> list[_Parsed]:
        """Leave out what an earlier delivery of this chunk has applied, with the answers it gave."""
        keys = {one.command.key for one in parsed}
        for state in self._ports.achievements.read(key for key in keys if None not in key).values():
            recorded = recorded_results(state, self._job.job_id, self._chunk)
            if recorded is not None:
                self._results.update(recorded)
        return [one for one in parsed if one.number not in self._results]

    def _checked(self, parsed: Sequence[_Parsed], submission: Submission) -> list[Checked]:
        """Pure checks of every record; refused ones are answered with every reason at once."""
        checked = [self._isolated((one.number,), self._check, one, submission) for one in parsed]
        return [one for one in checked if one is not None]

    def _check(self, one: _Parsed, submission: Submission) -> Checked | None:
        reasons = (*one.failures, *rule_failures(one.command, submission, self._catalogue))
        if one.is_faulty or any(reason.refuses for reason in reasons):
            self._results[one.number] = RecordResult(one.number, Outcome.REFUSED, failures=reasons)
            return None
        return Checked(one.number, one.command, notices=reasons)

    # The register of learners.

    def _verified(self, checked: list[Checked]) -> list[Checked]:
        """Verify every record's learner; before a refusal the learner is read again, strongly consistent."""
        self._audit_look(len(checked))
        found = self._verifications(checked, consistent=False)
        doubtful = [one for one in checked if one.number in found and found[one.number].code in REFUSED]
        if doubtful:
            found |= self._verifications(doubtful, consistent=True)
        passed: list[Checked] = []
        for one in checked:
            verification = found.get(one.number)
            if verification is None:
                continue
            if verification.code in REFUSED:
                refused = one._replace(return_code=verification.code)
                result = refused.answered(Outcome.REFUSED, *register_failures(verification))
                self._results[one.number] = result
                self._refused_by_register.setdefault(one.command.key, []).append(result)
            else:
                passed.append(with_verification(one, verification))
        return passed

    def _verifications(self, checked: Sequence[Checked], *, consistent: bool) -> dict[int, Verification]:
        learners = self._ports.learners
        profiles = learners.profiles({one.command.key.uln for one in checked}, consistent=consistent)
        wanted = {profile.master_uln for profile in profiles.values() if profile.master_uln}
        masters = learners.profiles(wanted - profiles.keys(), consistent=consistent) if wanted else {}
        found = (
            (one.number, self._isolated((one.number,), verification_of, one.command, profiles, masters))
            for one in checked
        )
        return {number: verification for number, verification in found if verification is not None}

    def _audit_look(self, records: int) -> None:
        """Every look at learner data is audited first; the job's file says which learners they were (SEC-01)."""
        job = self._job
        at = self._ports.clock().isoformat()
        entry = AuditEntry(
            subject=f"JOB#{job.job_id}",
            at=at,
            entry_id=f"{self._chunk}-{self._attempt}",
            action="verify learners of a chunk",
            organisation=job.ukprn,
            user=job.user,
            detail={"chunk": str(self._chunk), "records": str(records), "channel": job.channel},
        )
        self._ports.audit.record([entry])

    # The achievements.

    def _apply(self, checked: list[Checked], submission: Submission) -> None:
        """Decide every key's records and write each key once; those whose state others changed are decided again.

        A key with one create is taken not to exist, and is not read before its first try.
        """
        groups: dict[Key, list[Checked]] = {}
        for one in checked:
            groups.setdefault(one.command.key, []).append(one)
        unread = [key for key, group in groups.items() if not _is_lone_create(group)]
        states = self._ports.achievements.read(unread) if unread else {}
        open_keys = list(groups)
        for _ in range(TRIES):
            after = [self._decided(groups[key], states.get(key), submission) for key in open_keys]
            open_keys = self._write([state for state in after if state is not None], groups)
            if not open_keys:
                return
            states = self._ports.achievements.read(open_keys)
        raise TemporaryFailure("achievements keep changing")

    def _decided(
        self, group: Sequence[Checked], state: Achievement | None, submission: Submission
    ) -> Achievement | None:
        """The state to write, or None; either way every record of the group has its answer."""
        numbers = [one.number for one in group]
        recorded = recorded_results(state, self._job.job_id, self._chunk)
        if recorded is not None:
            # A record that an earlier delivery had to leave out is not put behind those it was to come before.
            self._fault(numbers)
            self._results.update(recorded)
            return None
        return self._isolated(numbers, self._fold, group, state, submission)

    def _fold(self, group: Sequence[Checked], state: Achievement | None, submission: Submission) -> Achievement | None:
        key = group[0].command.key
        aim = self._catalogue.aim(key.aim_reference)
        refused = self._refused_by_register.get(key, ())
        folded = fold(state, group, submission, self._provenance, aim, refused)
        self._results.update(folded.results)
        return folded.state

    def _write(self, states: Sequence[Achievement], groups: dict[Key, list[Checked]]) -> list[Key]:
        """Write the states, 25 a call; the keys of those that others have changed since they were read."""
        overtaken: list[Key] = []
        size = 1 if self._isolating else WRITES
        for start in range(0, len(states), size):
            self._still_held()
            batch = states[start : start + size]
            numbers = [one.number for state in batch for one in groups[state.key]]
            written = self._isolated(numbers, self._ports.achievements.write_all, batch)
            for state, took_effect in zip(batch, written or (), strict=bool(written)):
                if not took_effect:
                    overtaken.append(state.key)
        return overtaken

    def _still_held(self) -> None:
        if self._ports.clock() >= self._until:
            raise ChunkBusy("the lease runs out")

    # A record that stops the program.

    def _isolated(self, numbers: Sequence[int], step: Callable[P, T], *args: P.args, **named: P.kwargs) -> T | None:
        """Run a step; from the third attempt on its error costs only these records."""
        if not self._isolating:
            return step(*args, **named)
        try:
            return step(*args, **named)
        except (TemporaryFailure, Conflict):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other records go on
            self._ports.journal.record_fault(self._job, self._chunk, numbers, error)
            self._fault(numbers)
            return None

    def _fault(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            why = (failure("LRS-FAULT-1"),)
            self._results[number] = RecordResult(number, Outcome.NOT_PROCESSED, failures=why)


class _Parsed(NamedTuple):
    """One record as read: its command, and what is wrong with its structure and its fields."""

    number: int
    command: Command
    failures: tuple[Failure, ...]
    is_faulty: bool
    """Whether it cannot be processed; then the command lacks the fields that could not be read."""


def _is_lone_create(group: Sequence[Checked]) -> bool:
    return len(group) == 1 and group[0].command.action is Action.CREATE


def _parse(record: Record) -> _Parsed:
    parsed = parse_record(record.values)
    if isinstance(parsed, Faulty):
        return _Parsed(record.number, parsed.command, (*record.failures, *parsed.failures), is_faulty=True)
    return _Parsed(record.number, parsed, record.failures, is_faulty=False)
