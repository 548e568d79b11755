"""What of the interface is going to end, and when: one table, told with every answer of what is in it (SLA-08).

An announced change keeps the old version for at least 18 months. Answers of a deprecated resource carry
``Deprecation`` (RFC 9745), ``Sunset`` (RFC 8594) and a link to what takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

KEPT_MONTHS: Final = 18
"""Months that a version stays after its end was announced, at least (Service Charter, 8)."""


class Ending(NamedTuple):
    """One part of the interface that will end."""

    path: str
    """The path of a route (``/v1/learners/{uln}``), or the beginning of several, ending in a slash (``/v1/``)."""
    announced: date
    """From this day on, its answers say that it is deprecated."""
    sunset: date
    """From this day on it may be gone."""
    successor: str
    """The path of what takes its place."""
    methods: frozenset[str] = frozenset()
    """The methods that will end; empty for all."""

    def covers(self, method: str, path: str) -> bool:
        """Whether a route is going to end with this."""
        within = path.startswith(self.path) if self.path.endswith("/") else path == self.path
        return within and (not self.methods or method in self.methods)


ENDINGS: Final[Sequence[Ending]] = ()
"""Nothing of version 1 is going to end."""


def earliest_sunset(announced: date) -> date:
    """The first day on which what was announced to end may be gone."""
    months = announced.month - 1 + KEPT_MONTHS
    year, month = announced.year + months // 12, months % 12 + 1
    for day in range(announced.day, 27, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return date(year, month, min(announced.day, 28))


def ending_of(method: str, path: str, endings: Sequence[Ending] | None = None) -> Ending | None:
    """The entry of the table for one route; None for what stays."""
    held = ENDINGS if endings is None else endings
    return next((ending for ending in held if ending.covers(method, path)), None)


def ending_headers(ending: Ending | None) -> Mapping[str, str]:
    """The headers that announce an ending; none for what stays."""
    if ending is None:
        return {}
    return {
        "Deprecation": f"@{int(_midnight(ending.announced).timestamp())}",
        "Sunset": _midnight(ending.sunset).strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "Link": f'<{ending.successor}>; rel="successor-version", </developers>; rel="deprecation"; type="text/html"',
    }


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
