"""Registered organisations."""

from __future__ import annotations

from typing import NamedTuple, Protocol


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


class Accounts(Protocol):
    """Organisations."""

    def organisation(self, ukprn: str) -> Organisation | None: ...


class AccountStore(Accounts, Protocol):
    """Organisations, for those who set them up."""

    def put(self, organisation: Organisation) -> None:
        """Store an organisation, replacing any existing one."""
        ...


class AllAccounts(Accounts, Protocol):
    """Organisations, for what concerns all of them."""

    def page(self, after: str = "") -> tuple[list[Organisation], str]:
        """Some of the organisations, in no order, and where the next page begins; empty after the last."""
        ...
