"""Turns: an organisation's files of one kind are applied one after another, in order of submission.

Every step that changes the line (split, finish, watch) also lets the next file start. Starting is safe to repeat: the
job's transition is conditional and its chunk messages may be delivered any number of times.

The places of a line are separate items, so an earlier file may join while a later one is given the turn. Therefore a
file is started only if, after it was given the turn, the line was read again and it still had the turn.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.jobs import TURN_LEASE, Job, JobStatus, Place, holder, place_of
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.jobs import Jobs, Turns
from chalicelib.ports.messages import Queues

ATTEMPTS = 10
"""How often a change is decided again after others have changed the item, before the message returns to its queue."""


def saved(jobs: Jobs, job: Job, chunk: int | None = None) -> Job:
    """Save a job, with ``chunk`` as done; raises TemporaryFailure if others have changed it in the meantime."""
    try:
        return jobs.save(job, chunk)
    except Conflict as changed:
        raise TemporaryFailure("the job is being changed") from changed


class BatchLine:
    """The lines of all organisations' files."""

    def __init__(self, jobs: Jobs, turns: Turns, queues: Queues, clock: Clock) -> None:
        self._jobs = jobs
        self._turns = turns
        self._queues = queues
        self._clock = clock

    def join(self, job: Job) -> None:
        """Add the job by its time of submission; if nobody waits, with the turn."""
        place = place_of(job)
        if self._holder(job.ukprn, job.kind) is None:
            place = place._replace(lease_until=self._clock() + TURN_LEASE)
        self._turns.join(place)

    def cut(self, job: Job) -> Job:
        """Save a job whose chunks are cut; if it has the turn, it starts at once. Raises TemporaryFailure."""
        held = self._holder(job.ukprn, job.kind)
        if held is None or held.job_id != job.job_id or not held.is_leased(self._clock()):
            return saved(self._jobs, job)
        started = saved(self._jobs, self._started(job))
        self.send_missing(started)
        return started

    def end(self, job: Job) -> None:
        """Complete the end of a job: leave the line, start the next file, send the email."""
        self._turns.leave(place_of(job))
        self.start_next(job.ukprn, job.kind)
        if job.notice_due:
            self._queues.send("notices", [{"job": job.job_id}])

    def start_next(self, ukprn: str, kind: str) -> None:
        """Start the file that has the turn, if it is cut and has not been started."""
        for _ in range(ATTEMPTS):
            place = self._holder(ukprn, kind)
            if place is None:
                return
            job = self._jobs.get(place.job_id)
            if job is None or job.status.is_end:
                self._turns.leave(place)
            elif not job.is_split and place.lease_until is not None:
                return
            elif not place.is_leased(self._clock()):
                self._turns.lease(place, self._clock() + TURN_LEASE)
            elif job.status is not JobStatus.WAITING or self.start(job):
                return
        raise TemporaryFailure("the line keeps changing")

    def keep_turn(self, job: Job) -> None:
        """Progress keeps the turn. Sending again does not count, so a stuck file lets the next one pass."""
        progress = job.progress_at or job.started_at or job.submitted_at
        self._turns.renew(place_of(job), progress + TURN_LEASE)

    def start(self, job: Job) -> bool:
        """Start a waiting job and send its chunks; False if it was changed in the meantime."""
        try:
            started = self._jobs.save(self._started(job))
        except Conflict:
            return False
        self.send_missing(started)
        return True

    def send_missing(self, job: Job) -> None:
        """Send a message for every chunk without results; it is safe to repeat."""
        self._queues.send("chunks", [{"job": job.job_id, "chunk": chunk} for chunk in job.missing])

    def _started(self, job: Job) -> Job:
        now = self._clock()
        return replace(job, status=JobStatus.IN_PROGRESS, started_at=now, sent_at=now, progress_at=now)

    def _holder(self, ukprn: str, kind: str) -> Place | None:
        return holder(self._turns.line(ukprn, kind), self._clock())
