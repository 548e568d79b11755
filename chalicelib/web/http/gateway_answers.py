"""Responses of API Gateway itself, before or instead of the function, in the format of every other refusal.

For an unknown path or method, an event over Lambda's 6 MB, or a function that is late or does not respond, the gateway
has its own words, which can be replaced. ``infra/gateway_responses.json`` contains ours for the infrastructure, and the
local gateway uses the same; ``web.portal.gateway_pages`` makes pages of them for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chalicelib.domain.failures import failure
from chalicelib.web.http import problems
from chalicelib.web.http.problems import MEDIA_TYPE, RETRY_SECONDS, Problem
from chalicelib.web.http.responses import rendered

EVENT_LIMIT: Final = 6 * 1024 * 1024
"""Largest request that reaches a function, in bytes of the gateway's event."""
REQUEST_ID: Final = "$context.extendedRequestId"
"""The placeholder that the gateway replaces with the request's id: the one that a caller cannot choose."""

_RETRY: Final = {"Retry-After": str(RETRY_SECONDS)}
_NO_SUCH: Final = Problem(problems.NOT_FOUND, failure("LRS-REQ-12"))
_MALFORMED: Final = Problem(problems.INVALID_REQUEST)
_FAULT: Final = Problem(problems.FAULT, failure("WSEC0999"))
_TOO_MANY: Final = Problem(problems.TOO_MANY, failure("LRS-REQ-16"), headers=_RETRY)

GATEWAY_ANSWERS: Final[Mapping[str, Problem]] = {
    "ACCESS_DENIED": Problem(problems.NOT_ALLOWED, failure("LRS-REQ-21")),
    "BAD_REQUEST_BODY": _MALFORMED,
    "BAD_REQUEST_PARAMETERS": _MALFORMED,
    "DEFAULT_4XX": _MALFORMED,
    "DEFAULT_5XX": _FAULT,
    "INTEGRATION_FAILURE": _FAULT,
    "INTEGRATION_TIMEOUT": Problem(problems.UNAVAILABLE, failure("LRS-REQ-11"), headers=_RETRY),
    "MISSING_AUTHENTICATION_TOKEN": _NO_SUCH,  # the gateway's name for a path or method that it does not have
    "QUOTA_EXCEEDED": _TOO_MANY,
    "REQUEST_TOO_LARGE": Problem(problems.TOO_LARGE, failure("LRS-REQ-8", limit=EVENT_LIMIT)),
    "RESOURCE_NOT_FOUND": _NO_SUCH,
    "THROTTLED": _TOO_MANY,
    "UNSUPPORTED_MEDIA_TYPE": Problem(
        problems.MEDIA_TYPE_NOT_SUPPORTED, failure("LRS-REQ-7", expected="application/json")
    ),
    "WAF_FILTERED": Problem(problems.NOT_ALLOWED, failure("LRS-REQ-20")),
}
"""By the gateway's types of response."""


_WITHOUT_QUOTES: Final = {"Content-Security-Policy": "sandbox", "X-Frame-Options": "DENY"}
"""The gateway writes values in single quotes: these policies are equivalent and need none."""


def gateway_response(status: int, body: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """A response in the infrastructure's format.

    The gateway takes its only template for every request, whatever the type in its name, and only replaces variables.
    """
    return {
        "status_code": str(status),
        "response_templates": {"application/json": body},
        "response_parameters": {
            f"gatewayresponse.header.{name}": f"'{value}'" for name, value in {**headers, **_WITHOUT_QUOTES}.items()
        },
    }


def gateway_responses(headers: Mapping[str, str]) -> dict[str, Any]:
    """The responses of the web services; ``headers`` are those of every response."""
    return {
        kind: gateway_response(
            problem.kind.status,
            rendered(problem.document(REQUEST_ID)),
            {**headers, "Content-Type": MEDIA_TYPE, **problem.headers},
        )
        for kind, problem in GATEWAY_ANSWERS.items()
    }
