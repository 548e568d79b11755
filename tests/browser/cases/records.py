"""Personal learning records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from chalicelib.domain.challenges import PROBLEMS, ChallengeStatus
from chalicelib.domain.codes import ChallengeType
from chalicelib.domain.failures import failure
from chalicelib.domain.learners import learner_of
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.record_reports import Choice, Order, Part, Period, chosen
from chalicelib.domain.records import NO, YES, AvailabilityState, EventStatus, LearningEvent, Source
from chalicelib.formats.words.look_wording import look_sentence
from chalicelib.formats.words.texts import Text
from chalicelib.web.portal import record_fields, statuses
from chalicelib.web.portal.access_log_pages import Looked
from chalicelib.web.portal.event_problem_pages import Reported
from chalicelib.web.portal.parts import Link, Paging, Row
from chalicelib.web.portal.record_parts import EventShown, learner_rows, limits_of, page_of, whole
from chalicelib.web.portal.rendering import Flash
from tests.browser.cases.case import HOSTILE, IN, LONG, NOW, Case, of_form
from tests.builders.achievements import learner

_ULN: Final = learner().uln
_PATH: Final = f"/learners/{_ULN}/record"
_HERE: Final = replace(IN, path=_PATH)


def _event(number: int, **changes: Any) -> LearningEvent:
    made = LearningEvent(
        achievement_award_date=date(2025, 8, 21),
        achievement_provider_name="Westmere College",
        achievement_provider_ukprn="90000101",
        awarding_organisation_name="Sample Awards",
        awarding_organisation_ukprn="90000051",
        collection_type="",
        credits=12,
        date_loaded=datetime(2025, 9, 1, 9, 30, tzinfo=UTC),
        grade="Merit",
        id=4398046511104 + number,
        language_for_assessment="English",
        level="Level 3",
        participation_end_date=None,
        participation_start_date=None,
        qualification_type="Vocationally-Related Qualification",
        restriction="0",
        return_number="",
        source=Source.AWARDING_ORGANISATION,
        status=EventStatus.FINAL,
        subject=f"Diploma in Welding and Fabrication {number}",
        subject_code="601/4292/3",
        under_data_challenge=NO,
    )
    return made._replace(**changes)


_SCHOOL: Final = {
    "achievement_award_date": None,
    "participation_start_date": date(2023, 9, 4),
    "participation_end_date": date(2025, 6, 27),
    "collection_type": "ILR2425",
    "return_number": "R14",
    "grade": "",
    "credits": None,
    "source": Source.FUNDING_RETURN,
}
_EVENTS: Final = (
    *(_event(number) for number in range(5)),
    _event(5, status=EventStatus.PROVISIONAL, under_data_challenge=YES, grade="Distinction*"),
    _event(6, subject=LONG, awarding_organisation_name=LONG, achievement_provider_name=LONG, grade=LONG),
    _event(7, subject=HOSTILE, grade=HOSTILE, level=HOSTILE),
    _event(8, **_SCHOOL, subject="Functional Skills qualification in English"),
    _event(9, **_SCHOOL, subject="", qualification_type="", level=""),
)
_LEARNER: Final = learner_rows(learner_of(learner())._replace(linked_ulns=(learner(1).uln,)))


def _about(found_uln: str, availability: AvailabilityState) -> dict[str, Any]:
    return {"uln": _ULN, "limits": limits_of(_ULN, found_uln, availability), "availability": availability}


_SHARED: Final = AvailabilityState.AVAILABLE
_OPEN: Final = _about(_ULN, _SHARED)
_RESTRICTED: Final = _about(_ULN, AvailabilityState.RESTRICTED) | {"links": ()}
_CLOSED: Final = _about(_ULN, AvailabilityState.OPTED_OUT)
_LINKS: Final = [Link(Text("Create a report"), f"{_PATH}/report"), Link(Text("Who looked"), f"{_PATH}/access-log")]


def _record(state: str, events: tuple[LearningEvent, ...], choice: Choice, total: int = 0, **changes: Any) -> Case:
    found = chosen(events, choice)
    part = next(iter(choice.parts)) if len(choice.parts) == 1 else None
    context = {
        **_OPEN,
        "learner": _LEARNER,
        "links": _LINKS,
        "listing": record_fields.listing(part, choice.order),
        "is_filtered": part is not None,
        "paging": Paging(page=1, total=total or len(events), address=f"{_PATH}?page=", size=25),
        "parts": page_of(found, 0, 25),
        "path": _PATH,
        **changes,
    }
    return Case(f"record{state}", "record/record.html.jinja", context, _HERE)


_HOME: Final = f"/learners/{_ULN}"
_SAID: Final = replace(_HERE, flash=(Flash("The problem was reported. The service desk will assess it."),))
_REPORTED: Final = [
    Reported(
        "DC-IcG9zdGFsIGNvZGU",
        Text(problem.problem),
        [HOSTILE, LONG],
        statuses.shown(status),
        NOW,
        None if status.is_open else NOW,
    )
    for problem, status in zip(PROBLEMS.values(), ChallengeStatus, strict=False)
]
_FORMS: Final = (
    ("report", record_fields.REPORT, (failure("ACF001", "Shown"), failure("LRS-PLR-3", "LastDay")), {"path": _PATH}),
    (
        "problem",
        record_fields.details_form(ChallengeType.EVENT_DUPLICATE, [EventShown(event) for event in _EVENTS]),
        (failure("LRS-DC-4", "contactName"),),
        {
            "shown": EventShown(_EVENTS[0]),
            "chosen": "EVENT_DUPLICATE",
            "problem": PROBLEMS[ChallengeType.EVENT_DUPLICATE].problem,
            "reported": (),
            "back": _PATH,
        },
    ),
    ("availability", record_fields.AVAILABILITY_FORM, (failure("ACF001", "availability"),), {"back": _PATH}),
)
_AGAIN: Final = of_form(
    "record/problem",
    record_fields.PROBLEM_CHOICE,
    **{**_OPEN, "chosen": "", "problem": "", "shown": EventShown(_EVENTS[5]), "reported": _REPORTED, "back": _PATH},
)
_LOOKED: Final = [
    Looked(NOW, look_sentence(LookAction.RECORD_VIEWED, LookOutcome.DONE), "Westmere College", "90000101", "sford0417"),
    Looked(NOW, look_sentence(LookAction.RECORD_VIEWED, LookOutcome.REFUSED), LONG, "90000101", HOSTILE),
]


def _print(
    state: str,
    events: tuple[LearningEvent, ...],
    choice: Choice,
    learner: Sequence[Row] = _LEARNER,
    access: AvailabilityState = _SHARED,
) -> Case:
    context = {
        **_about(_ULN, access),
        "organisation": LONG,
        "user": HOSTILE,
        "at": NOW,
        "learner": learner,
        "parts": whole(chosen(events, choice)),
        "period": choice.period,
        "path": _PATH,
        "back": f"{_PATH}/report",
    }
    return Case(f"record-print{state}", "record/print.html.jinja", context, replace(IN, path=f"{_PATH}/print"))


def _check(reason: str, *, is_closing: bool = True) -> dict[str, Any]:
    change = (Link(Text("Change"), f"{_HOME}/availability", Text("the request")),)
    return {
        "uln": _ULN,
        "rows": [Row(Text("Request"), Text("Make it unavailable"), change), Row(Text("Reason"), reason, change)],
        "meaning": "Each organisation sees only the events that it submitted itself, and not the learner’s details.",
        "is_closing": is_closing,
        "back": f"{_HOME}/availability",
    }


_REFUSED: Final = {**_check(""), "errors": record_fields.NOTHING_TO_ENTER.errors((), [failure("LRS-PLR-2")])}


def _log(state: str, entries: Sequence[Looked], following: str = "", *, is_first: bool = True) -> Case:
    context = {
        "uln": _ULN,
        "entries": entries,
        "is_first": is_first,
        "path": f"{_HOME}/access-log",
        "following": following,
        "most": 1_000,
        "back": _PATH,
    }
    return Case(f"record-access-log{state}", "record/access-log.html.jinja", context, _HERE)


_NOT_VERIFIED: Final = (failure("WSEC0208"),)
_EMPTY: Final = tuple(failure("ACF001", name) for name in ("ULN", "GivenName", "FamilyName"))

CASES: Final = (
    of_form("record/learner", record_fields.LEARNER, chrome=replace(IN, path="/records"), action="/records"),
    of_form("record/learner", record_fields.LEARNER, _EMPTY, IN, "-wrong", action="/records"),
    of_form("record/learner", record_fields.LEARNER, _NOT_VERIFIED, IN, "-not-verified", action="/records"),
    _record("", _EVENTS, Choice(), total=312),
    _record("-chosen", _EVENTS, Choice(frozenset({Part.PARTICIPATION}), Order.TITLE)),
    _record("-nothing-chosen", (), Choice(frozenset({Part.PARTICIPATION})), parts=()),
    _record("-empty", (), Choice(), links=()),
    _record("-own", _EVENTS[:1], Choice(), learner=(), **_CLOSED),
    _record("-restricted", _EVENTS[:1], Choice(), learner=(), **_RESTRICTED),
    _record("-linked", _EVENTS[:1], Choice(), **_about(learner(1).uln, AvailabilityState.AVAILABLE)),
    Case("record-not-shared", "record/not-shared.html.jinja", _CLOSED | {"links": _LINKS}, _HERE),
    Case("record-not-shown", "record/not-shared.html.jinja", _RESTRICTED, _HERE),
    *(
        Case(
            f"record-event{state}",
            "record/event.html.jinja",
            {**_OPEN, "shown": EventShown(event), "problem": f"{_PATH}/events/{event.id}/problem", "back": _PATH},
            replace(IN, path=f"{_PATH}/events/{event.id}"),
        )
        for state, event in (("", _EVENTS[5]), ("-long", _EVENTS[6]), ("-hostile", _EVENTS[7]), ("-plain", _EVENTS[9]))
    ),
    *(
        of_form(f"record/{name}", form, failures, replace(IN, path=f"{_PATH}/{name}"), state, **_OPEN, **context)
        for name, form, wrong, context in _FORMS
        for failures, state in (((), ""), (wrong, "-wrong"))
    ),
    Case("record-problem-again", "record/problem.html.jinja", _AGAIN.context, _HERE),
    Case("record-problems", "record/problems.html.jinja", {**_OPEN, "reported": _REPORTED, "back": _PATH}, _SAID),
    Case("record-problems-none", "record/problems.html.jinja", {**_OPEN, "reported": (), "back": _PATH}, _HERE),
    _print("", _EVENTS, Choice()),
    _print("-chosen", _EVENTS, Choice(frozenset({Part.PARTICIPATION}), Order.TITLE, Period(date(2025, 1, 1))), ()),
    _print("-period", (), Choice(period=Period(date(2025, 1, 1), date(2025, 2, 1)))),
    _print("-own", _EVENTS[:1], Choice(period=Period(None, date(2025, 9, 1))), (), AvailabilityState.OPTED_OUT),
    Case("record-availability-check", "record/availability-check.html.jinja", _check(HOSTILE), _HERE),
    Case(
        "record-availability-check-open", "record/availability-check.html.jinja", _check(LONG, is_closing=False), _HERE
    ),
    Case("record-availability-check-refused", "record/availability-check.html.jinja", _REFUSED, _HERE, 400),
    _log("", _LOOKED, f"{_HOME}/access-log?cursor=x"),
    _log("-older", _LOOKED, "", is_first=False),
    _log("-empty", ()),
)
