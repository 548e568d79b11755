"""How an organisation is set up (IDM-10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chalicelib.domain.access import Role, grantable_roles
from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import EMAIL_ADDRESS, UKPRN
from chalicelib.domain.looks import LookAction
from chalicelib.domain.organisation_fields import CSV_ENCODING, NAME
from chalicelib.domain.organisations import OrganisationKind, OrganisationState
from chalicelib.domain.refusals import Refused
from chalicelib.domain.values import judged
from chalicelib.ports.accounts import Accounts, AccountStore, Organisation
from chalicelib.ports.errors import Conflict
from chalicelib.services.looks import Looks, organisation_subject

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")


class Organisations:
    """Registered organisations, for themselves and for the service desk."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def get(self, caller: Caller, ukprn: str) -> Organisation:
        """The caller's own organisation; for the service desk, any. Raises Refused (LRS-ORG-1)."""
        own = self._accounts.organisation(caller.ukprn)
        if own is None or (ukprn != own.ukprn and not own.is_service_desk):
            raise Refused(failure("LRS-ORG-1"))
        found = own if ukprn == own.ukprn else self._accounts.organisation(ukprn)
        if found is None:
            raise Refused(failure("LRS-ORG-1", reason="unknown"))
        return found


class OrganisationSetup:
    """Sets organisations up, for those who run the service."""

    def __init__(self, accounts: AccountStore, looks: Looks) -> None:
        self._accounts = accounts
        self._looks = looks

    def save(self, caller: Caller, organisation: Organisation) -> None:
        """Store an organisation, replacing any existing one, and record who did it.

        Its agreement, its twin and the last suspension stay as they are. Raises Refused with every reason.
        """
        found = tuple(setup_failures(organisation))
        if found:
            raise Refused(*found)
        held = self._accounts.organisation(organisation.ukprn)
        if held is not None:
            organisation = organisation._replace(
                agreement=held.agreement,
                twin=held.twin,
                business_reason=held.business_reason,
                state_change=held.state_change,
                revision=held.revision + 1,
            )
        self._looks.at(
            caller,
            LookAction.ORGANISATION_SAVED,
            organisation_subject(organisation.ukprn),
            status=organisation.status,
            certificates=str(len(organisation.certificates)),
        )
        try:
            self._accounts.save(organisation)
        except Conflict:
            raise Refused(failure("LRS-REQ-13")) from None


def granted_roles(organisation: Organisation) -> frozenset[Role]:
    """The roles that an organisation's users may have (IDM-07): it always has super users."""
    of_its_kind = roles_of_kind(organisation.kind)
    return of_its_kind & ({*organisation.roles, Role.SUPER_USER}) if organisation.roles else of_its_kind


def roles_of_kind(kind: OrganisationKind) -> frozenset[Role]:
    """The roles that the users of organisations of this kind may have."""
    return grantable_roles(
        is_awarding_organisation=kind is OrganisationKind.AWARDING_ORGANISATION,
        is_service_desk=kind is OrganisationKind.SERVICE_DESK,
        is_adviser=kind is OrganisationKind.ADVISER,
    )


def setup_failures(organisation: Organisation) -> Iterator[Failure]:
    """Every reason against the setup of an organisation."""
    given = {
        UKPRN: organisation.ukprn,
        NAME: organisation.name,
        EMAIL_ADDRESS: organisation.batch_email,
        CSV_ENCODING: organisation.csv_encoding,
    }
    for field, text in given.items():
        yield from judged(field, text).failures
    if organisation.status not in list(OrganisationState):
        yield failure("LRS-REQ-6", "status", allowed=" or ".join(OrganisationState))
    if organisation.batch_achievements and not organisation.batch_email:
        yield failure("LRS-REQ-1", EMAIL_ADDRESS.name)
    if organisation.is_awarding_organisation != bool(organisation.recognition_numbers):
        allowed = "those of an awarding organisation, and none for any other"
        yield failure("LRS-REQ-6", "recognition_numbers", allowed=allowed)
    if organisation.batch_achievements and not organisation.is_awarding_organisation:
        yield failure("LRS-REQ-6", "batch_achievements", allowed="only for an awarding organisation")
    if organisation.is_service_desk and organisation.is_awarding_organisation:
        yield failure("LRS-REQ-6", "is_service_desk", allowed="only for an organisation that awards nothing")
    if organisation.is_adviser and (organisation.is_awarding_organisation or organisation.is_service_desk):
        yield failure("LRS-REQ-6", "is_adviser", allowed="only for an organisation of no other kind")
    of_its_kind = roles_of_kind(organisation.kind)
    if not organisation.roles <= of_its_kind:
        yield failure("LRS-REQ-6", "roles", reason="list", allowed=", ".join(sorted(of_its_kind)))
    if not all(map(_FINGERPRINT.fullmatch, organisation.certificates)):
        yield failure("LRS-REQ-6", "certificates", allowed="client certificates in PEM")
