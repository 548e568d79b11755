"""Sessions of people in the portal: begin, read for each page, keep, end (IDM-08).

What a person may do is never stored in a session: every page reads it anew with the account and the organisation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from chalicelib.domain.access import Capability, Role, capabilities_of
from chalicelib.domain.accounts import Account, AccountRules, AccountState
from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.portal_sessions import KeptSession, Session, Ticket, read_ticket
from chalicelib.ports.accounts import Organisation
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.identity import NewSecret
from chalicelib.ports.users import PortalSessionStore
from chalicelib.services.organisations import granted_roles

MOST_FLASHES: Final = 5
_TRIES: Final = 6
MOST_CRITERIA: Final = 10
"""Searches that a session remembers; of more, the oldest is forgotten."""


class Begun(NamedTuple):
    """A new session, and the value of its cookie, which is not stored."""

    session: Session
    cookie: str


class Looked(NamedTuple):
    """What a cookie leads to: a session in force, or one that is over by now."""

    session: Session | None = None
    ended: KeptSession | None = None
    is_withdrawn: bool = False
    """Whether it is over because of its account or organisation, before its time was."""


class PortalSessions:
    """The sessions of all people."""

    def __init__(self, store: PortalSessionStore, clock: Clock, new_secret: NewSecret, rules: AccountRules) -> None:
        self._store = store
        self._clock = clock
        self._new_secret = new_secret
        self._rules = rules

    def begin(self, account: Account, organisation: Organisation, *, has_agreed: bool = False) -> Begun:
        """Begin a session with this revision of an account, which has access. Raises TemporaryFailure."""
        ticket, now = Ticket(account.ukprn, account.user_id, self._new_secret()), self._clock()
        kept = KeptSession(
            digest=ticket.digest,
            ukprn=account.ukprn,
            user_id=account.user_id,
            epoch=account.epoch,
            csrf_secret=self._new_secret(),
            began_at=now,
            seen_at=now,
            has_agreed=has_agreed,
        )
        self._store.begin(kept, kept.ends(self._rules))
        return Begun(self._session(kept, account, organisation, now), ticket.text)

    def of(self, cookie: str, now: datetime) -> Session | None:
        """The session of a cookie; None if there is none in force."""
        return self.look(cookie, now).session

    def look(self, cookie: str, now: datetime) -> Looked:
        """The session of a cookie, in one strongly consistent read.

        One that is over because of its account or organisation is deleted. One whose time is over stays until no
        session could be in force: a form that comes with it is still known to be its person's.
        """
        ticket = read_ticket(cookie)
        if ticket is None:
            return Looked()
        kept, account, organisation = self._store.holding(ticket)
        if kept is None:
            return Looked()
        if account is None or organisation is None or not self._is_in_force(kept, account, organisation, now):
            is_withdrawn = now < kept.idle_until(self._rules)
            if is_withdrawn:
                self._store.end(kept.digest)
            return Looked(ended=kept, is_withdrawn=is_withdrawn)
        kept = self._changed(kept, lambda one: one.seen(now))
        return Looked(self._session(kept, account, organisation, now))

    def agreed(self, session: Session) -> None:
        """Store that the person has accepted the User Agreement."""
        self._changed(session.kept, lambda one: one.changed(has_agreed=True))

    def say(self, session: Session, *messages: str) -> Session:
        """Keep messages for the next page; of more than five, the last. Returns the session that goes on."""
        kept = self._changed(session.kept, lambda one: one.changed(flash=(*one.flash, *messages)[-MOST_FLASHES:]))
        return replace(session, kept=kept)

    def said(self, session: Session) -> tuple[str, ...]:
        """The messages kept for this page, which are then forgotten."""
        said = session.kept.flash
        if said:
            self._changed(session.kept, lambda one: one.changed(flash=tuple(t for t in one.flash if t not in said)))
        return said

    def remember(self, session: Session, search: str, criteria: str) -> Session:
        """Keep what the person searched for, so that the page of results has no details of a person in its address.

        Empty criteria are forgotten. Returns the session that goes on.
        """

        def change(kept: KeptSession) -> KeptSession:
            others = [one for one in kept.criteria.items() if one[0] != search]
            new = [(search, criteria)] if criteria else []
            return kept.changed(criteria=dict([*others, *new][-MOST_CRITERIA:]))

        return replace(session, kept=self._changed(session.kept, change))

    def end(self, session: Session) -> None:
        """End a session."""
        self._store.end(session.kept.digest)

    def _changed(self, kept: KeptSession, change: Callable[[KeptSession], KeptSession | None]) -> KeptSession:
        """A session with a change of one part of it, made again on what another page has kept meanwhile.

        Nothing is stored of a session that has ended, or if there is no change. Raises TemporaryFailure.
        """
        for _ in range(_TRIES):
            changed = change(kept)
            if changed is None:
                return kept
            stored = self._store.keep(changed)
            if stored is None:
                return changed
            kept = stored
        raise TemporaryFailure("portal_sessions.keep: overtaken")

    def _is_in_force(self, kept: KeptSession, account: Account, organisation: Organisation, now: datetime) -> bool:
        return (
            kept.began_at <= now < kept.idle_until(self._rules)
            and kept.epoch == account.epoch
            and account.state(self._rules) in (AccountState.ACTIVE, AccountState.LOCKED)
            and organisation.status == "active"
        )

    def _session(self, kept: KeptSession, account: Account, organisation: Organisation, now: datetime) -> Session:
        roles = account.roles & granted_roles(organisation)
        return Session(
            kept=kept,
            user_name=account.user_name,
            name=account.details.name,
            email=account.details.email_address,
            organisation=organisation.name,
            roles=roles,
            capabilities=_capabilities(roles),
            stage=account.stage(now, self._rules, has_agreed=kept.has_agreed),
            warned_at=kept.warned_at(self._rules),
            idle_until=kept.idle_until(self._rules),
            ends=kept.ends(self._rules),
        )


def caller_of(session: Session, request_id: str) -> Caller:
    """The person of a session, as the use cases see them."""
    return Caller(
        session.kept.ukprn, session.user_name, session.email, session.capabilities, Channel.PORTAL, request_id
    )


def _capabilities(roles: Iterable[Role]) -> frozenset[str]:
    return frozenset(str(one) for one in {*capabilities_of(roles), Capability.SIGNED_IN})
