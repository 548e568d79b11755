"""Whether the web service answers (SLA-01)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.domain.access import Capability
from chalicelib.web.http.requests import NoRequest
from chalicelib.web.http.responses import About
from chalicelib.web.http.routes import Call, Reply, route


@dataclass(frozen=True)
class HealthDocument:
    """The service answers."""

    status: Annotated[str, About(example="ok")]


@route("GET", "/health", Capability.PUBLIC, NoRequest, answers={200: HealthDocument})
def health(call: Call, request: NoRequest) -> Reply:
    """Ask whether the service answers.

    It is entered and configured; no organisation's data is looked at.
    """
    return Reply(HealthDocument("ok"))


ROUTES = (health,)
