"""What the organisation submitted: by day, and by learner (ACH-08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from chalicelib.domain.achievements import Achievement
from chalicelib.domain.codes import Action
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import ULN, Field, Kind
from chalicelib.domain.uln import parse_uln
from chalicelib.domain.values import judged
from chalicelib.ports.achievements import SubmittedChange
from chalicelib.web.portal import refusals, statuses, table
from chalicelib.web.portal.achievement_fields import FIND
from chalicelib.web.portal.achievement_parts import ACTION_WORDS, CHANNEL_WORDS, address
from chalicelib.web.portal.forms import asked, form
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Page, Result, SeeOther, Visit

SUBMITTED: Final = f"{table.ACHIEVEMENTS}/submitted"
LINES: Final = 50
"""On a page of a list."""
_BY_ULN: Final = form(next(one for one in FIND.asked if one.field is ULN))
_DAY: Final = Field("day", Kind.DATE, 10, "Day of submission.", "2026-06-30", mandatory=True)
_BY_DAY: Final = form(asked(_DAY, label=_("Day"), hint=_("For example, 27 3 2026")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A change, or an achievement, in a list."""

    path: str
    uln: str
    reference: str
    awarded: date
    at: datetime
    status: statuses.Shown
    is_late: bool
    grade: str = ""
    actions: Sequence[str] = ()
    by: str = ""
    channel: str = ""
    job: str = ""


@view()
def show_submitted_achievements(visit: Visit) -> Page:
    """A day's changes; today's, unless another day is asked for."""
    return _day_page(visit)


@view()
def submit_submitted_achievements(visit: Visit) -> Result:
    """Go on to a learner."""
    texts = _BY_ULN.texts(visit.entered)
    uln = judged(ULN, texts["uln"])
    if uln.failures:
        return _day_page(visit, uln.failures)
    return SeeOther(path=f"{table.ACHIEVEMENTS}/learners/{uln.value}")


def _day_page(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    lists = visit.services.achievement_lists
    asked_for = _BY_DAY.texts({name: [text] for name, text in visit.query.items()})["day"]
    day = judged(_DAY, asked_for or lists.today().isoformat())
    lines: list[Line] = []
    more = ""
    if not day.failures:
        found = lists.of_day(visit.caller, day.value, LINES, visit.query.get("cursor", ""))
        lines = [_change_line(one) for one in found.items]
        more = f"{SUBMITTED}?{_query(day.value)}&{urlencode({'cursor': found.cursor})}" if found.cursor else ""
    by_day = _BY_DAY.shown(_BY_DAY.filled({"day": asked_for}) if asked_for else {}, day.failures)
    by_uln = _BY_ULN.shown(visit.entered, failures)
    errors = [*_BY_DAY.errors(by_day, day.failures), *_BY_ULN.errors(by_uln, failures)]
    context = {
        "day": day.value,
        "lines": lines,
        "more": more,
        "first": f"{SUBMITTED}?{_query(day.value)}" if visit.query.get("cursor") and day.value else "",
        "by_day": by_day,
        "by_uln": by_uln,
        "errors": errors,
    }
    return Page(template="achievements/submitted.html.jinja", context=context, status=400 if errors else 200)


def _query(day: date) -> str:
    return f"day-day={day.day}&day-month={day.month}&day-year={day.year}"


def _change_line(one: SubmittedChange) -> Line:
    return Line(
        path=address(one.key),
        uln=one.key.uln,
        reference=one.key.aim_reference,
        awarded=one.key.award_date,
        at=datetime.fromisoformat(one.at),
        status=statuses.shown(one.status),
        is_late=one.late,
        actions=[ACTION_WORDS[Action(number)] for number in one.actions],
        by=one.user,
        channel=CHANNEL_WORDS.get(one.channel, one.channel),
        job=one.job,
    )


@view()
def show_achievements_of_learner(visit: Visit) -> Page:
    """What the organisation submitted for one learner."""
    uln = parse_uln(visit.names["uln"])
    if isinstance(uln, Failure):
        raise refusals.not_found()
    found = visit.services.achievement_lists.of_learner(visit.caller, uln, LINES, visit.query.get("cursor", ""))
    path = f"{table.ACHIEVEMENTS}/learners/{uln}"
    context = {
        "uln": uln,
        "lines": [_achievement_line(one) for one in found.items],
        "more": f"{path}?{urlencode({'cursor': found.cursor})}" if found.cursor else "",
        "first": path if visit.query.get("cursor") else "",
        "back": SUBMITTED,
    }
    return Page(template="achievements/of-learner.html.jinja", context=context)


def _achievement_line(held: Achievement) -> Line:
    return Line(
        path=address(held.key),
        uln=held.key.uln,
        reference=held.key.aim_reference,
        awarded=held.key.award_date,
        at=datetime.fromisoformat(held.history[-1].provenance.at),
        status=statuses.shown(held.status),
        is_late=held.late,
        grade=held.grade,
    )


VIEWS: Final = (show_submitted_achievements, submit_submitted_achievements, show_achievements_of_learner)
