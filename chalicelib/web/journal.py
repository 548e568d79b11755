"""What is logged of requests: route, status, duration, organisation; never a value that was sent (SEC-02)."""

from __future__ import annotations

import json
import logging
import traceback
from pathlib import PurePath

_LOGGER = logging.getLogger(__name__)


def request_answered(correlation_id: str, *, route: str, status: int, milliseconds: float, organisation: str) -> None:
    """One line for each request that a route answered."""
    _write(
        logging.INFO,
        code="REQUEST_ANSWERED",
        correlation_id=correlation_id,
        route=route,
        status=status,
        milliseconds=round(milliseconds, 1),
        organisation=organisation,
    )


def unexpected(error: Exception, correlation_id: str, *, route: str) -> None:
    """A fault of ours: the kind of exception and where it arose, without its text, which may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    _write(
        logging.ERROR,
        code="REQUEST_FAULT",
        correlation_id=correlation_id,
        route=route,
        kind=type(error).__name__,
        places=places,
    )


def _write(level: int, **entry: object) -> None:
    _LOGGER.log(level, "%s", json.dumps(entry, separators=(",", ":")))
