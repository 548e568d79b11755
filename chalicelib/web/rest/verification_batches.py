"""Verification files: start an upload, follow its job and get the results (VLD-03)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from chalicelib.domain.jobs import Job
from chalicelib.domain.results import VERIFICATION_OUTCOMES, Outcome
from chalicelib.formats.batch.learner_layouts import MOST_RECORDS, VERIFICATIONS
from chalicelib.formats.batch.learner_results import VerifiedOutput
from chalicelib.formats.words.return_codes import VERIFICATION_CODES, VerificationStatus
from chalicelib.services.batches.kinds import VERIFICATION_BATCH
from chalicelib.web.http.field_forms import FileText, RecordRequest
from chalicelib.web.http.requests import ListOf, Nested
from chalicelib.web.http.responses import About
from chalicelib.web.rest.file_batches import NewBatch, Surface, routes_of
from chalicelib.web.rest.inline_batches import InlineBatch, inline_route
from chalicelib.web.rest.job_documents import BatchRecord, JobDocument, job_fields, record_fields

PATH = VERIFICATION_BATCH.path


@dataclass(frozen=True)
class LearnerInVerificationBatch(RecordRequest, record=VERIFICATIONS.record, form=FileText):
    """Who a learner is said to be."""


@dataclass(frozen=True, kw_only=True)
class InlineVerificationBatch(InlineBatch):
    """Learners to verify."""

    learners: Annotated[
        tuple[LearnerInVerificationBatch, ...], ListOf(Nested(LearnerInVerificationBatch), maximum=MOST_RECORDS)
    ]


@dataclass(frozen=True)
class VerificationJobDocument(JobDocument):
    """The status of a job and the outcome of its records."""

    verified_learners_count: Annotated[int, About(example=190)]
    """Learners whose details match those held (VRC001, VRC002)."""
    possible_match_learners_count: Annotated[int, About(example=6)]
    """Learners whose details only partly match (VRC003, VRC004)."""
    learners_not_verified_count: Annotated[int, About(example=3)]
    """Learners who are not registered, or whose details do not match (VRC005, VRC006)."""
    rejected_learners_count: Annotated[int, About(example=1)]
    """Records that are not in the right format; the output file says why."""
    records_not_processed: Annotated[int, About(example=0)]
    """Records that could not be processed because of a problem with our service."""
    records_cancelled: Annotated[int, About(example=0)]


@dataclass(frozen=True)
class VerificationJobsDocument:
    """A page of jobs."""

    jobs: tuple[VerificationJobDocument, ...]
    cursor: str | None
    """For the next page; null on the last page."""
    links: Annotated[Mapping[str, str], About(example={"self": PATH})]


@dataclass(frozen=True)
class VerificationRecord(BatchRecord):
    """One record of a verification batch and its outcome. The fields that begin with `searched` are as submitted."""

    searched_uln: Annotated[str | None, About(example="1000000043")]
    searched_family_name: Annotated[str | None, About(example="Okafor")]
    searched_given_name: Annotated[str | None, About(example="Millie")]
    searched_date_of_birth: Annotated[str | None, About(example="2001-03-14")]
    searched_gender: Annotated[str | None, About(example="2")]
    response_code: Annotated[str | None, About(example="VRC003", pattern="^VRC00[1-6]$")]
    """Null if the record was not processed."""
    result: Annotated[str | None, About(example=VERIFICATION_CODES["VRC003"].result)]
    """The code in words."""
    status: Annotated[VerificationStatus | None, About(example="Probably Successful")]
    uln: Annotated[str | None, About(example="1000000043")]
    """The learner whose details follow: if linked, the master. Null for `VRC005` and `VRC006`."""
    family_name: Annotated[str | None, About(example="Okafor")]
    given_name: Annotated[str | None, About(example="Amelia")]
    date_of_birth: Annotated[str | None, About(example="2001-03-14")]
    gender: Annotated[str | None, About(example="2")]
    failure_flags: Annotated[tuple[str, ...], About(example=[])]
    """For `VRC005` and `VRC006`: the details that do not match."""
    outcome: Annotated[Outcome, About(example=Outcome.POSSIBLE, values=VERIFICATION_OUTCOMES)]


@dataclass(frozen=True)
class VerificationRecordsDocument:
    """A page of a batch's records."""

    records: tuple[VerificationRecord, ...]
    cursor: str | None
    """For the next page; null on the last page."""
    links: Annotated[Mapping[str, str], About(example={"self": f"{PATH}/J7Qm2xVbT0yKcPz4/records?limit=50"})]


def record_document(record: VerifiedOutput) -> VerificationRecord:
    """The document of a record."""
    words = VERIFICATION_CODES.get(record.return_code)
    searched_uln, searched_family_name, searched_given_name, searched_date_of_birth, searched_gender = (
        value or None for value in record.searched
    )
    uln, family_name, given_name, date_of_birth, gender = (value or None for value in record.returned)
    return VerificationRecord(
        **record_fields(record.number, record.mis_identifier, record.answer),
        searched_uln=searched_uln,
        searched_family_name=searched_family_name,
        searched_given_name=searched_given_name,
        searched_date_of_birth=searched_date_of_birth,
        searched_gender=searched_gender,
        response_code=record.return_code or None,
        result=words.result if words else None,
        status=words.status if words else None,
        uln=uln,
        family_name=family_name,
        given_name=given_name,
        date_of_birth=date_of_birth,
        gender=gender,
        failure_flags=record.flags,
        outcome=Outcome(record.answer.outcome),
    )


def job_document(job: Job) -> VerificationJobDocument:
    """The document of a verification job."""
    counts = job.counts
    return VerificationJobDocument(
        **job_fields(job, PATH),
        verified_learners_count=counts.found,
        possible_match_learners_count=counts.possible,
        learners_not_verified_count=counts.not_found,
        rejected_learners_count=counts.refused,
        records_not_processed=counts.not_processed,
        records_cancelled=counts.cancelled,
    )


_SURFACE = Surface(
    VERIFICATION_BATCH,
    "verification_batch",
    NewBatch,
    VerificationJobDocument,
    VerificationJobsDocument,
    job_document,
    VerificationRecordsDocument,
    record_document,
)
ROUTES = (
    inline_route(_SURFACE, InlineVerificationBatch),
    *routes_of(_SURFACE),
)
