"""Verification files: begin an upload, follow the jobs, fetch what came of them (VLD-03)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from chalicelib.domain.access import Capability
from chalicelib.domain.jobs import Job
from chalicelib.services.batches.kinds import VERIFICATION_BATCH
from chalicelib.web.http.responses import About
from chalicelib.web.rest.file_batches import NewBatch, Surface, routes_of
from chalicelib.web.rest.job_documents import JobDocument, standing

PATH = VERIFICATION_BATCH.path


@dataclass(frozen=True)
class VerificationJobDocument(JobDocument):
    """How a job stands and what became of its records."""

    verified_learners_count: Annotated[int, About(example=190)]
    """Learners whose details are those of the register (VRC001, VRC002)."""
    possible_match_learners_count: Annotated[int, About(example=6)]
    """Learners whose details agree only in part (VRC003, VRC004)."""
    learners_not_verified_count: Annotated[int, About(example=3)]
    """Learners whom the register does not have, or with other details (VRC005, VRC006)."""
    rejected_learners_count: Annotated[int, About(example=1)]
    """Records with a fault of form; their lines of the output file say which."""
    records_not_processed: Annotated[int, About(example=0)]
    """Records that a fault of the service kept from being processed."""
    records_cancelled: Annotated[int, About(example=0)]


@dataclass(frozen=True)
class VerificationJobsDocument:
    """A page of jobs."""

    jobs: tuple[VerificationJobDocument, ...]
    cursor: str | None
    """Continues the list; null at its end."""
    links: Annotated[Mapping[str, str], About(example={"self": PATH})]


def job_document(job: Job) -> VerificationJobDocument:
    """A job of verifications as the interface tells it."""
    counts = job.counts
    return VerificationJobDocument(
        **standing(job, PATH),
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
        Capability.VERIFICATION_BATCHES_SUBMIT,
        Capability.VERIFICATION_BATCHES_MANAGE,
        Capability.VERIFICATION_BATCHES_RETRIEVE,
        NewBatch,
        VerificationJobDocument,
        VerificationJobsDocument,
        job_document,
    )
)
