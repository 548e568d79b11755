"""Headers of requests and answers beyond those that every route has: what they are for, said once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from chalicelib.web.http import problems
from chalicelib.web.http.problems import Kind


class RequestHeader(NamedTuple):
    """A header that a route reads."""

    name: str
    description: str
    example: str
    pattern: str
    """What it holds, as a regular expression of JSON Schema; empty where anything else is passed over."""
    refusals: tuple[Kind, ...] = ()
    """What comes of it when it cannot be met."""
    required: bool = False


_TAGS: Final = r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'

IF_MATCH: Final = RequestHeader(
    "If-Match",
    "The version that the change was made of, as `ETag` told it. When another stands by now, nothing is changed.",
    '"3"',
    _TAGS,
    (problems.STALE,),
)
IF_NONE_MATCH: Final = RequestHeader(
    "If-None-Match",
    "The version that you hold, as `ETag` told it. When it still stands, the answer is 304 without a body.",
    '"3"',
    "",
)
IDEMPOTENCY_KEY: Final = RequestHeader(
    "Idempotency-Key",
    "A key of your own for this request, best a UUID. The same request sent again with the same key within a day is "
    "answered as the first one was and changes nothing again.",
    "5f0c2a3e-7c1d-4b7e-9a55-2f6f3f0a4d11",
    "^[A-Za-z0-9_-]{16,64}$",
    (problems.NOT_NOW, problems.REFUSED),
)

ANSWER_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "How long the answer may be kept (RFC 9111).",
    "Deprecation": "Since when the resource is deprecated, as `@` and seconds since 1970 (RFC 9745).",
    "ETag": "The version of the resource, for `If-Match` and `If-None-Match`.",
    "Link": "What takes the place of a deprecated resource.",
    "Location": "The path of what was made, or of the job that goes on.",
    "Retry-After": "Seconds to wait before asking again.",
    "Sunset": "When the resource may be gone (RFC 8594).",
    "WWW-Authenticate": "How to authenticate (RFC 6750).",
    "X-Correlation-Id": "The identifier of the request, for the service desk; your own when you sent a UUID.",
}
"""What headers of answers say."""


def accepts(accept: str, media_type: str) -> bool:
    """Whether an Accept header admits a media type (RFC 9110 12.5.1): the most specific range that fits decides."""
    wanted = media_type.partition(";")[0]
    fits = {wanted: 3, f"{wanted.partition('/')[0]}/*": 2, "*/*": 1}
    best, admitted = 0, not accept.strip()
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        rank = fits.get(name, 0)
        if rank > best:
            best, admitted = rank, not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
    return admitted
