"""Sign-in, what is owed after it, and its end (IDM-01 to IDM-04, IDM-08, AO18 2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.refusals import Refused
from chalicelib.services.portal_sessions import Begun
from chalicelib.web.portal import account_fields, cookies, refusals, table
from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import Page, Result, SeeOther, Visit


def choose_password(visit: Visit) -> Begun:
    """Choose the password that was entered with the present one. Raises Refused."""
    present, new, again = (visit.text(name) for name in ("password", "new_password", "new_password_again"))
    return visit.services.sign_in.choose_password(visit.person, present, new, again, visit.request_id)


def choose_question(visit: Visit) -> None:
    """Choose the secret question and answer that were entered. Raises Refused."""
    code, answer, again = (visit.text(name) for name in ("question", "answer", "answer_again"))
    visit.services.sign_in.choose_question(visit.person, code, answer, again, visit.request_id)


@view()
def show_sign_in(visit: Visit) -> Result:
    """User name and password; after a time without activity it says why they are asked for."""
    if visit.session is not None:
        return SeeOther(path=table.HOME)
    return _sign_in(visit)


@view()
def submit_sign_in(visit: Visit) -> Result:
    """Begin a session, in place of the one that this browser has."""
    try:
        begun = visit.services.sign_in.enter(visit.visitor, visit.text("user_name"), visit.text("password"))
    except Refused as refused:
        return _sign_in(visit, refused.failures)
    if visit.session is not None:
        visit.services.portal_sessions.end(visit.session)
    return SeeOther(path=table.HOME, cookies=[cookies.session(begun.cookie)])


def _sign_in(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    is_first = visit.session is None and not failures
    has_ended = visit.had_session and is_first
    is_kept = is_first and cookies.KEPT_FORM in visit.cookies
    return account_fields.SIGN_IN.page(
        "sign-in/sign-in.html.jinja", visit.entered, failures, has_ended=has_ended, is_kept=is_kept
    )


@view()
def show_new_password(visit: Visit) -> Page:
    """A one-time or expired password is entered again, and another one chosen."""
    return _new_password(visit)


@view()
def submit_new_password(visit: Visit) -> Result:
    """Choose the password, and go on with a new session."""
    try:
        begun = choose_password(visit)
    except Refused as refused:
        return _new_password(visit, refused.failures)
    return SeeOther(path=table.HOME, cookies=[cookies.session(begun.cookie)])


def _new_password(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    return account_fields.FIRST_PASSWORD.page("sign-in/new-password.html.jinja", visit.entered, failures)


@view()
def show_agreement(_: Visit) -> Page:
    """The User Agreement, to be accepted at every sign-in."""
    return Page(template="sign-in/user-agreement.html.jinja")


@view()
def submit_agreement(visit: Visit) -> SeeOther:
    """Accept it and go on, or decline it, which leads back to sign-in."""
    choice = visit.text("choice")
    if choice == "accept":
        visit.services.sign_in.accept(visit.person, visit.request_id)
        return SeeOther(path=table.HOME)
    if choice == "decline":
        visit.services.sign_in.decline(visit.person, visit.request_id)
        return _left(visit, table.SIGN_IN)
    raise refusals.unreadable()


@view()
def show_first_question(visit: Visit) -> Page:
    """The secret question, chosen at the first sign-in."""
    return _first_question(visit)


@view()
def submit_first_question(visit: Visit) -> Result:
    """Choose the question and its answer."""
    try:
        choose_question(visit)
    except Refused as refused:
        return _first_question(visit, refused.failures)
    return SeeOther(path=table.HOME)


def _first_question(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    return account_fields.QUESTION.page("sign-in/secret-question.html.jinja", visit.entered, failures)


@view()
def sign_out(visit: Visit) -> SeeOther:
    """End the session."""
    visit.services.sign_in.leave(visit.person, visit.request_id)
    return _left(visit, table.SIGNED_OUT)


def _left(visit: Visit, path: str) -> SeeOther:
    """Without a session; the next person in this browser is not led to a page of this one."""
    mark = cookies.mark_of(visit.person.kept.user_id)
    return SeeOther(path=path, cookies=[cookies.forgotten(cookies.SESSION), cookies.way_back("", mark)])


@view()
def show_signed_out(_: Visit) -> Page:
    """That one is signed out."""
    return Page(template="sign-in/signed-out.html.jinja")


@view()
def show_session(visit: Visit) -> Page:
    """How long one stays signed in. Like every page it puts that off, which is what the warning opens it for."""
    return Page(template="sign-in/session.html.jinja", context={"ends": visit.person.idle_until})


VIEWS: Final = (
    show_sign_in,
    submit_sign_in,
    show_new_password,
    submit_new_password,
    show_agreement,
    submit_agreement,
    show_first_question,
    submit_first_question,
    sign_out,
    show_signed_out,
    show_session,
)
