"""Achievement files: start an upload, follow its job and get the results (ACH-06, ACH-07).

Counters are those of the existing interface (GetAchievementBatchJob) in camel case, with some additions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from chalicelib.domain.achievement_ids import achievement_id
from chalicelib.domain.achievements import Key
from chalicelib.domain.aims import parse_aim_reference
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.failures import Failure
from chalicelib.domain.jobs import Job
from chalicelib.domain.results import ACHIEVEMENT_OUTCOMES, Outcome
from chalicelib.domain.uln import parse_uln
from chalicelib.domain.values import parse_date
from chalicelib.formats.batch.achievement_results import AchievementOutput
from chalicelib.services.batches.kinds import ACHIEVEMENT_BATCH
from chalicelib.web.http.responses import About
from chalicelib.web.rest.file_batches import NewBatch, Surface, routes_of
from chalicelib.web.rest.job_documents import BatchRecord, JobDocument, job_fields, record_fields

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


@dataclass(frozen=True)
class AchievementRecord(BatchRecord):
    """One record of an achievement batch and its outcome."""

    achievement_id: Annotated[str | None, About(example="1000000043.60012341.2026-06-26")]
    """The record's achievement; null if it does not identify one."""
    uln: Annotated[str, About(example="1000000043")]
    """As submitted."""
    unit_or_qualification_reference_number: Annotated[str, About(example="60012341")]
    """As submitted."""
    achievement_award_date: Annotated[str, About(example="2026-06-26")]
    """As submitted."""
    action: Annotated[str, About(example="1")]
    outcome: Annotated[Outcome, About(values=ACHIEVEMENT_OUTCOMES)]
    return_code: Annotated[str | None, About(example="VRC001")]
    master_uln: Annotated[str | None, About(example=None)]
    late: bool


@dataclass(frozen=True)
class AchievementRecordsDocument:
    """A page of a batch's records."""

    records: tuple[AchievementRecord, ...]
    cursor: str | None
    """For the next page; null on the last page."""
    links: Annotated[Mapping[str, str], About(example={"self": f"{PATH}/J7Qm2xVbT0yKcPz4/records?limit=50"})]


def record_document(record: AchievementOutput) -> AchievementRecord:
    """The document of a record."""
    key = _key_of(record)
    return AchievementRecord(
        **record_fields(record.number, record.mis_identifier, record.answer),
        achievement_id=achievement_id(key) if key is not None else None,
        uln=record.uln,
        unit_or_qualification_reference_number=record.aim_reference,
        achievement_award_date=record.award_date,
        action=record.action,
        outcome=Outcome(record.answer.outcome),
        return_code=record.return_code or None,
        master_uln=record.master_uln or None,
        late=record.late,
    )


def _key_of(record: AchievementOutput) -> Key | None:
    """The achievement that a submitted record identifies; None when its values do not identify one."""
    uln, aim = parse_uln(record.uln), parse_aim_reference(record.aim_reference)
    awarded = parse_date(record.award_date, "AchievementAwardDate")
    if isinstance(uln, Failure) or isinstance(aim, Failure) or isinstance(awarded, Failure):
        return None
    return Key(uln, aim, awarded)


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
        AchievementRecordsDocument,
        record_document,
    )
)
