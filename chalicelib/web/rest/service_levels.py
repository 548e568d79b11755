"""How does the service perform against what is agreed? (SLA-01, SLA-02, SLA-03, SLA-04)

Measured at the gateway from entry to exit, in calendar months of London. Agreed maintenance does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from chalicelib.domain.callers import Channel
from chalicelib.domain.failures import failure
from chalicelib.domain.monthly_levels import MONTH_FORM, DescribedFunction, Level, Missed, Month, MonthError
from chalicelib.domain.recoveries import Clocked
from chalicelib.services.service_levels import MonthLevels
from chalicelib.web.http import problems
from chalicelib.web.http.problems import Problem
from chalicelib.web.http.requests import Text
from chalicelib.web.http.responses import About
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.recoveries import RecoveryDocument, recovery_document
from chalicelib.web.rest.table import route

_MONTH = Text(maximum=7, pattern=f"{MONTH_FORM}|", expected="a month such as 2026-11", example="2026-11")
_FUNCTION = Text(maximum=7, pattern="[A-Z]{3,4}-[0-9]{2}|", expected="such as VLD-01", example="VLD-01")
_ChannelName = Literal["webservice", "portal", "batch"]


@dataclass(frozen=True)
class MonthToShow:
    """A month."""

    month: Annotated[str, _MONTH] = ""
    """The month, such as `2026-11`. Without it, the current month."""
    function: Annotated[str, _FUNCTION] = ""
    """The number of a function in the catalogue. Without it, every function."""


@dataclass(frozen=True)
class TargetDocument:
    """What is agreed for a calendar month."""

    availability: Annotated[float, About(example=99.5)]
    """Percent of requests that do not fail."""
    mean_milliseconds: Annotated[int | None, About(example=3000)]
    """The longest mean response; null where none is agreed."""


@dataclass(frozen=True)
class FilesDocument:
    """Files whose processing has ended."""

    ended: Annotated[int, About(minimum=0)]
    late: Annotated[int, About(minimum=0)]
    """Those that took more than 48 hours, or were given up."""
    longest_minutes: Annotated[int, About(minimum=0)]
    """From submission to end."""


@dataclass(frozen=True)
class FiguresDocument:
    """The figures of a month; null without requests."""

    requests: Annotated[int, About(example=12044, minimum=0)]
    """Requests, or records of files."""
    faults: Annotated[int, About(example=7, minimum=0)]
    """Those that failed because of a problem with our service."""
    excluded: Annotated[int, About(example=112, minimum=0)]
    """Requests in agreed maintenance. They are in none of the other figures."""
    availability: Annotated[float | None, About(example=99.942)]
    """Percent of requests that did not fail."""
    error_budget_left: Annotated[float | None, About(example=88.4)]
    """Percent of the faults that the target allows; negative when there were more."""
    mean_milliseconds: Annotated[float | None, About(example=184.2)]
    """Mean response; of files, the mean time for up to 500 records."""
    p95_milliseconds: Annotated[float | None, About(example=412.7)]
    """95 % of responses took no longer, within 1 %; null for files."""
    missed: tuple[Missed, ...]
    """The targets that are missed."""


@dataclass(frozen=True)
class ChannelDocument:
    """The figures of one channel."""

    channel: Annotated[_ChannelName, About(example="webservice")]
    figures: FiguresDocument


@dataclass(frozen=True)
class FunctionDocument:
    """A function of the catalogue."""

    function: Annotated[str, About(example="VLD-01")]
    """Its number in the catalogue."""
    title: Annotated[str, About(example="Verify one learner's details")]
    target: TargetDocument
    figures: FiguresDocument
    """Of all its channels; response times are those of requests."""
    channels: tuple[ChannelDocument, ...]
    files: FilesDocument | None
    """Null if it has no files, or none has ended."""


@dataclass(frozen=True)
class OddLinesDocument:
    """What was wrong with the access log."""

    doubled: Annotated[int, About(minimum=0)]
    """Lines that were delivered twice, and counted once."""
    unreadable: Annotated[int, About(minimum=0)]
    missing: Annotated[int, About(minimum=0)]
    """Requests that were answered, but have no line."""
    other_requests: Annotated[int, About(minimum=0)]
    """Requests that belong to no function, such as those to unknown paths."""
    other_routes: Annotated[tuple[str, ...], About(example=["GET /{proxy+}"])]


@dataclass(frozen=True)
class PastMonthDocument:
    """A month in the history."""

    month: Annotated[str, About(example="2026-10")]
    missed: Annotated[tuple[str, ...], About(example=["VLD-01"])]
    """The functions that missed a target."""
    is_final: bool
    """Whether its report has been sent: then its figures do not change any more."""


@dataclass(frozen=True)
class LevelsDocument:
    """The service levels of a month."""

    month: Annotated[str, About(example="2026-11")]
    counted_until: datetime
    """Later requests are not in the figures yet."""
    is_final: bool
    functions: tuple[FunctionDocument, ...]
    access_log: OddLinesDocument
    recoveries: tuple[RecoveryDocument, ...]
    """Recoveries from disaster in the month, against their clocks."""
    history: tuple[PastMonthDocument, ...]
    """The latest months, newest first."""


@route(MonthToShow, answers={200: LevelsDocument}, refusals=(problems.NOT_FOUND,))
def get_service_levels(call: Call, request: MonthToShow) -> Reply:
    """Get the service levels of a month.

    Availability, response times and processing times of files, for each function and channel against its target, and
    which months missed one. Counted every hour.
    """
    levels = call.services.service_levels
    try:
        found = levels.month(Month.parse(request.month) if request.month else None)
    except MonthError:  # the form has refused it already
        found = None
    wanted = [one for one in levels.described.functions.values() if request.function in ("", one.number)]
    if not wanted:
        raise Problem(problems.NOT_FOUND, failure("LRS-REQ-12"))
    if found is None:
        raise Problem(problems.NOT_FOUND, failure("LRS-REQ-12", reason="uncounted"))
    recoveries = call.services.recoveries.between(found.held.month.start, found.held.month.end)
    return Reply(_document(found, levels.history(), wanted, recoveries))


ROUTES = (get_service_levels,)


def _document(
    found: MonthLevels, history: list[MonthLevels], wanted: list[DescribedFunction], recoveries: list[Clocked]
) -> LevelsDocument:
    tallies = found.held.tallies
    return LevelsDocument(
        month=str(found.held.month),
        counted_until=found.held.counted_until,
        is_final=found.held.is_reported,
        functions=tuple(_function(one, found) for one in wanted),
        access_log=OddLinesDocument(
            tallies.doubled,
            tallies.unreadable,
            tallies.missing(Channel.WEBSERVICE),
            found.others,
            tuple(sorted(tallies.unknown)),
        ),
        recoveries=tuple(map(recovery_document, recoveries)),
        history=tuple(_past(one) for one in history),
    )


def _function(one: DescribedFunction, found: MonthLevels) -> FunctionDocument:
    together = found.together(one)
    files = together.files
    own = [level for level in found.levels if level.function == one.number]
    return FunctionDocument(
        function=one.number,
        title=one.title,
        target=TargetDocument(one.target.availability, one.target.mean_milliseconds),
        figures=_figures(together),
        channels=tuple(ChannelDocument(level.channel, _figures(level)) for level in own),  # type: ignore[arg-type]
        files=FilesDocument(files.ended, files.late, files.longest_minutes) if files else None,
    )


def _figures(level: Level) -> FiguresDocument:
    return FiguresDocument(
        requests=level.requests,
        faults=level.faults,
        excluded=level.excluded,
        availability=level.availability,
        error_budget_left=level.budget_left,
        mean_milliseconds=level.mean_milliseconds,
        p95_milliseconds=level.p95_milliseconds,
        missed=level.missed,
    )


def _past(one: MonthLevels) -> PastMonthDocument:
    functions = tuple(dict.fromkeys(level.function for level in one.missed))
    return PastMonthDocument(str(one.held.month), functions, one.held.is_reported)
