"""Achievement batches: begin an upload, follow the jobs, fetch what came of them (ACH-06, ACH-07).

Files never pass through the web service: a caller is given a form with which it posts the file to the inbox, and
short-lived links from which it fetches the results. Statuses, counters and field names are those of the existing
interface (GetAchievementBatchJob) in camel case, and those that it lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from chalicelib.domain.access import Capability
from chalicelib.domain.achievements import SubmissionType
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Job
from chalicelib.formats.layouts import ACHIEVEMENTS as LAYOUT
from chalicelib.services.batch_submit import ENCODINGS, LINK_SECONDS
from chalicelib.web import problems
from chalicelib.web.api.v1.job_documents import (
    BegunDocument,
    FileLinkDocument,
    JobDocument,
    OneJob,
    UploadDocument,
    links_of,
    standing,
)
from chalicelib.web.problems import RETRY_SECONDS, Problem
from chalicelib.web.requests import Choice, Text, Whole
from chalicelib.web.responses import About
from chalicelib.web.routes import Call, Reply, route

PATH = "/v1/achievement-batches"
PAGE = 20
"""Jobs of a page when the caller does not say how many."""


@dataclass(frozen=True)
class NewBatch:
    """A file that is about to be uploaded."""

    filename: Annotated[str, Text(maximum=255, minimum=1, example="results-2026-08.csv")]
    """Its name, ending in ``.csv`` or ``.xml``."""
    email_address: Annotated[str, Text(maximum=254)] = ""
    """Where the notice of completion goes, when not to the address of the key's holder."""
    encoding: Annotated[str, Choice(ENCODINGS[1:], any_case=True)] = "utf-8"
    """The declared encoding of a CSV file."""


@dataclass(frozen=True)
class JobList:
    """A page of the organisation's jobs."""

    limit: Annotated[int, Whole(minimum=1, maximum=100)] = PAGE
    """Jobs of the page."""
    cursor: Annotated[str, Text(maximum=2048)] = ""
    """From the page before."""


@dataclass(frozen=True)
class AchievementJobDocument(JobDocument):
    """How a job stands and what became of its achievement records."""

    percentage_successful_records: Annotated[float, About(example=99.6)]
    achievements_created: Annotated[int, About(example=240)]
    achievements_updated: Annotated[int, About(example=6)]
    achievements_withdrawn: Annotated[int, About(example=2)]
    achievements_reinstated: Annotated[int, About(example=0)]
    achievements_promoted_to_final: Annotated[int, About(example=1)]
    achievements_unchanged: Annotated[int, About(example=0)]
    """Records that say what is registered already."""
    successful_final_achievements: Annotated[int, About(example=249)]
    successful_provisional_achievements: Annotated[int, About(example=0)]
    records_refused: Annotated[int, About(example=1)]
    records_not_processed: Annotated[int, About(example=0)]
    """Records that a fault of the service kept from being processed."""
    records_cancelled: Annotated[int, About(example=0)]
    field_data_errors: Annotated[int, About(example=1)]
    """Refused records with at least one error of a field; likewise the next two."""
    learner_data_errors: Annotated[int, About(example=0)]
    business_rule_errors: Annotated[int, About(example=0)]
    late_awards: Annotated[int, About(example=3)]
    """Achievements that were created later than ten working days after the award."""


@dataclass(frozen=True)
class AchievementJobsDocument:
    """A page of jobs."""

    jobs: tuple[AchievementJobDocument, ...]
    cursor: str | None
    """Continues the list; null at its end."""
    links: Annotated[Mapping[str, str], About(example={"self": PATH})]


@route(
    "POST",
    PATH,
    Capability.ACHIEVEMENT_BATCHES_SUBMIT,
    NewBatch,
    answers={202: BegunDocument},
    refusals=(problems.REFUSED,),
    gives=("Location",),
)
def begin_achievement_batch(call: Call, request: NewBatch) -> Reply:
    """Begin an achievement batch.

    Makes a job and the form with which its file is posted; the job waits until the file has arrived.
    """
    begun = call.services.batch_submit.begin(call.caller, request.filename, request.email_address, request.encoding)
    job = begun.job
    upload = UploadDocument(begun.form.url, begun.form.fields, begun.expires_in, LAYOUT.max_bytes)
    document = BegunDocument(job.job_id, job.status, upload, links_of(job, PATH))
    return Reply(document, 202, {"Location": f"{PATH}/{job.job_id}"})


@route("GET", PATH, Capability.ACHIEVEMENT_BATCHES_MANAGE, JobList, answers={200: AchievementJobsDocument})
def list_achievement_batches(call: Call, request: JobList) -> Reply:
    """List the organisation's achievement batches, newest first."""
    page = call.services.batch_submit.page(call.caller, request.limit, request.cursor)
    links = {"self": PATH}
    if page.cursor:
        links["next"] = f"{PATH}?{urlencode({'limit': request.limit, 'cursor': page.cursor})}"
    jobs = tuple(job_document(job) for job in page.items)
    return Reply(AchievementJobsDocument(jobs, page.cursor or None, links))


@route(
    "GET",
    f"{PATH}/{{jobId}}",
    Capability.ACHIEVEMENT_BATCHES_MANAGE,
    OneJob,
    answers={200: AchievementJobDocument},
    gives=("Retry-After",),
)
def get_achievement_batch(call: Call, request: OneJob) -> Reply:
    """Follow an achievement batch.

    How far it is, what became of its records, or why its file was refused.
    """
    job = _job(call, request)
    headers = {} if job.status.is_end else {"Retry-After": str(RETRY_SECONDS)}
    return Reply(job_document(job), headers=headers)


@route(
    "GET",
    f"{PATH}/{{jobId}}/output",
    Capability.ACHIEVEMENT_BATCHES_RETRIEVE,
    OneJob,
    answers={200: FileLinkDocument},
    refusals=(problems.NOT_NOW,),
)
def get_achievement_batch_output(call: Call, request: OneJob) -> Reply:
    """Fetch the output file of an achievement batch.

    A link to every record with its outcome and reasons.
    """
    job = _job(call, request)
    return _result_link(call, job, "output", call.services.batch_submit.output_link(call.caller, job.job_id))


@route(
    "GET",
    f"{PATH}/{{jobId}}/errors",
    Capability.ACHIEVEMENT_BATCHES_RETRIEVE,
    OneJob,
    answers={200: FileLinkDocument},
    refusals=(problems.NOT_NOW,),
)
def get_achievement_batch_errors(call: Call, request: OneJob) -> Reply:
    """Fetch the error file of an achievement batch.

    A link to the failed records as submitted, with their reasons, to correct and send again.
    """
    job = _job(call, request)
    return _result_link(call, job, "errors", call.services.batch_submit.errors_link(call.caller, job.job_id))


@route(
    "POST",
    f"{PATH}/{{jobId}}/cancellation",
    Capability.ACHIEVEMENT_BATCHES_MANAGE,
    OneJob,
    answers={200: AchievementJobDocument, 202: AchievementJobDocument},
    refusals=(problems.NOT_NOW,),
)
def cancel_achievement_batch(call: Call, request: OneJob) -> Reply:
    """Cancel an achievement batch.

    Records not yet applied are answered as cancelled, the others stand.
    """
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


def job_document(job: Job) -> AchievementJobDocument:
    """A job of achievements as the interface tells it."""
    counts = job.counts
    final = job.submission_type == SubmissionType.FINAL
    return AchievementJobDocument(
        **standing(job, PATH),
        percentage_successful_records=round(100 * counts.successful / job.records, 2) if job.records else 0.0,
        achievements_created=counts.created,
        achievements_updated=counts.updated,
        achievements_withdrawn=counts.withdrawn,
        achievements_reinstated=counts.reinstated,
        achievements_promoted_to_final=counts.promoted,
        achievements_unchanged=counts.unchanged,
        successful_final_achievements=counts.successful if final else 0,
        successful_provisional_achievements=0 if final else counts.successful,
        records_refused=counts.refused,
        records_not_processed=counts.not_processed,
        records_cancelled=counts.cancelled,
        field_data_errors=counts.field_data_errors,
        learner_data_errors=counts.learner_data_errors,
        business_rule_errors=counts.business_rule_errors,
        late_awards=counts.late,
    )


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
        return Reply(FileLinkDocument(url, LINK_SECONDS))
    if job.status.is_end:
        raise Problem(problems.NOT_FOUND, failure("LRS-REQ-9", file=file))
    raise Problem(problems.NOT_NOW, failure("WSRC0008"), headers={"Retry-After": str(RETRY_SECONDS)})
