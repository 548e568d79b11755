"""Batch files that pass through the portal: checked only, or sent to be processed (ACH-06, ULN-06, VLD-03, VAL-02)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final, NamedTuple

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.jobs import Job, again_because
from chalicelib.domain.learner_fields import JOB_TYPE
from chalicelib.domain.refusals import Refused
from chalicelib.formats.batch.checks import Report
from chalicelib.formats.batch.findings import Finding, findings
from chalicelib.formats.words.pages import file_error_text
from chalicelib.formats.words.texts import joined
from chalicelib.ports.errors import Missing
from chalicelib.services.batches.sent_files import SentBefore, SentFile
from chalicelib.services.batches.submit import ENCODING, FILENAME
from chalicelib.web.portal import batch_kinds, table
from chalicelib.web.portal.batch_kinds import BatchSurface
from chalicelib.web.portal.forms import Form, asked, form
from chalicelib.web.portal.parts import FieldError, Input, Shown, errors_of
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import FORM_LIMIT, Entered, Page, Result, SeeOther, View, Visit

UPLOAD_BYTES: Final = 4_000_000
"""The largest file that passes through the portal: Lambda takes 6 MB, of which base64 takes a quarter."""
_SHOWN: Final = 100
"""Errors of records on the page of a check."""
_FILE: Final = asked(
    Field("file", Kind.TEXT, 255, "Batch file.", mandatory=True, wire=FILENAME.wire),
    label=_("Batch file"),
    kind=Input.FILE,
)
_ENCODING: Final = asked(
    ENCODING,
    label=_("Encoding of a CSV file"),
    hint=_("UTF-8, unless your system says otherwise."),
    kind=Input.LIST,
)
_JOB_TYPE: Final = asked(JOB_TYPE, label=_("What to do with the records"), kind=Input.ONE)
_AGAIN: Final = "again"


def show_new(visit: Visit, surface: BatchSurface) -> Page:
    """The form for a file."""
    return _page(visit, surface)


def submit_new(visit: Visit, surface: BatchSurface) -> Result:
    """Make a job of the file. The same form with the same file makes one."""
    try:
        file = _chosen(visit, surface)
        again = visit.text(_AGAIN) == "yes"
        job = visit.services.sent_files.process(visit.caller, surface.name, file, visit.form_id, again=again)
    except Refused as refused:
        return _page(visit, surface, refused.failures)
    except SentBefore as found:
        return replace(_page(visit, surface, before=found.job), status=409)
    return SeeOther(path=surface.job_path(job.job_id), message=_("We have received your file."))


def check(visit: Visit, surface: BatchSurface) -> Page:
    """Say what is wrong with the file, and keep nothing."""
    try:
        report = visit.services.sent_files.check(visit.caller, surface.name, _chosen(visit, surface))
    except Refused as refused:
        return _page(visit, surface, refused.failures)
    refusals = [reason for reason in report.failures if reason.refuses]
    if refusals:
        return _page(visit, surface, refusals)
    return Page(template="batches/checked.html.jinja", context=checked(report, surface))


def _chosen(visit: Visit, surface: BatchSurface) -> SentFile:
    """The file of the form. Raises Refused if there is not exactly one."""
    files = visit.files.get(_FILE.name, ())
    if len(files) != 1:
        raise Refused(failure("LRS-JOB-2", FILENAME.wire, reason="several" if files else ""))
    texts = _form(surface).texts(visit.entered)
    return SentFile(files[0].name, files[0].data, texts[ENCODING.name], texts.get(JOB_TYPE.name, ""))


def _form(surface: BatchSurface) -> Form:
    types = (_JOB_TYPE,) if surface is batch_kinds.LEARNERS else ()
    return form(_FILE, *types, _ENCODING)


def _page(visit: Visit, surface: BatchSurface, failures: Sequence[Failure] = (), before: Job | None = None) -> Page:
    return page_of(surface, visit.entered, failures, before)


def show_again(visit: Visit, surface: BatchSurface) -> Result:
    """Ask whether to process the file of a job once more, unchanged."""
    job = surface.job(visit)
    return _again_page(job, surface) if again_because(job) else _not_again(job, surface)


def submit_again(visit: Visit, surface: BatchSurface) -> Result:
    """Make a new job of it. A second time leads to the same one."""
    job = surface.job(visit)
    if not again_because(job):
        return _not_again(job, surface)
    try:
        again = visit.services.sent_files.process_again(visit.caller, surface.name, job.job_id)
    except Missing:
        return replace(_again_page(job, surface, is_gone=True), status=410)
    return SeeOther(path=surface.job_path(again.job_id), message=_("We process the file again, as a new job."))


def _again_page(job: Job, surface: BatchSurface, *, is_gone: bool = False) -> Page:
    context = {
        "surface": surface,
        "job": job,
        "reason": again_because(job),
        "is_gone": is_gone,
        "back": surface.job_path(job.job_id),
    }
    return Page(template="batches/again.html.jinja", context=context)


def _not_again(job: Job, surface: BatchSurface) -> SeeOther:
    message = _("Only a file that we failed to process, or whose job was cancelled, can be processed again unchanged.")
    return SeeOther(path=surface.job_path(job.job_id), message=message)


def page_of(
    surface: BatchSurface, entered: Entered, failures: Sequence[Failure] = (), before: Job | None = None
) -> Page:
    """The form for a file; ``before`` is the job of an earlier upload of the same file."""
    own, defaults = _form(surface), {ENCODING.name: ["utf-8"], JOB_TYPE.name: ["FUL"]}
    of_file = _of_file(failures)
    shown = own.shown({**defaults, **entered}, [reason for reason in failures if reason not in of_file])
    shown[0], errors = _with_file_errors(shown[0], of_file)
    context = {
        "surface": surface,
        "fields": shown,
        "errors": [*errors, *errors_of(shown[1:])],
        "before": before,
        "again": _AGAIN,
        "large": f"{table.LARGE}/start",
        "limit": min(UPLOAD_BYTES, surface.kind.max_bytes),
    }
    return Page(template="batches/new.html.jinja", context=context, status=400 if failures else 200)


def _of_file(failures: Iterable[Failure]) -> list[Failure]:
    others = (ENCODING.wire, JOB_TYPE.wire)
    return [reason for reason in failures if (reason.refuses and reason.field not in others) or reason.code == "ACB016"]


def _with_file_errors(shown: Shown, failures: Iterable[Failure]) -> tuple[Shown, list[FieldError]]:
    """The control of the file with everything that is wrong with it, and the lines of the error summary."""
    texts = list(dict.fromkeys(map(file_error_text, failures)))
    return replace(shown, error=joined(texts, ". ")), [FieldError(text, shown.anchor) for text in texts]


class Rule(NamedTuple):
    """What is wrong with several records, as the first of them has it."""

    first: Finding
    records: int


class Listed(NamedTuple):
    """Errors or notices of a file."""

    rules: Sequence[Rule]
    found: Sequence[Finding]
    """The first of them, in the order of the file."""
    total: int
    records: int


def checked(report: Report, surface: BatchSurface) -> dict[str, Any]:
    """What the page of a check shows."""
    every = list(findings(report))
    found = [finding for finding in every if finding.record]
    return {
        "surface": surface,
        "report": report,
        "of_file": [finding for finding in every if not finding.record],
        "refused": _listed(finding for finding in found if finding.refuses),
        "noticed": _listed(finding for finding in found if not finding.refuses),
        "back": f"{surface.path}/new",
    }


def _listed(found: Iterable[Finding]) -> Listed:
    rules: dict[tuple[str, str], list[Finding]] = {}
    for finding in found:
        rules.setdefault((finding.code, finding.field), []).append(finding)
    one_each = [Rule(same[0], len({one.record for one in same})) for same in rules.values()]
    together = sorted(chain(*rules.values()), key=lambda one: one.record)
    records = len({one.record for one in together})
    return Listed(sorted(one_each, key=lambda one: -one.records), together[:_SHOWN], len(together), records)


VIEWS: Final[tuple[View, ...]] = (
    *batch_kinds.of_every_kind("show_new_{}", show_new),
    *batch_kinds.of_every_kind("show_{}_again", show_again),
    *batch_kinds.of_every_kind("submit_{}_again", submit_again),
    *batch_kinds.of_every_kind("submit_new_{}", submit_new, limit=UPLOAD_BYTES + FORM_LIMIT, has_files=True),
    *batch_kinds.of_every_kind("check_{}", check, limit=UPLOAD_BYTES + FORM_LIMIT, has_files=True),
)
