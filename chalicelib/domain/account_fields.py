"""The details of a portal user's account (IDM-06, AO18 3.5.3, 3.5.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from chalicelib.domain.accounts import Details
from chalicelib.domain.codes import Code, CodeList
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import EMAIL_ADDRESS, FAMILY_NAME, GIVEN_NAME, TELEPHONE_NUMBER, Field, Kind, named
from chalicelib.domain.organisation_fields import REASON, YES_OR_NO
from chalicelib.domain.passwords import ANSWER_CHARACTERS, prepared_answer
from chalicelib.domain.values import read_fields

DETAIL_FIELDS: Final = (
    Field("title", Kind.TEXT, 35, "Title.", "Dr"),
    replace(GIVEN_NAME, description="Given name of the user."),
    replace(FAMILY_NAME, description="Family name of the user."),
    replace(EMAIL_ADDRESS, mandatory=True, description="Email address, to which a link to reset the password is sent."),
    Field("landline", Kind.TELEPHONE, TELEPHONE_NUMBER.limit, "Telephone number.", TELEPHONE_NUMBER.example),
    Field("mobile", Kind.TELEPHONE, TELEPHONE_NUMBER.limit, "Mobile number.", "07700 900001"),
    Field(
        "verification",
        Kind.TEXT,
        200,
        "How the identity of the user was verified, such as a staff ID. Never the secret question or its answer.",
        "Staff ID checked",
        mandatory=True,
        wire="VerificationProvided",
    ),
    Field("staff_id", Kind.TEXT, 50, "Staff ID.", "S-0042", wire="StaffID"),
    Field("reference", Kind.TEXT, 50, "Your own reference.", "EX-7", wire="YourReference"),
)
"""In the order of a page."""


def read_details(texts: Mapping[str, str]) -> Details | tuple[Failure, ...]:
    """The details of an account, by the names of their fields, or every reason against them."""
    values, found = read_fields(DETAIL_FIELDS, texts)
    return tuple(found) if found else Details(**values)


CHANGE_FORM_FIELDS: Final = (
    Field("signatory", Kind.TEXT, 120, "Who signed the form by hand.", "Mo Director", mandatory=True),
    replace(REASON, description="The reason that the form gives."),
)
"""Of the Change of Super User form (AO18 3.6)."""


WANTS_EMAILS: Final = Field(
    "emails", Kind.CODE, 3, "Whether emails about the person's own files are sent.", mandatory=True, codes=YES_OR_NO
)

_OWN: Final = named(DETAIL_FIELDS, "email_address", "landline", "mobile")


def read_own_details(texts: Mapping[str, str]) -> dict[str, str] | tuple[Failure, ...]:
    """What users may change themselves (IDM-09), by name, or every reason against it."""
    values, found = read_fields(_OWN, texts)
    return tuple(found) if found else values


SECRET_QUESTION: Final = CodeList(
    "SecretQuestion",
    (
        Code("SCHOOL", "What was the name of your first school?"),
        Code("PET", "What was the name of your first pet?"),
        Code("TEACHER", "What was the family name of your favourite teacher?"),
        Code("STREET", "What was the name of the street where you lived as a child?"),
        Code("TOWN", "In which town or city did your parents meet?"),
        Code("BOOK", "What was the title of your favourite book as a child?"),
        Code("JOB", "What was your first paid job?"),
        Code("HOLIDAY", "Where did you spend your best holiday?"),
    ),
)
FEWEST_OF_ANSWER: Final = 3


def answer_failures(code: str, answer: str, again: str) -> Iterator[Failure]:
    """Every reason against a secret question, given by its code, and its answer, which is entered twice."""
    if not code.strip():
        yield failure("ACF001", "Question")
    elif SECRET_QUESTION.read(code.strip()) is None:
        yield failure("ACF005", "Question", allowed=SECRET_QUESTION.allowed)
    text = prepared_answer(answer)
    if not text:
        yield failure("ACF001", "Answer")
    elif not FEWEST_OF_ANSWER <= len(text) <= ANSWER_CHARACTERS:
        yield failure("LRS-USER-23", "Answer", minimum=FEWEST_OF_ANSWER, maximum=ANSWER_CHARACTERS)
    if text and text != prepared_answer(again):
        yield failure("LRS-USER-7", "AnswerAgain")
