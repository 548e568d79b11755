"""Documents about achievements: their current state, their versions, results of changes, lists (ACH-08, ACH-09).

Field names are those of the existing interface in camel case, with some additions. Values that are not known are null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlencode

from chalicelib.domain.achievement_ids import achievement_id
from chalicelib.domain.achievements import Achievement, Key, Status, Version
from chalicelib.domain.codes import ACTION_REASON, LANGUAGE_FOR_ASSESSMENT, Action, SubmissionType
from chalicelib.domain.results import ACHIEVEMENT_OUTCOMES, Outcome
from chalicelib.ports.achievements import SubmittedChange
from chalicelib.services.achievement_lists import HistoryLine
from chalicelib.services.achievements import Accepted
from chalicelib.services.pages import Page
from chalicelib.web.http.field_forms import in_json
from chalicelib.web.http.problems import error_document
from chalicelib.web.http.responses import About
from chalicelib.web.rest.table import ACHIEVEMENTS

ID_EXAMPLE = "1000000043.60012341.2026-06-30"
_ID = About(example=ID_EXAMPLE)
_ULN = About(example="1000000043")
_REFERENCE = About(example="60012341")
_LINKS = About(example={"self": f"{ACHIEVEMENTS}/{ID_EXAMPLE}", "history": f"{ACHIEVEMENTS}/{ID_EXAMPLE}/history"})


@dataclass(frozen=True)
class AchievementDocument:
    """An achievement."""

    achievement_id: Annotated[str, _ID]
    """Identifies the achievement in addresses: its ULN, its reference without slashes and its award date."""
    uln: Annotated[str, _ULN]
    given_name: Annotated[str, About(example="Amelia")]
    """As first supplied. Every change must use this name."""
    family_name: Annotated[str, About(example="Okafor")]
    """As first supplied. Every change must use this name."""
    unit_or_qualification_reference_number: Annotated[str, _REFERENCE]
    achievement_award_date: date
    grade: Annotated[str | None, About(example="Merit")]
    language_for_assessment: Annotated[str | None, About(example="ENG", codes=LANGUAGE_FOR_ASSESSMENT)]
    provider_ukprn: Annotated[str | None, About(example="90000101")]
    awarding_organisation_ukprn: Annotated[str, About(example="90000051")]
    """The organisation that submitted it. No other organisation may change it."""
    status: Status
    submission_type: SubmissionType
    late: bool
    """Whether it was submitted more than ten working days after the award."""
    revision: Annotated[int, About(example=2, minimum=1)]
    """Its version. The `ETag` is the same number."""
    date_loaded: datetime
    last_updated_date: datetime
    links: Annotated[Mapping[str, str], _LINKS]
    """What you can see or do next."""


@dataclass(frozen=True)
class NoticeDocument:
    """A notice about a record that was accepted."""

    code: Annotated[str, About(example="ACW003")]
    field: Annotated[str, About(example="achievementAwardDate")]
    """Empty if the notice is not about a field."""
    message: Annotated[str, About(example="The award date is more than ten working days ago.")]
    action: Annotated[str, About(example="Send achievements within ten working days of the award.")]


@dataclass(frozen=True)
class AchievementAnswer:
    """The result of a change, and the achievement after it."""

    outcome: Annotated[Outcome, About(values=ACHIEVEMENT_OUTCOMES)]
    return_code: Annotated[str, About(example="VRC001")]
    """The result of verifying the learner: `VRC001` to `VRC004`."""
    master_uln: Annotated[str | None, About(example=None)]
    """The learner's master ULN, if the one submitted is linked to it."""
    mis_identifier: Annotated[str | None, About(example="MIS-00017")]
    """Your own reference, as you sent it. We do not store it."""
    notices: tuple[NoticeDocument, ...]
    achievement: AchievementDocument


@dataclass(frozen=True)
class AchievementVersion:
    """A version of an achievement: who changed it, when, by which channel, why, and the result."""

    revision: Annotated[int, About(example=2, minimum=1)]
    changed_date: datetime
    organisation_ukprn: Annotated[str, About(example="90000051")]
    user: Annotated[str, About(example="results-system")]
    channel: Annotated[str, About(example="webservice")]
    """`batch`, `webservice` or `portal`."""
    job_id: Annotated[str | None, About(example=None)]
    """The batch job that submitted it."""
    actions: Annotated[tuple[str, ...], About(example=["update"])]
    """One action, or those of all records in a batch about this achievement, in order."""
    action_date: date | None
    action_reason: Annotated[str | None, About(example="SUBINERROR", codes=ACTION_REASON)]
    status: Status
    submission_type: SubmissionType
    grade: Annotated[str | None, About(example="Merit")]
    language_for_assessment: Annotated[str | None, About(example="ENG", codes=LANGUAGE_FOR_ASSESSMENT)]
    provider_ukprn: Annotated[str | None, About(example="90000101")]


@dataclass(frozen=True)
class AchievementHistory:
    """A page of the versions of an achievement, oldest first."""

    achievement_id: Annotated[str, _ID]
    versions: tuple[AchievementVersion, ...]
    cursor: str | None
    """For the next page; null on the last page."""
    links: Annotated[Mapping[str, str], _LINKS]


@dataclass(frozen=True)
class AchievementsDocument:
    """A page of a learner's achievements."""

    achievements: tuple[AchievementDocument, ...]
    cursor: str | None
    """For the next page; null on the last page."""
    links: Annotated[Mapping[str, str], About(example={"self": "/v1/learners/1000000043/achievements"})]


@dataclass(frozen=True)
class SubmissionDocument:
    """One accepted change."""

    achievement_id: Annotated[str, _ID]
    uln: Annotated[str, _ULN]
    unit_or_qualification_reference_number: Annotated[str, _REFERENCE]
    achievement_award_date: date
    changed_date: datetime
    revision: Annotated[int, About(example=1, minimum=1)]
    """The version created by the change."""
    actions: Annotated[tuple[str, ...], About(example=["create"])]
    status: Status
    """After the change."""
    submission_type: SubmissionType
    """After the change."""
    late: bool
    """Whether it was submitted more than ten working days after the award or, for a later change, its action date."""
    user: Annotated[str, About(example="results-system")]
    channel: Annotated[str, About(example="batch")]
    job_id: Annotated[str | None, About(example="J7Qm2xVbT0yKcPz4")]
    links: Annotated[Mapping[str, str], _LINKS]


@dataclass(frozen=True)
class SubmissionsDocument:
    """A page of the changes on one day."""

    day: date
    achievements: tuple[SubmissionDocument, ...]
    cursor: str | None
    """For the next page; null on the last page."""
    links: Annotated[Mapping[str, str], About(example={"self": f"{ACHIEVEMENTS}?day=2026-06-30"})]


def achievement_document(held: Achievement) -> AchievementDocument:
    """The document of an achievement."""
    return AchievementDocument(
        achievement_id=achievement_id(held.key),
        uln=held.key.uln,
        given_name=held.given_name,
        family_name=held.family_name,
        unit_or_qualification_reference_number=held.key.aim_reference,
        achievement_award_date=held.key.award_date,
        grade=held.grade or None,
        language_for_assessment=held.language or None,
        provider_ukprn=held.provider_ukprn or None,
        awarding_organisation_ukprn=held.owner,
        status=held.status,
        submission_type=held.submission_type,
        late=held.late,
        revision=held.revision,
        date_loaded=datetime.fromisoformat(held.loaded_at),
        last_updated_date=datetime.fromisoformat(held.history[-1].provenance.at),
        links=_links(held.key, held.status),
    )


def answer_document(answer: Accepted) -> AchievementAnswer:
    """The document of an accepted change."""
    return AchievementAnswer(
        outcome=answer.outcome,
        return_code=answer.return_code,
        master_uln=answer.master_uln or None,
        mis_identifier=answer.mis_identifier or None,
        notices=tuple(NoticeDocument(**error_document(in_json(notice))) for notice in answer.notices),
        achievement=achievement_document(answer.achievement),
    )


def history_document(held: Achievement, page: Page[HistoryLine], limit: int) -> AchievementHistory:
    """A page of the versions of an achievement."""
    versions = tuple(_version(line.number, line.version) for line in page.items)
    links = dict(_links(held.key, held.status))
    if page.cursor:
        links["next"] = f"{links['history']}?{urlencode({'limit': limit, 'cursor': page.cursor})}"
    return AchievementHistory(achievement_id(held.key), versions, page.cursor or None, links)


def submission_document(change: SubmittedChange) -> SubmissionDocument:
    """One line of an organisation's day."""
    return SubmissionDocument(
        achievement_id=achievement_id(change.key),
        uln=change.key.uln,
        unit_or_qualification_reference_number=change.key.aim_reference,
        achievement_award_date=change.key.award_date,
        changed_date=datetime.fromisoformat(change.at),
        revision=change.revision,
        actions=_actions(change.actions),
        status=change.status,
        submission_type=change.submission_type,
        late=change.late,
        user=change.user,
        channel=change.channel,
        job_id=change.job or None,
        links={"achievement": path_of(change.key)},
    )


def path_of(key: Key) -> str:
    """The path of an achievement."""
    return f"{ACHIEVEMENTS}/{achievement_id(key)}"


def _version(number: int, version: Version) -> AchievementVersion:
    by = version.provenance
    return AchievementVersion(
        revision=number,
        changed_date=datetime.fromisoformat(by.at),
        organisation_ukprn=by.organisation,
        user=by.user,
        channel=by.channel,
        job_id=by.batch_job or None,
        actions=_actions(version.actions),
        action_date=date.fromisoformat(version.action_date) if version.action_date else None,
        action_reason=version.reason or None,
        status=version.status,
        submission_type=version.submission_type,
        grade=version.grade or None,
        language_for_assessment=version.language or None,
        provider_ukprn=version.provider_ukprn or None,
    )


def _actions(numbers: str) -> tuple[str, ...]:
    return tuple(Action(number).name.lower() for number in numbers)


def _links(key: Key, status: Status) -> Mapping[str, str]:
    """Where the caller can go from here, without links that would be refused."""
    path = path_of(key)
    following = "withdrawal" if status is Status.ACTIVE else "reinstatement"
    return {"self": path, "history": f"{path}/history", following: f"{path}/{following}"}
