"""How your organisation is set up (IDM-10).

The first fields are those of the existing interface (GetOrganisation) in camel case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal

from chalicelib.domain.fields import UKPRN
from chalicelib.ports.accounts import Organisation
from chalicelib.web.http.requests import FieldValue
from chalicelib.web.http.responses import About
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.table import route

_UKPRN: Final = replace(UKPRN, wire="ukprn")


@dataclass(frozen=True)
class OneOrganisation:
    """An organisation."""

    ukprn: Annotated[str, FieldValue(_UKPRN)]
    """UKPRN of your organisation."""


@dataclass(frozen=True)
class OrganisationDocument:
    """A registered organisation."""

    ukprn: Annotated[str, About(example=UKPRN.example)]
    org_ref: Annotated[str, About(example="900051")]
    """Its reference, as OrganisationRef in files."""
    display_name: Annotated[str, About(example="Merrowdale Awards")]
    status: Annotated[Literal["active", "suspended"], About(example="active")]
    awarding_organisation: bool
    """Whether it is an awarding organisation. Others register learners."""
    recognition_numbers: Annotated[tuple[str, ...], About(example=["RN9051", "RN9061"])]
    """Of an awarding organisation: it submits achievements in the qualifications of these numbers."""
    achievement_batches: bool
    """Whether it may send achievement files."""
    batch_email_address: Annotated[str | None, About(example="batches@merrowdale.example.org")]
    """Where we send emails about files put in the bucket."""
    csv_encoding: Annotated[Literal["utf-8", "windows-1252"], About(example="utf-8")]
    """The encoding of its CSV files in the bucket."""


@route(OneOrganisation, answers={200: OrganisationDocument})
def get_organisation(call: Call, request: OneOrganisation) -> Reply:
    """Get your organisation.

    Shows how it is set up. Only the service desk sees other organisations.
    """
    return Reply(_document(call.services.organisations.get(call.caller, request.ukprn)))


ROUTES = (get_organisation,)


def _document(held: Organisation) -> OrganisationDocument:
    return OrganisationDocument(
        ukprn=held.ukprn,
        org_ref=held.organisation_ref,
        display_name=held.name,
        status="active" if held.status == "active" else "suspended",
        awarding_organisation=held.is_awarding_organisation,
        recognition_numbers=tuple(sorted(held.recognition_numbers)),
        achievement_batches=held.batch_achievements,
        batch_email_address=held.batch_email or None,
        csv_encoding="windows-1252" if held.csv_encoding else "utf-8",
    )
