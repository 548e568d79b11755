"""The forms about people's own accounts: user name, passwords, secret question, contact details (IDM-01 to IDM-09)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.account_fields import DETAIL_FIELDS, SECRET_QUESTION, WANTS_EMAILS
from chalicelib.domain.fields import Field, Kind, named
from chalicelib.domain.passwords import ANSWER_CHARACTERS, FEWEST_CHARACTERS, MOST_CHARACTERS
from chalicelib.web.portal.forms import Asked, asked, form
from chalicelib.web.portal.parts import Input
from chalicelib.web.portal.texts import marked as _

USER_NAME: Final = Field("user_name", Kind.TEXT, 40, "User name.", "aokafor0417", mandatory=True)
_QUESTION: Final = Field("question", Kind.CODE, 20, "Secret question.", mandatory=True, codes=SECRET_QUESTION)
_PASSWORD_RULES: Final = (
    f"{FEWEST_CHARACTERS} to {MOST_CHARACTERS} characters, with a lower-case letter, a capital letter, and a number or "
    "special character. No spaces."
)


def _password(name: str, label: str, autocomplete: str, hint: str = "") -> Asked:
    field = Field(name, Kind.TEXT, MOST_CHARACTERS, f"{label}.", mandatory=True)
    return asked(field, label=label, kind=Input.PASSWORD, autocomplete=autocomplete, hint=hint)


def _answer(name: str, label: str, hint: str = "") -> Asked:
    field = Field(name, Kind.TEXT, ANSWER_CHARACTERS, f"{label}.", mandatory=True)
    return asked(field, label=label, kind=Input.PASSWORD, autocomplete="off", hint=hint)


_NEW: Final = (
    _password("new_password", "New password", "new-password", _PASSWORD_RULES),
    _password("new_password_again", "New password again", "new-password"),
)
_NAME: Final = asked(USER_NAME, autocomplete="username")

SIGN_IN: Final = form(_NAME, _password("password", "Password", "current-password"))
FIRST_PASSWORD: Final = form(_password("password", "One-time or expired password", "current-password"), *_NEW)
OWN_PASSWORD: Final = form(_password("password", "Present password", "current-password"), *_NEW)
RESET: Final = form(*_NEW)
NAME: Final = form(_NAME)
ANSWER: Final = form(_answer("answer", "Your answer"))
QUESTION: Final = form(
    asked(_QUESTION, kind=Input.LIST),
    _answer("answer", "Answer", "Capital and small letters are the same."),
    _answer("answer_again", "Answer again"),
)
CONTACT: Final = form(
    *(
        asked(field, autocomplete=word)
        for field, word in zip(
            named(DETAIL_FIELDS, "email_address", "landline", "mobile"), ("email", "tel", "tel"), strict=True
        )
    )
)
EMAILS: Final = form(
    asked(
        WANTS_EMAILS,
        label=_("Do you want emails when your files are finished?"),
        hint=_("Only for files that you sent yourself. The results are on the pages of your jobs in any case."),
    )
)
