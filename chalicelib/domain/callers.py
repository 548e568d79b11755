"""Who a request comes from."""

from __future__ import annotations

from typing import NamedTuple


class Caller(NamedTuple):
    """Who a web-service call comes from."""

    ukprn: str
    user: str
    email: str
    capabilities: frozenset[str]
    credential_id: str = ""
    """The credential of a system; empty for a person."""
