"""The figures of a month as pages show them: those of the monthly report, never computed again (SLA-04)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.domain.callers import Channel
from chalicelib.domain.monthly_levels import Described, Level, Missed, Month, Standing, standing_of
from chalicelib.domain.tallies import FileTally
from chalicelib.formats.level_reports import agreed_availability, agreed_response, duration, percent
from chalicelib.services.breaches import Cause
from chalicelib.services.service_levels import MonthLevels
from chalicelib.web.portal import statuses
from chalicelib.web.portal.parts import Bar, Chart
from chalicelib.web.portal.table import LEVELS
from chalicelib.web.portal.texts import marked as _

CHANNELS: Final[Mapping[str, str]] = {
    Channel.WEBSERVICE: _("Web service"),
    Channel.PORTAL: _("Portal"),
    Channel.BATCH: _("Files"),
    "": _("All channels"),
}
CAUSES: Final[Mapping[Cause, str]] = {
    Cause.RECOVERY: _("Recovery from disaster was running."),
    Cause.DOWNTIME: _("Downtime or emergency maintenance is recorded."),
    Cause.UNKNOWN: _("Nothing is recorded. Look at the alarms and the log of this hour."),
}


@dataclass(frozen=True, slots=True)
class LevelShown:
    """A function, or one of its channels, against its targets."""

    level: Level
    standing: statuses.Shown
    month: Month

    @property
    def href(self) -> str:
        """The page with the history of the function."""
        return f"{LEVELS}/functions/{self.level.function}"

    @property
    def faults_href(self) -> str:
        """The page with the hours in which its requests failed."""
        return f"{self.href}/faults?month={self.month}"

    @property
    def channel(self) -> str:
        return CHANNELS[self.level.channel]

    @property
    def availability(self) -> str:
        return percent(self.level.availability)

    @property
    def target(self) -> str:
        return agreed_availability(self.level.target)

    @property
    def budget_left(self) -> str:
        return percent(self.level.budget_left)

    @property
    def mean(self) -> str:
        return duration(self.level.mean_milliseconds)

    @property
    def mean_target(self) -> str:
        return agreed_response(self.level.target)

    @property
    def p95(self) -> str:
        return duration(self.level.p95_milliseconds)

    @property
    def misses_availability(self) -> bool:
        return Missed.AVAILABILITY in self.level.missed

    @property
    def misses_response(self) -> bool:
        return Missed.MEAN_RESPONSE in self.level.missed

    @property
    def misses_files(self) -> bool:
        return Missed.FILE_TIME in self.level.missed


def shown(level: Level, month: Month, *, is_over: bool) -> LevelShown:
    """A level as it is shown."""
    return LevelShown(level, statuses.shown(standing_of(level, is_over=is_over)), month)


def functions(found: MonthLevels, described: Described) -> list[LevelShown]:
    """Every function of the catalogue, over all its channels."""
    held = found.held
    levels = (found.together(one) for one in described.functions.values())
    return [shown(level, held.month, is_over=held.is_reported) for level in levels]


def breaches(found: MonthLevels) -> list[LevelShown]:
    """The channels that miss a target, as the monthly report lists them."""
    held = found.held
    return [shown(level, held.month, is_over=held.is_reported) for level in found.missed]


def is_measured(rows: Iterable[LevelShown]) -> bool:
    """Whether there was anything to measure."""
    return any(one.level.requests or one.level.files for one in rows)


@dataclass(frozen=True, slots=True)
class Sum:
    """How many functions meet one kind of target, of those to which it applies."""

    met: int
    total: int
    standing: statuses.Shown


def sums(rows: Sequence[LevelShown]) -> tuple[Sum, Sum]:
    """Of availability, and of mean response."""
    used = [one for one in rows if one.level.requests]
    timed = [one for one in used if one.level.target and one.level.target.mean_milliseconds]
    return (
        _sum([not one.misses_availability for one in used]),
        _sum([not one.misses_response for one in timed]),
    )


def _sum(met: Sequence[bool]) -> Sum:
    standing = Standing.NO_DATA if not met else Standing.MET if all(met) else Standing.MISSED
    return Sum(sum(met), len(met), statuses.shown(standing))


def files_of(rows: Iterable[LevelShown]) -> tuple[FileTally, statuses.Shown]:
    """The files of all functions together."""
    total = FileTally()
    for one in rows:
        if one.level.files is not None:
            total.add(one.level.files)
    standing = Standing.NO_DATA if not total.ended else Standing.MISSED if total.late else Standing.MET
    return total, statuses.shown(standing)


@dataclass(frozen=True, slots=True)
class PastMonth:
    """A month of the history."""

    month: date
    missed: Sequence[LevelShown]
    is_final: bool
    standing: statuses.Shown

    @property
    def href(self) -> str:
        return f"{LEVELS}?month={self.month:%Y-%m}"


def past_month(found: MonthLevels, described: Described) -> PastMonth:
    """A month with the functions that missed a target."""
    held, rows = found.held, functions(found, described)
    missed = [one for one in rows if one.level.missed]
    standing = Standing.MISSED if missed else Standing.MET if is_measured(rows) else Standing.NO_DATA
    return PastMonth(first_day(held.month), missed, held.is_reported, statuses.shown(standing))


def first_day(month: Month) -> date:
    """The first day of a month."""
    return date(month.year, month.number, 1)


def availability_chart(rows: Sequence[LevelShown]) -> Chart:
    """The availability of a function, month by month."""
    values = [one.level.availability for one in rows]
    target = _target(rows)
    lowest = max(0.0, min([target, *(value for value in values if value is not None)]) - 0.5)
    bars = [
        Bar(first_day(one.month), value, one.availability, is_missed=one.misses_availability)
        for one, value in zip(rows, values, strict=True)
    ]
    return Chart(
        id="availability",
        bars=bars,
        target=target,
        target_text=rows[0].target if rows else "",
        lowest=lowest,
        lowest_text=f"{lowest:g} %",
        highest=100.0,
        highest_text="100 %",
    )


def response_chart(rows: Sequence[LevelShown]) -> Chart | None:
    """The mean response of a function, month by month; None if nothing is agreed for it."""
    agreed = [one.level.target.mean_milliseconds for one in rows if one.level.target]
    target = next((one for one in agreed if one), None)
    if target is None:
        return None
    values = [one.level.mean_milliseconds for one in rows]
    highest = max([target * 1.25, *(value for value in values if value is not None)])
    bars = [
        Bar(first_day(one.month), value, one.mean, is_missed=one.misses_response)
        for one, value in zip(rows, values, strict=True)
    ]
    return Chart(
        id="response",
        bars=bars,
        target=target,
        target_text=rows[0].mean_target,
        lowest=0.0,
        lowest_text="0 s",
        highest=highest,
        highest_text=duration(highest),
    )


def _target(rows: Sequence[LevelShown]) -> float:
    return next((one.level.target.availability for one in rows if one.level.target), 100.0)
