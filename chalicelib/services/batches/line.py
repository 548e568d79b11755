"""Turns: an organisation's files of one kind are applied one after another, in order of submission.

Every step that changes the queue (split, finish, cancel, watch) also lets the next file start. Starting is safe to
repeat: the job's transition is conditional and its chunk messages may be delivered any number of times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chalicelib.domain.jobs import TURN_LEASE, Job, JobStatus, Turn
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.jobs import Jobs, Turns
from chalicelib.ports.messages import Queues

ATTEMPTS = 10
"""How often a change is decided again after others have changed the item, before the message returns to its queue."""


def saved(jobs: Jobs, job: Job) -> Job:
    """Save a job; raises TemporaryFailure if others have changed it in the meantime."""
    try:
        return jobs.save(job)
    except Conflict as changed:
        raise TemporaryFailure("the job is being changed") from changed


class BatchLine:
    """The queues of all organisations' files."""

    def __init__(self, jobs: Jobs, turns: Turns, queues: Queues, clock: Clock) -> None:
        self._jobs = jobs
        self._turns = turns
        self._queues = queues
        self._clock = clock

    def join(self, job: Job) -> None:
        """Add the job by its time of submission."""
        self._change(job, lambda turn: turn.joined(job.job_id, job.submitted_at))

    def ready(self, job: Job) -> None:
        """The job's chunks are cut; it starts when its turn comes."""
        self._change(job, lambda turn: turn.with_ready(job.job_id))

    def leave(self, job: Job) -> None:
        """Release the turn, or the place in the queue."""
        self._change(job, lambda turn: turn.left(job.job_id))

    def end(self, job: Job) -> None:
        """Complete the end of a job: leave the queue, start the next file, send the email."""
        self.leave(job)
        self.start_next(job.ukprn, job.kind)
        if job.notice_due:
            self._queues.send("notices", [{"job": job.job_id}])

    def start_next(self, ukprn: str, kind: str) -> None:
        """Start the file that has the turn, if it is ready and has not been started."""
        for _ in range(ATTEMPTS):
            turn = self._turns.get(ukprn, kind)
            now = self._clock()
            place = turn.holder(now)
            if place is None:
                return
            job = self._jobs.get(place.job_id)
            if job is None or job.status.is_end:
                self._save(turn.left(place.job_id))
                continue
            if not place.ready:
                if not place.lease_until:
                    self._save(turn.leased(job.job_id, now + TURN_LEASE))
                return
            leased = place.lease_until > now.isoformat() or self._save(turn.leased(job.job_id, now + TURN_LEASE))
            if leased and (job.status is not JobStatus.WAITING or self.start(job)):
                return
        raise TemporaryFailure("the queue keeps changing")

    def start(self, job: Job) -> bool:
        """Start a waiting job and send its chunks; False if it was changed in the meantime."""
        now = self._clock()
        try:
            started = self._jobs.save(
                replace(job, status=JobStatus.IN_PROGRESS, started_at=now, sent_at=now, progress_at=now)
            )
        except Conflict:
            return False
        self.send_missing(started)
        return True

    def send_missing(self, job: Job) -> None:
        """Send a message for every chunk without results; it is safe to repeat."""
        self._queues.send("chunks", [{"job": job.job_id, "chunk": chunk} for chunk in job.missing])

    def _change(self, job: Job, change: Callable[[Turn], Turn]) -> None:
        for _ in range(ATTEMPTS):
            turn = self._turns.get(job.ukprn, job.kind)
            changed = change(turn)
            if changed == turn or self._save(changed):
                return
        raise TemporaryFailure("the queue keeps changing")

    def _save(self, turn: Turn) -> bool:
        try:
            self._turns.save(turn)
        except Conflict:
            return False
        return True
