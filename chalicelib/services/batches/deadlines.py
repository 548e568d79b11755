"""Which files may miss their deadline, and what was given up on the way, for those who run the service (SLA-03)."""

from __future__ import annotations

from typing import Final, NamedTuple

from chalicelib.domain.jobs import Job, Risk, risk_of
from chalicelib.ports.clock import Clock
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.messages import Queues

QUEUES: Final = ("intake", "chunks", "finish", "notices")
"""Each has a queue of its own for messages that were tried too often."""
DEAD: Final = "{}_dead"


class Unfinished(NamedTuple):
    """A file whose processing has not ended."""

    job: Job
    risk: Risk


class DeadLetters(NamedTuple):
    """Messages of a queue that were tried too often."""

    queue: str
    messages: int
    """Approximately."""


class BatchDeadlines:
    """What is still to be done. Each method may raise TemporaryFailure."""

    def __init__(self, jobs: Jobs, queues: Queues, clock: Clock) -> None:
        self._jobs = jobs
        self._queues = queues
        self._clock = clock

    def unfinished(self) -> list[Unfinished]:
        """The files that have arrived and whose processing has not ended, by deadline."""
        now = self._clock()
        jobs = (job for job in self._jobs.read(self._jobs.open_jobs()) if job.source and not job.status.is_end)
        return [Unfinished(job, risk_of(job, now)) for job in sorted(jobs, key=lambda job: (job.due_by, job.job_id))]

    def dead_letters(self) -> list[DeadLetters]:
        """Of each queue."""
        return [DeadLetters(queue, self._queues.count(DEAD.format(queue))) for queue in QUEUES]
