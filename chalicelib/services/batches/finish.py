"""Finish: when every chunk has its results, the result files are written and the job ends (ACH-06, ACH-07, SLA-03).

The submitted file is read once more and joined with the results by record number, so that every record has one
answer. If repeated, the step writes the same files; the job's transition is conditional, so one delivery ends it.

A small file ends where its only chunk is applied: one save marks the chunk done and ends the job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final

from chalicelib.domain.jobs import OWN_LIMIT, Job, JobStatus
from chalicelib.domain.learner_fields import JOB_TYPE
from chalicelib.domain.results import FAILED, RecordResult, count
from chalicelib.formats.batch.error_reports import write_report
from chalicelib.formats.batch.files import BatchFile
from chalicelib.formats.batch.recognition import CONTENT_TYPES
from chalicelib.formats.batch.result_files import write_errors
from chalicelib.formats.batch.sent_back import corrected
from chalicelib.formats.batch.work_files import read_results, result_key
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Missing
from chalicelib.ports.files import Files
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.journal import SILENT, Journal
from chalicelib.services.batches.kinds import KINDS
from chalicelib.services.batches.line import BatchLine, saved
from chalicelib.services.batches.submitted_files import read_submitted

SMALL: Final = 500
"""Records of a file that may end where its only chunk is applied, in the memory and the time that are left there."""


@dataclass(frozen=True, slots=True)
class FinishPorts:
    """What the step needs from outside."""

    jobs: Jobs
    files: Files
    line: BatchLine
    clock: Clock
    journal: Journal = SILENT


class BatchFinish:
    """The last step of the pipeline."""

    def __init__(self, ports: FinishPorts) -> None:
        self._ports = ports

    def run(self, job_id: str) -> Job | None:
        """End the job if every chunk is done; the job after that, or None if it does not exist.

        A chunk whose results are gone is applied again, and the job ends after that.
        """
        job = self._ports.jobs.get(job_id)
        if job is None or not job.is_complete:
            return job
        if not job.status.is_end:
            results, lost = self._results(job)
            if lost:
                return self._apply_again(job, lost)
            job = self._ended(job, results)
        self._ports.line.end(job)
        return job

    def at_once(self, job: Job, chunk: int) -> Job | None:
        """End a small job with the results of its only chunk, which is not marked done yet; the job after that.

        None if the chunk must be marked done and the job ended by ``run``: it is not small, others have changed it, or
        something failed. Then nothing has happened that ``run`` does not repeat.
        """
        if job.status.is_end or job.records > SMALL or len(job.chunk_sizes) > 1:
            return None
        try:
            results, lost = self._results(job)
            if lost:
                return None
            ended = self._ended(job, results, chunk)
            self._ports.line.end(ended)
        except Exception:  # noqa: BLE001 - ``run`` meets it again, and reports it
            return None
        return ended

    def _apply_again(self, job: Job, lost: Sequence[int]) -> Job:
        for chunk in lost:
            job = self._ports.jobs.chunk_lost(job.job_id, chunk)
        self._ports.line.send_missing(job)
        return job

    def _ended(self, job: Job, results: Mapping[int, RecordResult], chunk: int | None = None) -> Job:
        job = self._with_files(job, results)
        counts = count(results.values())
        status = JobStatus.SUCCESSFUL
        if job.cancelled_at is not None:
            status = JobStatus.CANCELLED
        elif counts.not_processed or not job.output_key:
            status = JobStatus.FAILED
        ended = saved(
            self._ports.jobs,
            replace(
                job,
                status=status,
                counts=counts,
                finished_at=self._ports.clock(),
                notice_due=bool(job.email or job.ukprn),
            ),
            chunk,
        )
        self._ports.journal.ended(ended)
        return ended

    def _results(self, job: Job) -> tuple[dict[int, RecordResult], list[int]]:
        """The results by record number, and the chunks whose results are gone."""
        results: dict[int, RecordResult] = {}
        lost: list[int] = []
        for chunk in range(len(job.chunk_sizes)):
            try:
                data = self._ports.files.read("work", result_key(job.job_id, chunk))
            except Missing:
                lost.append(chunk)
            else:
                results.update((result.number, result) for result in read_results(data))
        return results, lost

    def _with_files(self, job: Job, results: Mapping[int, RecordResult]) -> Job:
        """As ``_write_files``; if the submitted file is gone, the job ends without result files after 36 hours."""
        try:
            return self._write_files(job, results)
        except Missing:
            if self._ports.clock() - job.submitted_at < OWN_LIMIT:
                raise
            return job

    def _write_files(self, job: Job, results: Mapping[int, RecordResult]) -> Job:
        """Write output and error file; the job with them. There is an error file only if a record has failed."""
        data, layout, batch = read_submitted(self._ports.files, job)
        place = result_folder(job)
        content_type = CONTENT_TYPES[job.format]
        output = BytesIO()
        KINDS[job.kind].write_output(batch, results, layout, output)
        output_key = f"{place}/output.{job.format}"
        self._ports.files.write("results", output_key, output.getvalue(), content_type)
        written = replace(job, output_key=output_key, output_bytes=output.tell())
        if job.corrects:
            written = replace(written, corrected=corrected(data, job.format, layout, job.corrects, results))
        if not any(result.outcome in FAILED for result in results.values()):
            return written
        errors = BytesIO()
        write_errors(_with_its_type(batch, job), results, layout, job.job_id, errors)
        error_key = f"{place}/errors.{job.format}"
        self._ports.files.write("results", error_key, errors.getvalue(), content_type)
        report, head = write_report(batch, results, layout, KINDS[job.kind].layout)
        self._ports.files.write("results", report_key(job), report, "application/json")
        return replace(written, error_key=error_key, error_bytes=errors.tell(), report_head=head)


def result_folder(job: Job) -> str:
    """Where the results of a job are."""
    return f"results/{job.ukprn}/{job.job_id}"


def report_key(job: Job) -> str:
    """Where its error report is."""
    return f"{result_folder(job)}/report.json"


def _with_its_type(batch: BatchFile, job: Job) -> BatchFile:
    """A learner batch with its job type: an upload may be begun as a check without saying so in the file, and its
    corrected error file must not register learners wherever it is sent.
    """
    return batch._replace(header=batch.header | {JOB_TYPE.wire: job.job_type}) if job.job_type else batch
