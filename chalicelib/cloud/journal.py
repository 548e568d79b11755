"""The operators' journal: log lines and metrics, none of them about a learner (SEC-02, SLA-03)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from chalicelib.domain.callers import Channel
from chalicelib.domain.jobs import Job, JobStatus
from chalicelib.domain.results import RecordResult, counter_of
from chalicelib.domain.scans import Verdict
from chalicelib.domain.service_levels import OF_BATCH
from chalicelib.observability import (
    OUTCOMES,
    SHOWN,
    Code,
    Metric,
    elapsed,
    fault,
    flush,
    log,
    measure,
    measure_file,
    measure_requests,
)
from chalicelib.ports.journal import Journal

FAULTS_LOGGED: Final = 10
"""Unexpected errors logged individually for each chunk; a fault of ours may affect every record."""

_NOT_ACCEPTED: Final = {"not_found", "refused", "not_processed", "cancelled"}
_SCANNED: Final = {
    Verdict.INFECTED: Code.MALWARE_FOUND,
    Verdict.UNSUPPORTED: Code.SCAN_UNSUPPORTED,
    Verdict.DENIED: Code.SCAN_DENIED,
    Verdict.FAILED: Code.SCAN_FAILED,
}


class LogJournal(Journal):
    """Writes one line for each event, with counts and codes only."""

    def __init__(self) -> None:
        self._faults: Counter[tuple[str, int]] = Counter()

    def received(self, job: Job) -> None:
        """A submitted file has become a job."""
        log(Code.JOB_RECEIVED, job=job.job_id, ukprn=job.ukprn, channel=job.channel)
        measure(Metric.FILES_SUBMITTED)

    def astray(self, job: Job) -> None:
        """A submitted file names no organisation that we know. Its key may contain a name, so it is not logged."""
        log(Code.FILE_ASTRAY, job=job.job_id)

    def split(self, job: Job) -> None:
        """A job's file has been cut into chunks."""
        log(
            Code.JOB_SPLIT,
            job=job.job_id,
            ukprn=job.ukprn,
            records=job.records,
            chunks=len(job.chunk_sizes),
            format=job.format,
            milliseconds=elapsed(),
        )

    def applied(self, job: Job, chunk: int, attempt: int, results: Sequence[RecordResult]) -> None:
        """A delivery has answered every record of a chunk."""
        outcomes = Counter(counter_of(result.outcome) for result in results)
        faults = sum(any(found.code == "LRS-FAULT-1" for found in result.failures) for result in results)
        milliseconds = elapsed()
        log(
            Code.CHUNK_APPLIED,
            job=job.job_id,
            chunk=chunk,
            attempt=attempt,
            milliseconds=milliseconds,
            counts=dict(outcomes),
        )
        measure(Metric.RECORDS_ACCEPTED, sum(outcomes[name] for name in OUTCOMES if name not in _NOT_ACCEPTED))
        measure(Metric.RECORDS_REFUSED, outcomes["refused"])
        measure(Metric.CHUNK_MILLISECONDS, milliseconds)
        measure_requests(OF_BATCH[job.kind], Channel.BATCH, milliseconds, len(results), faults)
        if faults:
            measure(Metric.RECORD_FAULTS, faults)
        self._faults.clear()

    def record_fault(self, job: Job, chunk: int, numbers: Sequence[int], error: Exception) -> None:
        """Records, by number, with unexpected errors are answered as a fault of the service."""
        for number in numbers:
            self._faults[job.job_id, chunk] += 1
            if self._faults[job.job_id, chunk] <= FAULTS_LOGGED:
                fault(error, Code.RECORD_FAULT, job=job.job_id, chunk=chunk, record=number)

    def ended(self, job: Job) -> None:
        """A job has ended."""
        took = (job.finished_at - job.submitted_at).total_seconds() / 60 if job.finished_at else 0.0
        if job.rejection:
            reasons = list(dict.fromkeys(reason.code for reason in job.rejection))[:SHOWN]
            log(Code.JOB_REFUSED, job=job.job_id, ukprn=job.ukprn, reasons=reasons)
            measure(Metric.FILES_REFUSED)
        counts = {name: number for name in OUTCOMES if (number := getattr(job.counts, name))}
        log(
            Code.JOB_ENDED,
            job=job.job_id,
            status=job.status.value,
            minutes=round(took, 2),
            counts=counts,
        )
        measure(Metric.JOBS_ENDED)
        measure(Metric.JOB_MINUTES, took)
        if job.status is not JobStatus.CANCELLED:
            given_up = job.status is JobStatus.FAILED and not job.rejection
            late = given_up or job.finished_at is None or job.finished_at > job.due_by
            measure_file(OF_BATCH[job.kind], Channel.BATCH, took, late=late)

    def not_clean(self, job: Job, verdict: Verdict) -> None:
        """The malware scan of a submitted file has found something, or has failed."""
        log(_SCANNED[verdict], job=job.job_id, ukprn=job.ukprn, status=job.status.value)

    def scan_overdue(self, job: Job) -> None:
        """A submitted file has waited too long for its malware scan, and still waits."""
        log(Code.SCAN_OVERDUE, job=job.job_id, ukprn=job.ukprn)

    def watching(self, open_jobs: int, oldest_hours: float) -> None:
        """A watch run begins. Its metrics are printed at once: a run that is stopped must not hide them."""
        measure(Metric.OPEN_JOBS, open_jobs)
        measure(Metric.OLDEST_JOB_HOURS, oldest_hours)
        flush()

    def notice_refused(self, job: Job) -> None:
        """The email service does not accept the email about a job."""
        log(Code.NOTICE_REFUSED, job=job.job_id)

    def notice_given_up(self, job: Job) -> None:
        """The email about a job could not be sent for so long that it never will be."""
        log(Code.NOTICE_GIVEN_UP, job=job.job_id, ukprn=job.ukprn)
        measure(Metric.NOTICES_GIVEN_UP)

    def list_missing(self, name: str) -> None:
        """The packaged sample is used instead of a missing list of the operator's."""
        log(Code.LIST_MISSING, list=name)

    def list_ends(self, name: str) -> None:
        """The last date of a list is less than a year away."""
        log(Code.LIST_ENDS, list=name)
