"""Personal learning records."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from chalicelib.domain.failures import failure
from chalicelib.domain.learners import learner_of
from chalicelib.domain.record_reports import Choice, Order, Part, chosen
from chalicelib.domain.records import NO, YES, EventStatus, LearningEvent, Source
from chalicelib.web.portal import record_fields
from chalicelib.web.portal.parts import Link, Paging
from chalicelib.web.portal.record_parts import EventShown, learner_rows, page_of
from tests.browser.cases.case import HOSTILE, IN, LONG, Case, of_form
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
_OPEN: Final = {"uln": _ULN, "found_uln": _ULN, "availability": "AVAILABLE"}
_CLOSED: Final = _OPEN | {"availability": "OPTED_OUT"}
_LINKS: Final = [Link("Create a report", f"{_PATH}/report"), Link("Who looked", f"{_PATH}/access-log")]


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
    _record("-restricted", _EVENTS[:1], Choice(), learner=(), **(_OPEN | {"availability": "RESTRICTED"})),
    _record("-linked", _EVENTS[:1], Choice(), **(_OPEN | {"found_uln": learner(1).uln})),
    Case("record-not-shared", "record/not-shared.html.jinja", _CLOSED, _HERE),
    Case("record-not-shown", "record/not-shared.html.jinja", _OPEN | {"availability": "RESTRICTED"}, _HERE),
    *(
        Case(
            f"record-event{state}",
            "record/event.html.jinja",
            {**_OPEN, "shown": EventShown(event), "back": _PATH},
            replace(IN, path=f"{_PATH}/events/{event.id}"),
        )
        for state, event in (("", _EVENTS[5]), ("-long", _EVENTS[6]), ("-hostile", _EVENTS[7]), ("-plain", _EVENTS[9]))
    ),
)
