"""Registered organisations."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from chalicelib.domain.organisations import Agreement, Listed, OrganisationKind, OrganisationState, StateChange


class Organisation(NamedTuple):
    """A registered organisation, with what the batch pipeline and the guard need to know."""

    ukprn: str
    name: str
    organisation_ref: str
    recognition_numbers: frozenset[str]
    is_awarding_organisation: bool
    batch_achievements: bool
    """Whether it is set up for achievement batches; otherwise WSRC0043."""
    status: str
    """``active`` or ``suspended``."""
    batch_email: str
    """Where emails about dropped files are sent."""
    csv_encoding: str = ""
    """Declared encoding of its CSV files: empty for UTF-8, or ``windows-1252``."""
    certificates: frozenset[str] = frozenset()
    """SHA-256 fingerprints, in hexadecimal, of the client certificates that it has registered."""
    is_service_desk: bool = False
    """Whether it is the service desk, which links learners (ULN-09) but does not register any."""
    roles: frozenset[str] = frozenset()
    """The roles that it was granted for its users; empty for all that an organisation of its kind may have."""
    is_adviser: bool = False
    """Whether it is a careers or advisory service, which registers no learners."""
    agreement: Agreement | None = None
    twin: str = ""
    """The UKPRN of the awarding organisation of the same body."""
    business_reason: str = ""
    """Why it registers learners although its body has an awarding organisation."""
    state_change: StateChange | None = None
    revision: int = 1

    @property
    def kind(self) -> OrganisationKind:
        """What it does in the service."""
        if self.is_service_desk:
            return OrganisationKind.SERVICE_DESK
        if self.is_awarding_organisation:
            return OrganisationKind.AWARDING_ORGANISATION
        return OrganisationKind.ADVISER if self.is_adviser else OrganisationKind.REGISTRATION_BODY

    @property
    def state(self) -> OrganisationState:
        """Whether it has access."""
        return OrganisationState(self.status)

    @property
    def listed(self) -> Listed:
        """Its entry in the list of all."""
        return Listed(self.ukprn, self.name, self.kind, self.state)


class Accounts(Protocol):
    """Organisations."""

    def organisation(self, ukprn: str) -> Organisation | None: ...


class AccountStore(Accounts, Protocol):
    """Organisations, for those who set them up."""

    def save(self, organisation: Organisation) -> None:
        """Store the next revision of an organisation. Raises Conflict if there is another by now; of the first
        revision, if there is an organisation.
        """
        ...

    def listed(self) -> list[Listed]:
        """All organisations by UKPRN. What was saved within the last second may be missing."""
        ...


class AllAccounts(Accounts, Protocol):
    """Organisations, for what concerns all of them."""

    def page(self, after: str = "") -> tuple[list[Organisation], str]:
        """Some of the organisations, in no order, and where the next page begins; empty after the last."""
        ...
