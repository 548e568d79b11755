"""Achievement files: start an upload, follow its job and get the results (ACH-06, ACH-07).

Counters are those of the existing interface (GetAchievementBatchJob) in camel case, with some additions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from chalicelib.domain.achievements import SubmissionType
from chalicelib.domain.jobs import Job
from chalicelib.services.batches.kinds import ACHIEVEMENT_BATCH
from chalicelib.web.http.responses import About
from chalicelib.web.rest.file_batches import NewBatch, Surface, routes_of
from chalicelib.web.rest.job_documents import JobDocument, job_fields

PATH = ACHIEVEMENT_BATCH.path


@dataclass(frozen=True)
class AchievementJobDocument(JobDocument):
    """The status of a job and the outcome of its achievement records."""

    percentage_successful_records: Annotated[float, About(example=99.6)]
    achievements_created: Annotated[int, About(example=240)]
    achievements_updated: Annotated[int, About(example=6)]
    achievements_withdrawn: Annotated[int, About(example=2)]
    achievements_reinstated: Annotated[int, About(example=0)]
    achievements_promoted_to_final: Annotated[int, About(example=1)]
    achievements_unchanged: Annotated[int, About(example=0)]
    """Records that are the same as the achievement held."""
    successful_final_achievements: Annotated[int, About(example=249)]
    successful_provisional_achievements: Annotated[int, About(example=0)]
    records_refused: Annotated[int, About(example=1)]
    records_not_processed: Annotated[int, About(example=0)]
    """Records that could not be processed because of a problem with our service."""
    records_cancelled: Annotated[int, About(example=0)]
    field_data_errors: Annotated[int, About(example=1)]
    """Refused records with at least one field error."""
    learner_data_errors: Annotated[int, About(example=0)]
    """Refused records with at least one learner error."""
    business_rule_errors: Annotated[int, About(example=0)]
    """Refused records that break at least one rule."""
    late_awards: Annotated[int, About(example=3)]
    """Achievements created more than ten working days after the award."""


@dataclass(frozen=True)
class AchievementJobsDocument:
    """A page of jobs."""

    jobs: tuple[AchievementJobDocument, ...]
    cursor: str | None
    """For the next page; null on the last page."""
    links: Annotated[Mapping[str, str], About(example={"self": PATH})]


def job_document(job: Job) -> AchievementJobDocument:
    """The document of an achievement job."""
    counts = job.counts
    final = job.submission_type == SubmissionType.FINAL
    return AchievementJobDocument(
        **job_fields(job, PATH),
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


ROUTES = routes_of(
    Surface(
        ACHIEVEMENT_BATCH,
        "achievement_batch",
        NewBatch,
        AchievementJobDocument,
        AchievementJobsDocument,
        job_document,
    )
)
