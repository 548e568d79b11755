"""What a snapshot of the web service has loaded beside its services, so that its first request is like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from chalicelib.web.http.forms import names_in
from chalicelib.web.http.routes import Entry, loaded

_PATH: Final = "/health"
REQUEST: Final[Mapping[str, Any]] = {
    "resource": _PATH,
    "path": _PATH,
    "httpMethod": "GET",
    "headers": {},
    "multiValueHeaders": {},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "stageVariables": None,
    "requestContext": {"httpMethod": "GET", "path": _PATH, "resourcePath": _PATH},
    "body": None,
    "isBase64Encoded": False,
}
"""A request that reads and writes nothing."""


def rehearse(handler: Callable[[Any, Any], object], entries: Iterable[Entry]) -> None:
    """Load every route with the fields of its requests, and answer one request."""
    for entry in entries:
        names_in(loaded(entry).request)
    handler(REQUEST, None)
