"""The parts of the API that will be removed, and when: one table, reported with every response of these parts (SLA-08).

An announced change keeps the old version for at least 18 months. Responses of a deprecated resource have
``Deprecation`` (RFC 9745), ``Sunset`` (RFC 8594) and a link to the replacement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple


class Ending(NamedTuple):
    """One part of the API that will be removed."""

    path: str
    """The path of a route (``/v1/learners/{uln}``), or the beginning of several, ending in a slash (``/v1/``)."""
    announced: date
    """From this day, its responses say that it is deprecated."""
    sunset: date
    """From this day, it may be removed."""
    successor: str
    """The path of the replacement."""
    methods: frozenset[str] = frozenset()
    """The methods that will be removed; empty for all."""

    def covers(self, method: str, path: str) -> bool:
        """Whether this entry includes a route."""
        within = path.startswith(self.path) if self.path.endswith("/") else path == self.path
        return within and (not self.methods or method in self.methods)


ENDINGS: Final[Sequence[Ending]] = ()
"""No part of version 1 will be removed."""


def ending_of(method: str, path: str, endings: Sequence[Ending] | None = None) -> Ending | None:
    """The entry for one route; None if it will not be removed."""
    held = ENDINGS if endings is None else endings
    return next((ending for ending in held if ending.covers(method, path)), None)


def ending_headers(ending: Ending | None) -> Mapping[str, str]:
    """The headers that announce a removal; empty if there is none."""
    if ending is None:
        return {}
    return {
        "Deprecation": f"@{int(_midnight(ending.announced).timestamp())}",
        "Sunset": _midnight(ending.sunset).strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "Link": f'<{ending.successor}>; rel="successor-version", </developers>; rel="deprecation"; type="text/html"',
    }


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
