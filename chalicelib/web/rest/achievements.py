"""Single achievements: create, view, update, withdraw, reinstate, history (ACH-01 to ACH-05, ACH-08, ACH-09).

Records are refused with the codes of the batch files, every reason at once. The fields are those of the batch layout in
camel case. A path may contain a ULN, but never a learner's details.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.domain.achievement_fields import CREATE, REINSTATE, UPDATE, WITHDRAW
from chalicelib.domain.achievement_ids import LONGEST, PATTERN, key_of_id
from chalicelib.domain.achievements import Key
from chalicelib.domain.codes import Action
from chalicelib.domain.failures import failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.refusals import Refused
from chalicelib.domain.results import Outcome
from chalicelib.services.achievements import Accepted
from chalicelib.web.http import problems
from chalicelib.web.http.headers import IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH
from chalicelib.web.http.preconditions import etag, expected_revisions
from chalicelib.web.http.requests import RecordRequest, Text
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
from chalicelib.web.rest.paging import PAGE, Cursor, Limit
from chalicelib.web.rest.table import route

AchievementId = Annotated[
    str, Text(maximum=LONGEST, minimum=1, pattern=PATTERN, expected="an achievement's id", example=ID_EXAMPLE)
]


@dataclass(frozen=True)
class NewAchievement(RecordRequest, record=CREATE):
    """An achievement of a learner, and the learner's details as the awarding organisation holds them."""


@dataclass(frozen=True)
class OneAchievement:
    """An achievement that your organisation submitted."""

    achievement_id: AchievementId


@dataclass(frozen=True)
class HistoryList:
    """A page of the history of an achievement that your organisation submitted."""

    achievement_id: AchievementId
    limit: Limit = PAGE
    """The most to return on a page."""
    cursor: Cursor = ""
    """From the previous page."""


@dataclass(frozen=True)
class AchievementUpdate(RecordRequest, record=UPDATE):
    """What to change. Values that you leave out are not changed."""

    achievement_id: AchievementId


@dataclass(frozen=True)
class Withdrawal(RecordRequest, record=WITHDRAW):
    """Why and from when an achievement is withdrawn."""

    achievement_id: AchievementId


@dataclass(frozen=True)
class Reinstatement(RecordRequest, record=REINSTATE):
    """Why and from when a withdrawn achievement is reinstated."""

    achievement_id: AchievementId


@route(
    NewAchievement,
    answers={200: AchievementAnswer, 201: AchievementAnswer},
    refusals=(problems.REFUSED,),
    takes=(IDEMPOTENCY_KEY,),
    gives=("Location", "ETag"),
    look=LookAction.ACHIEVEMENT_CREATED,
)
def create_achievement(call: Call, request: NewAchievement) -> Reply:
    """Create an achievement.

    The learner's details are compared with those held: `VRC001` to `VRC004` are accepted, the last two with a notice.
    An award of more than ten working days ago is accepted and marked as late. If you send the same achievement again,
    you get 200 and nothing is changed. A different one with the same ULN, reference and award date is refused.
    """
    answer = call.services.achievement_services.create(call.caller, request.texts)
    return _changed(answer, 201 if answer.outcome is Outcome.CREATED else 200)


@route(
    OneAchievement,
    answers={200: AchievementDocument},
    takes=(IF_NONE_MATCH,),
    gives=("ETag",),
    look=LookAction.ACHIEVEMENT_VIEWED,
)
def get_achievement(call: Call, request: OneAchievement) -> Reply:
    """Get an achievement that your organisation submitted."""
    held = call.services.achievement_services.view(call.caller, _key(request.achievement_id))
    return Reply(achievement_document(held), headers=etag(held.revision))


@route(
    HistoryList,
    answers={200: AchievementHistory},
    takes=(IF_NONE_MATCH,),
    gives=("ETag",),
    look=LookAction.ACHIEVEMENT_HISTORY_VIEWED,
)
def get_achievement_history(call: Call, request: HistoryList) -> Reply:
    """Get the history of an achievement.

    Every version, oldest first: who changed what, when, by which channel and why.
    """
    key = _key(request.achievement_id)
    held = call.services.achievement_services.view(call.caller, key, LookAction.ACHIEVEMENT_HISTORY_VIEWED)
    page = call.services.achievement_lists.of_achievement(held, request.limit, request.cursor)
    return Reply(history_document(held, page, request.limit), headers=etag(held.revision))


@route(
    AchievementUpdate,
    answers={200: AchievementAnswer},
    refusals=(problems.REFUSED,),
    takes=(IF_MATCH,),
    gives=("ETag",),
    look=LookAction.ACHIEVEMENT_UPDATED,
)
def update_achievement(call: Call, request: AchievementUpdate) -> Reply:
    """Update an achievement.

    You can change the provider, grade and language of an achievement that is not withdrawn. You cannot change its ULN,
    reference or award date: withdraw it and create another.
    """
    return _change(call, request, Action.UPDATE)


@route(
    Withdrawal,
    answers={200: AchievementAnswer},
    refusals=(problems.REFUSED,),
    takes=(IF_MATCH,),
    gives=("ETag",),
    look=LookAction.ACHIEVEMENT_WITHDRAWN,
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
    look=LookAction.ACHIEVEMENT_REINSTATED,
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


def _change(call: Call, request: AchievementUpdate | Withdrawal | Reinstatement, action: Action) -> Reply:
    expected = expected_revisions(call.headers.get("if-match"))
    answer = call.services.achievement_services.change(
        call.caller, _key(request.achievement_id), action, request.texts, expected=expected
    )
    return _changed(answer, 200)


def _changed(answer: Accepted, status: int) -> Reply:
    held = answer.achievement
    headers = {**etag(held.revision), **({"Location": path_of(held.key)} if status == 201 else {})}
    return Reply(answer_document(answer), status, headers)


def _key(achievement_id: str) -> Key:
    key = key_of_id(achievement_id)
    if key is None:
        raise Refused(failure("ACR008"))
    return key
