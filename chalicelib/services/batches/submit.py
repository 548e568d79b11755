"""Submit and follow batch jobs by web service and portal (ACH-06, ACH-07, ULN-06, VLD-03).

A caller starts an upload and gets a form, valid for one object and a few minutes, that sends the file straight to the
inbox; the job exists from then on. Records sent inline are put in the inbox as a file, so the same pipeline gives them
the same answers. An organisation sees only its own jobs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.domain import codes
from chalicelib.domain.callers import Caller
from chalicelib.domain.corrections import Correction
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import EMAIL_ADDRESS, Field, Kind
from chalicelib.domain.jobs import LEARNERS, Job, JobStatus
from chalicelib.domain.learner_fields import JOB_TYPE
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.refusals import Refused
from chalicelib.domain.values import judged
from chalicelib.formats.batch.files import ERRORS, download_name
from chalicelib.formats.batch.inline_files import EXTENSION, write_corrected, write_inline
from chalicelib.formats.batch.layouts import BETWEEN, REASON_CODES, REASON_JOB
from chalicelib.formats.batch.recognition import CONTENT_TYPES
from chalicelib.ports.accounts import Accounts
from chalicelib.ports.clock import Clock, NewId
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.files import Files, UploadForm
from chalicelib.ports.jobs import JobPage, Jobs
from chalicelib.ports.journal import SILENT, Journal
from chalicelib.services.batches.kinds import ACHIEVEMENT_BATCH, KINDS, BatchKind
from chalicelib.services.batches.line import ATTEMPTS, BatchLine
from chalicelib.services.batches.places import upload_folder
from chalicelib.services.looks import Looks, job_subject

FORM_SECONDS = 15 * 60
"""How long an upload form may be used."""

LINK_SECONDS = 5 * 60
"""How long a download link may be used."""

CORRECTED: Final = "corrected"
"""What is added to the name of a file whose failed records are corrected."""
LOOKED_AT: Final = 50
"""Jobs that are read at a time where only some of them fit."""
MOST_LOOKED_AT: Final = 500
"""The most that are read for one page."""

FILENAME: Final = Field(
    "filename",
    Kind.TEXT,
    128,
    "The name of the file, ending in `.csv` or `.xml`.",
    "results-2026-08.csv",
    mandatory=True,
    wire="filename",
)
ENCODING: Final = Field(
    "encoding",
    Kind.CODE,
    12,
    "The declared encoding of a CSV file; UTF-8 if you leave it out.",
    "utf-8",
    codes=codes.ENCODING,
    wire="encoding",
)

_FILENAME = re.compile(r"[A-Za-z0-9 ._()-]{1,128}")


class ResultFile(StrEnum):
    """A file of an ended job."""

    OUTPUT = "output"
    ERRORS = ERRORS


class Wanted(NamedTuple):
    """Which jobs to list; empty for any."""

    status: str = ""
    channel: str = ""
    user: str = ""
    name: str = ""
    """Part of the name of the file."""

    def fits(self, job: Job) -> bool:
        """Whether a job is one of those."""
        return (
            self.status in ("", job.status)
            and self.channel in ("", job.channel)
            and self.user in ("", job.user)
            and self.name.strip().casefold() in job.filename.casefold()
        )


class UploadBegun(NamedTuple):
    """A job that is waiting for its file, and the form for sending it."""

    job: Job
    form: UploadForm
    expires_in: int
    """Seconds for which the form may be used."""


@dataclass(frozen=True, slots=True)
class SubmitPorts:
    """What the use cases need from outside."""

    jobs: Jobs
    files: Files
    accounts: Accounts
    looks: Looks
    line: BatchLine
    clock: Clock
    new_id: NewId
    journal: Journal = SILENT


class BatchJobs:
    """An organisation's batch jobs of one kind; jobs of other kinds do not exist here."""

    def __init__(self, ports: SubmitPorts, kind: BatchKind = ACHIEVEMENT_BATCH) -> None:
        self._ports = ports
        self.kind = kind

    def of_kind(self, name: str) -> BatchJobs:
        """The same for jobs of another kind."""
        return self if name == self.kind.name else BatchJobs(self._ports, KINDS[name])

    def begin(
        self, caller: Caller, filename: str, email: str = "", encoding: str = "", job_type: str = ""
    ) -> UploadBegun:
        """Make a job and the form for its file; ``job_type`` is for learner batches. Raises Refused."""
        job = self.drafted(caller, filename, email, encoding, job_type)
        self._ports.jobs.create(job)
        key = upload_folder(job) + job.filename
        form = self._ports.files.upload_form("inbox", key, self.kind.max_bytes, FORM_SECONDS)
        return UploadBegun(job, form, FORM_SECONDS)

    def drafted(
        self, caller: Caller, filename: str, email: str = "", encoding: str = "", job_type: str = "", job_id: str = ""
    ) -> Job:
        """A job for a file with this name, which is not stored yet. Raises Refused with every reason against it."""
        declared, undeclared = judged(ENCODING, encoding)
        found = [*self._failures(caller, email, job_type, *_filename_failures(filename)), *undeclared]
        if found:
            raise Refused(*found)
        return self._made(caller, filename, email, job_type, "" if declared == "utf-8" else declared, job_id)

    def expect_corrected(self, caller: Caller, parent: Job, job_id: str) -> Job:
        """Make this job for corrected records of ``parent``, whose file is to follow; the same again makes none.

        Raises Refused.
        """
        found = self._failures(caller, "", parent.job_type)
        if found:
            raise Refused(*found)
        filename = download_name(parent.filename, CORRECTED, parent.format)
        job = replace(self._made(caller, filename, "", parent.job_type, job_id=job_id), corrects=parent.job_id)
        return job if self._ports.jobs.create(job) else self.get(caller, job_id)

    def send_corrected(self, job: Job, parent: Job, corrections: Sequence[Correction]) -> Job:
        """Make the file of such a job and store it."""
        layout = self.kind.layout
        header = {
            "FileVersion": layout.version,
            "FileName": job.filename,
            "UKPRN": job.ukprn,
            "SubmissionType": parent.submission_type,
            layout.count_field: str(len(corrections)),
        }
        names = [field.name for field in layout.record]
        data = write_corrected(
            layout,
            parent.format,
            dict.fromkeys(layout.header_names, "")
            | {name: header[name] for name in layout.header_names if name in header},
            [
                dict(zip(names, one.values, strict=True))
                | {REASON_CODES: BETWEEN.join(one.codes), REASON_JOB: parent.job_id}
                for one in corrections
            ],
        )
        return self.store(job, data)

    def store(self, job: Job, data: bytes) -> Job:
        """Store the file of a job that waits for it, unless it is there; the job as it is then."""
        content_type = CONTENT_TYPES[job.filename.rpartition(".")[2].lower()]
        self._ports.files.write_if_absent("inbox", upload_folder(job) + job.filename, data, content_type)
        return self._ports.jobs.get(job.job_id) or job

    def copied(self, caller: Caller, job: Job, job_id: str) -> Job:
        """A job for the same file, which is not stored yet. Raises Refused."""
        found = self._failures(caller, "", job.job_type)
        if found:
            raise Refused(*found)
        made = self._made(caller, job.filename, "", job.job_type, job.encoding, job_id)
        return replace(made, corrects=job.corrects)

    def submit(self, caller: Caller, records: Sequence[Mapping[str, str]], email: str = "", job_type: str = "") -> Job:
        """Make a job of these records; their texts are by the names of fields. Raises Refused.

        Nothing is judged here but who submits, and the size: each record gets its answer in the job.
        """
        layout = self.kind.layout
        found = self._failures(caller, email, job_type)
        if not records:
            found.append(failure("WSEC0047"))
        elif len(records) > layout.max_records:
            found.append(failure("WSEC0046", limit=layout.max_records, found=len(records)))
        filename = f"{self._ports.clock():INLINE_%Y%m%d%H%M%S}{EXTENSION}"
        header = {"FileVersion": layout.version, "FileName": filename, "UKPRN": caller.ukprn}
        data = write_inline(layout, header | {layout.count_field: str(len(records))}, records)
        if len(data) > layout.max_bytes:
            found.append(failure("ACB013", size=len(data), limit=layout.max_bytes))
        if found:
            raise Refused(*found)
        job = self._made(caller, filename, email, job_type)
        self._ports.jobs.create(job)
        self._ports.files.write("inbox", upload_folder(job) + job.filename, data, "application/xml")
        return job

    def _made(
        self, caller: Caller, filename: str, email: str, job_type: str, encoding: str = "", job_id: str = ""
    ) -> Job:
        """A new job that waits for its file."""
        return Job(
            job_id=job_id or "U" + self._ports.new_id(),
            kind=self.kind.name,
            ukprn=caller.ukprn,
            user=caller.user,
            email=email or caller.email,
            channel=caller.channel,
            filename=filename,
            submitted_at=self._ports.clock(),
            encoding=encoding,
            job_type=judged(JOB_TYPE, job_type).value,
        )

    def _failures(self, caller: Caller, email: str, job_type: str, *others: Failure) -> list[Failure]:
        """Every reason against the submitter, the address for the email and the job type, and ``others``."""
        found = [*self.kind.refusal(self._ports.accounts.organisation(caller.ukprn)), *others]
        given = email or caller.email
        if not given or judged(EMAIL_ADDRESS, given).failures:
            found.append(failure("WSEC0044", "emailAddress"))
        wanted, reasons = judged(JOB_TYPE, job_type)
        found += reasons
        if wanted and self.kind.name != LEARNERS:
            found.append(failure("ACF005", JOB_TYPE.wire, allowed="none"))
        return found

    def page(self, caller: Caller, limit: int, cursor: str, *, oldest_first: bool = False) -> JobPage:
        """The organisation's jobs, by the time at which they were sent. Raises BadCursor."""
        return self._ports.jobs.of_organisation(caller.ukprn, self.kind.name, limit, cursor, oldest_first=oldest_first)

    def search(
        self, caller: Caller, wanted: Wanted, limit: int, cursor: str = "", *, oldest_first: bool = False
    ) -> JobPage:
        """The organisation's jobs that fit, by the time at which they were sent.

        A page has ``limit`` jobs or some more, unless so many were looked at that the search is to be continued.
        """
        if wanted == Wanted():
            return self.page(caller, limit, cursor, oldest_first=oldest_first)
        found: list[Job] = []
        for _ in range(MOST_LOOKED_AT // LOOKED_AT):
            page = self.page(caller, LOOKED_AT, cursor, oldest_first=oldest_first)
            found += filter(wanted.fits, page.items)
            cursor = page.cursor
            if not cursor or len(found) >= limit:
                break
        return JobPage(found, cursor)

    def get(self, caller: Caller, job_id: str) -> Job:
        """Raises Refused (WSRC0018) if the organisation has no such job of this kind, and records the attempt."""
        job = self._ports.jobs.get(job_id)
        if job is None or (job.ukprn, job.kind) != (caller.ukprn, self.kind.name):
            outcome = LookOutcome.NOT_FOUND
            self._ports.looks.at(caller, LookAction.JOB_VIEWED, job_subject(job_id), outcome, kind=self.kind.name)
            raise Refused(failure("WSRC0018"))
        return job

    def file_link(self, caller: Caller, job_id: str, file: ResultFile) -> str:
        """A short-lived link to a result file, which contains learners' data: access is recorded before the link is
        returned.

        Raises Refused: WSRC0018; WSRC0008 while the job has not ended; LRS-REQ-9 if it has no such file.
        """
        job = self.get(caller, job_id)
        key = job.output_key if file is ResultFile.OUTPUT else job.error_key
        if not key:
            raise Refused(failure("LRS-REQ-9", file=file.value) if job.status.is_end else failure("WSRC0008"))
        self._ports.looks.at(
            caller, LookAction.JOB_FILE_FETCHED, job_subject(job_id), kind=self.kind.name, file=file.value
        )
        filename = download_name(job.filename, file, key.rsplit(".", 1)[-1])
        return self._ports.files.download_link("results", key, filename, LINK_SECONDS)

    def cancel(self, caller: Caller, job_id: str) -> Job:
        """Cancel a job: records not yet applied are answered as cancelled, the others keep their results. It is
        recorded before it is done.

        Raises Refused: WSRC0018; LRS-REQ-10 if the job has ended.
        """
        for attempt in range(ATTEMPTS):
            job = self.get(caller, job_id)
            if job.cancelled_at is not None:
                return job
            if job.status.is_end:
                raise Refused(failure("LRS-REQ-10"))
            if not attempt:
                self._ports.looks.at(caller, LookAction.JOB_CANCELLED, job_subject(job_id), kind=self.kind.name)
            now = self._ports.clock()
            cancelled = replace(job, cancelled_at=now, cancelled_by=caller.user)
            if job.source is None:
                cancelled = replace(cancelled, status=JobStatus.CANCELLED, finished_at=now)
            try:
                saved = self._ports.jobs.save(cancelled)
            except Conflict:
                continue
            if saved.status.is_end:
                self._ports.journal.ended(saved)
            if saved.is_split and saved.status is JobStatus.WAITING:
                self._ports.line.start(saved)
            return self._ports.jobs.get(job_id) or saved
        raise TemporaryFailure("the job keeps changing")


def _filename_failures(filename: str) -> Sequence[Failure]:
    reasons = judged(FILENAME, filename).failures
    if not reasons and not _FILENAME.fullmatch(filename):
        return [failure("ACF003", "filename", hint="letters, digits, spaces and . _ - ( ) only")]
    if not reasons and not filename.lower().endswith((".csv", ".xml")):
        return [failure("ACB002", "filename")]
    return reasons
