"""Apply: the records of one chunk are applied once and answered once, whatever their kind (ACH-06, ULN-06, VLD-03).

It is exact even if chunks are delivered twice, deliveries die half-way and others edit in the meantime:

* A delivery claims its chunk for as long as it may live (a lease longer than the function's time-out, and no write
  after it), so two deliveries never work on a chunk at once. The next one finds what a dead one has left.
* Everything that a record writes carries a mark of the chunk and the result: a later delivery repeats that result and
  writes nothing.
* The chunk's results are one object, written only if absent, before the chunk is marked done. A later delivery that
  finds them decides nothing again.
* The first delivery of a small file's only chunk ends the job with that mark, in one write. If it cannot, the chunk is
  marked done and the job sent on, as for any other file.

This module has all that the kinds of batches share. How their records are parsed, checked, applied and recalled is in
``apply_achievements``, ``apply_learners`` and ``apply_verifications``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, NamedTuple, ParamSpec, TypeVar

from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Claim, Job
from chalicelib.domain.looks import LookAction
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.work_files import chunk_key, read_chunk, result_key, write_results
from chalicelib.ports.accounts import Accounts
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing, TemporaryFailure
from chalicelib.ports.files import Files
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.journal import SILENT, Journal
from chalicelib.ports.messages import Queues
from chalicelib.services.looks import Look, Looks, job_subject, learner_subject

ISOLATE_FROM: Final = 3
"""From this attempt on, an unexpected error costs one record only, which is answered LRS-FAULT-1."""

LEASE_MARGIN: Final = timedelta(seconds=15)
"""No write begins in the last part of a lease."""

P = ParamSpec("P")
T = TypeVar("T")
KeyT = TypeVar("KeyT", bound=Hashable)
ParsedT = TypeVar("ParsedT")
CheckedT = TypeVar("CheckedT")


class ChunkBusy(TemporaryFailure):
    """Another delivery, which may still be alive, has the chunk."""


@dataclass(frozen=True, slots=True)
class ApplyPorts:
    """What the step needs from outside, for every kind of batch."""

    jobs: Jobs
    files: Files
    accounts: Accounts
    looks: Looks
    queues: Queues
    clock: Clock
    journal: Journal = SILENT


class ChunkDelivery(NamedTuple):
    """A delivery that holds its chunk."""

    job: Job
    chunk: int
    attempt: int
    """1 for the first delivery that claimed the chunk."""
    until: datetime
    """No write begins after this time."""
    give_up: bool
    """Whether to answer what has not been applied as a fault of the service."""
    recognition: frozenset[str] | None
    """The organisation's recognition numbers; None if it may no longer submit."""

    @property
    def caller(self) -> Caller:
        """The submitter, who acts through the records of the file."""
        job = self.job
        return Caller(job.ukprn, job.user, job.email, frozenset(), Channel.BATCH, job.job_id)


class ChunkWork(ABC, Generic[ParsedT, CheckedT]):
    """One delivery of one chunk. Each kind of batch says how its records are parsed, checked, applied and recalled."""

    action: LookAction
    """The action of a look at the learners in the audit log."""

    def __init__(self, ports: ApplyPorts, delivery: ChunkDelivery) -> None:
        self.ports = ports
        self.delivery = delivery
        self.job = delivery.job
        self.is_isolating = delivery.give_up or delivery.attempt >= ISOLATE_FROM
        self.settled: dict[int, RecordResult] = {}
        """The results so far, by record number."""

    # What differs for each kind.

    @abstractmethod
    def parse(self, record: Record) -> ParsedT:
        """A record's values and their faults, from the record alone."""

    def recall(self, parsed: Mapping[int, ParsedT]) -> Mapping[int, RecordResult]:
        """The results of records that an earlier delivery of this chunk has applied; called from the second on."""
        del parsed
        return {}

    def prepare(self) -> None:
        """Load what every check needs. An error here concerns the chunk, so it is never isolated to a record."""

    @abstractmethod
    def check(self, number: int, parsed: ParsedT) -> CheckedT | RecordResult:
        """The record to apply, or its refusal. Reads no learner and no achievement."""

    def apply(self, checked: Mapping[int, CheckedT]) -> None:
        """Apply the records and keep their results; one by one, unless a kind overrides this."""
        for number, one in checked.items():
            self.still_held()
            result = self.isolated((number,), self.apply_one, number, one)
            if result is not None:
                self.settled[number] = result

    def apply_one(self, number: int, checked: CheckedT) -> RecordResult:
        """Apply one record."""
        raise NotImplementedError

    # The delivery.

    def results(self) -> list[RecordResult]:
        """The result of every record of the chunk, in file order.

        Records applied by an earlier delivery keep their results, even if the organisation, the learners or the job
        have changed since.
        """
        delivery, job = self.delivery, self.job
        key = chunk_key(job.job_id, delivery.chunk, job.chunk_sizes)
        records = read_chunk(self.ports.files.read("work", key))
        read = ((record.number, self.isolated((record.number,), self.parse, record)) for record in records)
        left = {number: parsed for number, parsed in read if parsed is not None}
        if delivery.attempt > 1:
            self.settled |= self.recall(left)
            left = {number: parsed for number, parsed in left.items() if number not in self.settled}
        if job.cancelled_at is not None or delivery.recognition is None:
            self._answer_all(left, Outcome.CANCELLED, "LRS-CANCEL-1")
        elif delivery.give_up:
            self._answer_all(left, Outcome.NOT_PROCESSED, "LRS-FAULT-2")
        else:
            checked = self._checked(left)
            if checked:
                self._audit_look(len(checked))
                self.apply(checked)
        self.still_held()
        results = [self.settled[record.number] for record in records]
        self._audit_returned(results)
        return results

    def _checked(self, left: Mapping[int, ParsedT]) -> dict[int, CheckedT]:
        """The records that pass the checks; the others are refused, each with every reason at once."""
        checked: dict[int, CheckedT] = {}
        if left:
            self.prepare()
        for number, parsed in left.items():
            one = self.isolated((number,), self.check, number, parsed)
            if isinstance(one, RecordResult):
                self.settled[number] = one
            elif one is not None:
                checked[number] = one
        return checked

    def _answer_all(self, numbers: Iterable[int], outcome: Outcome, code: str) -> None:
        for number in numbers:
            self.settled[number] = RecordResult(number, outcome, failures=(failure(code),))

    def still_held(self) -> None:
        """Raises ChunkBusy in the last part of the lease."""
        if self.ports.clock() >= self.delivery.until:
            raise ChunkBusy("the lease runs out")

    # Unexpected errors.

    def isolated(self, numbers: Sequence[int], step: Callable[P, T], *args: P.args, **named: P.kwargs) -> T | None:
        """Run a step; from the third attempt on, its error costs only these records."""
        if not self.is_isolating:
            return step(*args, **named)
        try:
            return step(*args, **named)
        except (TemporaryFailure, Conflict):
            raise
        except Exception as error:  # noqa: BLE001 - the other records continue
            self.ports.journal.record_fault(self.job, self.delivery.chunk, numbers, error)
            self.fault(numbers)
            return None

    def read_for(
        self, wanted: Mapping[KeyT, Sequence[int]], read: Callable[[Iterable[KeyT]], Mapping[KeyT, T]]
    ) -> tuple[Mapping[KeyT, T], frozenset[int]]:
        """Read what records need, by the numbers of these records, and return the records for which it failed.

        If there is an unexpected error, each thing is read by itself, so that it costs only the records that need it.
        """
        if not self.is_isolating:
            return read(wanted), frozenset()
        try:
            return read(wanted), frozenset()
        except (TemporaryFailure, Conflict):
            raise
        except Exception:  # noqa: BLE001 - it is reported when its part is read again
            found: dict[KeyT, T] = {}
            failed: set[int] = set()
            for key, numbers in wanted.items():
                one = self.isolated(numbers, read, [key])
                if one is None:
                    failed.update(numbers)
                else:
                    found.update(one)
            return found, frozenset(failed)

    def fault(self, numbers: Iterable[int]) -> None:
        """Answer records as a fault of the service."""
        self._answer_all(numbers, Outcome.NOT_PROCESSED, "LRS-FAULT-1")

    # The audit log (SEC-01).

    def _audit_look(self, records: int) -> None:
        """Every look at learner data is logged first; the job's file has the learners."""
        subject = job_subject(self.job.job_id)
        detail = {"chunk": str(self.delivery.chunk), "records": str(records)}
        self.ports.looks.at(self.delivery.caller, self.action, subject, **detail)

    def _audit_returned(self, results: Iterable[RecordResult]) -> None:
        """Every learner whose ULN or details are returned is logged first."""
        looks = [
            Look(self.action, learner_subject(one.returned[0]), detail={"code": one.return_code})
            for one in results
            if one.returned
        ]
        if looks:
            self.ports.looks.record(self.delivery.caller, looks)


End = Callable[[Job, int], Job | None]
"""Ends a small job with its only chunk, or returns None."""

Work = Callable[[ApplyPorts, ChunkDelivery], ChunkWork[Any, Any]]
"""Makes the work of a kind of batch for a delivery."""


class BatchApply:
    """The middle step of the pipeline, run once for each chunk; ``kinds`` by their names."""

    def __init__(self, ports: ApplyPorts, lease: timedelta, kinds: Mapping[str, Work], end: End) -> None:
        self._ports = ports
        self._lease = lease
        self._kinds = kinds
        self._end = end

    def run(self, job_id: str, chunk: int, *, give_up: bool = False) -> Job | None:
        """Apply one chunk, or with ``give_up`` answer what has not been applied as a fault of the service.

        Returns the job after that, which may have ended, or None if nobody knows it, as after a restore: then there is
        nothing to do, as for a job that has ended without this chunk. Raises ChunkBusy or another TemporaryFailure if
        the message must be delivered again.
        """
        now = self._ports.clock()
        try:
            claim = self._ports.jobs.claim_chunk(job_id, chunk, now, now + self._lease)
        except Missing:
            return None
        if chunk in claim.job.done or claim.job.status.is_end:
            return self._announced(claim.job)
        if not claim.held:
            raise ChunkBusy(f"{job_id} {chunk}")
        if claim.attempt == 1 or not self._has_results(job_id, chunk):
            results = self._work(claim, chunk, now + self._lease - LEASE_MARGIN, give_up=give_up).results()
            key, data = result_key(job_id, chunk), write_results(results)
            if self._ports.files.write_if_absent("work", key, data, "application/json"):
                self._ports.journal.applied(claim.job, chunk, claim.attempt, results)
        # Only the first delivery may end the job, so that whatever kills it does not kill the next ones.
        ended = self._end(claim.job, chunk) if claim.attempt == 1 and not give_up else None
        return ended or self._announced(self._ports.jobs.chunk_done(job_id, chunk, self._ports.clock()))

    def _work(self, claim: Claim, chunk: int, until: datetime, *, give_up: bool) -> ChunkWork[Any, Any]:
        job = claim.job
        delivery = ChunkDelivery(job, chunk, claim.attempt, until, give_up, self._recognition_of(job))
        return self._kinds[job.kind](self._ports, delivery)

    def _has_results(self, job_id: str, chunk: int) -> bool:
        try:
            self._ports.files.read("work", result_key(job_id, chunk))
        except Missing:
            return False
        return True

    def _announced(self, job: Job) -> Job:
        """The delivery that completes the set of chunks sends the job on; a job that has ended, too: the delivery that
        ended it may have died before it started the next file.
        """
        if job.is_complete:
            self._ports.queues.send("finish", [{"job": job.job_id}])
        return job

    def _recognition_of(self, job: Job) -> frozenset[str] | None:
        """The organisation's recognition numbers; None if it may no longer submit. Read for every chunk."""
        organisation = self._ports.accounts.organisation(job.ukprn)
        if organisation is None or organisation.status != "active":
            return None
        return organisation.recognition_numbers
