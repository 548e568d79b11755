"""Sign-in, forgotten password, one's own account, and the first public pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chalicelib.domain.account_fields import SECRET_QUESTION
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Job
from chalicelib.domain.passwords import new_password_failures
from chalicelib.formats.words.texts import Text
from chalicelib.web.portal import account_fields, learner_fields
from chalicelib.web.portal.account_pages import Card
from chalicelib.web.portal.batch_kinds import ACHIEVEMENTS as AWARDS
from chalicelib.web.portal.kept_forms import NOT_KEPT, SIGNED_IN_AGAIN
from chalicelib.web.portal.menu import pages_of
from chalicelib.web.portal.parts import (
    Link,
    Row,
    Shown,
)
from chalicelib.web.portal.rendering import Flash, Menu
from chalicelib.web.portal.roles import ROLE_NAMES, ROLE_WORDS
from tests.browser.cases.case import HOSTILE, IN, LONG, NOW, OUT, Case, of_form

_HALFWAY: Final = replace(IN, menu=Menu(), path="/sign-in/new-password")
_SHORT: Final = tuple(new_password_failures("short", "other", is_present=False))
_NO_QUESTION: Final = tuple(failure("ACF001", name) for name in ("Question", "Answer"))
_NO_ADDRESS: Final = (failure("ACF001", "EmailAddress"),)


_WRONG_NAME: Final = (failure("LRS-USER-15"),)
_WRONG_ANSWER: Final = (failure("LRS-USER-19", "Answer"),)
_NOT_CHOSEN: Final = (failure("ACF001", "Emails"),)
_EMAIL: Final = f"{LONG.lower()}@example.org"
_ASKED: Final = {
    "action": "/forgotten-password/answer",
    "code": "TOWN",
    "question": SECRET_QUESTION.meanings["TOWN"],
    "user_name": HOSTILE,
}
_ACCOUNT_ROWS: Final = [
    Row(Text("User name"), "aokafor0417"),
    Row(Text("Organisation"), LONG),
    Row(
        Text("Email address"),
        f"{LONG.lower()}@example.org",
        (Link(Text("Change"), "/account/contact-details", Text("contact details")),),
    ),
    Row(
        Text("Emails about your files"),
        Text("Not sent"),
        (Link(Text("Change"), "/account/emails", Text("emails about your files")),),
    ),
    Row(Text("Password"), Text("Not shown"), (Link(Text("Change"), "/account/password", Text("password")),)),
]
_CARDS: Final = [Card(ROLE_NAMES[role], words, pages_of(role)) for role, words in ROLE_WORDS.items()]
_HOME: Final = replace(IN, path="/")
_OWN_JOBS: Final = [
    (AWARDS, Job(f"J{number}", "achievements", "90000001", "amelia0417", "a@b", "portal", text, NOW))
    for number, text in enumerate((HOSTILE, "QCF_90000001_20261122_001.csv", ""))
]
_QUICK: Final = learner_fields.VERIFY.shown({})


def _home(name: str, cards: Sequence[Card] = (), quick_search: Sequence[Shown] = (), state: str = "") -> Case:
    context = {"name": name, "cards": cards, "quick_search": quick_search, "own_jobs": _OWN_JOBS if cards else []}
    return Case(f"home{state}", "account/home.html.jinja", context, _HOME)


CASES: Final = (
    *(
        of_form("sign-in/sign-in", account_fields.SIGN_IN, failures, state=state, has_ended=has_ended, is_kept=is_kept)
        for state, failures, has_ended, is_kept in (
            ("", (), False, False),
            ("-ended", (), True, False),
            ("-form-kept", (), True, True),
            ("-wrong", _WRONG_NAME, False, False),
        )
    ),
    Case(
        "contact-details-again",
        "account/contact-details.html.jinja",
        account_fields.CONTACT.page("", {"email_address": [HOSTILE]}, back="/account").context,
        replace(
            IN,
            path="/account/contact-details",
            flash=tuple(Flash(text, is_success=False) for text in (SIGNED_IN_AGAIN, NOT_KEPT)),
        ),
    ),
    of_form("sign-in/new-password", account_fields.FIRST_PASSWORD, chrome=_HALFWAY),
    of_form("sign-in/new-password", account_fields.FIRST_PASSWORD, _SHORT, _HALFWAY, "-wrong"),
    Case("sign-in-user-agreement", "sign-in/user-agreement.html.jinja", chrome=_HALFWAY),
    of_form("sign-in/secret-question", account_fields.QUESTION, chrome=_HALFWAY),
    of_form("sign-in/secret-question", account_fields.QUESTION, _NO_QUESTION, _HALFWAY, "-wrong"),
    Case("signed-out", "sign-in/signed-out.html.jinja", chrome=OUT),
    Case("session", "sign-in/session.html.jinja", {"ends": NOW}, replace(_HALFWAY, path="/account/session")),
    of_form("forgotten-password/user-name", account_fields.NAME),
    of_form("forgotten-password/user-name", account_fields.NAME, (failure("ACF001", "UserName"),), state="-wrong"),
    of_form("forgotten-password/question", account_fields.ANSWER, **_ASKED),
    of_form("forgotten-password/question", account_fields.ANSWER, _WRONG_ANSWER, state="-wrong", **_ASKED),
    Case("forgotten-password-sent", "forgotten-password/sent.html.jinja", chrome=OUT),
    of_form("forgotten-password/new-password", account_fields.RESET),
    of_form("forgotten-password/new-password", account_fields.RESET, _SHORT, state="-wrong"),
    Case("forgotten-password-ended", "forgotten-password/ended.html.jinja", chrome=OUT, status=410),
    Case("forgotten-password-done", "forgotten-password/done.html.jinja", chrome=OUT),
    _home("Amelia Okafor", _CARDS, _QUICK),
    _home("Amelia Okafor", _CARDS[1:3], state="-without-quick-search"),
    _home(HOSTILE, state="-no-roles"),
    Case("account", "account/account.html.jinja", {"rows": _ACCOUNT_ROWS}, replace(IN, path="/account")),
    Case(
        "account-saved",
        "account/account.html.jinja",
        {"rows": _ACCOUNT_ROWS},
        replace(IN, path="/account", flash=(Flash("Your password was changed."),)),
    ),
    *(
        of_form(f"account/{name}", form, failures, replace(IN, path=f"/account/{name}"), state, back="/account")
        for name, form, wrong in (
            ("password", account_fields.OWN_PASSWORD, (failure("LRS-USER-18", "Password"), *_SHORT)),
            ("secret-question", account_fields.QUESTION, _NO_QUESTION),
            ("contact-details", account_fields.CONTACT, _NO_ADDRESS),
            ("emails", account_fields.EMAILS, _NOT_CHOSEN),
        )
        for failures, state in (((), ""), (wrong, "-wrong"))
    ),
    Case("user-agreement", "public/user-agreement.html.jinja", chrome=OUT),
    Case("user-agreement-signed-in", "public/user-agreement.html.jinja", chrome=replace(IN, path="/user-agreement")),
)
