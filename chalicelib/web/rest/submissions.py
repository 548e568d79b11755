"""Submission history: by learner and by day (ACH-08, ACH-10).

Every list marks late awards. A path may contain a ULN, but never a learner's details.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from chalicelib.domain.fields import ULN, Field, Kind
from chalicelib.domain.looks import LookAction
from chalicelib.domain.uln import Uln as LearnerNumber
from chalicelib.web.http.requests import FieldValue
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.achievement_documents import (
    AchievementsDocument,
    SubmissionsDocument,
    achievement_document,
    submission_document,
)
from chalicelib.web.rest.paging import PAGE, Cursor, Limit, page_links
from chalicelib.web.rest.table import ACHIEVEMENTS, route

_DAY = Field("day", Kind.DATE, 10, "A day in Europe/London; by default today.", "2026-06-30", wire="day")


@dataclass(frozen=True)
class DayList:
    """A page of the organisation's submissions on one day."""

    day: Annotated[date | None, FieldValue(_DAY)] = None
    """A day in Europe/London; by default today."""
    limit: Limit = PAGE
    """The most to return on a page."""
    cursor: Cursor = ""
    """From the previous page."""


@dataclass(frozen=True)
class LearnerList:
    """A page of the organisation's submissions about a learner."""

    uln: Annotated[str, FieldValue(ULN)]
    limit: Limit = PAGE
    """The most to return on a page."""
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
    links = page_links(ACHIEVEMENTS, page.cursor, {"day": day.isoformat(), "limit": request.limit})
    changes = tuple(submission_document(change) for change in page.items)
    return Reply(SubmissionsDocument(day, changes, page.cursor or None, links))


@route(LearnerList, answers={200: AchievementsDocument}, look=LookAction.ACHIEVEMENTS_OF_LEARNER_LISTED)
def list_achievements_of_learner(call: Call, request: LearnerList) -> Reply:
    """List the achievements your organisation submitted about a learner.

    In order of reference and award date. Includes withdrawn achievements, but not those of other organisations.
    """
    lists = call.services.achievement_lists
    page = lists.of_learner(call.caller, LearnerNumber(request.uln), request.limit, request.cursor)
    links = page_links(f"/v1/learners/{request.uln}/achievements", page.cursor, {"limit": request.limit})
    held = tuple(achievement_document(one) for one in page.items)
    return Reply(AchievementsDocument(held, page.cursor or None, links))


ROUTES = (list_achievements, list_achievements_of_learner)
