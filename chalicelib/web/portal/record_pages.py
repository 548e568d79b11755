"""Personal learning records: whose, the record, one of its events (PLR-01)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode

from chalicelib.domain.access import Capability, is_allowed
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learner_rules import read_submitted
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.record_reports import Choice, Order, Part, chosen
from chalicelib.services.records import NOT_SHARED, NOT_VERIFIED, RecordAnswer
from chalicelib.web.portal import known_learners, record_fields
from chalicelib.web.portal.parts import Link, Paging
from chalicelib.web.portal.record_parts import EventShown, learner_rows, limits_of, page_of
from chalicelib.web.portal.refusals import NotShown, not_found
from chalicelib.web.portal.table import RECORDS, view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

EVENTS_A_PAGE: Final = 25

C = TypeVar("C", bound=StrEnum)


def record_path(uln: str) -> str:
    """The page of a learner's record."""
    return f"/learners/{uln}/record"


@view()
def show_records(visit: Visit) -> Page:
    """Whose record."""
    return _ask({})


@view()
def submit_records(visit: Visit) -> Result:
    """Keep the names for the record's page, which compares them with the register."""
    details = read_submitted(record_fields.LEARNER.texts(visit.entered))
    if not isinstance(details, SubmittedDetails):
        return _ask(visit.entered, details)
    known_learners.remember(visit, details)
    return SeeOther(path=record_path(details.uln))


def details_of(visit: Visit) -> SubmittedDetails:
    """The learner's details, as the person has given them. Raises NotShown with the page that asks for them."""
    uln = visit.names["uln"]
    details = known_learners.known(visit, uln)
    if details is None:
        raise NotShown(_ask({"uln": [uln]}))
    return details


def not_verified(details: SubmittedDetails) -> NotShown:
    """The page that asks for the details again, since they are not those of the learner."""
    entered = record_fields.LEARNER.filled(details._asdict())
    return NotShown(_ask(entered, [failure(NOT_VERIFIED)]))


def record_of(visit: Visit) -> RecordAnswer:
    """The record, as much of it as the organisation may see.

    Raises NotShown with the page that asks for the details, or that says that the learner does not share the record.
    """
    details = details_of(visit)
    return shown_record(visit, details, visit.services.personal_records.record(visit.caller, details))


def shown_record(visit: Visit, details: SubmittedDetails, answer: RecordAnswer) -> RecordAnswer:
    """The record, if there is something to show; raises as :func:`record_of`."""
    if answer.response_code == NOT_VERIFIED:
        raise not_verified(details)
    if answer.response_code == NOT_SHARED:
        context = {**about(visit, answer), "links": _links(visit)[1:]}
        raise NotShown(Page(template="record/not-shared.html.jinja", context=context))
    return answer


def event_of(visit: Visit) -> tuple[RecordAnswer, EventShown]:
    """An event of the record. Raises NotShown; with "not found" if the organisation does not see such an event."""
    answer = record_of(visit)
    event = next((one for one in answer.events if str(one.id) == visit.names["event"]), None)
    if event is None:
        raise not_found()
    return answer, EventShown(event)


@view()
def show_record(visit: Visit) -> Page:
    """The learner, and a page of the events."""
    answer = record_of(visit)
    part, order = read_choice(Part, visit.query.get("part")), read_choice(Order, visit.query.get("sort"))
    found = chosen(answer.events, Choice(frozenset([part] if part else Part), order or Order.NEWEST))
    path = record_path(visit.names["uln"])
    paging = _paging(visit, path, sum(map(len, found.values())), part, order)
    context = {
        **about(visit, answer),
        "learner": learner_rows(answer.learner) if answer.learner else (),
        "links": _links(visit),
        "listing": record_fields.listing(part, order or Order.NEWEST),
        "is_filtered": bool(part or order),
        "paging": paging,
        "parts": page_of(found, paging.first - 1, paging.size),
        "path": path,
    }
    return Page(template="record/record.html.jinja", context=context)


@view()
def show_record_event(visit: Visit) -> Page:
    """Everything about one event."""
    answer, event = event_of(visit)
    path = record_path(visit.names["uln"])
    may_report = is_allowed(visit.person.capabilities, Capability.CHALLENGES_RAISE)
    problem = f"{path}/events/{event.event.id}/problem" if may_report else ""
    context = {**about(visit, answer), "shown": event, "problem": problem, "back": path}
    return Page(template="record/event.html.jinja", context=context)


def about(visit: Visit, answer: RecordAnswer) -> dict[str, object]:
    """What the pages of a record say about it."""
    uln = visit.names["uln"]
    limits = limits_of(uln, answer.found_uln, answer.availability)
    return {"uln": uln, "limits": limits, "availability": answer.availability}


def _links(visit: Visit) -> list[Link]:
    """What this person can do with the record."""
    learner, may = f"/learners/{visit.names['uln']}", visit.person.capabilities
    return [Link(text, f"{learner}{rest}") for text, rest, needed in _LINKS if is_allowed(may, needed)]


_LINKS: Final = (
    (_("Create a report"), "/record/report", Capability.RECORDS_READ),  # first: without a record there is no report
    (_("Who looked"), "/access-log", Capability.RECORDS_ACCESS_LOG),
    (_("Availability"), "/availability", Capability.RECORDS_AVAILABILITY),
    (_("Problems reported"), "/record/problems", Capability.CHALLENGES_RAISE),
    (_("The learner’s details"), "", Capability.LEARNERS_FIND),
)
"""What can be done with a record, on the learner's page and those below it."""


def _paging(visit: Visit, path: str, total: int, part: Part | None, order: Order | None) -> Paging:
    chosen_values = {name: value for name, value in (("part", part), ("sort", order)) if value}
    address = f"{path}?{urlencode({**chosen_values, 'page': ''})}"
    return Paging.at(visit.query.get("page", ""), total, address, EVENTS_A_PAGE)


def read_choice(kind: Callable[[str], C], text: str | None) -> C | None:
    """The value of a list that an address names; None for none, or for one that the list does not have."""
    try:
        return kind(text or "")
    except ValueError:
        return None


def _ask(entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    return record_fields.LEARNER.page("record/learner.html.jinja", entered, failures, action=RECORDS)


VIEWS: Final = (show_records, submit_records, show_record, show_record_event)
