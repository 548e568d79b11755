"""Documents about batch jobs of every kind: status, upload, result files.

Statuses and field names are those of the existing interface (GetAchievementBatchJob) in camel case, with some
additions. Times are UTC to the second, ``duration`` is in seconds and values not known yet are null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from chalicelib.domain.failures import Failure
from chalicelib.domain.jobs import Job, JobStatus
from chalicelib.formats.batch.result_files import Answer
from chalicelib.web.http.problems import error_document
from chalicelib.web.http.requests import Text
from chalicelib.web.http.responses import About

JobId = Annotated[
    str,
    Text(maximum=64, minimum=1, pattern=r"[A-Za-z0-9_-]+", expected="a job id", example="J7Qm2xVbT0yKcPz4"),
]


@dataclass(frozen=True)
class OneJob:
    """A job of the organisation."""

    job_id: JobId
    """The id you received when you started the job."""


@dataclass(frozen=True)
class FileReason:
    """A reason why a file was refused, or a notice about it."""

    code: Annotated[str, About(example="ACB006")]
    field: Annotated[str, About(example="ULN")]
    """The column or element. Empty if the reason is not about one."""
    message: Annotated[str, About(example="The column or element ULN is missing.")]
    action: Annotated[str, About(example="Add ULN. The template shows where it goes.")]
    line: Annotated[int | None, About(example=1)]
    """Line of the file, from 1; null if the reason is not about one line."""
    column: Annotated[int | None, About(example=1)]
    """Column of the line in characters, from 1; null if unknown."""


@dataclass(frozen=True)
class JobDocument:
    """The status of a job."""

    job_id: Annotated[str, About(example="J7Qm2xVbT0yKcPz4")]
    type: Annotated[str, About(example="achievements")]
    user: Annotated[str, About(example="results-system")]
    """Who submitted the file; `bucket` if it was put in the bucket."""
    channel: Annotated[str, About(example="webservice")]
    """How the file was submitted: `bucket`, `webservice` or `portal`."""
    filename: Annotated[str, About(example="results-2026-08.csv")]
    status: JobStatus
    percent_done: Annotated[int, About(example=60, minimum=0, maximum=100)]
    submitted_date: datetime
    start_date: datetime | None
    """When we started to process its records."""
    end_date: datetime | None
    """When its result files were ready, or the file was refused."""
    cancellation_date: datetime | None
    """When its cancellation was requested."""
    due_by: datetime
    """The latest time by which it will finish."""
    duration: Annotated[float | None, About(example=4.2)]
    """Seconds from start to end."""
    number_of_records: Annotated[int, About(example=250)]
    records_accepted_with_notice: Annotated[int, About(example=4)]
    """Accepted records with at least one notice, such as a partial match of names."""
    same_content_as: str | None
    """An earlier job with the same content."""
    rejection: tuple[FileReason, ...]
    """Why the whole file was refused. If it was, none of its records was processed."""
    notices: tuple[FileReason, ...]
    """Notices about a file that was accepted, or about an email that could not be delivered."""
    links: Annotated[Mapping[str, str], About(example={"self": "/v1/achievement-batches/J7Qm2xVbT0yKcPz4"})]
    """What you can do next: `self`, `records`, `output`, `errors` and `cancellation`, if they are available now."""


@dataclass(frozen=True)
class UploadDocument:
    """The form for posting the file as `multipart/form-data`: first the fields, then the file."""

    url: Annotated[str, About(example="https://inbox.example.org/")]
    fields: Annotated[Mapping[str, str], About(example={"key": "upload/90000051/achievements/J7Qm/results.csv"})]
    """Send these fields unchanged, before the field `file`."""
    expires_in_seconds: Annotated[int, About(example=900)]
    max_bytes: Annotated[int, About(example=26214400)]


@dataclass(frozen=True)
class BegunDocument:
    """A job that is waiting for its file."""

    job_id: Annotated[str, About(example="J7Qm2xVbT0yKcPz4")]
    status: JobStatus
    upload: UploadDocument
    links: Annotated[Mapping[str, str], About(example={"self": "/v1/achievement-batches/J7Qm2xVbT0yKcPz4"})]


@dataclass(frozen=True)
class FileLinkDocument:
    """A short-lived link to a result file."""

    url: Annotated[str, About(example="https://results.example.org/…")]
    expires_in_seconds: Annotated[int, About(example=300)]


@dataclass(frozen=True)
class BatchRecord:
    """One record of a batch and its outcome."""

    record_number: Annotated[int, About(example=17, minimum=1)]
    mis_identifier: Annotated[str | None, About(example="MIS-00017")]
    error_codes: Annotated[tuple[str, ...], About(example=[])]
    error_fields: Annotated[tuple[str, ...], About(example=[])]
    """The field of each code, as the file names it."""
    messages: Annotated[str | None, About(example=None)]
    """What is wrong and what to do, for each code."""
    notices: Annotated[str | None, About(example=None)]


def record_fields(number: int, mis_identifier: str, answer: Answer) -> dict[str, Any]:
    """The fields of :class:`BatchRecord`."""
    return {
        "record_number": number,
        "mis_identifier": mis_identifier or None,
        "error_codes": answer.error_codes,
        "error_fields": answer.error_fields,
        "messages": answer.messages or None,
        "notices": answer.notices or None,
    }


def job_fields(job: Job, path: str) -> dict[str, Any]:
    """The fields of :class:`JobDocument` for a job of the kind with this path."""
    return {
        "job_id": job.job_id,
        "type": job.kind,
        "user": job.user,
        "channel": job.channel,
        "filename": job.filename,
        "status": job.status,
        "percent_done": job.percent_done,
        "submitted_date": job.submitted_at,
        "start_date": job.started_at,
        "end_date": job.finished_at,
        "cancellation_date": job.cancelled_at,
        "due_by": job.due_by,
        "duration": _duration(job),
        "number_of_records": job.records,
        "records_accepted_with_notice": job.counts.noticed,
        "same_content_as": job.same_as or None,
        "rejection": tuple(_file_reason(reason) for reason in job.rejection),
        "notices": tuple(_file_reason(reason) for reason in job.notices),
        "links": links_of(job, path),
    }


def links_of(job: Job, path: str) -> Mapping[str, str]:
    """Where the caller can go from here, without links that do not exist or would be refused."""
    own = f"{path}/{job.job_id}"
    links = {"self": own}
    if job.output_key:
        links |= {"records": f"{own}/records", "output": f"{own}/output"}
    if job.error_key:
        links["errors"] = f"{own}/errors"
    if not job.status.is_end and job.cancelled_at is None:
        links["cancellation"] = f"{own}/cancellation"
    return links


def _file_reason(reason: Failure) -> FileReason:
    return FileReason(**error_document(reason), line=reason.line or None, column=reason.column or None)


def _duration(job: Job) -> float | None:
    if job.started_at is None or job.finished_at is None:
        return None
    return round((job.finished_at - job.started_at).total_seconds(), 3)
