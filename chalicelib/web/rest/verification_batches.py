"""Verification files: start an upload, follow its job and get the results (VLD-03)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from chalicelib.domain.jobs import Job
from chalicelib.services.batches.kinds import VERIFICATION_BATCH
from chalicelib.web.http.responses import About
from chalicelib.web.rest.file_batches import NewBatch, Surface, routes_of
from chalicelib.web.rest.job_documents import JobDocument, job_fields

PATH = VERIFICATION_BATCH.path


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


ROUTES = routes_of(
    Surface(
        VERIFICATION_BATCH,
        "verification_batch",
        NewBatch,
        VerificationJobDocument,
        VerificationJobsDocument,
        job_document,
    )
)
