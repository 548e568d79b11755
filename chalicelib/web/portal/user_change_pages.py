"""Change one user: update, suspend, reactivate, reset the password, verify identity, delete (IDM-06, AO18 3.5).

A form about details and roles carries their edition; a reactivation and a reset of the password carry the epoch. A form
that comes again finds what it has done, changes nothing and leads on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

from chalicelib.domain.account_fields import SECRET_QUESTION
from chalicelib.domain.accounts import Account
from chalicelib.domain.failures import Failure
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.formats.words.pages import error_text
from chalicelib.web.portal import cookies, table, user_fields, user_parts
from chalicelib.web.portal.parts import FieldError
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit


def _address(visit: Visit) -> str:
    return f"{table.USERS}/{visit.names['user']}"


def _account(visit: Visit) -> Account:
    return visit.services.users.get(visit.caller, visit.names["user"])


def _changed(visit: Visit, account: Account, message: str) -> SeeOther:
    """The user's page; after what ends one's own sessions, the page of those who are signed out."""
    own = visit.person.kept
    if account.user_id == own.user_id and account.epoch != own.epoch:
        return SeeOther(path=table.SIGNED_OUT, cookies=[cookies.forgotten(cookies.SESSION)])
    return SeeOther(path=_address(visit), message=message)


# --- Update ----------------------------------------------------------------------------------------------------------


@view()
def show_user_update(visit: Visit) -> Page:
    """Details and roles as they are."""
    account = _account(visit)
    return _update(visit, account, user_fields.held_of(account))


@view()
def submit_user_update(visit: Visit) -> Result:
    """Change them, unless somebody else has done so since: then both are shown."""
    order = user_fields.order_of(visit.entered)
    try:
        changed = visit.services.users.update(visit.caller, visit.names["user"], visit.text("edition"), order)
    except Refused as refused:
        if refused.kind is RefusalKind.NOT_FOUND:
            raise
        return _not_updated(visit, refused)
    return _changed(visit, changed, _("The user was updated."))


def _not_updated(visit: Visit, refused: Refused) -> Page:
    account = _account(visit)
    if refused.kind is RefusalKind.STALE:
        return replace(_update(visit, account, visit.entered, refused.failures, is_conflict=True), status=409)
    return _update(visit, account, visit.entered, refused.failures)


class Difference(NamedTuple):
    """What is stored and what was entered in its place."""

    label: str
    stored: str | date
    entered: str | date


def _update(
    visit: Visit, account: Account, entered: Entered, failures: Sequence[Failure] = (), *, is_conflict: bool = False
) -> Page:
    roles = visit.services.users.grantable(visit.caller)
    is_asked = user_fields.asks_confirmation(failures) or user_fields.order_of(entered).is_confirmed
    asked = user_fields.user_form(roles, with_confirmation=is_asked)
    return asked.page(
        "users/update.html.jinja",
        entered,
        user_fields.beside(failures),
        name=account.details.name,
        differences=_differences(account, entered) if is_conflict else (),
        edition=account.edition if is_conflict or not failures else visit.text("edition"),
        is_own=account.user_id == visit.person.kept.user_id,
        back=_address(visit),
    )


def _differences(account: Account, entered: Entered) -> list[Difference]:
    order = user_fields.order_of(entered)
    stored = user_parts.detail_rows(account.details._asdict(), account.roles)
    wanted = user_parts.detail_rows(order.texts, order.roles)
    pairs = zip(stored, wanted, strict=True)
    return [Difference(now.key, now.value, own.value) for now, own in pairs if now.value != own.value]


# --- Suspend, reactivate, reset, delete ------------------------------------------------------------------------------


class Question(NamedTuple):
    """What is asked before an account is changed, and how it goes on."""

    title: str
    meaning: Sequence[str]
    """Each a sentence or two of what it means."""
    button: str
    is_warning: bool
    done: str


SUSPEND: Final = Question(
    _("Suspend this user"),
    (
        _("The user is signed out at once and cannot sign in until a super user reactivates the account."),
        _("The account keeps its roles and its password."),
    ),
    _("Suspend user"),
    True,
    _("The user was suspended."),
)
REACTIVATE: Final = Question(
    _("Reactivate this user"),
    (
        _("The user can sign in again with the same password."),
        _("If you are not sure who is asking, verify the user’s identity first."),
    ),
    _("Reactivate user"),
    False,
    _("The user was reactivated."),
)
RESET: Final = Question(
    _("Reset this user’s password"),
    (
        _("The present password stops working, and the user is signed out. The next page shows a one-time password."),
        _("If you are not sure who is asking, verify the user’s identity first."),
    ),
    _("Reset password"),
    True,
    _("Password reset"),
)
RESET_ALREADY: Final = _(
    "This user’s password has been reset. The one-time password is not shown again: reset it again if nobody has it."
)
DELETE: Final = Question(
    _("Delete this user"),
    (
        _("The account is closed for good. Its user name is never used again, and its history is kept."),
        _("Delete an account when the person has left, has another one, or no longer needs access."),
    ),
    _("Delete user"),
    True,
    _("The user was deleted."),
)


@view()
def show_user_suspension(visit: Visit) -> Page:
    """What it means to suspend an account."""
    return _ask(visit, SUSPEND)


@view()
def submit_user_suspension(visit: Visit) -> Result:
    """Suspend it."""
    return _change(visit, SUSPEND, lambda user: visit.services.users.suspend(visit.caller, user))


@view()
def show_user_reactivation(visit: Visit) -> Page:
    """What it means to reactivate an account."""
    return _ask(visit, REACTIVATE)


@view()
def submit_user_reactivation(visit: Visit) -> Result:
    """Reactivate it."""
    return _change(visit, REACTIVATE, lambda user: visit.services.users.reactivate(visit.caller, user, _epoch(visit)))


@view()
def show_user_deletion(visit: Visit) -> Page:
    """What it means to delete an account."""
    return _ask(visit, DELETE)


@view()
def submit_user_deletion(visit: Visit) -> Result:
    """Delete it."""
    return _change(visit, DELETE, lambda user: visit.services.users.delete(visit.caller, user))


@view()
def show_user_password_reset(visit: Visit) -> Page:
    """What it means to reset a password."""
    return _ask(visit, RESET)


@view()
def submit_user_password_reset(visit: Visit) -> Result:
    """Reset it, and show the one-time password this once."""
    try:
        made = visit.services.users.reset(visit.caller, visit.names["user"], _epoch(visit))
    except Refused as refused:
        if refused.kind is RefusalKind.STALE and _has_been_reset(visit):
            return SeeOther(path=_address(visit), message=RESET_ALREADY)
        return _not_done(visit, RESET, refused)
    return user_parts.password_page(RESET.done, made, visit.services.users.rules)


def _epoch(visit: Visit) -> int:
    return visit.number("epoch", -1)


def _has_been_reset(visit: Visit) -> bool:
    """Whether a reset is all that has happened since the page was shown."""
    account = _account(visit)
    return account.password.is_one_time and account.epoch == _epoch(visit) + 1


def _change(visit: Visit, question: Question, change: Callable[[str], Account]) -> Result:
    try:
        changed = change(visit.names["user"])
    except Refused as refused:
        return _not_done(visit, question, refused)
    return _changed(visit, changed, question.done)


def _not_done(visit: Visit, question: Question, refused: Refused) -> Page:
    if refused.kind is RefusalKind.NOT_FOUND:
        raise refused
    return replace(_ask(visit, question, refused.failures), status=409)


def _ask(visit: Visit, question: Question, failures: Sequence[Failure] = ()) -> Page:
    account = _account(visit)
    return Page(
        template="users/confirm.html.jinja",
        context={
            "question": question,
            "rows": user_parts.naming_rows(account),
            "epoch": account.epoch,
            "is_own": account.user_id == visit.person.kept.user_id,
            "errors": [FieldError(error_text(one, "")) for one in failures],
            "back": _address(visit),
        },
    )


# --- Verify identity -------------------------------------------------------------------------------------------------


@view()
def show_user_identity(visit: Visit) -> Page:
    """The secret question, to be put to the user."""
    return _identity(visit)


@view()
def submit_user_identity(visit: Visit) -> Result:
    """Verify the answer that the user gave."""
    try:
        visit.services.users.verify_identity(visit.caller, visit.names["user"], visit.text("answer"))
    except Refused as refused:
        if refused.kind is RefusalKind.NOT_FOUND:
            raise
        return _identity(visit, refused.failures)
    return SeeOther(path=_address(visit), message=_("The answer is right. The user’s identity is verified."))


def _identity(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    account = _account(visit)
    question = SECRET_QUESTION.meanings[account.question.code] if account.question else ""
    return user_fields.ANSWER.page(
        "users/identity.html.jinja",
        {},
        failures,
        question=question,
        rows=user_parts.naming_rows(account),
        back=_address(visit),
    )


VIEWS: Final = (
    show_user_update,
    submit_user_update,
    show_user_suspension,
    submit_user_suspension,
    show_user_reactivation,
    submit_user_reactivation,
    show_user_deletion,
    submit_user_deletion,
    show_user_password_reset,
    submit_user_password_reset,
    show_user_identity,
    submit_user_identity,
)
