"""Who is acting, and through which channel."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Channel(StrEnum):
    """The channel through which a request, a file or a record reaches the service."""

    WEBSERVICE = "webservice"
    PORTAL = "portal"
    BUCKET = "bucket"
    """A file dropped under the organisation's prefix."""
    BATCH = "batch"
    """A record of a file."""
    OPERATOR = "operator"
    """A command entered by the people who run the service."""


class Caller(NamedTuple):
    """Who is acting. There is no default: every surface names the channel and the request."""

    ukprn: str
    user: str
    email: str
    capabilities: frozenset[str]
    channel: Channel
    request_id: str
    """The correlation id of a web request; for a record of a file, the job."""
    credential_id: str = ""
    """The credential of a system; empty for a person."""
