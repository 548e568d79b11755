"""The forms about people's own accounts: user name, passwords, secret question, contact details (IDM-01 to IDM-09)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.account_fields import DETAIL_FIELDS, SECRET_QUESTION, WANTS_EMAILS
from chalicelib.domain.fields import Field, Kind, named
from chalicelib.domain.passwords import ANSWER_CHARACTERS, FEWEST_CHARACTERS, MOST_CHARACTERS
from chalicelib.formats.words.texts import Text
from chalicelib.web.portal.forms import Asked, asked, form
from chalicelib.web.portal.parts import Input
from chalicelib.web.portal.texts import marked as _

USER_NAME: Final = Field("user_name", Kind.TEXT, 40, "User name.", "aokafor0417", mandatory=True)
_QUESTION: Final = Field("question", Kind.CODE, 20, "Secret question.", mandatory=True, codes=SECRET_QUESTION)
_PASSWORD_RULES: Final = Text(
    _(
        "{fewest} to {most} characters, with a lower-case letter, a capital letter, and a number or special character. "
        "No spaces."
    ),
    {"fewest": str(FEWEST_CHARACTERS), "most": str(MOST_CHARACTERS)},
)


def _password(name: str, label: str, autocomplete: str, hint: str = "") -> Asked:
    field = Field(name, Kind.TEXT, MOST_CHARACTERS, f"{label}.", mandatory=True)
    return asked(field, label=label, kind=Input.PASSWORD, autocomplete=autocomplete, hint=hint)


def _answer(name: str, label: str, hint: str = "") -> Asked:
    field = Field(name, Kind.TEXT, ANSWER_CHARACTERS, f"{label}.", mandatory=True)
    return asked(field, label=label, kind=Input.PASSWORD, autocomplete="off", hint=hint)


_NEW: Final = (
    _password("new_password", _("New password"), "new-password", _PASSWORD_RULES),
    _password("new_password_again", _("New password again"), "new-password"),
)
_NAME: Final = asked(USER_NAME, autocomplete="username")

SIGN_IN: Final = form(_NAME, _password("password", _("Password"), "current-password"))
FIRST_PASSWORD: Final = form(_password("password", _("One-time or expired password"), "current-password"), *_NEW)
OWN_PASSWORD: Final = form(_password("password", _("Present password"), "current-password"), *_NEW)
RESET: Final = form(*_NEW)
NAME: Final = form(_NAME)
ANSWER: Final = form(_answer("answer", _("Your answer")))
QUESTION: Final = form(
    asked(_QUESTION, kind=Input.LIST),
    _answer("answer", _("Answer"), _("Capital and small letters are the same.")),
    _answer("answer_again", _("Answer again")),
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
