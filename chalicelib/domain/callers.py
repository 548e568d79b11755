"""Who acts, and the way they came."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Channel(StrEnum):
    """The way a request, a file or a record comes to the service."""

    WEBSERVICE = "webservice"
    PORTAL = "portal"
    BUCKET = "bucket"
    """A file dropped under the organisation's prefix."""
    BATCH = "batch"
    """A record of a file."""
    OPERATOR = "operator"
    """A command that the people who run the service enter."""


class Caller(NamedTuple):
    """Who acts. Nobody acts by default: every surface says which way the caller came, and in which request."""

    ukprn: str
    user: str
    email: str
    capabilities: frozenset[str]
    channel: Channel
    request_id: str
    """The correlation id of a web request; the job of a record of a file."""
    credential_id: str = ""
    """The credential of a system; empty for a person."""
