"""Whether the web service answers (SLA-01)."""

from __future__ import annotations

from chalicelib.domain.access import Capability
from chalicelib.web.requests import NoRequest
from chalicelib.web.routes import Call, Reply, route


@route("GET", "/health", Capability.PUBLIC, NoRequest)
def health(call: Call, request: NoRequest) -> Reply:
    """Answers that the service is entered and configured; looks at no organisation's data."""
    return Reply({"status": "ok"})


ROUTES = (health,)
