"""Learner files: start an upload, follow its job and get the results (ULN-06, ULN-07).

Counters are those of the existing interface (GetSubmitBatchOutput) in camel case, with some additions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from chalicelib.domain.jobs import Job
from chalicelib.domain.learner_batches import ReturnCode
from chalicelib.domain.learner_fields import JOB_TYPE
from chalicelib.domain.results import LEARNER_OUTCOMES, Outcome
from chalicelib.formats.batch.learner_layouts import LEARNERS, MOST_RECORDS
from chalicelib.formats.batch.learner_results import LearnerOutput
from chalicelib.formats.words.return_codes import LEARNER_CODES
from chalicelib.services.batches.kinds import LEARNER_BATCH
from chalicelib.web.http.field_forms import FieldText, FileText, RecordRequest
from chalicelib.web.http.requests import ListOf, Nested
from chalicelib.web.http.responses import About
from chalicelib.web.rest.file_batches import NewBatch, Surface, routes_of
from chalicelib.web.rest.inline_batches import InlineBatch, inline_route
from chalicelib.web.rest.job_documents import BatchRecord, JobDocument, job_fields, record_fields

PATH = LEARNER_BATCH.path


@dataclass(frozen=True)
class NewLearnerBatch(NewBatch):
    """A learner registration file to upload."""

    job_type: Annotated[str, FieldText(JOB_TYPE)] = ""
    """`FUL` registers and updates, `CHK` only checks. By default the JobType in the file, otherwise `FUL`."""


@dataclass(frozen=True)
class LearnerInBatch(RecordRequest, record=LEARNERS.record, partial=True, form=FileText):
    """A learner to register, or to update if you give the ULN."""


@dataclass(frozen=True, kw_only=True)
class InlineLearnerBatch(InlineBatch):
    """Learners to register, update or check."""

    learners: Annotated[tuple[LearnerInBatch, ...], ListOf(Nested(LearnerInBatch), maximum=MOST_RECORDS)]
    job_type: Annotated[str, FieldText(JOB_TYPE)] = ""
    """`FUL` registers and updates, `CHK` only checks; `FUL` if you leave it out."""


@dataclass(frozen=True)
class LearnerJobDocument(JobDocument):
    """The status of a job and the outcome of its learner records."""

    job_type: Annotated[str | None, About(example="FUL")]
    """`FUL` or `CHK`; null until the file has been read."""
    new_learners_count: Annotated[int, About(example=12)]
    """Learners with a newly allocated ULN (RC001)."""
    exists_updated_learners_count: Annotated[int, About(example=180)]
    """Learners found or updated (RC002, RC003, RC004)."""
    updated_learners_count: Annotated[int, About(example=30)]
    """Those of them who were updated (RC003)."""
    possible_match_learners_count: Annotated[int, About(example=3)]
    """Records of learners who may already be registered. Someone has to decide (RC007, RC008)."""
    learners_not_found_count: Annotated[int, About(example=2)]
    """Records of learners who are not registered, or not with this ULN (RC005)."""
    rejected_learners_count: Annotated[int, About(example=3)]
    """Records with errors (RC006, RC009 to RC013)."""
    records_not_processed: Annotated[int, About(example=0)]
    """Records that could not be processed because of a problem with our service."""
    records_cancelled: Annotated[int, About(example=0)]


@dataclass(frozen=True)
class LearnerJobsDocument:
    """A page of jobs."""

    jobs: tuple[LearnerJobDocument, ...]
    cursor: str | None
    """For the next page; null on the last page."""
    links: Annotated[Mapping[str, str], About(example={"self": PATH})]


@dataclass(frozen=True)
class LearnerRecord(BatchRecord):
    """One record of a learner batch and its outcome."""

    submitted_uln: Annotated[str | None, About(example=None)]
    uln: Annotated[str | None, About(example="1000000043")]
    """The ULN we return: new, found or the master's. If we return none, as submitted."""
    return_code: Annotated[str | None, About(example="RC001", pattern="^RC0(0[1-9]|1[0-3])$")]
    """Null if the record was not processed."""
    description: Annotated[str | None, About(example=LEARNER_CODES[ReturnCode.NEW])]
    """The return code in words."""
    outcome: Annotated[Outcome, About(example=Outcome.REGISTERED, values=LEARNER_OUTCOMES)]


@dataclass(frozen=True)
class LearnerRecordsDocument:
    """A page of a batch's records."""

    records: tuple[LearnerRecord, ...]
    cursor: str | None
    """For the next page; null on the last page."""
    links: Annotated[Mapping[str, str], About(example={"self": f"{PATH}/J7Qm2xVbT0yKcPz4/records?limit=50"})]


def record_document(record: LearnerOutput) -> LearnerRecord:
    """The document of a record."""
    code = record.return_code
    return LearnerRecord(
        **record_fields(record.number, record.mis_identifier, record.answer),
        submitted_uln=record.submitted_uln or None,
        uln=record.uln or None,
        return_code=code or None,
        description=LEARNER_CODES[ReturnCode(code)] if code else None,
        outcome=Outcome(record.answer.outcome),
    )


def job_document(job: Job) -> LearnerJobDocument:
    """The document of a learner job."""
    counts = job.counts
    return LearnerJobDocument(
        **job_fields(job, PATH),
        job_type=job.job_type or None,
        new_learners_count=counts.created,
        exists_updated_learners_count=counts.found + counts.updated,
        updated_learners_count=counts.updated,
        possible_match_learners_count=counts.possible,
        learners_not_found_count=counts.not_found,
        rejected_learners_count=counts.refused,
        records_not_processed=counts.not_processed,
        records_cancelled=counts.cancelled,
    )


_SURFACE = Surface(
    LEARNER_BATCH,
    "learner_batch",
    NewLearnerBatch,
    LearnerJobDocument,
    LearnerJobsDocument,
    job_document,
    LearnerRecordsDocument,
    record_document,
)
ROUTES = (
    inline_route(_SURFACE, InlineLearnerBatch),
    *routes_of(_SURFACE),
)
