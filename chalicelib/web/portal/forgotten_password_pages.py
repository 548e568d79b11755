"""A forgotten password: the secret question, then a link by email that is good for one use (IDM-05)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.domain.account_fields import SECRET_QUESTION
from chalicelib.domain.failures import Failure
from chalicelib.domain.refusals import Refused
from chalicelib.domain.values import read_fields
from chalicelib.web.portal import account_fields, refusals, table
from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import Page, Result, SeeOther, Visit

_LINK_ENDED: Final = "LRS-USER-20"


@view()
def show_forgotten_password(visit: Visit) -> Page:
    """Whose password it is."""
    return _name(visit)


@view()
def submit_forgotten_password(visit: Visit) -> Page:
    """The secret question. Nothing has changed, so there is no other page to go to."""
    _, failures = read_fields([account_fields.USER_NAME], account_fields.NAME.texts(visit.entered))
    if failures:
        return _name(visit, failures)
    return _question(visit, visit.services.sign_in.question_of(visit.visitor, visit.text("user_name")))


def _name(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    return account_fields.NAME.page("forgotten-password/user-name.html.jinja", visit.entered, failures)


@view()
def submit_answer(visit: Visit) -> Result:
    """Send the link."""
    code, user_name = visit.text("question"), visit.text("user_name")
    if code not in SECRET_QUESTION.values:
        raise refusals.unreadable()
    try:
        visit.services.sign_in.answer(visit.visitor, user_name, visit.text("answer"))
    except Refused as refused:
        return _question(visit, code, refused.failures)
    return SeeOther(path=f"{table.FORGOTTEN}/sent")


def _question(visit: Visit, code: str, failures: Sequence[Failure] = ()) -> Page:
    return account_fields.ANSWER.page(
        "forgotten-password/question.html.jinja",
        visit.entered,
        failures,
        action=f"{table.FORGOTTEN}/answer",
        code=code,
        question=SECRET_QUESTION.meanings[code],
        user_name=visit.text("user_name"),
    )


@view()
def show_link_sent(_: Visit) -> Page:
    """That the link has been sent."""
    return Page(template="forgotten-password/sent.html.jinja")


@view()
def show_reset_password(visit: Visit) -> Page:
    """A new password, by the link of the email."""
    if not visit.services.sign_in.has_link(visit.visitor, visit.names["link"]):
        return _ended()
    return _reset(visit)


@view()
def submit_reset_password(visit: Visit) -> Result:
    """Choose the password. The link is used up."""
    new, again = visit.text("new_password"), visit.text("new_password_again")
    try:
        visit.services.sign_in.reset_password(visit.visitor, visit.names["link"], new, again)
    except Refused as refused:
        return _ended() if _LINK_ENDED in refused.codes.split() else _reset(visit, refused.failures)
    return SeeOther(path=f"{table.FORGOTTEN}/done")


def _reset(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    return account_fields.RESET.page("forgotten-password/new-password.html.jinja", visit.entered, failures)


def _ended() -> Page:
    return Page(template="forgotten-password/ended.html.jinja", status=410)


@view()
def show_password_reset(_: Visit) -> Page:
    """That the password is another one."""
    return Page(template="forgotten-password/done.html.jinja")


VIEWS: Final = (
    show_forgotten_password,
    submit_forgotten_password,
    submit_answer,
    show_link_sent,
    show_password_reset,
    show_reset_password,
    submit_reset_password,
)
