"""Organisations in the hands of the service desk: find, look, change, grant roles, suspend (IDM-10).

A change carries the revision that was seen. A second click or a form that is sent again finds the organisation as it
should be, changes nothing and leads on.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode

from chalicelib.domain.failures import Failure
from chalicelib.domain.organisations import OrganisationKind, OrganisationState
from chalicelib.domain.refusals import Refused
from chalicelib.ports.accounts import Organisation
from chalicelib.services.organisation_register import Wanted
from chalicelib.services.organisations import granted_roles, roles_of_kind
from chalicelib.web.portal import desk_fields, organisation_parts, statuses
from chalicelib.web.portal.organisation_parts import DESK, path_of, refused_form
from chalicelib.web.portal.parts import Paging
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

_Member = TypeVar("_Member", bound=StrEnum)


@view()
def show_organisations(visit: Visit) -> Page:
    """All organisations, or those that meet the criteria, by name."""
    entered: Entered = {one.name: [visit.query.get(one.name, "")] for one in desk_fields.FILTERS.asked}
    texts = desk_fields.FILTERS.texts(entered)
    wanted = Wanted(
        texts["name"],
        texts["ukprn"],
        _member(OrganisationKind, texts["kind"]),
        _member(OrganisationState, texts["state"]),
    )
    found = visit.services.organisation_register.find(visit.caller, wanted)
    address = f"{DESK}?{urlencode({**texts, 'page': ''})}"
    paging = Paging.at(visit.query.get("page", ""), len(found), address)
    context = {
        "filters": desk_fields.FILTERS.shown(entered),
        "clear": DESK if any(texts.values()) else "",
        "found": found[paging.first - 1 : paging.last],
        "paging": paging,
        "kinds": desk_fields.KINDS,
    }
    return Page(template="desk/organisations.html.jinja", context=context)


def _member(kind: type[_Member], text: str) -> _Member | None:
    return kind(text) if text in list(kind) else None


@view()
def show_organisation(visit: Visit) -> Page:
    """How an organisation is set up, and what can be done with it."""
    one = visit.services.organisation_register.get(visit.names["ukprn"])
    is_ours = one.is_service_desk
    rows = organisation_parts.details(one, "" if is_ours else path_of(one.ukprn, "details"))
    rows.append(organisation_parts.roles(one, "" if is_ours else path_of(one.ukprn, "roles")))
    context = {
        "one": one,
        "rows": rows,
        "is_ours": is_ours,
        "has_users": visit.services.users.has_users(one.ukprn),
        "may_replace": "super-users:replace" in visit.person.capabilities,
    }
    return Page(template="desk/organisation.html.jinja", context=context)


def _organisation(visit: Visit) -> Organisation:
    return visit.services.organisation_register.changeable(visit.names["ukprn"])


# --- Details ---------------------------------------------------------------------------------------------------------


@view()
def show_organisation_details(visit: Visit) -> Page:
    """What is recorded of it, to change."""
    one = _organisation(visit)
    agreement = one.agreement
    held = {
        "name": one.name,
        "signed_on": agreement.signed_on.isoformat() if agreement else "",
        "signatory": agreement.signatory if agreement else "",
        "twin": one.twin,
        "business_reason": one.business_reason,
        "recognition_numbers": " ".join(sorted(one.recognition_numbers)),
        "sends_files": "yes" if one.batch_achievements else "no",
        "organisation_ref": one.organisation_ref,
        "email_address": one.batch_email,
        "csv_encoding": one.csv_encoding or "utf-8",
    }
    return _details(one, desk_fields.details_of(one.kind).filled(held))


@view()
def submit_organisation_details(visit: Visit) -> Result:
    """Change it."""
    one = _organisation(visit)
    texts = desk_fields.details_of(one.kind).texts(visit.entered)
    try:
        visit.services.organisation_register.change(visit.caller, one.ukprn, visit.number("revision"), texts)
    except Refused as refused:
        return refused_form(refused, _details(one, visit.entered, refused.failures))
    return SeeOther(path=path_of(one.ukprn), message=_("The organisation’s details were changed."))


def _details(one: Organisation, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    form = desk_fields.details_of(one.kind)
    now = organisation_parts.details(one) if failures else []
    return form.page("desk/details.html.jinja", entered, failures, one=one, now=now, back=path_of(one.ukprn))


# --- Roles -----------------------------------------------------------------------------------------------------------


@view()
def show_organisation_roles(visit: Visit) -> Page:
    """The roles that its users may have, to change."""
    one = _organisation(visit)
    return _roles(one, {"roles": sorted(granted_roles(one))})


@view()
def submit_organisation_roles(visit: Visit) -> Result:
    """Grant them, and take others away."""
    one = _organisation(visit)
    chosen = visit.entered.get("roles", ())
    try:
        visit.services.organisation_register.grant(visit.caller, one.ukprn, visit.number("revision"), chosen)
    except Refused as refused:
        return refused_form(refused, _roles(one, visit.entered, refused.failures))
    return SeeOther(path=path_of(one.ukprn), message=_("The organisation’s roles were changed."))


def _roles(one: Organisation, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    form = desk_fields.roles_of(roles_of_kind(one.kind))
    now = [organisation_parts.roles(one)] if failures else []
    return form.page("desk/roles.html.jinja", entered, failures, one=one, now=now, back=path_of(one.ukprn))


# --- Suspension ------------------------------------------------------------------------------------------------------


@view()
def show_organisation_status(visit: Visit) -> Page:
    """Whether it has access, to change."""
    return _status(_organisation(visit), {})


@view()
def submit_organisation_status(visit: Visit) -> Result:
    """Suspend it, or reactivate it: as the page said, unless it has changed since."""
    one, register = _organisation(visit), visit.services.organisation_register
    is_end = visit.text("choice") == "suspend"
    do = register.suspend if is_end else register.reactivate
    try:
        do(visit.caller, one.ukprn, visit.number("revision"), desk_fields.WHY.texts(visit.entered))
    except Refused as refused:
        return refused_form(refused, _status(one, visit.entered, refused.failures))
    done = _("The organisation was suspended. Its people are signed out, and its systems refused.")
    return SeeOther(path=path_of(one.ukprn), message=done if is_end else _("The organisation was reactivated."))


def _status(one: Organisation, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    shown = statuses.shown(one.state)
    template = "desk/status.html.jinja"
    return desk_fields.WHY.page(template, entered, failures, one=one, status=shown, back=path_of(one.ukprn))


VIEWS: Final = (
    show_organisations,
    show_organisation,
    show_organisation_details,
    submit_organisation_details,
    show_organisation_roles,
    submit_organisation_roles,
    show_organisation_status,
    submit_organisation_status,
)
