"""What every surface does with a request outside its views: read its body, name it, log it, count it."""

from __future__ import annotations

import re
import time
import uuid
from typing import Final

from chalice.app import Request

from chalicelib import observability
from chalicelib.domain.callers import Channel
from chalicelib.domain.failures import failure
from chalicelib.domain.service_levels import function_of_route
from chalicelib.observability import Code
from chalicelib.web.http import problems
from chalicelib.web.http.bodies import Malformed

CORRELATION_HEADER: Final = "X-Correlation-Id"
METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""What API Gateway means by ``ANY``."""
ELSEWHERE: Final = {"nowhere": "/{proxy+}", "root": "/"}
"""The paths that receive what no route has, by the names of their routes. Otherwise API Gateway would respond itself,
to a call with a token with 403, because it takes the token for a signature.
"""


def raw_body(request: Request) -> bytes:
    """The body as it was sent. Raises Malformed if it is not the base64 that it should be."""
    try:
        raw = request.raw_body
    except (ValueError, TypeError):
        raise Malformed(failure("WSEC0001")) from None
    return raw.encode() if isinstance(raw, str) else bytes(raw)


def header_values(request: Request, name: str) -> list[str]:
    """Every value of a header; the plain headers of an event only have the last of several."""
    event = request.to_original_event()
    several = {key.lower(): value for key, value in (event.get("multiValueHeaders") or {}).items()}
    if several.get(name):
        return list(several[name])
    value = request.headers.get(name)
    return [] if value is None else [value]


def path_of(request: Request) -> str:
    """The path as it was sent."""
    return str(request.to_original_event().get("path") or request.context.get("path"))


def correlation_of(request: Request) -> str:
    """The caller's, if it is a UUID (anything else might contain something that must not be logged), otherwise our
    own.
    """
    given = request.headers.get(CORRELATION_HEADER, "")
    for candidate in (given, str(request.context.get("requestId", ""))):
        if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", candidate.lower()):
            return candidate.lower()
    return str(uuid.uuid4())


class Stopwatch:
    """Times one request of a route, then logs it and counts it for its function's service level."""

    def __init__(self, channel: Channel, correlation_id: str) -> None:
        self._channel = channel
        self._correlation_id = correlation_id
        self._began = time.perf_counter()

    def stop(self, route: str, status: int, ukprn: str, *, is_agreed_closure: bool) -> None:
        """Log and count it; a refusal in agreed maintenance is no fault."""
        milliseconds = round((time.perf_counter() - self._began) * 1000, 1)
        observability.log(
            Code.REQUEST_ANSWERED,
            route=route,
            status=str(status),
            milliseconds=milliseconds,
            ukprn=ukprn,
            correlation=self._correlation_id,
        )
        function = function_of_route(route)
        if not function:
            return
        if is_agreed_closure:
            observability.measure_maintenance(function, self._channel)
        is_fault = status >= problems.FAULT.status and not is_agreed_closure
        observability.measure_requests(function, self._channel, milliseconds, faults=int(is_fault))
