"""Reports of personal learning records: what to show, and the page to print (PLR-03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.record_reports import LEARNER, Order, Part, Report, chosen, read_report
from chalicelib.services.records import RecordAnswer
from chalicelib.web.portal import record_fields
from chalicelib.web.portal.kept import held, put
from chalicelib.web.portal.record_documents import document_of
from chalicelib.web.portal.record_pages import about, details_of, record_path, shown_record
from chalicelib.web.portal.record_parts import learner_rows, whole
from chalicelib.web.portal.rendering import Person
from chalicelib.web.portal.table import view
from chalicelib.web.portal.visits import PDF, Entered, File, Page, Result, SeeOther, Visit


@view()
def show_record_report(visit: Visit) -> Page:
    """What the report shall show; at first everything."""
    details_of(visit)
    return _options(visit, _kept(visit))


@view()
def submit_record_report(visit: Visit) -> Result:
    """Keep it for the page to print."""
    entered = {one.name: visit.entered.get(one.name, ()) for one in record_fields.REPORT.asked}
    texts = record_fields.REPORT.texts(visit.entered)
    read = read_report(entered["shown"], texts)
    if not isinstance(read, Report):
        return _options(visit, visit.entered, read)
    put(visit, _search(visit), {**texts, "shown": list(entered["shown"])})
    return SeeOther(path=f"{record_path(visit.names['uln'])}/print")


@view()
def show_printed_record(visit: Visit) -> Page:
    """The record as it goes on paper: who printed it and when, without pages and filters."""
    answer, report = report_of(visit)
    context = {
        **about(visit, answer),
        "organisation": visit.person.organisation,
        "user": visit.person.name,
        "at": visit.now,
        "learner": learner_rows(answer.learner) if answer.learner and report.has_learner else (),
        "parts": whole(chosen(answer.events, report.choice)),
        "period": report.choice.period,
        "path": record_path(visit.names["uln"]),
    }
    return Page(template="record/print.html.jinja", context={**context, "back": f"{context['path']}/report"})


@view()
def save_record_report(visit: Visit) -> File:
    """The same as PDF."""
    answer, report = report_of(visit)
    person = Person(visit.person.name, visit.person.organisation)
    content = visit.services.reports.pdf(document_of(answer, report, person, visit.now).as_json())
    return File(content=content, name=f"record-{answer.incoming_uln}.pdf", media_type=PDF)


def report_of(visit: Visit) -> tuple[RecordAnswer, Report]:
    """The record, recorded as printed, and what to show of it. Raises NotShown."""
    details = details_of(visit)
    answer = shown_record(visit, details, visit.services.personal_records.for_report(visit.caller, details))
    asked = _asked(visit)
    read = read_report(asked["shown"], {name: asked[name] for name in asked if name != "shown"})
    return answer, read if isinstance(read, Report) else Report()


def _options(visit: Visit, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    uln = visit.names["uln"]
    return record_fields.REPORT.page(
        "record/report.html.jinja", entered, failures, uln=uln, back=record_path(uln), path=record_path(uln)
    )


def _search(visit: Visit) -> str:
    return f"report {visit.names['uln']}"


_AT_FIRST: Final[Mapping[str, Any]] = {
    "shown": [LEARNER, *Part],
    "order": Order.NEWEST,
    "first_day": "",
    "last_day": "",
}


def _asked(visit: Visit) -> Mapping[str, Any]:
    """What was asked for last."""
    return held(visit, _search(visit)) or _AT_FIRST


def _kept(visit: Visit) -> Entered:
    asked = _asked(visit)
    texts = {name: str(text) for name, text in asked.items() if name != "shown"}
    return {**record_fields.REPORT.filled(texts), "shown": asked["shown"]}


VIEWS: Final = (show_record_report, submit_record_report, show_printed_record, save_record_report)
