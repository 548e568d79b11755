"""What failed in a batch job, and its records corrected in place and sent again (ACH-07, ULN-07, VLD-03)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from chalicelib.domain.codes import CodeList
from chalicelib.domain.corrections import Correction
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.refusals import Refused
from chalicelib.formats.batch.error_reports import ON_A_PAGE, FailedRecord, Instance, Rule
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.words.messages import remedy, sentence
from chalicelib.services.batches.error_reports import MOST_TOGETHER, Changed, Report
from chalicelib.web.http.bodies import whole_number
from chalicelib.web.portal import batch_kinds, refusals
from chalicelib.web.portal.batch_kinds import BatchSurface
from chalicelib.web.portal.forms import Asked, Form, asked, coded, form, label_of
from chalicelib.web.portal.parts import Input, Option, Paging
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, View, Visit

_REVISION: Final = "revision"
_LETTERS: Final = 26
_TOO_LONG: Final = 200
"""Characters over a field's limit that are shown to be corrected."""
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Fault(NamedTuple):
    """A reason against a record, with its place in the file."""

    number: int
    row: int
    line: int
    column: str
    """The letter of the column in a spreadsheet; empty in XML and for what is about no column."""
    field: str
    value: str
    text: str
    action: str
    code: str


class Reason(NamedTuple):
    """A reason with the number of records for which it holds."""

    text: str
    action: str
    field: str
    code: str
    total: int


class Difference(NamedTuple):
    """A field that two people have corrected in different ways."""

    label: str
    theirs: str
    yours: str


class Change(NamedTuple):
    """A value that was corrected."""

    label: str
    before: str
    after: str


# --- What failed -----------------------------------------------------------------------------------------------------


def show_errors(visit: Visit, surface: BatchSurface) -> Page:
    """Failed records by rule and by row; with a rule, those that break it."""
    report = _report(visit, surface)
    page, rule = _number(visit.query.get("page", "1")), _number(visit.query.get("rule", "0"))
    path = surface.job_path(report.job.job_id, "errors")
    words = Words(surface, report)
    if rule:
        found = visit.services.error_reports.instances(visit.caller, report, rule - 1, page)
        chosen = report.contents.rules[rule - 1]
        faults = [words.of_instance(one, chosen.why) for one in found]
        total, address = chosen.lines.total, f"{path}?rule={rule}&page="
    else:
        failed = visit.services.error_reports.failed(visit.caller, report, page)
        faults = [words.of_record(one, why) for one in failed for why in one.failures]
        total, address = report.contents.records.total, f"{path}?page="
    corrections = visit.services.error_reports.corrections(report.job.job_id)
    context = {
        "surface": surface,
        "job": report.job,
        "reasons": [words.of_rule(one) for one in report.contents.rules],
        "rule": rule,
        "faults": faults,
        "paging": Paging(page=page, total=total, address=address, size=ON_A_PAGE),
        "path": path,
        "corrected": {one.number for one in corrections},
        "waiting": len(_waiting(corrections)),
        "back": surface.job_path(report.job.job_id),
    }
    return Page(template="batches/errors.html.jinja", context=context)


def _report(visit: Visit, surface: BatchSurface) -> Report:
    return visit.services.error_reports.report(visit.caller, surface.name, visit.names["job_id"])


def _number(text: str) -> int:
    """A number of an address. Raises NotShown for any other text."""
    number = whole_number(text, -1, digits=6)
    if number < 0:
        raise refusals.not_found()
    return number


class Words:
    """Faults with the headings and places of the file."""

    def __init__(self, surface: BatchSurface, report: Report) -> None:
        self._layout = _layout_of(surface, report)
        self._present = {field.wire: place for place, field in enumerate(surface.kind.layout.record)}
        self._columns = report.contents.columns

    def of_rule(self, rule: Rule) -> Reason:
        """A reason in words."""
        (why,) = self._layout.in_its_words([rule.why])
        return Reason(sentence(why), remedy(why), why.field, why.code, rule.lines.total)

    def of_record(self, record: FailedRecord, why: Failure) -> Fault:
        """A reason against a record."""
        place = self._present.get(why.field)
        return self.of_instance(Instance(record.number, record.line, record.row, _at(record.values, place)), why)

    def of_instance(self, one: Instance, why: Failure) -> Fault:
        """The same, where only the value is known."""
        (named,) = self._layout.in_its_words([why])
        letters = _letters(self._columns.get(named.field, 0)) if one.row else ""
        words = (sentence(named), remedy(named), named.code)
        return Fault(one.number, one.row, one.line, letters, named.field, one.value, *words)


def _layout_of(surface: BatchSurface, report: Report) -> Layout:
    version = report.contents.version
    return next((one for one in surface.kind.layouts if one.version == version), surface.kind.layout)


def _at(values: Sequence[str], place: int | None) -> str:
    return "" if place is None else values[place]


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, letter = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + letter) + letters
    return letters


def _waiting(corrections: Sequence[Correction]) -> list[Correction]:
    return [one for one in corrections if not one.place]


# --- One record ------------------------------------------------------------------------------------------------------


class Attempt(NamedTuple):
    """A correction as it is entered."""

    entered: Entered
    failures: Sequence[Failure]
    stored: Correction | None
    revision: int
    """Of the correction that it replaces; 0 for none."""
    is_conflict: bool = False
    """Whether somebody else has stored another one since the page was opened."""


def show_record(visit: Visit, surface: BatchSurface) -> Page:
    """A failed record with its reasons, as submitted or as corrected."""
    report, number = _report(visit, surface), _number(visit.names["number"])
    record = visit.services.error_reports.record(visit.caller, report, number)
    stored = visit.services.error_reports.correction(report.job.job_id, number)
    if stored:
        attempt = Attempt(entered_of(surface, stored.values), (), stored, stored.revision)
    else:
        attempt = Attempt(entered_of(surface, record.values), record.failures, None, 0)
    return record_page(surface, report, record, attempt)


def submit_record(visit: Visit, surface: BatchSurface) -> Result:
    """Keep a correction. The same again does nothing."""
    report, number = _report(visit, surface), _number(visit.names["number"])
    entered, reports = _divided(surface, visit.entered), visit.services.error_reports
    texts = {name: text.replace("\r\n", "\n") for name, text in _form_of(surface, entered).texts(entered).items()}
    revision = _number(visit.text(_REVISION) or "0")
    try:
        reports.correct(visit.caller, report, number, texts, revision)
    except Refused as refused:
        record = reports.record(visit.caller, report, number)
        stored = reports.correction(report.job.job_id, number)
        page = record_page(surface, report, record, Attempt(entered, refused.failures, stored, revision))
        return replace(page, status=400)
    except Changed as changed:
        record = reports.record(visit.caller, report, number)
        found = changed.stored
        page = record_page(surface, report, record, Attempt(entered, (), found, found.revision, is_conflict=True))
        return replace(page, status=409)
    return SeeOther(
        path=surface.job_path(report.job.job_id, "errors"),
        message=_("Your correction was kept. Send it when you have corrected every record that you want to send."),
    )


def record_page(surface: BatchSurface, report: Report, record: FailedRecord, attempt: Attempt) -> Page:
    """The form of a failed record."""
    own, stored = _form_of(surface, attempt.entered), attempt.stored
    shown = own.shown(attempt.entered, attempt.failures)
    words = Words(surface, report)
    theirs = stored if attempt.is_conflict else None
    context = {
        "surface": surface,
        "record": record,
        "faults": [words.of_record(record, why) for why in record.failures],
        "fields": shown,
        "errors": own.errors(shown, attempt.failures),
        "revision": attempt.revision,
        "sent_as": surface.job_path(stored.sent_as) if stored and stored.place else "",
        "theirs": theirs,
        "differences": _differences(own, theirs.values, attempt.entered) if theirs else [],
        "back": surface.job_path(report.job.job_id, "errors"),
    }
    return Page(template="batches/record.html.jinja", context=context)


def entered_of(surface: BatchSurface, values: Sequence[str]) -> Entered:
    """The values of a record as if they had been entered; what is far too long is cut, and stays too long."""
    fields = zip(surface.kind.layout.record, values, strict=True)
    return _divided(surface, {one.name: [value[: one.limit + _TOO_LONG]] for one, value in fields})


def _divided(surface: BatchSurface, entered: Entered) -> Entered:
    """With each date in its three parts; a text that is none stays what it is, to be seen as it was submitted."""
    found = dict(entered)
    for one in surface.kind.layout.record:
        text = "".join(found.get(one.name, ())).strip()
        if one.kind is Kind.DATE and one.name in found and (not text or _DATE.fullmatch(text)):
            del found[one.name]
            found |= form(one).filled({one.name: text})
    return found


def _form_of(surface: BatchSurface, entered: Entered) -> Form:
    """The fields of a record as texts, of several lines where there are some: what was submitted may be anything."""
    return form(*(_asked(one, entered) for one in surface.kind.layout.record))


def _asked(field: Field, entered: Entered) -> Asked:
    label, values = label_of(field), entered.get(field.name)
    if field.codes is not None:
        return asked(field, label=label, kind=Input.LIST, options=_options(field.codes, "".join(values or ())))
    if field.kind is not Kind.DATE:
        # A control of one line would drop line breaks, and the correction with them.
        has_lines = field.kind is Kind.LINES or not {"\r", "\n"}.isdisjoint("".join(values or ()).strip())
        return asked(field, label=label, kind=Input.LINES if has_lines else Input.TEXT)
    if values is None:
        return asked(field, label=label, hint=_("For example, 27 3 2026"))
    return asked(field, label=label, kind=Input.TEXT, hint=_("For example 2026-03-27"))


def _options(codes: CodeList, value: str) -> tuple[Option, ...]:
    """The values of a list, and the one that was submitted if it is another."""
    listed = tuple(Option(code.value, coded(codes, code.value)) for code in codes.codes)
    others = () if value in ("", *(one.value for one in listed)) else (Option(value, value),)
    return (Option("", _("Nothing")), *others, *listed)


def _differences(own: Form, theirs: Sequence[str], entered: Entered) -> list[Difference]:
    yours = own.texts(entered)
    return [
        Difference(one.label, _shown(there), _shown(here))
        for one, there in zip(own.asked, theirs, strict=True)
        if there != (here := yours[one.name].strip())
    ]


def _shown(value: str) -> str:
    return value or "–"


def changes_of(surface: BatchSurface, one: Correction) -> list[Change]:
    """The corrected values of a record, in the order of the file."""
    before = dict(one.changed)
    fields = zip(surface.kind.layout.record, one.values, strict=True)
    return [
        Change(label_of(field), _shown(before[field.name]), _shown(value))
        for field, value in fields
        if field.name in before
    ]


# --- Sending corrections ---------------------------------------------------------------------------------------------


def show_corrections(visit: Visit, surface: BatchSurface) -> Page:
    """The corrections that wait to be sent."""
    report = _report(visit, surface)
    found = visit.services.error_reports.seen_corrections(visit.caller, report)
    context = {
        "surface": surface,
        "job": report.job,
        "corrections": [(one, changes_of(surface, one)) for one in _waiting(found)],
        "most": MOST_TOGETHER,
        "left": report.contents.records.total - len(found),
        "back": surface.job_path(report.job.job_id, "errors"),
    }
    return Page(template="batches/corrections.html.jinja", context=context)


def submit_corrections(visit: Visit, surface: BatchSurface) -> Result:
    """Send them as a new job. The same again makes none."""
    report = _report(visit, surface)
    try:
        job = visit.services.error_reports.send(visit.caller, report)
    except Refused as refused:
        if refused.codes != "WSEC0047":
            raise
        message = _("There is nothing to send: every correction was sent already.")
        return SeeOther(path=surface.job_path(report.job.job_id, "errors"), message=message)
    return SeeOther(path=surface.job_path(job.job_id), message=_("The corrected records were sent."))


_SHOWN: Final[Mapping[str, Any]] = {
    "show_{}_errors": show_errors,
    "show_{}_record": show_record,
    "submit_{}_record": submit_record,
    "show_{}_corrections": show_corrections,
    "submit_{}_corrections": submit_corrections,
}
VIEWS: Final[tuple[View, ...]] = tuple(
    view for name, show in _SHOWN.items() for view in batch_kinds.of_every_kind(name, show)
)
