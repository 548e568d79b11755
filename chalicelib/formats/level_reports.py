"""The monthly service report: a text for people, and a CSV file for spreadsheets (SLA-04)."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.domain.callers import Channel
from chalicelib.domain.monthly_levels import Described, Level, Missed, Month
from chalicelib.formats.batch.csv_files import guard

if TYPE_CHECKING:
    from chalicelib.domain.tallies import Tallies

FILE_NAME: Final = "service-levels-{}.csv"
NOTHING: Final = "–"
HEADINGS: Final = (
    "Month", "Function", "Title", "Channel", "Requests", "Faults", "Excluded", "Availability %", "Target %",
    "Error budget left %", "Mean ms", "Mean target ms", "95th percentile ms", "Files", "Late files",
    "Longest file minutes", "Missed",
)  # fmt: skip


class Counted(Protocol):
    """A month with its tallies."""

    @property
    def month(self) -> Month: ...
    @property
    def tallies(self) -> Tallies: ...


def subject_of(month: Month) -> str:
    """The subject of the email."""
    return f"Learning Records Service: service levels of {month.name}"


def csv_report(month: Month, levels: Iterable[Level]) -> str:
    """A row for each function and channel. No cell can be a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for level in levels:
        target, files = level.target, level.files
        cells = (
            str(month), *map(guard, (level.function, level.title, level.channel)), level.requests, level.faults,
            level.excluded, _exact(level.availability), target.availability if target else "",
            _exact(level.budget_left), _exact(level.mean_milliseconds),
            (target.mean_milliseconds or "") if target else "", _exact(level.p95_milliseconds),
            files.ended if files else "", files.late if files else "", files.longest_minutes if files else "",
            ", ".join(level.missed),
        )  # fmt: skip
        writer.writerow(cells)
    return out.getvalue()


def text_report(counted: Counted, levels: Sequence[Level], described: Described) -> str:
    """The text of the email."""
    missed = [level for level in levels if level.missed]
    lines = [
        f"Service levels of {counted.month.name}",
        "",
        "Measured at the gateway from entry to exit, without agreed maintenance.",
        "",
        *([_missed(level, described.batch_hours) for level in missed] or ["Every target was met."]),
        "",
        *table(levels),
        "",
        *odd(counted.tallies),
        "The attached file has the same figures. This email contains no learner data.",
    ]
    return "\n".join(lines) + "\n"


def table(levels: Iterable[Level]) -> list[str]:
    """The figures as a table of text, with marks at what is missed."""
    rows = [
        (
            "Function",
            "Channel",
            "Requests",
            "Available",
            "Target",
            "Budget left",
            "Mean",
            "Target",
            "95 %",
            "Late files",
        ),
        *map(_row, levels),
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(_aligned(cell, widths[place], place) for place, cell in enumerate(row)).rstrip() for row in rows]


def odd(tallies: Tallies) -> list[str]:
    """What the access log lacked or had too much of, a line each."""
    found = [
        (tallies.doubled, "lines were delivered twice and counted once."),
        (tallies.unreadable, "lines could not be read and are not counted."),
        (tallies.missing(Channel.WEBSERVICE), "requests were answered but are missing from the access log."),
    ]
    lines = [f"{number:,} {what}" for number, what in found if number]
    if tallies.unknown:
        lines.append("Requests of routes that belong to no function: " + ", ".join(sorted(tallies.unknown)))
    return [*lines, ""] if lines else []


def percent(value: float | None) -> str:
    """A percentage that is never rounded up to a target that was missed."""
    return NOTHING if value is None else f"{_down(value):.2f} %"


def duration(milliseconds: float | None) -> str:
    """A response time in seconds that is never rounded down to a target that was missed."""
    return NOTHING if milliseconds is None else f"{math.ceil(milliseconds / 10) / 100:.2f} s"


def _down(value: float) -> float:
    return int(value * 100) / 100 if value >= 0 else value


def _row(level: Level) -> tuple[str, ...]:
    target = level.target
    mean = target.mean_milliseconds if target else None
    late = NOTHING if level.files is None else f"{level.files.late} of {level.files.ended}"
    return (
        f"{'!' if level.missed else ' '} {level.function} {level.title}",
        level.channel,
        f"{level.requests:,}",
        percent(level.availability),
        f"{target.availability:g} %" if target else NOTHING,
        percent(level.budget_left),
        duration(level.mean_milliseconds),
        f"{mean / 1000:g} s" if mean else NOTHING,
        duration(level.p95_milliseconds),
        late,
    )


def _aligned(cell: str, width: int, place: int) -> str:
    return cell.ljust(width) if place < 2 else cell.rjust(width)


def _missed(level: Level, batch_hours: int) -> str:
    late = level.files.late if level.files else 0
    what = {
        Missed.AVAILABILITY: f"availability {percent(level.availability)}",
        Missed.MEAN_RESPONSE: f"mean response {duration(level.mean_milliseconds)}",
        Missed.FILE_TIME: f"{late} files took more than {batch_hours} hours or were given up",
    }
    return f"Missed: {level.function} {level.title} ({level.channel}): " + ", ".join(what[one] for one in level.missed)


def _exact(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
