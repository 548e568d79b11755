"""The service levels of a calendar month against what is agreed (SLA-01, SLA-02, SLA-03).

A month is one of Europe/London, so March has an hour less and October one more. A function meets its target of
availability if its failed requests fit into its error budget: the requests, times what the target allows to fail. With
a target of 100 % there is no budget: one fault spends it all. Without requests there are no figures, and nothing is
missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.domain.callers import Channel
from chalicelib.domain.service_levels import Target
from chalicelib.domain.tallies import OTHER, FileTally, Row, Surface, Tallies, Tally
from chalicelib.domain.working_time import LONDON

P95: Final = 95
MONTH_FORM: Final = "20[0-9]{2}-(0[1-9]|1[0-2])"
"""The regular expression of a month such as ``2026-11``."""


class Missed(StrEnum):
    """A target that was missed."""

    AVAILABILITY = "availability"
    MEAN_RESPONSE = "mean response"
    FILE_TIME = "processing time of files"


class Standing(StrEnum):
    """How a function stands against its targets in a month."""

    MET = "met"
    AT_RISK = "at risk"
    MISSED = "missed"
    NO_DATA = "no data"


LITTLE_LEFT: Final = 25
"""Percent of the error budget below which a target is at risk, as ``infra/terraform/alarms.tf`` has it."""


class MonthError(ValueError):
    """Not a month of the form ``2026-11``."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month in Europe/London."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> Month:
        """The month in which an aware time is."""
        there = moment.astimezone(LONDON)
        return cls(there.year, there.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """The month of a text such as ``2026-11``; raises :class:`MonthError`."""
        if re.fullmatch(MONTH_FORM, text) is None:
            raise MonthError
        year, number = text.split("-")
        return cls(int(year), int(number))

    @property
    def start(self) -> datetime:
        """Its first moment, in UTC."""
        return datetime(self.year, self.number, 1, tzinfo=LONDON).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        return self.next.start

    @property
    def next(self) -> Month:
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> Month:
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    @property
    def name(self) -> str:
        """For people: ``November 2026``."""
        return date(self.year, self.number, 1).strftime("%B %Y")

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


class DescribedFunction(NamedTuple):
    """A function of the catalogue with what is agreed for it."""

    number: str
    title: str
    target: Target
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """What is measured: the functions, the surfaces with their routes, and the time for a file."""

    functions: Mapping[str, DescribedFunction]
    surfaces: tuple[Surface, ...]
    batch_hours: int


def read_described(document: Mapping[str, object]) -> Described:
    """The content of ``infra/service_levels.json``; raises KeyError or TypeError if it is malformed.

    The functions of pages have the channel of the portal as well, or that one alone.
    """
    given: Mapping[str, Mapping[str, object]] = document["functions"]  # type: ignore[assignment]
    pages: Mapping[str, Mapping[str, object]] = document["pages"]  # type: ignore[assignment]
    channels: Mapping[str, str] = document["surfaces"]  # type: ignore[assignment]
    functions = {
        number: DescribedFunction(
            number,
            str(one["title"]),
            Target(one["availability"], one["meanMilliseconds"]),  # type: ignore[arg-type]
            (*one.get("channels", ()), *((Channel.PORTAL,) if number in pages else ())),  # type: ignore[misc]
        )
        for number, one in sorted({**pages, **given}.items())
    }
    surfaces = tuple(Surface(name, channel, _routes(given, name)) for name, channel in channels.items())
    return Described(functions, surfaces, int(document["batchHours"]))  # type: ignore[call-overload]


def _routes(functions: Mapping[str, Mapping[str, object]], surface: str) -> dict[tuple[str, str], str]:
    return {
        (method, route["path"]): number
        for number, one in functions.items()
        for route in one["routes"][surface]  # type: ignore[index]
        for method in route["methods"]
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The figures of a function, or of one of its channels, in a month."""

    function: str
    title: str
    channel: str
    """Empty for all channels together."""
    target: Target | None
    """None for :data:`OTHER`."""
    requests: int
    faults: int
    excluded: int
    availability: float | None
    """Percent of the requests; None without requests, likewise the next three."""
    mean_milliseconds: float | None
    p95_milliseconds: float | None
    """Within 1 %; None for files too."""
    budget_left: float | None
    """Percent of the month's error budget so far; negative if more was spent."""
    files: FileTally | None = None
    missed: tuple[Missed, ...] = ()
    """The targets that are missed."""


def levels_of(tallies: Tallies, described: Described, file_channel: str) -> list[Level]:
    """A level for each channel of every function, also those without requests, and for what belongs to no function."""
    found = []
    for number, one in described.functions.items():
        for channel in one.channels:
            tally = tallies.rows.get(Row(number, channel), Tally())
            found.append(_level(one, channel, tally, _files(tallies, number, channel, file_channel)))
    nobody = DescribedFunction(OTHER, "Everything else", Target(0.0, None), ())
    found += [_level(nobody, row.channel, tally, None) for row, tally in sorted(tallies.rows.items(), key=_row)
              if row.function not in described.functions]  # fmt: skip
    return found


def _row(entry: tuple[Row, Tally]) -> Row:
    return entry[0]


def overall(function: DescribedFunction, tallies: Tallies, file_channel: str) -> Level:
    """The level of a function over all its channels. Response times are those of requests: files have their own.

    It misses the targets that one of its channels misses, whatever the others add: each is judged on its own.
    """
    together, missed = Tally(), set[Missed]()
    for channel in function.channels:
        tally = tallies.rows.get(Row(function.number, channel), Tally())
        missed.update(_missed(tally, function.target, _files(tallies, function.number, channel, file_channel)))
        if channel == file_channel and len(function.channels) > 1:
            tally = Tally(tally.requests, tally.faults, excluded=tally.excluded)
        together.add(tally)
    level = _level(function, "", together, tallies.files.get(function.number))
    return replace(level, missed=tuple(one for one in Missed if one in missed))


def _files(tallies: Tallies, function: str, channel: str, file_channel: str) -> FileTally | None:
    return tallies.files.get(function) if channel == file_channel else None


def _level(function: DescribedFunction, channel: str, tally: Tally, files: FileTally | None) -> Level:
    target = function.target if function.number != OTHER else None
    return Level(
        function=function.number,
        title=function.title,
        channel=channel,
        target=target,
        requests=tally.requests,
        faults=tally.faults,
        excluded=tally.excluded,
        availability=100 * (tally.requests - tally.faults) / tally.requests if tally.requests else None,
        mean_milliseconds=tally.milliseconds / tally.timed if tally.timed else None,
        p95_milliseconds=tally.percentile(P95),
        budget_left=budget_left(tally, target) if target and tally.requests else None,
        files=files,
        missed=tuple(_missed(tally, target, files)) if target else (),
    )


def standing_of(level: Level, *, is_over: bool) -> Standing:
    """How a level stands; at the end of a month, no target is at risk any more."""
    if level.missed:
        return Standing.MISSED
    if not level.requests and level.files is None:
        return Standing.NO_DATA
    is_at_risk = not is_over and level.budget_left is not None and level.budget_left < LITTLE_LEFT
    return Standing.AT_RISK if is_at_risk else Standing.MET


def budget_left(tally: Tally, target: Target) -> float:
    """Percent of the error budget that is left; negative if more was spent. Raises nothing without a budget."""
    budget = tally.requests * (100 - target.availability)
    if not budget:
        return 0.0 if tally.faults else 100.0
    return 100 * (budget - 100 * tally.faults) / budget


def _missed(tally: Tally, target: Target, files: FileTally | None) -> Iterable[Missed]:
    if 100 * tally.faults > tally.requests * (100 - target.availability):
        yield Missed.AVAILABILITY
    if target.mean_milliseconds is not None and tally.milliseconds > target.mean_milliseconds * tally.timed:
        yield Missed.MEAN_RESPONSE
    if files is not None and files.late:
        yield Missed.FILE_TIME
