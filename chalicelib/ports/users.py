"""What the use cases of portal users need from outside."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.domain.accounts import Account
from chalicelib.domain.kept_forms import KeptForm
from chalicelib.domain.portal_sessions import KeptSession, Ticket
from chalicelib.ports.accounts import Organisation


class UserNameTaken(Exception):
    """Somebody has or had this user name."""


class Known(NamedTuple):
    """An account and its organisation, if they exist."""

    account: Account | None
    organisation: Organisation | None


class Roll(NamedTuple):
    """All accounts of an organisation, deleted ones too, by user name."""

    ukprn: str
    accounts: tuple[Account, ...]
    revision: int
    """Changes with every account that is created, and with each change that the roll is saved with."""
    reviewed_at: datetime | None
    """When a super user last signed off the annual review, and who."""
    reviewed_by: str


class UserStore(Protocol):
    """Accounts of all organisations. Everything is read strongly consistently."""

    def named(self, user_name: str) -> Known:
        """The account with this user name, and its organisation, in two calls, whether or not there is one."""
        ...

    def get(self, ukprn: str, user_id: str) -> Account | None: ...

    def roll(self, ukprn: str) -> Roll: ...

    def create(self, account: Account, roll: Roll) -> None:
        """Raises UserNameTaken; Conflict if the roll has changed since."""
        ...

    def save(self, account: Account) -> None:
        """Store the next revision of an account. Raises Conflict if there is another by now, or no account."""
        ...

    def save_in_roll(self, account: Account, roll: Roll) -> None:
        """The same for a change that depends on the other accounts: Conflict also if the roll has changed since."""
        ...

    def sign_off(self, roll: Roll, at: datetime, by: str) -> None:
        """Store that the roll was reviewed. Raises Conflict if it has changed since."""
        ...


class Holding(NamedTuple):
    """A session with its account and organisation, if they exist."""

    session: KeptSession | None
    account: Account | None
    organisation: Organisation | None


class KeptFormStore(Protocol):
    """Forms that wait for their senders, by the digests of their keys. Each method raises TemporaryFailure."""

    def keep(self, digest: str, form: KeptForm, ends: datetime) -> None:
        """Keep a form until then."""
        ...

    def find(self, digest: str, now: datetime) -> KeptForm | None:
        """The form, unless its time is over."""
        ...

    def remove(self, digest: str) -> bool:
        """Remove a form; False if it is no longer there."""
        ...


class PortalSessionStore(Protocol):
    """Sessions by the digests of their tickets."""

    def begin(self, session: KeptSession, ends: datetime) -> None:
        """``ends`` is when the session ends in any case."""
        ...

    def holding(self, ticket: Ticket) -> Holding:
        """All three, strongly consistently, in one call. A session that has ended may still be there."""
        ...

    def keep(self, session: KeptSession) -> KeptSession | None:
        """Store the next revision of a session; does nothing if it is no longer there, or if there is another by now.

        Returns that other one.
        """
        ...

    def end(self, digest: str) -> None:
        """Remove a session, if it is there."""
        ...
