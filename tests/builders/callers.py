"""Callers for tests: a system or a person of an organisation, and their channel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalicelib.domain.callers import Caller, Channel

REQUEST = "a1b2c3d4-0000-4000-8000-000000000001"


def caller(ukprn: str = "10000001", user: str = "system", capabilities: Iterable[str] = (), **changes: Any) -> Caller:
    """A system of an organisation that uses the web service."""
    held = frozenset(map(str, capabilities))
    made = Caller(ukprn, user, f"user@{ukprn}.example", held, Channel.WEBSERVICE, REQUEST)
    return made._replace(**changes)
