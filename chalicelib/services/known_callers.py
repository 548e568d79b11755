"""Credentials and organisations, remembered for a few seconds, so that few requests need to read their caller.

A revocation or suspension is in force everywhere within :data:`REMEMBERED`, which counts from before the read.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from chalicelib.ports.accounts import Accounts, Organisation
from chalicelib.ports.clock import Clock
from chalicelib.ports.identity import CredentialStore, Holder

REMEMBERED: Final = timedelta(seconds=5)
"""How long a container may remember a credential or an organisation."""
KEPT: Final = 1_000
"""How many of each a container remembers; beyond that it forgets them all."""

T = TypeVar("T")


class _Memory(Generic[T]):
    def __init__(self) -> None:
        self._held: dict[str, tuple[datetime, T]] = {}

    def get(self, name: str, now: datetime) -> T | None:
        held = self._held.get(name)
        # A clock that was set back must not make anything last longer.
        return held[1] if held is not None and timedelta() <= now - held[0] < REMEMBERED else None

    def keep(self, name: str, value: T, asked_at: datetime) -> None:
        if len(self._held) >= KEPT:
            self._held.clear()
        self._held[name] = asked_at, value


class KnownCallers:
    """The callers that a container has seen lately. What does not exist is not remembered."""

    def __init__(self, credentials: CredentialStore, accounts: Accounts, clock: Clock) -> None:
        self._credentials = credentials
        self._accounts = accounts
        self._clock = clock
        self._holders: _Memory[Holder] = _Memory()
        self._organisations: _Memory[Organisation] = _Memory()

    def holder(self, credential_id: str) -> Holder:
        """A credential and its organisation, at most five seconds old. Raises TemporaryFailure."""
        asked_at = self._clock()
        held = self._holders.get(credential_id, asked_at)
        if held is None:
            held = self._credentials.holder(credential_id)
            if held.credential is not None:
                self._holders.keep(credential_id, held, asked_at)
            if held.organisation is not None:
                self._organisations.keep(held.organisation.ukprn, held.organisation, asked_at)
        return held

    def organisation(self, ukprn: str) -> Organisation | None:
        """An organisation, at most five seconds old. Raises TemporaryFailure."""
        asked_at = self._clock()
        held = self._organisations.get(ukprn, asked_at)
        if held is None:
            held = self._accounts.organisation(ukprn)
            if held is not None:
                self._organisations.keep(ukprn, held, asked_at)
        return held
