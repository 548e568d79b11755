"""What a report of a personal learning record says (PLR-03)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ReportedPart:
    """The events of one part of the record, each with a cell for every head."""

    title: str
    events: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class RecordReport:
    """Every text of a report, in the language of the reader."""

    language: str
    title: str
    organisation: str
    header: str
    """At the top of every page."""
    printed: str
    """For whom, by whom and when."""
    limits: Sequence[str]
    """What is left out, and why."""
    learner_title: str
    learner_heads: tuple[str, str]
    learner: Sequence[tuple[str, str]]
    """The learner's details, by their names; empty if they are not shown."""
    heads: Sequence[str]
    """Of the seven columns of events."""
    parts: Sequence[ReportedPart]
    nothing: str
    """In place of the events of a part that has none."""
    note: str
    unshown: str
    """A note that is only shown if some characters cannot be."""

    def as_json(self) -> dict[str, Any]:
        """As it is sent to the function that makes the PDF."""
        return {"kind": "record", **asdict(self)}
