"""The service levels for service managers: a month at a glance, one function's history, the month's report (SLA-04)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.callers import Channel
from chalicelib.domain.monthly_levels import DescribedFunction, Month, MonthError
from chalicelib.formats.level_reports import FILE_NAME, csv_history, csv_report
from chalicelib.services.service_levels import MonthLevels
from chalicelib.web.portal import level_views, refusals, statuses
from chalicelib.web.portal.level_documents import document_of, file_name
from chalicelib.web.portal.table import LEVELS, view
from chalicelib.web.portal.visits import PDF, File, Page, Visit

CSV: Final = "text/csv; charset=utf-8"


@view()
def show_service_levels(visit: Visit) -> Page:
    """Every function of the catalogue against its targets in one month."""
    levels = visit.services.service_levels
    history = [level_views.past_month(one, levels.described) for one in levels.history()]
    found = _month(visit, visit.query.get("month", ""))
    return Page(template="levels/month.html.jinja", context={**_of_month(visit, found), "history": history})


@view()
def show_service_report(visit: Visit) -> Page:
    """The report of a month, to print: for the Customer Scrutiny Group."""
    found = _month(visit, visit.names["month"])
    back = f"{LEVELS}?month={found.held.month}"
    return Page(template="levels/report.html.jinja", context={**_of_month(visit, found), "back": back})


@view()
def save_service_report(visit: Visit) -> File:
    """The same as PDF, with a chart of the latest months."""
    levels, found = visit.services.service_levels, _month(visit, visit.names["month"])
    month = found.held.month
    past = [level_views.past_month(one, levels.described) for one in reversed(levels.history())]
    report = document_of(
        found,
        level_views.functions(found, levels.described),
        past,
        visit.services.recoveries.between(month.start, month.end),
        visit.services.breaches.downtime(month),
        levels.described.batch_hours,
    )
    return File(content=visit.services.reports.pdf(report.as_json()), name=file_name(month), media_type=PDF)


@view()
def get_service_report_file(visit: Visit) -> File:
    """The figures of a month, as the monthly email has them."""
    found = _month(visit, visit.names["month"])
    month = found.held.month
    return File(content=csv_report(month, found.levels), name=FILE_NAME.format(month), media_type=CSV)


@view()
def show_level_history(visit: Visit) -> Page:
    """One function in the latest months."""
    function = _function(visit)
    past = [
        level_views.shown(one.together(function), one.held.month, is_over=one.held.is_reported)
        for one in reversed(visit.services.service_levels.history())
    ]
    context = {
        "function": function,
        "months": [(level_views.first_day(one.month), one) for one in reversed(past)],
        "availability": level_views.availability_chart(past),
        "response": level_views.response_chart(past),
        "has_files": any(one.level.files for one in past),
        "download": f"{LEVELS}/functions/{function.number}/csv",
        "back": LEVELS,
    }
    return Page(template="levels/function.html.jinja", context=context)


@view()
def get_level_history_file(visit: Visit) -> File:
    """The same with each channel, as a file."""
    function = _function(visit)
    history = visit.services.service_levels.history()
    rows = [(one.held.month, level) for one in history for level in one.levels if level.function == function.number]
    return File(content=csv_history(rows), name=f"service-levels-{function.number}.csv", media_type=CSV)


@view()
def show_level_faults(visit: Visit) -> Page:
    """The hours of a month in which most requests of a function failed, with what is recorded about them."""
    function = _function(visit)
    held = _month(visit, visit.query.get("month", "")).held
    hours = [
        (one, level_views.CHANNELS[one.channel], level_views.CAUSES[one.cause])
        for one in visit.services.breaches.worst_hours(held, function.number)
    ]
    context = {
        "function": function,
        "month": level_views.first_day(held.month),
        "hours": hours,
        "back": f"{LEVELS}/functions/{function.number}",
    }
    return Page(template="levels/faults.html.jinja", context=context)


def _of_month(visit: Visit, found: MonthLevels) -> dict[str, object]:
    """What the page and the report of a month show."""
    services, held = visit.services, found.held
    rows = level_views.functions(found, services.service_levels.described)
    available, responsive = level_views.sums(rows)
    files, files_standing = level_views.files_of(rows)
    recoveries = services.recoveries.between(held.month.start, held.month.end)
    return {
        "month": held.month,
        "day": level_views.first_day(held.month),
        "as_at": held.counted_until,
        "is_final": held.is_reported,
        "rows": rows,
        "breaches": level_views.breaches(found),
        "is_measured": level_views.is_measured(rows),
        "available": available,
        "responsive": responsive,
        "files": files,
        "files_standing": files_standing,
        "batch_hours": services.service_levels.described.batch_hours,
        "recoveries": [(one, statuses.shown(one.state)) for one in recoveries],
        "downtime": services.breaches.downtime(held.month),
        "missing": held.tallies.missing(Channel.WEBSERVICE),
        "others": found.others,
    }


def _month(visit: Visit, text: str) -> MonthLevels:
    """The figures of a month, by default the current one. Raises NotShown without any."""
    try:
        month = Month.parse(text) if text else None
    except MonthError:
        raise refusals.not_found() from None
    found = visit.services.service_levels.month(month)
    if found is None:
        raise refusals.not_found()
    return found


def _function(visit: Visit) -> DescribedFunction:
    """The function that the path names. Raises NotShown if there is none."""
    found = visit.services.service_levels.described.functions.get(visit.names["function"])
    if found is None:
        raise refusals.not_found()
    return found


VIEWS: Final = (
    show_service_levels,
    show_service_report,
    save_service_report,
    get_service_report_file,
    show_level_history,
    get_level_history_file,
    show_level_faults,
)
