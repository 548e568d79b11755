"""Was your data in time? (ACH-10)

Achievements must reach us within ten working days of the award, changes within ten working days of their action date.
Service hours lost to unavailability extend this. Late data are accepted and marked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from chalicelib.domain.monthly_levels import MONTH_FORM, Month
from chalicelib.domain.timeliness import Counts
from chalicelib.services.timeliness import Extension, TimelinessReport
from chalicelib.web.http import problems
from chalicelib.web.http.requests import Text
from chalicelib.web.http.responses import About
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.table import TIMELINESS, route

CSV: Final = "text/csv; charset=utf-8"


@dataclass(frozen=True)
class TimelinessOfMonth:
    """A month of an organisation's submissions."""

    month: Annotated[str, Text(maximum=7, minimum=7, pattern=MONTH_FORM, expected="a month such as 2026-06")] = ""
    """The month, such as `2026-06`; by default the current one."""
    ukprn: Annotated[str, Text(maximum=8, minimum=8, pattern="[1-9][0-9]{7}", expected="a UKPRN")] = ""
    """UKPRN of an organisation; only service managers may name others."""


@dataclass(frozen=True)
class TimelinessCounts:
    """Numbers of accepted submissions."""

    new_in_time: int
    new_in_time_by_extension: int
    """In time only because unavailability extended the ten working days."""
    new_late: int
    changed_in_time: int
    changed_late: int


@dataclass(frozen=True)
class OrganisationTimeliness:
    """An organisation's submissions in a month."""

    ukprn: Annotated[str, About(example="90000051")]
    display_name: Annotated[str, About(example="Merrowdale Awards")]
    counts: TimelinessCounts


@dataclass(frozen=True)
class UnavailablePeriod:
    """A period in which the service was not available."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class ExtensionDocument:
    """A day on which earlier awards were in time because of unavailability."""

    day: date
    in_time_from: date
    """The earliest award date that is in time by the ten working days alone."""
    extended_from: date
    """The earliest award date that is in time with the extension."""
    unavailable: tuple[UnavailablePeriod, ...]
    """The periods that extended it."""


@dataclass(frozen=True)
class TimelinessDocument:
    """What came in time and late in a month."""

    month: Annotated[str, About(example="2026-06")]
    counted_until: date
    """The last day that was counted. Days are counted once they are over, and again for two weeks."""
    organisations: tuple[OrganisationTimeliness, ...]
    extensions: tuple[ExtensionDocument, ...]
    links: Mapping[str, str]


@route(TimelinessOfMonth, answers={200: TimelinessDocument}, refusals=(problems.NOT_FOUND,))
def get_timeliness(call: Call, request: TimelinessOfMonth) -> Reply:
    """Get what came in time and late in a month.

    With every extension of the ten working days, and the unavailability that led to it. Awarding organisations see
    their own submissions, service managers those of all.
    """
    report = _report(call, request)
    query = urlencode({"month": str(report.month), **({"ukprn": request.ukprn} if request.ukprn else {})})
    organisations = tuple(
        OrganisationTimeliness(one.ukprn, one.name, _counts(one.counts)) for one in report.organisations
    )
    extensions = tuple(map(_extension, report.extensions))
    links = {"self": f"{TIMELINESS}?{query}", "csv": f"{TIMELINESS}/csv?{query}"}
    return Reply(TimelinessDocument(str(report.month), report.counted_until, organisations, extensions, links))


@route(TimelinessOfMonth, answers={200: str}, refusals=(problems.NOT_FOUND,), produces=CSV)
def get_timeliness_file(call: Call, request: TimelinessOfMonth) -> Reply:
    """Get what came in time and late in a month, as CSV.

    A line for each organisation and day. On days with an extension, the earliest award dates without and with it.
    """
    from chalicelib.formats.timeliness_files import csv_of  # noqa: PLC0415 - only needed for the file

    report = _report(call, request)
    text = csv_of(report.days, {one.terms.day: one.terms for one in report.extensions})
    return Reply(text, headers={"Content-Disposition": f'attachment; filename="timeliness-{report.month}.csv"'})


def _report(call: Call, request: TimelinessOfMonth) -> TimelinessReport:
    reports = call.services.timeliness_reports
    month = Month.parse(request.month) if request.month else reports.this_month()
    return reports.of_month(call.caller, month, request.ukprn)


def _counts(counts: Counts) -> TimelinessCounts:
    return TimelinessCounts(*counts)


def _extension(one: Extension) -> ExtensionDocument:
    periods = tuple(UnavailablePeriod(start, end) for start, end in one.outages)
    return ExtensionDocument(one.terms.day, one.terms.plain, one.terms.extended, periods)


ROUTES = (get_timeliness, get_timeliness_file)
