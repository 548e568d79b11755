"""What the report of a month for the Customer Scrutiny Group says (SLA-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class MonthBar:
    """A month of the chart."""

    month: str
    count: int
    """Functions that missed a target."""
    text: str


@dataclass(frozen=True, kw_only=True)
class MonthChart:
    """How many functions missed a target, month by month; the finding is also what the drawing says to those who do
    not see it.
    """

    finding: str
    bars: Sequence[MonthBar]


@dataclass(frozen=True, kw_only=True)
class ServiceReport:
    """Every text of a report, in the language of the reader."""

    language: str
    title: str
    author: str
    header: str
    """At the top of every page."""
    audience: str
    as_at: str
    glance_title: str
    glance_heads: Sequence[str]
    """Of the four columns of targets at a glance."""
    glance: Sequence[Sequence[str]]
    missed_title: str
    missed: Sequence[str]
    nothing_missed: str
    history_title: str
    chart: MonthChart
    recoveries_title: str
    recoveries: Sequence[str]
    no_recoveries: str
    downtime_title: str
    downtime: Sequence[str]
    no_downtime: str
    functions_title: str
    function_heads: Sequence[str]
    """Of the seven columns of functions."""
    functions: Sequence[Sequence[str]]
    note: str
    unshown: str
    """A note that is only shown if some characters cannot be."""

    def as_json(self) -> dict[str, Any]:
        """As it is sent to the function that makes the PDF."""
        return {"kind": "levels", **asdict(self)}
