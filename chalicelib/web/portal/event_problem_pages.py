"""Problems with events of a record: report one, see what was reported before (PLR-06, LEDC-01)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from chalicelib.domain.challenges import (
    CONTACT,
    EVENT_FIELDS,
    NOTHING,
    PROBLEMS,
    TYPE,
    ChallengeKind,
    ChallengeMark,
    Report,
)
from chalicelib.domain.codes import ChallengeType
from chalicelib.domain.failures import Failure
from chalicelib.domain.refusals import Refused
from chalicelib.domain.values import read_fields
from chalicelib.formats.words.texts import Text
from chalicelib.services.records import NOT_VERIFIED, RecordAnswer
from chalicelib.web.http.bodies import whole_number
from chalicelib.web.portal import record_fields, statuses
from chalicelib.web.portal.record_pages import (
    about,
    details_of,
    event_of,
    not_verified,
    read_choice,
    record_of,
    record_path,
)
from chalicelib.web.portal.record_parts import EventShown
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit


class Reported(NamedTuple):
    """A problem that the organisation has reported."""

    reference: str
    problem: str
    events: Sequence[str]
    """Titles of those that are still in the record."""
    status: statuses.Shown
    raised_at: datetime
    resolved_at: datetime | None


@view()
def show_event_problem(visit: Visit) -> Page:
    """What is wrong with the event; once that is chosen, what there is to know about it."""
    person = visit.person
    chosen = visit.query.get("problem", "")
    at_first = {TYPE.name: [chosen], "contact_name": [person.name], "email_address": [person.email]}
    return _ask(visit, at_first)


@view()
def submit_event_problem(visit: Visit) -> Result:
    """Report it. The same problem reported again while it is open stays one."""
    details = details_of(visit)
    kind = _kind(visit.entered)
    if visit.text("step") == "choice" and kind is not None:
        return SeeOther(path=f"{record_path(visit.names['uln'])}/events/{visit.names['event']}/problem?problem={kind}")
    report = _report(visit)
    if not isinstance(report, Report):
        return _ask(visit, visit.entered, report)
    try:
        raised = visit.services.challenges.raise_challenge(visit.caller, details, report)
    except Refused as refused:
        if any(reason.code == NOT_VERIFIED for reason in refused.failures):
            raise not_verified(details) from None
        return _ask(visit, visit.entered, refused.failures)
    message = (
        _("The problem was reported. The service desk will assess it.")
        if raised.is_new
        else _("Your organisation has already reported this problem. It is still open.")
    )
    return SeeOther(path=f"{record_path(visit.names['uln'])}/problems", message=message)


@view()
def show_event_problems(visit: Visit) -> Page:
    """The problems with this learner's events and ULN that the organisation has reported, newest first."""
    answer = record_of(visit)
    context = {**about(visit, answer), "reported": _reported(visit, answer), "back": record_path(visit.names["uln"])}
    return Page(template="record/problems.html.jinja", context=context)


def _report(visit: Visit) -> Report | tuple[Failure, ...]:
    """The report as it was entered, or what is wrong with the choice of a problem."""
    texts = record_fields.PROBLEM.texts(visit.entered)
    contact = {field.name: texts[field.name] for field in CONTACT}
    supplied = NOTHING._replace(**{name: texts[name] for name in record_fields.SUPPLIED_NAMES})
    kind = read_choice(ChallengeType, texts[TYPE.name])
    if kind is None:
        return tuple(read_fields((TYPE,), texts)[1])
    other = texts[record_fields.OTHER_EVENT.name]
    events = [whole_number(text, 0) for text in (visit.names["event"], other) if text.isdecimal()]
    return Report(kind, tuple(events), supplied, event_fields=EVENT_FIELDS, **contact)


def _kind(entered: Entered) -> ChallengeType | None:
    """The problem that was chosen, if an event can have it."""
    kind = read_choice(ChallengeType, "".join(entered.get(TYPE.name, ())))
    return kind if kind and PROBLEMS[kind].kind is ChallengeKind.EVENT else None


def _ask(visit: Visit, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    answer, event = event_of(visit)
    marks = visit.services.challenges.of_learner(visit.caller, visit.names["uln"])
    others = [one for one in map(EventShown, answer.events) if one.event.id != event.event.id]
    back = f"{record_path(visit.names['uln'])}/events/{event.event.id}"
    kind = _kind(entered)
    asked = record_fields.PROBLEM_CHOICE if kind is None else record_fields.details_form(kind, others)
    return asked.page(
        "record/problem.html.jinja",
        entered,
        failures,
        chosen=kind or "",
        problem=Text(PROBLEMS[kind].problem) if kind else "",
        **about(visit, answer),
        shown=event,
        reported=_shown(answer, (mark for mark in marks if event.event.id in mark.events)),
        back=back,
    )


def _reported(visit: Visit, answer: RecordAnswer) -> list[Reported]:
    return _shown(answer, visit.services.challenges.of_learner(visit.caller, visit.names["uln"]))


def _shown(answer: RecordAnswer, marks: Iterable[ChallengeMark]) -> list[Reported]:
    titles = {event.id: EventShown(event).title for event in answer.events}
    return [
        Reported(
            mark.reference,
            Text(PROBLEMS[mark.type].problem),
            [titles[number] for number in mark.events if number in titles],
            statuses.shown(mark.status),
            datetime.fromisoformat(mark.raised_at),
            datetime.fromisoformat(mark.resolved_at) if mark.resolved_at else None,
        )
        for mark in marks
    ]


VIEWS: Final = (show_event_problem, submit_event_problem, show_event_problems)
