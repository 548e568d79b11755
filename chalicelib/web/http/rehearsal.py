"""What a snapshot of the web service has done beside loading its services, so that its first request is like any other.

Every route answers a sample request, as an organisation that does not exist: what is loaded, built or remembered by a
first request is in the snapshot then, and Python has seen which types its code meets.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from chalicelib.domain.access import Capability
from chalicelib.domain.credentials import Credential
from chalicelib.ports.accounts import Organisation
from chalicelib.ports.errors import Missing
from chalicelib.services.tokens import secret_digest
from chalicelib.web.http.bodies import FORM
from chalicelib.web.http.forms import names_in, sample_of
from chalicelib.web.http.responses import prepare
from chalicelib.web.http.routes import Entry, Route, loaded

TIMES: Final = 3
"""Python makes its code faster when it has run twice."""
Handler = Callable[[Any, Any], Mapping[str, Any]]
"""A Lambda entry point."""
UKPRN: Final = "00000000"
CLIENT: Final = f"{UKPRN}-rehearsal"
SECRET: Final = "rehearsal/"  # noqa: S105 - of a credential that exists in a rehearsal only
"""With a character that forms escape."""


ORGANISATION: Final = Organisation(
    UKPRN, "Rehearsal", "REHEARSE", frozenset({"RN0000"}), True, True, "active", "nobody@example.org"
)
"""An organisation that does not exist."""


def credential(now: datetime) -> Credential:
    """Its credential."""
    scopes = frozenset(map(str, frozenset(Capability) - {Capability.PUBLIC}))
    until, digest = now + timedelta(days=1), secret_digest(SECRET)
    return Credential(CLIENT, UKPRN, "", digest, scopes, now, "", until, last_used_at=now)


class Known:
    """An adapter that asks the real one, and answers this instead of what that finds, or what a function makes of what
    was asked.
    """

    def __init__(self, real: Any, **answers: object) -> None:
        self._real = real
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        if name not in self._answers:
            return real

        def answered(*asked: object) -> object:
            with suppress(Missing):
                real(*asked)
            answer = self._answers[name]
            return answer(*asked) if callable(answer) else answer

        return answered


def rehearse(handler: Handler, entries: Iterable[Entry], token: str) -> Iterator[int]:
    """Load every route with the fields of its requests, and answer a request of each; returns the statuses."""
    routes = [loaded(entry) for entry in entries]
    for route in routes:
        names_in(route.request)
        for kind in route.answers.values():
            prepare(kind)
    return answered(handler, [sample_event(route, token) for route in routes])


def answered(handler: Handler, events: Sequence[Mapping[str, Any]]) -> Iterator[int]:
    """Answer these events as often as Python needs, with nothing in the log; returns the statuses."""
    for _ in range(TIMES):
        for event in events:
            with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
                status = int(handler(event, None)["statusCode"])
            yield status


def sample_event(route: Route[Any], token: str, known: Mapping[str, object] = MappingProxyType({})) -> dict[str, Any]:
    """A request of a route as API Gateway would send it; its fields have sample values, or those that are ``known``."""
    members = sample_of(route.request)
    members.update((name, known[name]) for name in members.keys() & known.keys())
    path = {name: str(members.pop(name)) for name in route.path_names}
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET, **known}
    headers = {"Content-Type": route.consumes, "Host": "localhost"}
    if route.capability is not Capability.PUBLIC:
        headers["Authorization"] = f"Bearer {token}"
    query = {} if route.has_body else {name: str(value) for name, value in members.items()}
    body = (urlencode(form) if route.consumes == FORM else json.dumps(members)) if route.has_body else None
    return event(route.method, route.path, path, headers, query, body)


def event(
    method: str,
    resource: str,
    names: Mapping[str, str],
    headers: Mapping[str, str],
    query: Mapping[str, str] = MappingProxyType({}),
    body: str | None = None,
) -> dict[str, Any]:
    """A request as API Gateway would send it; ``names`` are the values of those in the path of the resource."""
    path = resource.replace("+}", "}").format(**names)
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
        "pathParameters": dict(names) or None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "path": path,
            "resourcePath": resource,
            "requestId": "00000000-0000-4000-8000-000000000000",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": body,
        "isBase64Encoded": False,
    }
