"""Fakes of portal users' accounts and sessions."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.accounts import Account
from chalicelib.domain.kept_forms import KeptForm
from chalicelib.domain.portal_sessions import KeptSession, Ticket
from chalicelib.ports.errors import Conflict
from chalicelib.ports.users import Holding, Known, Roll, UserNameTaken
from tests.fakes.calls import Fake, FakeClock, Hook, call, no_hook
from tests.fakes.records import FakeAccounts


class FakePasswordHasher:
    """Hashes that can be read; `verified` counts how often one was verified, which is what takes time."""

    def __init__(self) -> None:
        self.prefix = "hash:"
        self.verified = 0

    def hash(self, text: str) -> str:
        return self.prefix + text

    def verify(self, hashed: str, text: str) -> bool:
        self.verified += 1
        return bool(hashed) and hashed.partition(":")[2] == text

    def is_outdated(self, hashed: str) -> bool:
        return not hashed.startswith(self.prefix)


class FakeUsers(Fake):
    """Accounts by organisation and id, with the organisations of the fake accounts."""

    def __init__(self, accounts: FakeAccounts, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.accounts = accounts
        self.held: dict[tuple[str, str], Account] = {}
        self.names: dict[str, tuple[str, str]] = {}
        self.rolls: dict[str, Roll] = {}

    def put(self, account: Account) -> None:
        """Hold an account, to arrange a test."""
        self.names[account.user_name] = (account.ukprn, account.user_id)
        self.held[account.ukprn, account.user_id] = account

    @call("users.named")
    def named(self, user_name: str) -> Known:
        ukprn, user_id = self.names.get(user_name, ("", ""))
        return Known(self.held.get((ukprn, user_id)), self.accounts.organisations.get(ukprn))

    @call("users.get")
    def get(self, ukprn: str, user_id: str) -> Account | None:
        return self.held.get((ukprn, user_id))

    @call("users.roll")
    def roll(self, ukprn: str) -> Roll:
        own = sorted((one for one in self.held.values() if one.ukprn == ukprn), key=lambda one: one.user_name)
        return self.rolls.get(ukprn, Roll(ukprn, (), 0, None, ""))._replace(accounts=tuple(own))

    @call("users.create", knows_own=True)
    def create(self, account: Account, roll: Roll) -> None:
        if account.user_name in self.names:
            raise UserNameTaken
        if (account.ukprn, account.user_id) in self.held:
            raise Conflict
        self._next(roll)
        self.put(account)

    @call("users.save", knows_own=True)
    def save(self, account: Account) -> None:
        self._follow(account)
        self.held[account.ukprn, account.user_id] = account

    @call("users.save_in_roll", knows_own=True)
    def save_in_roll(self, account: Account, roll: Roll) -> None:
        self._follow(account)
        self._next(roll)
        self.held[account.ukprn, account.user_id] = account

    @call("users.sign_off", knows_own=True)
    def sign_off(self, roll: Roll, at: datetime, by: str) -> None:
        self._next(roll._replace(reviewed_at=at, reviewed_by=by))

    def _follow(self, account: Account) -> None:
        stored = self.held.get((account.ukprn, account.user_id))
        if stored is None or stored.revision != account.revision - 1:
            raise Conflict

    def _next(self, roll: Roll) -> None:
        stored = self.rolls.get(roll.ukprn)
        if (stored.revision if stored else 0) != roll.revision:
            raise Conflict
        self.rolls[roll.ukprn] = roll._replace(accounts=(), revision=roll.revision + 1)


class FakeKeptForms(Fake):
    """Forms by digest, each with when its time is over."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[str, tuple[KeptForm, datetime]] = {}

    @call("kept_forms.keep")
    def keep(self, digest: str, form: KeptForm, ends: datetime) -> None:
        self.held[digest] = (form, ends)

    @call("kept_forms.find")
    def find(self, digest: str, now: datetime) -> KeptForm | None:
        form, ends = self.held.get(digest, (None, now))
        return form if now < ends else None

    @call("kept_forms.remove")
    def remove(self, digest: str) -> bool:
        return self.held.pop(digest, None) is not None


class FakePortalSessions(Fake):
    """Sessions by digest, with the accounts of the fake users."""

    def __init__(self, users: FakeUsers, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.users = users
        self.held: dict[str, KeptSession] = {}

    @call("portal_sessions.begin")
    def begin(self, session: KeptSession, ends: datetime) -> None:
        self.held[session.digest] = session

    @call("portal_sessions.holding")
    def holding(self, ticket: Ticket) -> Holding:
        account = self.users.held.get((ticket.ukprn, ticket.user_id))
        return Holding(self.held.get(ticket.digest), account, self.users.accounts.organisations.get(ticket.ukprn))

    @call("portal_sessions.keep", knows_own=True)
    def keep(self, session: KeptSession) -> KeptSession | None:
        stored = self.held.get(session.digest)
        if stored is not None and stored.revision != session.revision - 1:
            return None if stored == session else stored
        if stored is not None:
            self.held[session.digest] = session
        return None

    @call("portal_sessions.end")
    def end(self, digest: str) -> None:
        self.held.pop(digest, None)
