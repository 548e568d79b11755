"""Achievement batches: begin an upload, follow the jobs, fetch what came of them (ACH-06, ACH-07).

Files never pass through the web service: a caller is given a form with which it posts the file to the inbox, and
short-lived links from which it fetches the results. Statuses, counters and field names are those of the existing
interface (GetAchievementBatchJob) in camel case, and those that it lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from chalicelib.domain.access import Capability
from chalicelib.domain.achievements import SubmissionType
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.jobs import Job
from chalicelib.formats.layouts import ACHIEVEMENTS as LAYOUT
from chalicelib.services.batch_submit import ENCODINGS, LINK_SECONDS
from chalicelib.web import problems
from chalicelib.web.problems import RETRY_SECONDS, Problem, error_document
from chalicelib.web.requests import Choice, Text, Whole
from chalicelib.web.routes import Call, Reply, route

PATH = "/v1/achievement-batches"
PAGE = 20
"""Jobs of a page when the caller does not say how many."""

JobId = Annotated[str, Text(maximum=64, minimum=1, pattern=r"[A-Za-z0-9_-]+", expected="a job id")]


@dataclass(frozen=True)
class NewBatch:
    """A file that is about to be uploaded."""

    filename: Annotated[str, Text(maximum=255, minimum=1)]
    """Its name, ending in ``.csv`` or ``.xml``."""
    email_address: Annotated[str, Text(maximum=254)] = ""
    """Where the notice of completion goes, when not to the address of the key's holder."""
    encoding: Annotated[str, Choice(ENCODINGS[1:], any_case=True)] = "utf-8"
    """The declared encoding of a CSV file."""


@dataclass(frozen=True)
class JobList:
    """A page of the organisation's jobs."""

    limit: Annotated[int, Whole(minimum=1, maximum=100)] = PAGE
    cursor: Annotated[str, Text(maximum=2048)] = ""
    """From the page before."""


@dataclass(frozen=True)
class OneJob:
    """A job of the organisation."""

    job_id: JobId


@route("POST", PATH, Capability.ACHIEVEMENT_BATCHES_SUBMIT, NewBatch)
def begin_achievement_batch(call: Call, request: NewBatch) -> Reply:
    """Make a job and the form with which its file is posted; the job waits until the file has arrived."""
    begun = call.services.batch_submit.begin(call.caller, request.filename, request.email_address, request.encoding)
    job = begun.job
    document = {
        "jobId": job.job_id,
        "status": job.status,
        "upload": {
            "url": begun.form.url,
            "fields": dict(begun.form.fields),
            "expiresInSeconds": begun.expires_in,
            "maxBytes": LAYOUT.max_bytes,
        },
        "links": _links(job),
    }
    return Reply(document, 202, {"Location": _path(job)})


@route("GET", PATH, Capability.ACHIEVEMENT_BATCHES_MANAGE, JobList)
def list_achievement_batches(call: Call, request: JobList) -> Reply:
    """The organisation's jobs, newest first."""
    page = call.services.batch_submit.page(call.caller, request.limit, request.cursor)
    links = {"self": PATH}
    if page.cursor:
        links["next"] = f"{PATH}?{urlencode({'limit': request.limit, 'cursor': page.cursor})}"
    return Reply({"jobs": [job_document(job) for job in page.items], "cursor": page.cursor or None, "links": links})


@route("GET", f"{PATH}/{{jobId}}", Capability.ACHIEVEMENT_BATCHES_MANAGE, OneJob)
def get_achievement_batch(call: Call, request: OneJob) -> Reply:
    """One job: how far it is, what became of its records, or why its file was refused."""
    job = _job(call, request)
    headers = {} if job.status.is_end else {"Retry-After": str(RETRY_SECONDS)}
    return Reply(job_document(job), headers=headers)


@route("GET", f"{PATH}/{{jobId}}/output", Capability.ACHIEVEMENT_BATCHES_RETRIEVE, OneJob)
def get_achievement_batch_output(call: Call, request: OneJob) -> Reply:
    """A link to the output file: every record with its outcome and reasons."""
    job = _job(call, request)
    return _result_link(call, job, "output", call.services.batch_submit.output_link(call.caller, job.job_id))


@route("GET", f"{PATH}/{{jobId}}/errors", Capability.ACHIEVEMENT_BATCHES_RETRIEVE, OneJob)
def get_achievement_batch_errors(call: Call, request: OneJob) -> Reply:
    """A link to the error file: the failed records as submitted, with their reasons, to correct and send again."""
    job = _job(call, request)
    return _result_link(call, job, "errors", call.services.batch_submit.errors_link(call.caller, job.job_id))


@route("POST", f"{PATH}/{{jobId}}/cancellation", Capability.ACHIEVEMENT_BATCHES_MANAGE, OneJob)
def cancel_achievement_batch(call: Call, request: OneJob) -> Reply:
    """Ask for a job's cancellation: records not yet applied are answered as cancelled, the others stand."""
    job = _found(call, request.job_id, call.services.batch_submit.cancel(call.caller, request.job_id))
    if job.status.is_end and job.cancelled_at is None:
        raise Problem(problems.NOT_NOW, failure("LRS-REQ-10"))
    return Reply(job_document(job), 200 if job.status.is_end else 202)


ROUTES = (
    begin_achievement_batch,
    list_achievement_batches,
    get_achievement_batch,
    get_achievement_batch_output,
    get_achievement_batch_errors,
    cancel_achievement_batch,
)


def job_document(job: Job) -> dict[str, object]:
    """A job as JSON. Times are UTC to the second, ``duration`` is in seconds, what is not known yet is null."""
    return {
        "jobId": job.job_id,
        "type": job.kind,
        "user": job.user,
        "channel": job.channel,
        "filename": job.filename,
        "status": job.status,
        "percentDone": job.percent_done,
        "submittedDate": _time(job.submitted_at),
        "startDate": _time(job.started_at),
        "endDate": _time(job.finished_at),
        "cancellationDate": _time(job.cancelled_at),
        "dueBy": _time(job.due_by),
        "duration": _duration(job),
        **_counters(job),
        "sameContentAs": job.same_as or None,
        "rejection": [_file_error(reason) for reason in job.rejection],
        "notices": [_file_error(reason) for reason in job.notices],
        "links": _links(job),
    }


def _counters(job: Job) -> dict[str, object]:
    counts = job.counts
    final = job.submission_type == SubmissionType.FINAL
    return {
        "numberOfRecords": job.records,
        "percentageSuccessfulRecords": round(100 * counts.successful / job.records, 2) if job.records else 0.0,
        "achievementsCreated": counts.created,
        "achievementsUpdated": counts.updated,
        "achievementsWithdrawn": counts.withdrawn,
        "achievementsReinstated": counts.reinstated,
        "achievementsPromotedToFinal": counts.promoted,
        "achievementsUnchanged": counts.unchanged,
        "successfulFinalAchievements": counts.successful if final else 0,
        "successfulProvisionalAchievements": 0 if final else counts.successful,
        "recordsRefused": counts.refused,
        "recordsNotProcessed": counts.not_processed,
        "recordsCancelled": counts.cancelled,
        "fieldDataErrors": counts.field_data_errors,
        "learnerDataErrors": counts.learner_data_errors,
        "businessRuleErrors": counts.business_rule_errors,
        "lateAwards": counts.late,
    }


def _job(call: Call, request: OneJob) -> Job:
    return _found(call, request.job_id, call.services.batch_submit.get(call.caller, request.job_id))


def _found(call: Call, job_id: str, job: Job | None) -> Job:
    if job is None:
        # Another organisation's job is answered like one that never was; that it was asked for is kept.
        call.audit(f"JOB#{job_id}", "achievement-batch-not-found")
        raise Problem(problems.NOT_FOUND, failure("WSRC0018"))
    return job


def _result_link(call: Call, job: Job, file: str, url: str | None) -> Reply:
    if url is not None:
        # The files hold learners' data: the look is recorded before it is answered.
        call.audit(f"JOB#{job.job_id}", "achievement-batch-file-link", file=file)
        return Reply({"url": url, "expiresInSeconds": LINK_SECONDS})
    if job.status.is_end:
        raise Problem(problems.NOT_FOUND, failure("LRS-REQ-9", file=file))
    raise Problem(problems.NOT_NOW, failure("WSRC0008"), headers={"Retry-After": str(RETRY_SECONDS)})


def _file_error(reason: Failure) -> dict[str, object]:
    return {**error_document(reason), "line": reason.line or None, "column": reason.column or None}


def _links(job: Job) -> Mapping[str, str]:
    """Where the caller can go from here; what does not exist, or would be refused, is left out."""
    path = _path(job)
    links = {"self": path}
    if job.output_key:
        links["output"] = f"{path}/output"
    if job.error_key:
        links["errors"] = f"{path}/errors"
    if not job.status.is_end and job.cancelled_at is None:
        links["cancellation"] = f"{path}/cancellation"
    return links


def _path(job: Job) -> str:
    return f"{PATH}/{job.job_id}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _duration(job: Job) -> float | None:
    if job.started_at is None or job.finished_at is None:
        return None
    return round((job.finished_at - job.started_at).total_seconds(), 3)
