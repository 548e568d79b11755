"""Submission history: by learner, by batch job and by day (ACH-08, ACH-10).

Every list marks late awards. A path may contain a ULN, but never a learner's details.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from chalicelib.domain.fields import ULN, Field, Kind
from chalicelib.domain.looks import LookAction
from chalicelib.domain.uln import Uln as LearnerNumber
from chalicelib.web.http import problems
from chalicelib.web.http.requests import FieldValue, Text, Whole
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.achievement_documents import (
    AchievementsDocument,
    JobRecordsDocument,
    SubmissionsDocument,
    achievement_document,
    record_document,
    submission_document,
)
from chalicelib.web.rest.job_documents import JobId
from chalicelib.web.rest.table import ACHIEVEMENTS, route

PAGE = 50
"""Lines on a page if the caller gives no limit."""

_DAY = Field("day", Kind.DATE, 10, "A day in Europe/London; by default today.", "2026-06-30", wire="day")

Limit = Annotated[int, Whole(minimum=1, maximum=200)]
Cursor = Annotated[str, Text(maximum=2048)]


@dataclass(frozen=True)
class DayList:
    """A page of the organisation's submissions on one day."""

    day: Annotated[date | None, FieldValue(_DAY)] = None
    """A day in Europe/London; by default today."""
    limit: Limit = PAGE
    cursor: Cursor = ""
    """From the previous page."""


@dataclass(frozen=True)
class LearnerList:
    """A page of the organisation's submissions about a learner."""

    uln: Annotated[str, FieldValue(ULN)]
    limit: Limit = PAGE
    cursor: Cursor = ""
    """From the previous page."""


@dataclass(frozen=True)
class JobRecordList:
    """A page of the records of a job."""

    job_id: JobId
    limit: Limit = PAGE
    cursor: Cursor = ""
    """From the previous page."""


@route(DayList, answers={200: SubmissionsDocument}, look=LookAction.ACHIEVEMENTS_OF_DAY_LISTED)
def list_achievements(call: Call, request: DayList) -> Reply:
    """List the changes accepted from your organisation on a day.

    Includes single changes and batches, roughly in order of time. A change is listed within seconds. New changes of the
    current day appear at the end of the list.
    """
    lists = call.services.achievement_lists
    day = request.day or lists.today()
    page = lists.of_day(call.caller, day, request.limit, request.cursor)
    links = _pages(ACHIEVEMENTS, page.cursor, {"day": day.isoformat(), "limit": request.limit})
    changes = tuple(submission_document(change) for change in page.items)
    return Reply(SubmissionsDocument(day, changes, page.cursor or None, links))


@route(LearnerList, answers={200: AchievementsDocument}, look=LookAction.ACHIEVEMENTS_OF_LEARNER_LISTED)
def list_achievements_of_learner(call: Call, request: LearnerList) -> Reply:
    """List the achievements your organisation submitted about a learner.

    In order of reference and award date. Includes withdrawn achievements, but not those of other organisations.
    """
    lists = call.services.achievement_lists
    page = lists.of_learner(call.caller, LearnerNumber(request.uln), request.limit, request.cursor)
    links = _pages(f"/v1/learners/{request.uln}/achievements", page.cursor, {"limit": request.limit})
    held = tuple(achievement_document(one) for one in page.items)
    return Reply(AchievementsDocument(held, page.cursor or None, links))


@route(
    JobRecordList,
    answers={200: JobRecordsDocument},
    refusals=(problems.NOT_NOW,),
    gives=("Retry-After",),
)
def list_achievement_batch_records(call: Call, request: JobRecordList) -> Reply:
    """List the records of an achievement batch.

    Every record of a finished job in the order of the file, with its outcome and its achievement.
    """
    page = call.services.achievement_lists.of_job(call.caller, request.job_id, request.limit, request.cursor)
    links = _pages(f"/v1/achievement-batches/{request.job_id}/records", page.cursor, {"limit": request.limit})
    records = tuple(record_document(record) for record in page.items)
    return Reply(JobRecordsDocument(records, page.cursor or None, links))


ROUTES = (list_achievements, list_achievements_of_learner, list_achievement_batch_records)


def _pages(path: str, cursor: str, parameters: Mapping[str, object]) -> Mapping[str, str]:
    links = {"self": f"{path}?{urlencode(parameters)}"}
    if cursor:
        links["next"] = f"{path}?{urlencode({**parameters, 'cursor': cursor})}"
    return links
