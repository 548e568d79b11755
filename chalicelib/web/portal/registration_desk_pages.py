"""The registration of organisations, and their super users (IDM-10, AO18 1.4, 3.6).

What was entered stays in the session until the organisation is registered. Sent again, a registration changes nothing.
A one-time password is in one response only. Sent again, its form finds the account that it created, and says so: the
account's id is made from the form. Who lost the password enters the person again in the Change of Super User form.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.organisations import OrganisationKind
from chalicelib.domain.refusals import Refused
from chalicelib.ports.accounts import Organisation
from chalicelib.services.organisations import roles_of_kind
from chalicelib.services.users import ChangeForm, Created, Order
from chalicelib.web.portal import desk_fields, organisation_parts, user_fields
from chalicelib.web.portal.forms import Form
from chalicelib.web.portal.kept import held, put
from chalicelib.web.portal.organisation_parts import DESK, path_of, refused_form
from chalicelib.web.portal.parts import Row
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

_KEPT: Final = "new-organisation"
_NEW, _ROLES, _CHECK = f"{DESK}/new", f"{DESK}/new/roles", f"{DESK}/new/check"


# --- Registration ----------------------------------------------------------------------------------------------------


@view()
def show_new_organisation(visit: Visit) -> Page:
    """Kind, UKPRN, agreement and details."""
    draft = held(visit, _KEPT)
    return _new(desk_fields.REGISTRATION.filled(draft["texts"]) if draft else {"csv_encoding": ["utf-8"]})


@view()
def submit_new_organisation(visit: Visit) -> Result:
    """Keep them, if they are right."""
    texts = desk_fields.REGISTRATION.texts(visit.entered)
    try:
        kind = visit.services.organisation_register.check_details(texts)
    except Refused as refused:
        return _new(visit.entered, refused.failures)
    draft = held(visit, _KEPT)
    roles = draft["roles"] if draft and draft["kind"] == kind else sorted(roles_of_kind(kind))
    put(visit, _KEPT, {"texts": texts, "kind": kind, "roles": roles})
    return SeeOther(path=_ROLES)


def _new(entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    return desk_fields.REGISTRATION.page("desk/new.html.jinja", entered, failures, back=DESK)


@view()
def show_new_roles(visit: Visit) -> Result:
    """The roles that its users may have."""
    draft = held(visit, _KEPT)
    return _new_roles(draft, {"roles": draft["roles"]}) if draft else SeeOther(path=_NEW)


@view()
def submit_new_roles(visit: Visit) -> Result:
    """Keep them, if there are any."""
    draft = held(visit, _KEPT)
    if not draft:
        return SeeOther(path=_NEW)
    roles = list(visit.entered.get("roles", ()))
    try:
        visit.services.organisation_register.check(draft["texts"], roles)
    except Refused as refused:
        return _new_roles(draft, visit.entered, refused.failures)
    put(visit, _KEPT, {**draft, "roles": roles})
    return SeeOther(path=_CHECK)


def _new_roles(draft: dict[str, Any], entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    form = desk_fields.roles_of(roles_of_kind(OrganisationKind(draft["kind"])))
    return form.page("desk/new-roles.html.jinja", entered, failures, name=draft["texts"]["name"], back=_NEW)


@view()
def show_new_check(visit: Visit) -> Result:
    """Everything, before it is registered."""
    draft = held(visit, _KEPT)
    if not draft:
        return SeeOther(path=_NEW)
    try:
        one = visit.services.organisation_register.check(draft["texts"], draft["roles"])
    except Refused:
        return SeeOther(path=_NEW)
    rows = [*organisation_parts.details(one, _NEW), organisation_parts.roles(one, _ROLES)]
    return Page(template="desk/new-check.html.jinja", context={"rows": rows, "back": _ROLES})


@view()
def submit_new_check(visit: Visit) -> Result:
    """Register it."""
    draft = held(visit, _KEPT)
    if not draft:
        return SeeOther(path=DESK)  # a second click, after the first
    try:
        one = visit.services.organisation_register.register(visit.caller, draft["texts"], draft["roles"])
    except Refused as refused:
        return _new(desk_fields.REGISTRATION.filled(draft["texts"]), refused.failures)
    put(visit, _KEPT, {})
    return SeeOther(path=path_of(one.ukprn, "first-super-user"))


# --- Super users -----------------------------------------------------------------------------------------------------


@view()
def show_first_super_user(visit: Visit) -> Result:
    """Who is the first super user of an organisation that has just been registered."""
    one = _organisation(visit)
    if visit.services.users.has_users(one.ukprn):
        return SeeOther(path=path_of(one.ukprn))
    return _first(one, {})


@view()
def submit_first_super_user(visit: Visit) -> Result:
    """Create the account, and show its password once."""
    one, order = _organisation(visit), _order(desk_fields.FIRST_SUPER_USER, visit)
    try:
        made = visit.services.users.create_first(visit.caller, one.ukprn, order)
    except Refused as refused:
        if visit.services.users.has(one.ukprn, order.user_id):
            return _shown_once(one)
        return refused_form(refused, _first(one, visit.entered, refused.failures))
    return _created(visit, one, made)


def _first(one: Organisation, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    template, back = "desk/first-super-user.html.jinja", path_of(one.ukprn)
    return desk_fields.FIRST_SUPER_USER.page(template, entered, failures, one=one, back=back)


@view()
def show_change_of_super_user(visit: Visit) -> Page:
    """The Change of Super User form of an organisation that has lost its super users."""
    return _change(_organisation(visit), {})


@view()
def submit_change_of_super_user(visit: Visit) -> Result:
    """Create the account, and show its password once."""
    one, order = _organisation(visit), _order(desk_fields.CHANGE_OF_SUPER_USER, visit)
    signed = ChangeForm(
        visit.text("signatory"), is_manager=visit.text("is_manager") == "yes", reason=visit.text("reason")
    )
    try:
        made = visit.services.users.replace_super_user(visit.caller, one.ukprn, signed, order)
    except Refused as refused:
        if visit.services.users.has(one.ukprn, order.user_id):
            return _shown_once(one)
        return refused_form(refused, _change(one, visit.entered, user_fields.beside(refused.failures)))
    return _created(visit, one, made)


def _change(one: Organisation, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    template, back = "desk/change-of-super-user.html.jinja", path_of(one.ukprn)
    return desk_fields.CHANGE_OF_SUPER_USER.page(template, entered, failures, one=one, back=back)


def _order(form: Form, visit: Visit) -> Order:
    is_confirmed = visit.text(desk_fields.CONFIRMED.name) == "yes"
    return Order(form.texts(visit.entered), frozenset(), is_confirmed=is_confirmed, user_id=visit.id_to_give)


def _shown_once(one: Organisation) -> SeeOther:
    """Where a form leads when it comes again."""
    message = _(
        "The super user has been created. The one-time password is not shown again. "
        "If nobody has it, enter the same person in the Change of Super User form, which gives another one."
    )
    return SeeOther(path=path_of(one.ukprn), message=message)


def _created(visit: Visit, one: Organisation, made: Created) -> Page:
    rows = [
        Row(_("Organisation"), f"{one.name}, {one.ukprn}"),
        Row(_("Name"), made.account.details.name),
        Row(_("User name"), made.account.user_name),
        Row(_("One-time password"), made.password),
    ]
    days = visit.services.users.rules.one_time_lifetime.days
    context = {"is_new": made.account.revision == 1, "rows": rows, "days": days, "to": path_of(one.ukprn)}
    return Page(template="desk/super-user-created.html.jinja", context=context)


def _organisation(visit: Visit) -> Organisation:
    return visit.services.organisation_register.changeable(visit.names["ukprn"])


VIEWS: Final = (
    show_new_organisation,
    submit_new_organisation,
    show_new_roles,
    submit_new_roles,
    show_new_check,
    submit_new_check,
    show_first_super_user,
    submit_first_super_user,
    show_change_of_super_user,
    submit_change_of_super_user,
)
