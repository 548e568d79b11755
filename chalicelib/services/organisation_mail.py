"""Who gets the emails to an organisation: its address for them, else the super user most recently active (IDM-13)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.domain.accounts import most_recently_active
from chalicelib.formats.words.mails import NOTIFICATIONS, Letter, Link
from chalicelib.ports.accounts import Accounts
from chalicelib.ports.users import UserStore


class Recipient(NamedTuple):
    """Who gets them."""

    address: str
    super_user: str = ""
    """The name of the super user; empty where the organisation has entered an address."""

    def letter(self, subject: str, happened: Sequence[str], *links: Link) -> Letter:
        """A letter to the organisation, with pages that its reader can open."""
        if not self.super_user:
            stopping = "Your organisation's super users choose the address for such emails in the portal."
            return Letter(subject, "the address that your organisation chose for emails", happened, links, stopping)
        return Letter(
            subject,
            "the super user of your organisation who was most recently active",
            happened,
            (*links, Link("Choose another address for such emails", NOTIFICATIONS)),
            "You get them because your organisation has entered no address for them.",
        )


class OrganisationMail:
    """Finds the recipient."""

    def __init__(self, accounts: Accounts, users: UserStore) -> None:
        self._accounts = accounts
        self._users = users

    def exists(self, ukprn: str) -> bool:
        """Whether there is such an organisation."""
        return self._accounts.organisation(ukprn) is not None

    def recipient(self, ukprn: str) -> Recipient | None:
        """Who gets the emails to an organisation; None if there is none or it has no super user either."""
        organisation = self._accounts.organisation(ukprn)
        if organisation is None:
            return None
        if organisation.batch_email:
            return Recipient(organisation.batch_email)
        chosen = most_recently_active(self._users.roll(ukprn).accounts)
        return Recipient(chosen.details.email_address, chosen.details.name) if chosen else None
