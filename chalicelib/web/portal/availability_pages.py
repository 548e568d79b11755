"""A learner's request to make the record available or unavailable: what is wanted, a check, the change (PLR-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from chalicelib.domain.availability import AVAILABILITY, CONTACT_TYPE, REASON
from chalicelib.domain.codes import NOT_KNOWN
from chalicelib.domain.failures import Failure
from chalicelib.domain.records import AvailabilityState
from chalicelib.domain.refusals import Refused
from chalicelib.domain.values import read_fields
from chalicelib.services.records import NOT_VERIFIED
from chalicelib.web.portal import record_fields
from chalicelib.web.portal.kept import kept, put
from chalicelib.web.portal.parts import Link, Row
from chalicelib.web.portal.record_pages import details_of, not_verified, record_path
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

_FIELDS: Final = (AVAILABILITY, CONTACT_TYPE, REASON)


@view()
def show_availability(visit: Visit) -> Page:
    """What the learner wants, as it was entered last."""
    details_of(visit)
    return _ask(visit, record_fields.AVAILABILITY_FORM.filled(kept(visit, _search(visit))))


@view()
def submit_availability(visit: Visit) -> Result:
    """Keep it for the page on which it is checked."""
    details_of(visit)
    texts = record_fields.AVAILABILITY_FORM.texts(visit.entered)
    reasons = read_fields(_FIELDS, texts)[1]
    if reasons:
        return _ask(visit, visit.entered, reasons)
    put(visit, _search(visit), texts)
    return SeeOther(path=f"{_path(visit)}/check")


@view()
def show_availability_check(visit: Visit) -> Result:
    """What will be changed, and what it means."""
    details_of(visit)
    wish = kept(visit, _search(visit))
    return _check(visit, wish) if wish else SeeOther(path=_path(visit))


@view()
def submit_availability_check(visit: Visit) -> Result:
    """Change it. A second time it is so already, and nothing is changed."""
    details, wish = details_of(visit), kept(visit, _search(visit))
    if not wish:
        return SeeOther(path=_path(visit))
    is_wanted = wish[AVAILABILITY.name] == AvailabilityState.AVAILABLE
    contact = wish[CONTACT_TYPE.name] or NOT_KNOWN
    try:
        done = visit.services.personal_records.request_availability(
            visit.caller, details, available=is_wanted, contact_type=contact, reason=wish[REASON.name]
        )
    except Refused as refused:
        if any(reason.code == NOT_VERIFIED for reason in refused.failures):
            raise not_verified(details) from None
        return _check(visit, wish, refused.failures)
    return SeeOther(path=record_path(visit.names["uln"]), message=_DONE[done.changed, is_wanted])


_DONE: Final = {
    (True, True): _("The record is available."),
    (True, False): _("The record is unavailable to other organisations."),
    (False, True): _("The record was available already. Nothing was changed."),
    (False, False): _("The record was unavailable already. Nothing was changed."),
}


def _check(visit: Visit, wish: Mapping[str, str], failures: Sequence[Failure] = ()) -> Page:
    change = (Link(_("Change"), _path(visit), _("the request")),)
    wanted = next(
        one for one in record_fields.AVAILABILITY_FORM.asked[0].options if one.value == wish[AVAILABILITY.name]
    )
    contact = record_fields.CONTACT_WORDS[wish[CONTACT_TYPE.name] or NOT_KNOWN]
    rows = [
        Row(_("Request"), wanted.text, change),
        Row(_("How the learner asked"), contact, change),
        Row(_("Reason"), wish[REASON.name] or _("None given"), change),
    ]
    return record_fields.NOTHING_TO_ENTER.page(
        "record/availability-check.html.jinja",
        {},
        failures,
        uln=visit.names["uln"],
        rows=rows,
        meaning=wanted.hint,
        is_closing=wanted.value == AvailabilityState.OPTED_OUT,
        back=_path(visit),
    )


def _ask(visit: Visit, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    uln = visit.names["uln"]
    return record_fields.AVAILABILITY_FORM.page(
        "record/availability.html.jinja", entered, failures, uln=uln, back=record_path(uln)
    )


def _path(visit: Visit) -> str:
    return f"/learners/{visit.names['uln']}/availability"


def _search(visit: Visit) -> str:
    return f"availability {visit.names['uln']}"


VIEWS: Final = (show_availability, submit_availability, show_availability_check, submit_availability_check)
