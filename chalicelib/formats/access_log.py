"""Lines of the gateway's access log, as ``infra/access_log.json`` describes them (SLA-01, SLA-02)."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.domain.tallies import RequestLine


def read_line(text: str) -> RequestLine | None:
    """The request of a line; None for a line that is no request."""
    try:
        line: Any = json.loads(text)
        texts = [line[name] for name in ("requestId", "method", "path")]
        numbers = [line[name] for name in ("at", "status", "latency")]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    are_texts = all(isinstance(value, str) and value not in ("", "-") for value in texts)
    if not are_texts or not all(type(value) is int and value >= 0 for value in numbers):
        return None
    (request_id, method, path), (at, status, latency) = texts, numbers
    return RequestLine(request_id, at, method, path, status, latency, str(line.get("error", "")))
