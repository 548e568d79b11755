"""What came in time and late in a month: of the organisation, for service managers of every one (ACH-10)."""

from __future__ import annotations

from datetime import date
from typing import Final

from chalicelib.domain.access import Capability, is_allowed
from chalicelib.domain.monthly_levels import Month, MonthError
from chalicelib.services.timeliness import TimelinessReport
from chalicelib.web.portal import refusals, table
from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import File, Page, Visit

CSV: Final = "text/csv; charset=utf-8"


@view()
def show_timeliness(visit: Visit) -> Page:
    """A month with its days, its sums, and the extensions of the ten working days."""
    report = _report(visit)
    month, latest = report.month, visit.services.timeliness_reports.this_month()
    context = {
        "month": date(month.year, month.number, 1),
        "until": report.counted_until,
        "is_counted": report.counted_until >= date(month.year, month.number, 1),
        "organisations": sorted(report.organisations, key=lambda one: one.name),
        "days": sorted(report.days, key=lambda one: one.day),
        "is_of_all": is_allowed(visit.person.capabilities, Capability.SERVICE_LEVELS_READ),
        "total": report.total,
        "extensions": report.extensions,
        "file": f"{table.TIMELINESS}/csv?month={month}",
        "earlier": f"{table.TIMELINESS}?month={month.previous}",
        "later": f"{table.TIMELINESS}?month={month.next}" if month < latest else "",
    }
    return Page(template="timeliness/month.html.jinja", context=context)


@view()
def show_timeliness_file(visit: Visit) -> File:
    """The same as CSV."""
    from chalicelib.formats.timeliness_files import csv_of  # noqa: PLC0415 - only needed for the file

    report = _report(visit)
    text = csv_of(report.days, {one.terms.day: one.terms for one in report.extensions})
    return File(content=text, name=f"timeliness-{report.month}.csv", media_type=CSV)


def _report(visit: Visit) -> TimelinessReport:
    reports, asked = visit.services.timeliness_reports, visit.query.get("month", "")
    try:
        month = Month.parse(asked) if asked else reports.this_month()
    except MonthError:
        raise refusals.not_found() from None
    return reports.of_month(visit.caller, month)


VIEWS: Final = (show_timeliness, show_timeliness_file)
