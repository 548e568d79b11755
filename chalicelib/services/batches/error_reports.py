"""What failed in a job, page by page, and records corrected in place and sent again as a new job (ACH-07).

A look at failed records is recorded first. A correction is judged as a record of a file is, as far as that can be told
without the registers; the new job tells the rest. Corrections are stored, so that nothing is lost with a session, and
two people who correct the same record are told of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.corrections import Correction
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Job, upload_id_of
from chalicelib.domain.looks import LookAction
from chalicelib.domain.refusals import Refused
from chalicelib.domain.working_time import london_day
from chalicelib.formats.batch.checks import Expectations, record_failures
from chalicelib.formats.batch.error_reports import (
    FailedRecord,
    Instance,
    Lines,
    ReportIndex,
    read_failed,
    read_index,
    read_instances,
)
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.files import Files
from chalicelib.ports.jobs import Corrections, Jobs
from chalicelib.services.batches.finish import report_key
from chalicelib.services.batches.kinds import KINDS
from chalicelib.services.batches.submit import BatchJobs
from chalicelib.services.looks import Looks, job_subject

MOST_TOGETHER: Final = 200
"""Corrections that are sent with one job; each is marked by itself."""


@dataclass(frozen=True, slots=True)
class ReportPorts:
    """What the reports need from outside."""

    files: Files
    jobs: Jobs
    corrections: Corrections
    looks: Looks
    clock: Clock


class Report(NamedTuple):
    """The index of a job's report."""

    job: Job
    contents: ReportIndex


class Changed(Exception):
    """Somebody else has saved another correction of the record, which is ``stored``."""

    def __init__(self, stored: Correction) -> None:
        super().__init__(stored.number)
        self.stored = stored


class ErrorReports:
    """The reports of organisations' jobs, and the corrections of their records."""

    def __init__(self, ports: ReportPorts, jobs: BatchJobs) -> None:
        self._ports = ports
        self._jobs = jobs

    # --- What failed -------------------------------------------------------------------------------------------------

    def report(self, caller: Caller, kind: str, job_id: str) -> Report:
        """What failed in a job, without its records.

        Raises Refused: WSRC0018; WSRC0008 while it has not ended; LRS-REQ-9 if nothing failed or nothing is kept.
        """
        return self._report(self._jobs.of_kind(kind).get(caller, job_id))

    def failed(self, caller: Caller, report: Report, page: int) -> list[FailedRecord]:
        """A page of the failed records, from 1. Raises Refused (LRS-REQ-9) for one that there is not."""
        self._look(caller, report.job, "records", page)
        return read_failed(self._part(report, *_extent(report.contents.records, page)))

    def instances(self, caller: Caller, report: Report, rule: int, page: int) -> list[Instance]:
        """A page of the records for which a reason holds, by its place in the index. Raises the same."""
        if not 0 <= rule < len(report.contents.rules):
            raise _gone()
        self._look(caller, report.job, "reason", page)
        return read_instances(self._part(report, *_extent(report.contents.rules[rule].lines, page)))

    def record(self, caller: Caller, report: Report, number: int) -> FailedRecord:
        """One failed record. Raises Refused (LRS-REQ-9) if the record has not failed."""
        page = report.contents.page_of(number)
        found = {record.number: record for record in self.failed(caller, report, page)} if page else {}
        if number not in found:
            raise _gone()
        return found[number]

    # --- Corrections -------------------------------------------------------------------------------------------------

    def corrections(self, job_id: str) -> list[Correction]:
        """The corrections of a job that the caller may see; one whose job ended before it had its file counts as not
        sent.
        """
        return self._judged(self._ports.corrections.of_job(job_id))

    def _judged(self, found: Sequence[Correction]) -> list[Correction]:
        sent = {one.sent_as for one in found if one.sent_as}
        jobs = self._ports.jobs.read(sorted(sent)) if sent else []
        kept = {job.job_id for job in jobs if job.source is not None or not job.status.is_end}
        return [one if one.sent_as in kept else one._replace(place=0) for one in found]

    def seen_corrections(self, caller: Caller, report: Report) -> list[Correction]:
        """The same with their values, for somebody who looks at them."""
        self._look(caller, report.job, "corrections", 1)
        return self.corrections(report.job.job_id)

    def sent_jobs(self, job: Job) -> list[Job]:
        """The jobs with which records of a job were sent again, corrected here or in its error file, in the order in
        which they were made.
        """
        sent = {one.sent_as for one in self._ports.corrections.of_job(job.job_id) if one.sent_as} | {*job.followed_by}
        return sorted(self._ports.jobs.read(sorted(sent)), key=lambda one: one.submitted_at) if sent else []

    def correction(self, job_id: str, number: int) -> Correction | None:
        """The correction of a record, as :meth:`corrections` has it."""
        found = self._ports.corrections.get(job_id, number)
        return self._judged([found])[0] if found else None

    def correct(
        self, caller: Caller, report: Report, number: int, texts: Mapping[str, str], revision: int
    ) -> Correction:
        """Store a record as corrected; ``revision`` is that of the correction that was shown, 0 for none.

        Raises Refused with every reason against it, and Changed if another one was stored since. The same again does
        nothing.
        """
        job, kind = report.job, KINDS[report.job.kind]
        failed = self.record(caller, report, number)
        values = tuple(texts.get(field.name, "").strip() for field in kind.layout.record)
        now = self._ports.clock()
        expected = Expectations(london_day(now), caller.ukprn, job_type=job.job_type)
        reasons = [why for why in record_failures(values, expected, kind.layout) if why.refuses]
        if reasons:
            raise Refused(*reasons)
        stored = self.correction(job.job_id, number)
        if stored is not None and stored.values == values and stored.by == caller.user:
            return stored
        if stored is not None and stored.sent_as and not stored.place:
            self._ports.corrections.mark_sent(stored, "", 0)
        codes = tuple(why.code for why in failed.failures)
        changed = tuple(
            (field.name, before)
            for field, before, after in zip(kind.layout.record, failed.values, values, strict=True)
            if before.replace("\r\n", "\n").strip() != after
        )
        made = Correction(job.job_id, number, values, codes, changed, caller.user, now, revision + 1)
        try:
            self._ports.corrections.save(made)
        except Conflict:
            stored = self._ports.corrections.get(job.job_id, number)
            if stored is None:
                raise
            raise Changed(stored) from None
        return made

    def send(self, caller: Caller, report: Report) -> Job:
        """Make a job of the corrections that are not sent yet, as many as one may have. The same again makes none, and
        finishes what was interrupted.

        The job is made first, then each correction is marked as sent with it: nobody else can send those, and what is
        in the file was marked before. Raises Refused (WSEC0047) if there are none.
        """
        parent, mine = report.job, self._jobs.of_kind(report.job.kind)
        found = self.corrections(parent.job_id)
        job_id, together = self._next(parent, found)
        if not job_id:
            raise Refused(failure("WSEC0047"))
        job = mine.expect_corrected(caller, parent, job_id)
        for place, one in enumerate(together, 1):
            if one.sent_as != job_id:
                self._ports.corrections.mark_sent(one, job_id, place)
        # Those that somebody else changed or sent in the meantime are not among them.
        sent = [one for one in self._ports.corrections.of_job(parent.job_id) if one.sent_as == job_id]
        if not sent:
            mine.cancel(caller, job_id)
            raise Refused(failure("WSEC0047"))
        return mine.send_corrected(job, parent, sorted(sent, key=lambda one: one.place))

    def _next(self, parent: Job, found: Sequence[Correction]) -> tuple[str, Sequence[Correction]]:
        """The job to be sent and its corrections: one that was interrupted, or else of those that wait. Empty if there
        is nothing to send.
        """
        waiting = [one for one in found if not one.place]
        jobs = self._ports.jobs.read(sorted({one.sent_as for one in found if one.place}))
        for begun in [job.job_id for job in jobs if job.source is None and not job.status.is_end]:
            marked = [one for one in found if one.place and one.sent_as == begun]
            rest = waiting[: MOST_TOGETHER - len(marked)]
            together = sorted([*marked, *rest], key=lambda one: one.number)
            if not waiting or _job_id_of(parent, [one._replace(sent_as="") for one in together]) == begun:
                return begun, together
        together = waiting[:MOST_TOGETHER]
        return (_job_id_of(parent, together) if together else ""), together

    # --- Reading -----------------------------------------------------------------------------------------------------

    def _report(self, job: Job) -> Report:
        if not job.status.is_end:
            raise Refused(failure("WSRC0008"))
        if not job.report_head:
            raise _gone()
        return Report(job, read_index(self._bytes(job, 0, job.report_head)))

    def _part(self, report: Report, start: int, end: int) -> bytes:
        head = report.job.report_head
        return self._bytes(report.job, head + start, head + end)

    def _bytes(self, job: Job, start: int, end: int) -> bytes:
        try:
            return self._ports.files.read_part("results", report_key(job), start, end)
        except Missing:
            raise _gone() from None

    def _look(self, caller: Caller, job: Job, what: str, page: int) -> None:
        subject = job_subject(job.job_id)
        self._ports.looks.at(
            caller, LookAction.JOB_RECORDS_LISTED, subject, kind=job.kind, file="errors", what=what, page=str(page)
        )


def _gone() -> Refused:
    return Refused(failure("LRS-REQ-9", file="errors"))


def _extent(lines: Lines, page: int) -> tuple[int, int]:
    try:
        return lines.extent(page)
    except IndexError:
        raise _gone() from None


def _job_id_of(job: Job, corrections: Iterable[Correction]) -> str:
    """The same corrections make the same job, unless that ended without a file."""
    return upload_id_of(job.job_id, *(f"{one.number}.{one.revision}.{one.sent_as}" for one in corrections))
