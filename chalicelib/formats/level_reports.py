"""The monthly service report: a text for people, and a CSV file for spreadsheets (SLA-04)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.domain.callers import Channel
from chalicelib.domain.monthly_levels import Described, Level, Missed, Month
from chalicelib.domain.recoveries import WITHIN, RecoveryState
from chalicelib.domain.working_time import LONDON
from chalicelib.formats.batch.csv_files import report_text
from chalicelib.formats.words.mails import LEVELS, SERVICE, Letter, Link

if TYPE_CHECKING:
    from chalicelib.domain.recoveries import Clocked
    from chalicelib.domain.service_levels import Target
    from chalicelib.domain.tallies import Tallies

FILE_NAME: Final = "service-levels-{}.csv"
NOTHING: Final = "–"
LEGEND: Final = (
    "!            a target was missed",
    "Requests     requests or, of files, records",
    "Available    those that did not fail because of a problem with our service",
    "Budget left  of the failures that the target allows; negative if there were more",
    "Mean         of responses or, of files, of the time for up to 500 records",
    "95 % within  the time that 95 % of responses did not exceed",
    "Late files   those that took longer than agreed or were given up",
)
"""What the columns of the table mean."""
_STOPPING: Final = "One is sent each month. The address is one of the settings of the service."
STATES: Final = {
    RecoveryState.RUNNING: "running",
    RecoveryState.OVERDUE: "overdue",
    RecoveryState.IN_TIME: "in time",
    RecoveryState.LATE: "late",
}
ANYWHERE: Final = "/{proxy+}"
"""The path of every address that the service does not have."""
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


def csv_report(month: Month, levels: Iterable[Level]) -> str:
    """A row for each function and channel. No cell can be a formula."""
    return csv_history((month, level) for level in levels)


def csv_history(levels: Iterable[tuple[Month, Level]]) -> str:
    """The same of several months."""
    return report_text(HEADINGS, (_cells(month, level) for month, level in levels))


def _cells(month: Month, level: Level) -> tuple[object, ...]:
    target, files = level.target, level.files
    return (
        str(month), level.function, level.title, level.channel, level.requests, level.faults,
        level.excluded, _exact(level.availability), target.availability if target else "",
        _exact(level.budget_left), _exact(level.mean_milliseconds),
        (target.mean_milliseconds or "") if target else "", _exact(level.p95_milliseconds),
        files.ended if files else "", files.late if files else "", files.longest_minutes if files else "",
        ", ".join(level.missed),
    )  # fmt: skip


def letter_of(counted: Counted, levels: Sequence[Level], recoveries: Sequence[Clocked], described: Described) -> Letter:
    """The email about a month."""
    missed = [level for level in levels if level.missed]
    lines = [
        f"Service levels of {counted.month.name}",
        "",
        "Measured at the gateway from entry to exit, without agreed maintenance.",
        "",
        *([_missed(level, described.batch_hours) for level in missed] or [_met(levels)]),
        "",
        *table(levels),
        "",
        *LEGEND,
        "",
        *odd(counted.tallies),
        *recovered(recoveries),
        "The attached file has the same figures.",
    ]
    subject = f"{SERVICE}: service levels of {counted.month.name}"
    links = (Link("The month in the portal", LEVELS.format(counted.month)),)
    return Letter(subject, "the service manager", lines, links, _STOPPING)


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
            "95 % within",
            "Late files",
        ),
        *map(_row, levels),
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(_aligned(cell, widths[place], place) for place, cell in enumerate(row)).rstrip() for row in rows]


def odd(tallies: Tallies) -> list[str]:
    """What the access log lacked or had too much of, a line each."""
    found = [
        ("Lines that were delivered twice and counted once", tallies.doubled),
        ("Lines that could not be read and are not counted", tallies.unreadable),
        ("Requests that were answered but are missing from the access log", tallies.missing(Channel.WEBSERVICE)),
    ]
    lines = [f"{what}: {number:,}." for what, number in found if number]
    if tallies.unknown:
        routes = {"unknown addresses" if one.endswith(ANYWHERE) else one for one in tallies.unknown}
        lines.append(f'"Everything else" is requests to {", ".join(sorted(routes))}.')
    return [*lines, ""] if lines else []


def recovered(recoveries: Iterable[Clocked]) -> list[str]:
    """The recoveries from disaster, each against its clock of service hours."""
    lines = [clock_line(one) for one in recoveries]
    return ["Recoveries from disaster:", *(f"  {line}" for line in lines), ""] if lines else []


def clock_line(one: Clocked) -> str:
    """A recovery from disaster against its clock of service hours, in UK time."""
    ended = one.recovery.reinstated_at
    until = f"reinstated {_time(ended)}" if ended else f"due {_time(one.due)}"
    hours = f"{one.used / timedelta(hours=1):.1f} of {WITHIN // timedelta(hours=1)} service hours"
    return f"{_time(one.recovery.invoked_at)}  {STATES[one.state]:8}  {hours}  {until}  {one.recovery.reason}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%Y-%m-%d %H:%M %Z}"


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
    late = NOTHING if level.files is None else f"{level.files.late} of {level.files.ended}"
    return (
        f"{'!' if level.missed else ' '} {level.function} {level.title}",
        level.channel,
        f"{level.requests:,}",
        percent(level.availability),
        agreed_availability(target),
        percent(level.budget_left),
        duration(level.mean_milliseconds),
        agreed_response(target),
        duration(level.p95_milliseconds),
        late,
    )


def _aligned(cell: str, width: int, place: int) -> str:
    return cell.ljust(width) if place < 2 else cell.rjust(width)


def _missed(level: Level, batch_hours: int) -> str:
    target, files = level.target, level.files
    what = {
        Missed.AVAILABILITY: f"available {percent(level.availability)} (target {agreed_availability(target)})",
        Missed.MEAN_RESPONSE: f"mean response {duration(level.mean_milliseconds)} (target {agreed_response(target)})",
        Missed.FILE_TIME: f"{files.late if files else 0} files took more than {batch_hours} hours or were given up",
    }
    return f"Missed: {level.function} {level.title} ({level.channel}): " + ", ".join(what[one] for one in level.missed)


def _met(levels: Iterable[Level]) -> str:
    is_used = any(level.requests or level.files for level in levels)
    return "Every target was met." if is_used else "Nobody used the service."


def agreed_availability(target: Target | None) -> str:
    """The availability that is agreed."""
    return f"{target.availability:g} %" if target else NOTHING


def agreed_response(target: Target | None) -> str:
    """The mean response that is agreed."""
    mean = target.mean_milliseconds if target else None
    return f"{mean / 1000:g} s" if mean else NOTHING


def _exact(value: float | None) -> Decimal | str:
    return "" if value is None else Decimal(f"{value:.4f}")
