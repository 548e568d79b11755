"""What is asked of an organisation that registers, and the rules about it (IDM-10).

The part of a body that registers learners beside its awarding organisation states its business reason (AO18 1.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from chalicelib.domain import codes
from chalicelib.domain.codes import Code, CodeList
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import EMAIL_ADDRESS, UKPRN, Field, Kind, named
from chalicelib.domain.organisations import OrganisationKind
from chalicelib.domain.values import read_fields

ORGANISATION_KIND: Final = CodeList(
    "OrganisationKind",
    (
        Code(OrganisationKind.REGISTRATION_BODY, "Learner registration body"),
        Code(OrganisationKind.AWARDING_ORGANISATION, "Awarding organisation"),
        Code(OrganisationKind.ADVISER, "Adviser"),
    ),
)
"""The kinds that can be registered."""
YES_OR_NO: Final = CodeList("YesOrNo", (Code("yes", "Yes"), Code("no", "No")))

NAME: Final = Field("name", Kind.TEXT, 120, "Name of the organisation.", "Merrowdale Awards", mandatory=True)
CSV_ENCODING: Final = Field(
    "csv_encoding", Kind.CODE, 12, "Encoding of its CSV files.", "windows-1252", codes=codes.ENCODING
)
ORGANISATION_FIELDS: Final = (
    Field("kind", Kind.CODE, 24, "What the organisation does.", mandatory=True, codes=ORGANISATION_KIND),
    UKPRN,
    NAME,
    Field("signed_on", Kind.DATE, 10, "Day on which the agreement was signed.", "2026-09-01", mandatory=True),
    Field("signatory", Kind.TEXT, 120, "Who signed the agreement.", "Jo Bloggs, Director", mandatory=True),
    Field("twin", Kind.UKPRN, 8, "UKPRN of the awarding organisation of the same body.", "90000051"),
    Field("business_reason", Kind.LINES, 500, "Why this part of the body needs to register learners."),
    Field("recognition_numbers", Kind.TEXT, 200, "Recognition numbers, separated by spaces.", "RN9051"),
    Field("organisation_ref", Kind.TEXT, 8, "Its number in file names and feeds.", "900051"),
    Field("sends_files", Kind.CODE, 3, "Whether it may send achievement files.", codes=YES_OR_NO),
    replace(EMAIL_ADDRESS, description="Where emails about its files are sent."),
    CSV_ENCODING,
)
"""In the order of a page."""
CHANGEABLE: Final = ORGANISATION_FIELDS[2:]
"""The kind and the UKPRN stay as they were registered."""
REASON: Final = Field("reason", Kind.LINES, 300, "Why this is done.", mandatory=True)


def read_registration(texts: Mapping[str, str], today: date) -> dict[str, Any] | tuple[Failure, ...]:
    """What is recorded of a new organisation, by the names of its fields, or every reason against it."""
    values, found = read_fields(ORGANISATION_FIELDS, texts)
    found += _reasons(values, today)
    return tuple(found) if found else values


def read_change(texts: Mapping[str, str], kind: OrganisationKind, today: date) -> dict[str, Any] | tuple[Failure, ...]:
    """The same of an organisation of this kind that is registered."""
    values, found = read_fields(CHANGEABLE, texts)
    found += _reasons({**values, "kind": kind, "ukprn": None}, today)
    return tuple(found) if found else values


def read_reason(texts: Mapping[str, str]) -> str | tuple[Failure, ...]:
    """Why something is done, or every reason against the text."""
    values, found = read_fields((REASON,), texts)
    return tuple(found) if found else str(values[REASON.name])


_OF_AWARDING: Final = named(ORGANISATION_FIELDS, "recognition_numbers", "sends_files")
_OF_REGISTERING: Final = named(ORGANISATION_FIELDS, "twin", "business_reason")


def _reasons(values: Mapping[str, Any], today: date) -> Iterator[Failure]:
    kind = values["kind"]
    if values["signed_on"] and values["signed_on"] > today:
        yield failure("LRS-REQ-6", "SignedOn", allowed="today or in the past")
    if kind is None:
        return
    if kind == OrganisationKind.AWARDING_ORGANISATION:
        yield from _awarding(values)
    else:
        yield from _left_empty(values, _OF_AWARDING, "awarding organisations")
    if kind == OrganisationKind.REGISTRATION_BODY:
        yield from _registering(values)
    else:
        yield from _left_empty(values, _OF_REGISTERING, "learner registration bodies")


def _awarding(values: Mapping[str, Any]) -> Iterator[Failure]:
    if values["recognition_numbers"] == "":
        yield failure("ACF001", "RecognitionNumbers")
    if values["sends_files"] == "yes" and values["email_address"] == "":
        yield failure("ACF001", EMAIL_ADDRESS.wire)


def _registering(values: Mapping[str, Any]) -> Iterator[Failure]:
    if values["twin"] and values["twin"] == values["ukprn"]:
        yield failure("LRS-REQ-6", "Twin", allowed="another one: each part of a body has its own")
    if values["twin"] and values["business_reason"] == "":
        yield failure("ACF001", "BusinessReason")


def _left_empty(values: Mapping[str, Any], fields: Iterable[Field], whose: str) -> Iterator[Failure]:
    for field in fields:
        if values[field.name] not in ("", "no", None):
            yield failure("LRS-REQ-6", field.wire, reason="left empty", expected=whose)
