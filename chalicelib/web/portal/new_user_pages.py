"""Create a user: enter, check, and show the one-time password once (IDM-06, AO18 3.5.3).

What was entered waits in the session with the id that the account will have: however often the last form arrives, there
is one account. The password is only in the response that creates it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.domain.access import Role
from chalicelib.domain.failures import Failure
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.services.users import Order
from chalicelib.web.portal import table, user_fields, user_parts
from chalicelib.web.portal.kept import held, kept, put
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.user_pages import SEARCH
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

_DRAFT: Final = "new-user"
_NEW: Final = f"{table.USERS}/new"
_CHECK: Final = f"{_NEW}/check"


@view()
def show_new_user(visit: Visit) -> Page:
    """The form, once the user was looked for in this session, with the names that were looked for."""
    draft = _draft(visit)
    return _form(visit, user_fields.entered_of(draft) if draft else _searched(visit))


@view()
def submit_new_user(visit: Visit) -> Result:
    """Judge what was entered, and keep it until it is checked."""
    if SEARCH not in visit.person.kept.criteria:
        return _search_first(409)
    order = user_fields.order_of(visit.entered)
    try:
        visit.services.users.check(visit.caller, order)
    except Refused as refused:
        return _form(visit, visit.entered, refused.failures)
    draft = {"texts": order.texts, "roles": sorted(order.roles), "id": visit.services.new_id()}
    put(visit, _DRAFT, draft)
    return SeeOther(path=_CHECK)


def _searched(visit: Visit) -> Entered:
    texts = kept(visit, SEARCH)
    return user_fields.DETAILS.filled({name: texts.get(name, "") for name in ("given_name", "family_name")})


def _form(visit: Visit, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    if SEARCH not in visit.person.kept.criteria:
        return _search_first(200)
    asked = user_fields.user_form(visit.services.users.grantable(visit.caller))
    return asked.page("users/new.html.jinja", entered, failures, back=table.USERS)


def _search_first(status: int) -> Page:
    return Page(template="users/search-first.html.jinja", status=status, context={"back": table.USERS})


@view()
def show_new_user_check(visit: Visit) -> Result:
    """What will be created, and who has the same name or email address."""
    order = _draft(visit)
    return _elsewhere(visit) if order is None else _check(visit, order)


@view()
def submit_new_user_check(visit: Visit) -> Result:
    """Create the account, and show its password this once."""
    order = _draft(visit)
    if order is None:
        return _elsewhere(visit)
    try:
        is_confirmed = user_fields.order_of(visit.entered).is_confirmed
        made = visit.services.users.create(visit.caller, order._replace(is_confirmed=is_confirmed))
    except Refused as refused:
        if _has_created(visit, order.user_id):
            return _shown_once(order.user_id)
        return _check(visit, order, refused.failures)
    put(visit, _DRAFT, {"created": order.user_id})
    return user_parts.password_page(_("User created"), made, visit.services.users.rules)


def _check(visit: Visit, order: Order, failures: Sequence[Failure] = ()) -> Page:
    """The page; the form again, if what was entered there is not possible any more."""
    try:
        alike = visit.services.users.check(visit.caller, order)
    except Refused as refused:
        return _form(visit, user_fields.entered_of(order), refused.failures)
    asked = user_fields.CONFIRMATION if alike else user_fields.NOTHING
    rules, now = visit.services.users.rules, visit.now
    return asked.page(
        "users/check.html.jinja",
        visit.entered,
        user_fields.beside(failures),
        rows=user_parts.detail_rows(order.texts, order.roles),
        alike=[user_parts.listed(one, now, rules) for one in alike],
        is_super_user=Role.SUPER_USER in order.roles,
        back=_NEW,
    )


def _draft(visit: Visit) -> Order | None:
    """What waits to be created."""
    draft = held(visit, _DRAFT)
    if "texts" not in draft:
        return None
    return Order(draft["texts"], frozenset(map(Role, draft["roles"])), user_id=draft["id"])


def _elsewhere(visit: Visit) -> SeeOther:
    """Where the last form leads when it comes again: to the account that it created."""
    created: str = held(visit, _DRAFT).get("created", "")
    return _shown_once(created) if created else SeeOther(path=_NEW)


def _shown_once(user_id: str) -> SeeOther:
    message = _("This user has been created. The one-time password is not shown again: reset it if nobody has it.")
    return SeeOther(path=f"{table.USERS}/{user_id}", message=message)


def _has_created(visit: Visit, user_id: str) -> bool:
    try:
        visit.services.users.get(visit.caller, user_id)
    except Refused as refused:
        if refused.kind is RefusalKind.NOT_FOUND:
            return False
        raise
    return True


VIEWS: Final = (show_new_user, submit_new_user, show_new_user_check, submit_new_user_check)
