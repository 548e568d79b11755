"""The report of a month in texts, for the function that makes PDF of it (SLA-04)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from chalicelib.domain.monthly_levels import Month, Standing
from chalicelib.domain.recoveries import WITHIN, Clocked
from chalicelib.domain.working_time import Period
from chalicelib.formats.level_reports import NOTHING
from chalicelib.formats.service_report import MonthBar, MonthChart, ServiceReport
from chalicelib.formats.unshown import UNSHOWN_NOTE
from chalicelib.services.service_levels import MonthLevels
from chalicelib.web.portal import statuses
from chalicelib.web.portal.level_views import LevelShown, PastMonth, breaches, files_of, first_day, is_measured, sums
from chalicelib.web.portal.moments import moment_text, month_text, short_month_text
from chalicelib.web.portal.rendering import SERVICE_NAME

_NOTE: Final = (
    "Measured at the gateway from entry to exit, without agreed maintenance. This report contains no learner data."
)


def document_of(
    found: MonthLevels,
    rows: Sequence[LevelShown],
    past: Sequence[PastMonth],
    recoveries: Iterable[Clocked],
    downtime: Iterable[Period],
    batch_hours: int,
) -> ServiceReport:
    """The report, in English: what the page to print shows, and the latest months, oldest first."""
    held = found.held
    title = f"Service report for {month_text(first_day(held.month), str)}"
    return ServiceReport(
        language="en",
        title=title,
        author=SERVICE_NAME,
        header=f"{SERVICE_NAME} – {title}",
        audience="For the Customer Scrutiny Group",
        as_at=_as_at(found),
        glance_title="At a glance",
        glance_heads=("Target", "Met", "Status", "What is agreed"),
        glance=_glance(rows, batch_hours),
        missed_title="Targets that were missed",
        missed=[_missed(row, batch_hours) for row in breaches(found)],
        nothing_missed="No target was missed." if is_measured(rows) else "Nothing was measured yet.",
        history_title="Functions that missed a target, month by month",
        chart=_chart(past),
        recoveries_title="Recoveries from disaster",
        recoveries=[_recovery(one) for one in recoveries],
        no_recoveries="No recovery was running in this month.",
        downtime_title="Downtime",
        downtime=[f"{moment_text(start, str)} to {moment_text(end, str)}" for start, end in downtime],
        no_downtime="No downtime and no emergency maintenance is recorded in this month.",
        functions_title="Every function",
        function_heads=("Function", "Status", "Requests", "Available", "Budget left", "Mean response", "Late files"),
        functions=[_cells(row) for row in rows],
        note=_NOTE,
        unshown=UNSHOWN_NOTE,
    )


def _as_at(found: MonthLevels) -> str:
    held = found.held
    if held.is_reported:
        return "The month is over, and its figures are final."
    return f"The month so far: counted until {moment_text(held.counted_until, str)}."


def _glance(rows: Sequence[LevelShown], batch_hours: int) -> list[Sequence[str]]:
    available, responsive = sums(rows)
    files, standing = files_of(rows)
    return [
        (
            "Availability",
            f"{available.met} of {available.total} functions",
            available.standing.word,
            "99.5 % of requests, 100 % for signing in",
        ),
        (
            "Mean response",
            f"{responsive.met} of {responsive.total} functions",
            responsive.standing.word,
            "3 or 5 seconds",
        ),
        (
            "Files in time",
            f"{files.ended - files.late:,} of {files.ended:,} files",
            standing.word,
            f"Ended within {batch_hours} hours",
        ),
    ]


def _missed(row: LevelShown, batch_hours: int) -> str:
    level, found = row.level, []
    if row.misses_availability:
        found.append(f"available {row.availability}, and {row.target} is agreed")
    if row.misses_response:
        found.append(f"mean response {row.mean}, and {row.mean_target} is agreed")
    if row.misses_files and level.files:
        late = f"{level.files.late:,} of {level.files.ended:,} files"
        found.append(f"{late} took more than {batch_hours} hours or were given up")
    return f"{level.function} {level.title} ({row.channel.lower()}): {'; '.join(found)}."


def _chart(past: Sequence[PastMonth]) -> MonthChart:
    measured = [one for one in past if one.standing != statuses.shown(Standing.NO_DATA)]
    met = sum(not one.missed for one in measured)
    noun = "month" if len(measured) == 1 else "months"
    bars = [
        MonthBar(
            month=short_month_text(one.month, str),
            count=len(one.missed),
            text=str(len(one.missed)) if one in measured else "No data",
        )
        for one in past
    ]
    finding = f"Every target was met in {met} of {len(measured)} {noun} in which something was measured."
    return MonthChart(finding=finding, bars=bars)


def _cells(row: LevelShown) -> Sequence[str]:
    level = row.level
    timed = level.target and level.target.mean_milliseconds
    return (
        f"{level.function} {level.title}",
        row.standing.word,
        f"{level.requests:,}",
        _against(row.availability, row.target),
        row.budget_left,
        _against(row.mean, row.mean_target) if timed else row.mean,
        f"{level.files.late:,} of {level.files.ended:,}" if level.files else NOTHING,
    )


def _against(value: str, target: str) -> str:
    """A figure and its target, which is not broken into lines."""
    return f"{value} (target {target})".replace(" ", "\N{NO-BREAK SPACE}").replace("\N{NO-BREAK SPACE}(", " (")


def _recovery(one: Clocked) -> str:
    recovery, hour = one.recovery, timedelta(hours=1)
    ended = recovery.reinstated_at
    until = f"reinstated {moment_text(ended, str)}" if ended else f"due {moment_text(one.due, str)}"
    used = f"{one.used / hour:.1f} of {WITHIN // hour} service hours"
    word = statuses.shown(one.state).word.lower()
    return f"Invoked {moment_text(recovery.invoked_at, str)}, {until}: {word}, {used}. {recovery.reason}"


def file_name(month: Month) -> str:
    """Of the file that is saved."""
    return f"service-report-{month}.pdf"
