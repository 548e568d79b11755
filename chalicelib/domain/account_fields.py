"""The details of a portal user's account (IDM-06, AO18 3.5.3, 3.5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from chalicelib.domain.accounts import Details
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import EMAIL_ADDRESS, FAMILY_NAME, GIVEN_NAME, TELEPHONE_NUMBER, Field, Kind
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
