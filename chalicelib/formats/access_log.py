"""Lines of the gateway's access log, as ``infra/access_log.json`` describes them (SLA-01, SLA-02)."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from chalicelib.domain.tallies import UNKNOWN, RequestLine

_ABSENT: Final = re.compile(r'(?<=":)-(?=[,}])')
"""What the gateway writes for a number that it does not know."""


def read_line(text: str) -> RequestLine | None:
    """The request of a line; None for a line that is no request.

    The gateway writes "-" for what it does not know. Of a request that the firewall refused, or that is malformed, that
    is the path, and may be the method and the time that its answer took.
    """
    try:
        line: Any = json.loads(_ABSENT.sub("null", text))
        texts = [line[name] for name in ("requestId", "method", "path")]
        numbers = [line[name] for name in ("at", "status")]
        latency = line["latency"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    are_texts = all(isinstance(value, str) and value for value in texts) and texts[0] != UNKNOWN
    if not are_texts or not all(type(value) is int and value >= 0 for value in (*numbers, latency or 0)):
        return None
    (request_id, method, path), (at, status) = texts, numbers
    return RequestLine(request_id, at, method, path, status, latency, str(line.get("error", "")))
