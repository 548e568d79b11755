"""Single achievements: create, view, update, withdraw, reinstate, history (ACH-01 to ACH-05, ACH-08, ACH-09).

Records are refused with the codes of the batch files, every reason at once. The fields are those of the batch layout in
camel case. A path may contain a ULN, but never a learner's details.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Annotated, Any

from chalicelib.domain.achievement_fields import NAMES
from chalicelib.domain.achievement_ids import LONGEST, PATTERN, key_of_id
from chalicelib.domain.achievements import Action, Key, SubmissionType
from chalicelib.domain.codes import ACTION_REASON, GENDER, LANGUAGE_FOR_ASSESSMENT
from chalicelib.domain.failures import failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.refusals import Refused
from chalicelib.domain.results import Outcome
from chalicelib.services.achievements import Answer
from chalicelib.web.http import problems
from chalicelib.web.http.headers import IDEMPOTENCY_KEY, IF_MATCH
from chalicelib.web.http.preconditions import etag, expected_revisions
from chalicelib.web.http.requests import Choice, Date, Postcode, Text, Ukprn, Uln
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.achievement_documents import (
    ID_EXAMPLE,
    AchievementAnswer,
    AchievementDocument,
    AchievementHistory,
    achievement_document,
    answer_document,
    history_document,
    path_of,
)
from chalicelib.web.rest.table import route

AchievementId = Annotated[
    str, Text(maximum=LONGEST, minimum=1, pattern=PATTERN, expected="an achievement's id", example=ID_EXAMPLE)
]
GivenName = Annotated[str, Text(maximum=35, minimum=1, example="Amelia")]
FamilyName = Annotated[str, Text(maximum=35, minimum=1, example="Okafor")]
Grade = Annotated[str, Text(maximum=30, example="Merit")]
Language = Annotated[str, Choice(LANGUAGE_FOR_ASSESSMENT.values, any_case=True)]
Provider = Annotated[str, Ukprn()]
Kind = Annotated[str, Choice(tuple(SubmissionType), any_case=True)]
Reason = Annotated[str, Choice(ACTION_REASON.values, any_case=True)]
Day = Annotated[date, Date(example="2026-06-30")]


@dataclass(frozen=True)
class NewAchievement:
    """An achievement of a learner, and the learner's details as the awarding organisation holds them."""

    uln: Annotated[str, Uln()]
    given_name: GivenName
    """As you will give it with every later change of this achievement."""
    family_name: FamilyName
    unit_or_qualification_reference_number: Annotated[str, Text(maximum=10, minimum=1, example="600/1234/1")]
    """With or without obliques; one of your own or shared with you."""
    achievement_award_date: Day
    """Not before 1 September 2006, not in the future, within the dates of the unit or qualification."""
    grade: Grade = ""
    """One of those of the unit or qualification."""
    language_for_assessment: Language = ""
    provider_ukprn: Provider = ""
    """The learning provider, if known."""
    date_of_birth: Annotated[date | None, Date()] = None
    """Compared with the register when given; likewise gender and postcode."""
    gender: Annotated[str, Choice(GENDER.values)] = ""
    learner_postcode: Annotated[str, Postcode()] = ""
    mis_identifier: Annotated[str, Text(maximum=128, example="MIS-00017")] = ""
    """Your own reference; answered as it was, and not kept."""
    submission_type: Kind = SubmissionType.FINAL.value
    """`PROVISIONAL` for one that may still be made final."""


@dataclass(frozen=True)
class OneAchievement:
    """An achievement that the caller's organisation submitted."""

    achievement_id: AchievementId


@dataclass(frozen=True)
class AchievementUpdate:
    """What is to be changed; what is left out stays."""

    achievement_id: AchievementId
    given_name: GivenName
    """As first supplied; likewise the family name."""
    family_name: FamilyName
    action_date: Day
    """When the change was agreed upon; not in the future."""
    grade: Grade = ""
    language_for_assessment: Language = ""
    provider_ukprn: Provider = ""
    submission_type: Kind = ""
    """`FINAL` makes a provisional achievement final."""
    mis_identifier: Annotated[str, Text(maximum=128, example="MIS-00017")] = ""


@dataclass(frozen=True)
class Withdrawal:
    """Why and from when an achievement does not stand."""

    achievement_id: AchievementId
    given_name: GivenName
    """As first supplied; likewise the family name."""
    family_name: FamilyName
    action_date: Day
    """When it was agreed upon; not in the future."""
    action_reason: Reason
    mis_identifier: Annotated[str, Text(maximum=128, example="MIS-00017")] = ""


@dataclass(frozen=True)
class Reinstatement:
    """Why and from when a withdrawn achievement stands again."""

    achievement_id: AchievementId
    given_name: GivenName
    """As first supplied; likewise the family name."""
    family_name: FamilyName
    action_date: Day
    """When it was agreed upon; not in the future."""
    action_reason: Reason
    grade: Grade = ""
    """May be left out; another grade than the one that stood is refused."""
    mis_identifier: Annotated[str, Text(maximum=128, example="MIS-00017")] = ""


@route(
    NewAchievement,
    answers={200: AchievementAnswer, 201: AchievementAnswer},
    refusals=(problems.REFUSED,),
    takes=(IDEMPOTENCY_KEY,),
    gives=("Location", "ETag"),
)
def create_achievement(call: Call, request: NewAchievement) -> Reply:
    """Create an achievement.

    The learner's details are compared with those held: `VRC001` to `VRC004` are accepted, the last two with a notice.
    An award of more than ten working days ago is accepted and marked as late. If you send the same achievement again,
    you get 200 and nothing is changed. A different one with the same ULN, reference and award date is refused.
    """
    answer = call.services.achievement_services.create(
        call.caller, _details(request), SubmissionType(request.submission_type)
    )
    return _changed(answer, 201 if answer.outcome is Outcome.CREATED else 200)


@route(
    OneAchievement,
    answers={200: AchievementDocument},
    gives=("ETag",),
)
def get_achievement(call: Call, request: OneAchievement) -> Reply:
    """Get an achievement that your organisation submitted."""
    held = call.services.achievement_services.view(call.caller, _key(request.achievement_id))
    return Reply(achievement_document(held), headers=etag(held.revision))


@route(
    OneAchievement,
    answers={200: AchievementHistory},
    gives=("ETag",),
)
def get_achievement_history(call: Call, request: OneAchievement) -> Reply:
    """Get the history of an achievement.

    Every version, oldest first: who changed what, when, by which channel and why.
    """
    key = _key(request.achievement_id)
    held = call.services.achievement_services.view(call.caller, key, LookAction.ACHIEVEMENT_HISTORY_VIEWED)
    return Reply(history_document(held), headers=etag(held.revision))


@route(
    AchievementUpdate,
    answers={200: AchievementAnswer},
    refusals=(problems.REFUSED,),
    takes=(IF_MATCH,),
    gives=("ETag",),
)
def update_achievement(call: Call, request: AchievementUpdate) -> Reply:
    """Update an achievement.

    You can change the provider, grade and language of an achievement that is not withdrawn. You cannot change its ULN,
    reference or award date: withdraw it and create another.
    """
    return _change(call, request, Action.UPDATE, request.submission_type)


@route(
    Withdrawal,
    answers={200: AchievementAnswer},
    refusals=(problems.REFUSED,),
    takes=(IF_MATCH,),
    gives=("ETag",),
)
def withdraw_achievement(call: Call, request: Withdrawal) -> Reply:
    """Withdraw an achievement.

    The achievement and its history are kept, and you can reinstate it.
    """
    return _change(call, request, Action.WITHDRAW)


@route(
    Reinstatement,
    answers={200: AchievementAnswer},
    refusals=(problems.REFUSED,),
    takes=(IF_MATCH,),
    gives=("ETag",),
)
def reinstate_achievement(call: Call, request: Reinstatement) -> Reply:
    """Reinstate a withdrawn achievement.

    You cannot change the grade while reinstating. Update the achievement afterwards.
    """
    return _change(call, request, Action.REINSTATE)


ROUTES = (
    create_achievement,
    get_achievement,
    update_achievement,
    get_achievement_history,
    withdraw_achievement,
    reinstate_achievement,
)


def _change(
    call: Call, request: AchievementUpdate | Withdrawal | Reinstatement, action: Action, kind: str = ""
) -> Reply:
    expected = expected_revisions(call.headers.get("if-match"))
    answer = call.services.achievement_services.change(
        call.caller,
        _key(request.achievement_id),
        action,
        _details(request),
        kind=SubmissionType(kind) if kind else None,
        expected=expected,
    )
    return _changed(answer, 200)


def _changed(answer: Answer, status: int) -> Reply:
    held = answer.achievement
    headers = {**etag(held.revision), **({"Location": path_of(held.key)} if status == 201 else {})}
    return Reply(answer_document(answer), status, headers)


def _details(request: Any) -> Mapping[str, str]:
    """The request's fields as texts."""
    given = {field.name: getattr(request, field.name) for field in fields(request) if field.name in NAMES}
    return {name: str(value) for name, value in given.items() if value}


def _key(achievement_id: str) -> Key:
    key = key_of_id(achievement_id)
    if key is None:
        raise Refused(failure("ACR008"))
    return key
