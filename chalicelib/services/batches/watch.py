"""Watch: compare every open job with its expected state, and send again what is missing (SLA-03).

A job itself shows what is missing, as the difference of two sets, so a watch run that is missed costs only time.
Everything sent here may be delivered any number of times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Job, JobStatus, Source
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing, TemporaryFailure
from chalicelib.ports.files import Files
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.journal import SILENT, Journal
from chalicelib.ports.messages import Queues, source_message
from chalicelib.services.batches.apply import BatchApply
from chalicelib.services.batches.arrivals import Arrivals
from chalicelib.services.batches.line import BatchLine
from chalicelib.services.batches.places import upload_folder
from chalicelib.services.batches.split import BatchSplit

STALE = timedelta(minutes=15)
"""After this time without progress, what is missing is sent again."""

UPLOAD_LIMIT = timedelta(hours=2)
"""A job whose upload has not arrived by then is cancelled; its form has long expired."""

NOTICE_LIMIT = timedelta(days=4)
"""An email that could not be sent by then is given up: as long as the queue keeps a message."""

NOTICE_PAUSE = timedelta(hours=4)
"""The longest time between two messages about an email that is due; the pauses grow up to it."""


@dataclass(frozen=True, slots=True)
class WatchPorts:
    """What the step needs from outside, including the other steps."""

    jobs: Jobs
    files: Files
    queues: Queues
    line: BatchLine
    arrivals: Arrivals
    split: BatchSplit
    apply: BatchApply
    clock: Clock
    journal: Journal = SILENT


class Watched(NamedTuple):
    """What one run found and did, for metrics and alarms."""

    open_jobs: int
    oldest_hours: float
    """Age of the oldest unfinished job, in hours."""
    sent_again: int
    given_up: int
    found_files: int
    troubles: tuple[str, ...] = ()
    """Jobs that could not be checked, each with the kind of its error."""


class BatchWatch:
    """The watch run of the pipeline."""

    def __init__(self, ports: WatchPorts) -> None:
        self._ports = ports

    def run(self) -> Watched:
        """Check every open job, oldest deadline first, and look for files without one.

        What is open is reported before anything is done, so that the operators see it even if there is too much.
        """
        now = self._ports.clock()
        open_jobs = [job for job in self._ports.jobs.read(self._ports.jobs.open_jobs()) if job.is_open]
        unfinished = [job.submitted_at for job in open_jobs if not job.status.is_end]
        oldest = (now - min(unfinished)).total_seconds() / 3600 if unfinished else 0.0
        self._ports.journal.watching(len(open_jobs), oldest)
        sent = given_up = 0
        troubles: list[str] = []
        for job in open_jobs:
            try:
                resent, ended = self._check_job(job, now)
            except Exception as trouble:  # noqa: BLE001 - the other jobs are still checked
                troubles.append(f"{job.job_id} {type(trouble).__name__}")
            else:
                sent += resent
                given_up += ended
        troubles += self._start_next(open_jobs)
        return Watched(len(open_jobs), oldest, sent, given_up, self._ports.arrivals.find(), tuple(troubles))

    def _start_next(self, open_jobs: Sequence[Job]) -> list[str]:
        """Let the next file of each line with waiting files start; where this failed, a job of the line and why."""
        troubles: list[str] = []
        waiting = {(job.ukprn, job.kind): job for job in open_jobs if job.is_split and job.status is JobStatus.WAITING}
        for (ukprn, kind), job in waiting.items():
            try:
                self._ports.line.start_next(ukprn, kind)
            except Exception as trouble:  # noqa: BLE001 - the other lines continue
                troubles.append(f"{job.job_id} {type(trouble).__name__}")
        return troubles

    def _check_job(self, job: Job, now: datetime) -> tuple[int, int]:
        """Whether a job's messages were sent again, and whether it was ended: 0 or 1 each."""
        if job.source is None and not job.status.is_end and self._expire_upload(job, now):
            return 0, 0
        if job.is_given_up(now):
            return 0, self._give_up(job)
        return self._send_missing(job, now), 0

    def _send_missing(self, job: Job, now: datetime) -> int:
        """Send again what a job is waiting for; 1 if anything was sent."""
        if job.status.is_end:
            return self._send_notice(job, now)
        if job.source is None:
            return 0
        if not job.is_split:
            return self._send_intake(job.source, job.submitted_at) if now - job.submitted_at >= STALE else 0
        if job.is_complete:
            self._ports.queues.send("finish", [{"job": job.job_id}])
            return 1
        return 0 if job.status is JobStatus.WAITING else self._send_chunks(job, now)

    def _send_chunks(self, job: Job, now: datetime) -> int:
        self._ports.line.keep_turn(job)
        moved = max(at for at in (job.sent_at, job.progress_at, job.started_at, job.submitted_at) if at)
        if now - moved < STALE:
            return 0
        try:
            job = self._ports.jobs.save(replace(job, sent_at=now))
        except Conflict:
            return 0
        self._ports.line.send_missing(job)
        self._cut_again(job)
        return 1

    def _send_notice(self, job: Job, now: datetime) -> int:
        """Send the message about a due email again, with growing pauses; give it up after four days."""
        finished = job.finished_at or job.submitted_at
        last = max(job.sent_at or finished, finished)
        if now - finished >= NOTICE_LIMIT:
            self._give_up_notice(job)
            return 0
        if now - last < max(STALE, min(last - finished, NOTICE_PAUSE)):
            return 0
        try:
            self._ports.jobs.save(replace(job, sent_at=now))
        except Conflict:
            return 0
        self._ports.queues.send("notices", [{"job": job.job_id}])
        return 1

    def _give_up_notice(self, job: Job) -> None:
        try:
            told = replace(job, notice_due=False, notices=(*job.notices, failure("LRS-JOB-1")))
            self._ports.journal.notice_given_up(self._ports.jobs.save(told))
        except Conflict:
            return

    def _expire_upload(self, job: Job, now: datetime) -> bool:
        """Cancel a job whose upload never arrived; if it did, send its event again."""
        if now - job.submitted_at < UPLOAD_LIMIT:
            return False
        place = upload_folder(job)
        for stored in self._ports.files.objects("inbox", place, job.submitted_at - STALE):
            self._send_intake(Source("inbox", stored.key, stored.version), stored.modified)
            return False
        try:
            cancelled = self._ports.jobs.save(replace(job, status=JobStatus.CANCELLED, finished_at=now))
        except Conflict:
            return True
        self._ports.journal.ended(cancelled)
        return True

    def _send_intake(self, source: Source, submitted_at: datetime) -> int:
        self._ports.queues.send("intake", [source_message(source, submitted_at)])
        return 1

    def _cut_again(self, job: Job) -> None:
        """Have split check whether chunks are gone."""
        if job.source is not None:
            self._send_intake(job.source, job.submitted_at)

    def _give_up(self, job: Job) -> int:
        """What is not processed is answered as a fault of the service, so that the job ends in time.

        A chunk for which this fails does not keep the others from their end.
        """
        if not job.is_split:
            self._ports.split.give_up(job)
            return 1
        gone = False
        faults: list[Exception] = []
        for chunk in job.missing:
            try:
                self._ports.apply.run(job.job_id, chunk, give_up=True)
            except TemporaryFailure:
                continue
            except Missing:
                gone = True
            except Exception as fault:  # noqa: BLE001 - it is reported after the others
                faults.append(fault)
        if gone:
            self._cut_again(job)
        if faults:
            raise faults[0]
        if job.is_complete:
            self._ports.queues.send("finish", [{"job": job.job_id}])
        return 1
