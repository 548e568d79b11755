"""Checking that the web service is running (SLA-01)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.web.http.requests import NoRequest
from chalicelib.web.http.responses import About
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.table import route


@dataclass(frozen=True)
class HealthDocument:
    """The service is running."""

    status: Annotated[str, About(example="ok")]


@route(NoRequest, answers={200: HealthDocument})
def health(call: Call, request: NoRequest) -> Reply:
    """Check that the service is running.

    Reads no organisation's data.
    """
    return Reply(HealthDocument("ok"))


ROUTES = (health,)
