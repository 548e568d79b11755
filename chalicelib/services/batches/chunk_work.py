"""One delivery of one chunk: what is the same whatever its records are.

A delivery of a learner or verification batch answers its records one after another. From the third attempt on a record
that stops the program is answered LRS-FAULT-1 and the others go on; nothing is written in the last part of the lease.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.domain.batch_answers import Answer, AnswerOutcome
from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Job
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.work_files import chunk_key, read_chunk
from chalicelib.ports.audit import Audit, AuditEntry
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.files import Files
from chalicelib.ports.journal import SILENT, Journal

ISOLATE_FROM: Final = 3
"""From this attempt on a record that stops the program is answered LRS-FAULT-1 and the others go on."""

LEASE_MARGIN: Final = timedelta(seconds=15)
"""No write begins in the last part of a lease."""


class ChunkBusy(TemporaryFailure):
    """Another delivery, which may still be alive, is working on the chunk."""


class ChunkDelivery(NamedTuple):
    """A delivery that holds its chunk."""

    job: Job
    chunk: int
    attempt: int
    """1 for the first delivery that got the chunk."""
    until: datetime
    """No write begins later."""
    give_up: bool
    """Whether what has not been applied is to be answered as the service's own fault."""
    is_active: bool
    """Whether the organisation may still submit."""

    @property
    def caller(self) -> Caller:
        """The submitter, who acts through the records of the file."""
        job = self.job
        return Caller(job.ukprn, job.user, job.email, frozenset(), Channel.BATCH, job.job_id)


@dataclass(frozen=True, slots=True)
class WorkPorts:
    """What every such delivery needs of the world outside."""

    files: Files
    audit: Audit
    clock: Clock
    journal: Journal = SILENT


class RecordWork:
    """A delivery whose records are answered one after another."""

    action = ""
    """What the audit log calls a look at a learner."""

    def __init__(self, ports: WorkPorts, delivery: ChunkDelivery) -> None:
        self._outside = ports
        self.delivery = delivery
        self.job = delivery.job

    # What each kind does in its own way.

    def recalled(self, records: Sequence[Record]) -> Mapping[int, Answer]:
        """What an earlier delivery of the chunk has applied, by record number, with the answers it gave."""
        del records
        return {}

    def begin(self, records: Sequence[Record]) -> None:
        """Read what the records need before they are answered."""

    def answer(self, record: Record) -> Answer:
        """Do what a record asks for, and answer it."""
        raise NotImplementedError

    # The delivery.

    def answers(self) -> list[Answer]:
        """The answer to every record of the chunk, in file order.

        What an earlier delivery has applied is answered as it was then, whatever has become of the organisation or the
        job since.
        """
        delivery, job = self.delivery, self.job
        data = self._outside.files.read("work", chunk_key(job.job_id, delivery.chunk, job.chunk_sizes))
        records = read_chunk(data)
        found = dict(self.recalled(records)) if delivery.attempt > 1 else {}
        left = [record for record in records if record.number not in found]
        if delivery.give_up:
            found |= _all(left, AnswerOutcome.NOT_PROCESSED, "LRS-FAULT-2")
        elif job.cancelled_at is not None or not delivery.is_active:
            found |= _all(left, AnswerOutcome.CANCELLED, "LRS-CANCEL-1")
        else:
            self.begin(left)
            for record in left:
                self.still_held()
                found[record.number] = self._isolated(record)
        self.still_held()
        in_order = [found[record.number] for record in records]
        self._audit(in_order)
        return in_order

    def still_held(self) -> None:
        """Raises ChunkBusy in the last part of the lease."""
        if self._outside.clock() >= self.delivery.until:
            raise ChunkBusy("the lease runs out")

    def _isolated(self, record: Record) -> Answer:
        if self.delivery.attempt < ISOLATE_FROM:
            return self.answer(record)
        try:
            return self.answer(record)
        except (TemporaryFailure, Conflict):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other records go on
            self._outside.journal.record_fault(self.job, self.delivery.chunk, [record.number], error)
            return Answer(record.number, AnswerOutcome.NOT_PROCESSED, failures=(failure("LRS-FAULT-1"),))

    def _audit(self, answers: Sequence[Answer]) -> None:
        """Every learner whose ULN or details are answered is on the audit log before they are (SEC-01)."""
        job, at = self.job, self._outside.clock().isoformat()
        entries = [
            AuditEntry(
                f"ULN#{one.answered[0]}",
                at,
                f"{job.job_id}-{one.number}",
                self.action,
                job.ukprn,
                job.user,
                {"channel": Channel.BATCH, "job": job.job_id, "code": one.return_code},
            )
            for one in answers
            if one.answered
        ]
        detail = {"channel": job.channel, "chunk": str(self.delivery.chunk), "records": str(len(answers))}
        entry_id = f"{self.delivery.chunk}-{self.delivery.attempt}"
        whole = AuditEntry(f"JOB#{job.job_id}", at, entry_id, self.action, job.ukprn, job.user, detail)
        self._outside.audit.record([whole, *entries])


def _all(records: Iterable[Record], outcome: AnswerOutcome, code: str) -> dict[int, Answer]:
    return {record.number: Answer(record.number, outcome, failures=(failure(code),)) for record in records}
