"""Sessions of people who are signed in to the portal (IDM-08).

A browser holds the session's *ticket*: organisation, account and a secret of 256 bits. Only the digest of the ticket is
stored. The ticket names the account so that session, account and organisation are read together for each page: what
ends access ends every session at once, and no list of sessions is needed for it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Self

from chalicelib.domain.access import Role
from chalicelib.domain.accounts import AccountRules, Stage

_TICKET: Final = re.compile(r"([1-9][0-9]{7})\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{16,128})", re.ASCII)
SEEN_EVERY: Final = timedelta(minutes=1)
"""A session's last request is stored to within this time: greater accuracy would cost a write for every page."""
WARNED_BEFORE: Final = timedelta(minutes=5)
"""How long before a session ends its person is warned, if sessions last twice as long or longer (WCAG 2.2.1)."""


class Ticket(NamedTuple):
    """What the browser holds, in parts."""

    ukprn: str
    user_id: str
    secret: str

    @property
    def text(self) -> str:
        """The value of the cookie."""
        return ".".join(self)

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_ticket(text: str) -> Ticket | None:
    """The ticket in a cookie; None for any other text."""
    found = _TICKET.fullmatch(text)
    return Ticket(*found.groups()) if found else None


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session as it is stored."""

    digest: str
    ukprn: str
    user_id: str
    epoch: int
    """That of the account when the session began."""
    csrf_secret: str
    began_at: datetime
    seen_at: datetime
    has_agreed: bool = False
    flash: tuple[str, ...] = ()
    """Messages for the next page."""
    criteria: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the person searched for last, by the name of the search."""
    revision: int = 1

    def changed(self, **changes: Any) -> Self:
        """The next revision, with other values."""
        return replace(self, revision=self.revision + 1, **changes)

    def idle_until(self, rules: AccountRules) -> datetime:
        """When it ends without another request."""
        return min(self.seen_at + rules.idle, self.ends(rules))

    def warned_at(self, rules: AccountRules) -> datetime:
        """When its person is warned that it will end."""
        return self.idle_until(rules) - min(WARNED_BEFORE, rules.idle / 2)

    def ends(self, rules: AccountRules) -> datetime:
        """When it ends in any case."""
        return self.began_at + rules.longest

    def seen(self, now: datetime) -> Self | None:
        """With this request, if it must be stored."""
        return self.changed(seen_at=now) if self.seen_at + SEEN_EVERY <= now else None


@dataclass(frozen=True, slots=True)
class Session:
    """A session in force, with what its account and organisation are now."""

    kept: KeptSession
    user_name: str
    name: str
    """Given and family name of the person."""
    email: str
    organisation: str
    """Its name."""
    roles: frozenset[Role]
    capabilities: frozenset[str]
    stage: Stage
    warned_at: datetime
    idle_until: datetime
    ends: datetime

    @property
    def can_go_on(self) -> bool:
        """Whether another request puts off its end."""
        return self.idle_until < self.ends
