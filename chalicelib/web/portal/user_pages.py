"""Find users, see one with what was done with the account, and review all of them once a year (IDM-06, IDM-12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from chalicelib.domain.access import Role
from chalicelib.domain.accounts import Account, AccountState
from chalicelib.domain.failures import Failure
from chalicelib.domain.refusals import Refused
from chalicelib.formats.user_lists import csv_of
from chalicelib.formats.words.pages import error_text
from chalicelib.services.users import EVERYBODY
from chalicelib.web.portal import statuses, table, user_fields, user_parts
from chalicelib.web.portal.kept import kept, put
from chalicelib.web.portal.parts import FieldError, Link, Paging
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import File, Page, Result, SeeOther, Visit

SEARCH: Final = "users"
"""The name under which the session keeps the criteria."""


@view()
def show_users(visit: Visit) -> Page:
    """The users who meet the criteria of the last search; everybody, if there was none."""
    texts = kept(visit, SEARCH)
    found = visit.services.users.find(visit.caller, user_fields.wanted_of(texts))
    asked = user_fields.find_form(visit.services.users.grantable(visit.caller))
    paging = Paging.at(visit.query.get("page", ""), len(found.accounts), f"{table.USERS}?page=")
    return Page(
        template="users/find.html.jinja",
        context={
            "fields": asked.shown(asked.filled(texts)),
            "has_searched": SEARCH in visit.person.kept.criteria,
            "users": _listed(visit, found.accounts[paging.first - 1 : paging.last]),
            "paging": paging,
            "notices": user_parts.notice_texts(found.notices),
            "review_is_due": found.review_is_due,
        },
    )


@view()
def submit_users(visit: Visit) -> SeeOther:
    """Search: the criteria are kept in the session, since they are names of people."""
    texts = user_fields.FIND.texts(visit.entered)
    limited = {one.name: texts[one.name][: one.field.limit] for one in user_fields.FIND.asked}
    put(visit, SEARCH, limited)
    return SeeOther(path=table.USERS)


@view()
def show_users_file(visit: Visit) -> File:
    """The users that were found, or all, as CSV."""
    wanted = EVERYBODY if visit.query.get("of") == "all" else user_fields.wanted_of(kept(visit, SEARCH))
    found = visit.services.users.find(visit.caller, wanted)
    content = csv_of(found.accounts, visit.services.users.rules)
    return File(content=content, name=f"users-{visit.person.kept.ukprn}.csv", media_type="text/csv; charset=utf-8")


def _listed(visit: Visit, accounts: Sequence[Account]) -> list[user_parts.Listed]:
    return [user_parts.listed(one, visit.now, visit.services.users.rules) for one in accounts]


# --- One user --------------------------------------------------------------------------------------------------------


@view()
def show_user(visit: Visit) -> Page:
    """One user, and what can be done with the account."""
    users = visit.services.users
    account = users.get(visit.caller, visit.names["user"])
    state = account.state(users.rules)
    return Page(
        template="users/user.html.jinja",
        context={
            "name": account.details.name,
            "rows": user_parts.user_rows(account),
            "status": statuses.shown(state),
            "account": account,
            "is_dormant": state is not AccountState.DELETED and account.is_dormant(visit.now),
            "one_time_until": account.password.since + users.rules.one_time_lifetime
            if account.password.is_one_time
            else None,
            "links": _links(account, state),
            "back": table.USERS,
        },
    )


def _links(account: Account, state: AccountState) -> list[Link]:
    """What can be done in this state, in the words of AO18 3.5."""
    base = f"{table.USERS}/{account.user_id}"
    links = [Link(_("Activity log"), f"{base}/activity")]
    if state is AccountState.DELETED:
        return links
    if state is not AccountState.ACTIVE:
        links.append(Link(_("Reactivate User"), f"{base}/reactivate"))
    if state is not AccountState.SUSPENDED:
        links.append(Link(_("Suspend User"), f"{base}/suspend"))
    if account.question is not None:
        links.insert(0, Link(_("Verify Identity"), f"{base}/verify-identity"))
    return [
        Link(_("Update User"), f"{base}/update"),
        Link(_("Reset Password"), f"{base}/reset-password"),
        *links,
        Link(_("Delete User"), f"{base}/delete"),
    ]


@view()
def show_user_activity(visit: Visit) -> Page:
    """What was done with an account, newest first."""
    found = visit.services.users.activity(visit.caller, visit.names["user"], visit.query.get("before", "")[:100])
    base = f"{table.USERS}/{found.account.user_id}"
    return Page(
        template="users/activity.html.jinja",
        context={
            "name": found.account.details.name,
            "entries": [user_parts.log_entry(one) for one in found.entries],
            "earlier": f"{base}/activity?before={quote(found.next_mark)}" if found.next_mark else "",
            "back": base,
        },
    )


@view()
def show_activity(visit: Visit) -> Page:
    """What the people of the organisation did, newest first."""
    found = visit.services.organisation_activity.page(visit.caller, visit.query.get("before", "")[:100])
    return Page(
        template="users/all-activity.html.jinja",
        context={
            "deeds": [user_parts.deed(one) for one in found.deeds],
            "earlier": f"{table.ACTIVITY}?before={quote(found.next_mark)}" if found.next_mark else "",
            "left_out": found.left_out,
        },
    )


# --- Review ----------------------------------------------------------------------------------------------------------


@view()
def show_user_review(visit: Visit) -> Page:
    """All users with roles and last activity, to be signed off."""
    return _review(visit)


@view()
def submit_user_review(visit: Visit) -> Result:
    """Sign off the list that was shown; another list is shown instead of being signed off."""
    try:
        visit.services.users.sign_off(visit.caller, visit.number("revision", -1))
    except Refused as refused:
        return replace(_review(visit, refused.failures), status=409)
    return SeeOther(path=table.USERS, message=_("The annual review of users was signed off."))


def _review(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    found = visit.services.users.find(visit.caller, EVERYBODY)
    return Page(
        template="users/review.html.jinja",
        context={
            "users": _listed(visit, found.accounts),
            "supers": sum(Role.SUPER_USER in one.roles for one in found.accounts),
            "notices": user_parts.notice_texts(found.notices),
            "review_is_due": found.review_is_due,
            "reviewed_at": found.reviewed_at,
            "reviewed_by": found.reviewed_by,
            "revision": found.revision,
            "errors": [FieldError(error_text(one, ""), "sign-off") for one in failures],
        },
    )


VIEWS: Final = (
    show_users,
    submit_users,
    show_users_file,
    show_user,
    show_user_activity,
    show_activity,
    show_user_review,
    submit_user_review,
)
