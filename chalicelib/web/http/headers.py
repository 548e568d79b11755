"""Request and response headers of some routes only, and what they are for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from chalicelib.web.http import problems
from chalicelib.web.http.problems import ProblemKind


class RequestHeader(NamedTuple):
    """A header that a route reads."""

    name: str
    description: str
    example: str
    pattern: str
    """Its values, as a regular expression of JSON Schema; empty where other values are ignored."""
    refusals: tuple[ProblemKind, ...] = ()
    """The problems that follow if it cannot be met."""
    required: bool = False


_TAGS: Final = r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'

IF_MATCH: Final = RequestHeader(
    "If-Match",
    "The `ETag` of the version you edited. If the resource has changed since, your change is rejected.",
    '"3"',
    _TAGS,
    (problems.STALE,),
)
IF_NONE_MATCH: Final = RequestHeader(
    "If-None-Match",
    "The `ETag` of the version you hold. If it is still the latest, the response is 304 without a body.",
    '"3"',
    "",
)
IDEMPOTENCY_KEY: Final = RequestHeader(
    "Idempotency-Key",
    "Your own key for this request, preferably a UUID. If you send the same request with the same key again within a "
    "day, you get the first response again and nothing more is changed.",
    "5f0c2a3e-7c1d-4b7e-9a55-2f6f3f0a4d11",
    "^[A-Za-z0-9_-]{16,64}$",
    (problems.NOT_NOW, problems.REFUSED),
)

CHALLENGE: Final = "x-amzn-Remapped-WWW-Authenticate"
"""What callers get in place of ``WWW-Authenticate``."""

ANSWER_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "How long you may keep the response (RFC 9111).",
    "Deprecation": "When the resource was deprecated, as `@` and seconds since 1970 (RFC 9745).",
    "ETag": "The version of the resource, for `If-Match` and `If-None-Match`.",
    "Link": "The replacement for a deprecated resource.",
    "Location": "The path of the new resource, or of the job.",
    "Retry-After": "Seconds to wait before you send the request again.",
    "Sunset": "When the resource may be removed (RFC 8594).",
    CHALLENGE: "How to authenticate (RFC 6750): API Gateway gives this name to `WWW-Authenticate`.",
    "X-Correlation-Id": "Identifies the request to the service desk. Your own identifier, if you sent a UUID.",
}
"""The meanings of response headers."""


def accepts(accept: str, media_type: str) -> bool:
    """Whether an Accept header accepts a media type (RFC 9110 12.5.1): the most specific range that fits decides."""
    wanted = media_type.partition(";")[0]
    fits = {wanted: 3, f"{wanted.partition('/')[0]}/*": 2, "*/*": 1}
    best, admitted = 0, not accept.strip()
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        rank = fits.get(name, 0)
        if rank > best:
            best, admitted = rank, not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
    return admitted
