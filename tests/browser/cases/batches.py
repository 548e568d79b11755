"""Batches: sending and checking files, the list of jobs, a job in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

from chalicelib.domain.corrections import Correction
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import ACHIEVEMENTS, Again, Corrected, Counts, Job, JobStatus, Source
from chalicelib.domain.refusals import Refused
from chalicelib.formats.batch.checks import Expectations, check_file
from chalicelib.formats.batch.error_reports import FailedRecord, Lines, ReportIndex, Rule
from chalicelib.ports.files import UploadForm
from chalicelib.services.batches.error_reports import Report as ErrorReport
from chalicelib.web.portal import batch_error_pages, batch_pages, batch_upload_pages, file_format_pages
from chalicelib.web.portal.batch_kinds import ACHIEVEMENTS as AWARDS
from chalicelib.web.portal.batch_kinds import LEARNERS, BatchSurface
from chalicelib.web.portal.parts import Paging
from chalicelib.web.portal.visits import Page
from tests.browser.cases.case import HOSTILE, IN, LONG, NOW, OUT, Case
from tests.builders import files

_JOB: Final = Job(
    "UQ7Z2MXVBT0YKCPZ4",
    ACHIEVEMENTS,
    "90000001",
    "amelia0417",
    "amelia@merrowdale.example.org",
    "portal",
    "QCF_90000001_20261122_001.csv",
    NOW,
    source=Source("inbox", "upload/90000001/achievements/J/results.csv", "1"),
    format="csv",
)
_RUNNING: Final = replace(
    _JOB,
    status=JobStatus.IN_PROGRESS,
    records=10_450,
    chunk_sizes=(4_120, 6_330),
    done=frozenset({0}),
    started_at=NOW + timedelta(minutes=1),
)
_DONE: Final = replace(
    _RUNNING,
    status=JobStatus.SUCCESSFUL,
    counts=Counts(created=10_400, updated=19, refused=31),
    finished_at=NOW + timedelta(minutes=3),
    output_key="results/90000001/J/output.csv",
    output_bytes=1_234_567,
    error_key="results/90000001/J/errors.csv",
    error_bytes=12_345,
)
_REFUSED: Final = replace(
    _JOB,
    status=JobStatus.FAILED,
    finished_at=NOW,
    rejection=(failure("ACB006", "ULN", line=1, column=8), failure("WSEC0046", limit=10_000, found=10_450)),
    error_key="results/90000001/J/rejection.csv",
    error_bytes=800,
)
_CHROME: Final = replace(IN, path="/achievement-batches")


def _upload(surface: BatchSurface, failures: Refused | None = None, before: Job | None = None) -> dict[str, Any]:
    found = failures.failures if failures else ()
    return dict(batch_upload_pages.page_of(surface, {}, found, before).context)


def _list(jobs: list[Job], **changes: Any) -> dict[str, Any]:
    return {
        "surface": AWARDS,
        "fields": batch_pages.filters({"name": HOSTILE} if changes.get("is_filtered") else {}),
        "is_filtered": False,
        "oldest_first": False,
        "is_first": True,
        "jobs": jobs,
        "following": "",
        "channels": batch_pages.CHANNEL_WORDS,
        "most": 500,
        **changes,
    }


def _again(reason: Again, *, filename: str = "", is_gone: bool = False) -> dict[str, Any]:
    job = replace(_DONE, filename=filename or _DONE.filename)
    return {"surface": AWARDS, "job": job, "reason": reason, "is_gone": is_gone, "back": "/achievement-batches/J"}


def _job(name: str, job: Job, **changes: Any) -> Case:
    context = batch_pages.context_of(job, AWARDS, changes.get("now", NOW), changes.get("sent", ()))
    return Case(
        f"batches-job-{name}",
        "batches/job.html.jinja",
        context,
        replace(_CHROME, path=f"/achievement-batches/{job.job_id}"),
    )


_TWO_FAULTS: Final = Refused(
    failure("ACB006", "filename"), failure("ACB007", "Grade", columns="3, 7"), failure("ACF005", "encoding")
)
_FAULTY: Final = [
    files.record(Gender="7"),
    files.record(FamilyName=HOSTILE, ULN="1000000027"),
    files.record(Grade=LONG),
]
_REPORT: Final = check_file(files.csv_file(_FAULTY), Expectations(NOW.date()), "results.csv")
_RENAMED: Final = check_file(files.csv_file(FileName="other.csv"), Expectations(NOW.date()), "results.csv")
_CLEAN: Final = check_file(files.csv_file(), Expectations(NOW.date()), f"{LONG}.csv")

_INDEX: Final = ReportIndex(
    "1A",
    {"Gender": 12, "FamilyName": 9},
    Lines(250, (0, 1, 2, 3)),
    (1, 101, 201),
    (
        Rule(failure("ACF005", "Gender", allowed="0, 1, 2, 9"), Lines(249, (0, 1, 2, 3))),
        Rule(failure("ACL003"), Lines(1, (0, 1))),
    ),
)
_FAILED: Final = FailedRecord(
    31,
    33,
    33,
    files.values(Gender="7", FamilyName=HOSTILE, DateOfBirth="18/11/2026", MISIdentifier=LONG),
    (
        failure("ACF005", "Gender", allowed="0, 1, 2, 9"),
        failure("ACF004", "DateOfBirth", hint="DD/MM/YYYY"),
        failure("ACL003"),
    ),
)
_ENTERED: Final = batch_error_pages.entered_of(AWARDS, _FAILED.values)
_WITH_REPORT: Final = ErrorReport(replace(_DONE, report_head=9), _INDEX)
_CHANGED: Final = (("gender", "7"), ("family_name", HOSTILE), ("mis_identifier", LONG))
_CORRECTION: Final = Correction("J", 31, files.values(), ("ACF005",), _CHANGED, LONG, NOW)


def _errors(rule: int = 0, waiting: int = 0) -> dict[str, Any]:
    words = batch_error_pages.Words(AWARDS, _WITH_REPORT)
    return {
        "surface": AWARDS,
        "job": _WITH_REPORT.job,
        "reasons": [words.of_rule(one) for one in _INDEX.rules],
        "rule": rule,
        "faults": [words.of_record(_FAILED, why) for why in _FAILED.failures],
        "paging": Paging(page=2, total=250, address="/x?page=", size=100),
        "path": "/achievement-batches/J/errors",
        "corrected": {31} if waiting else set(),
        "waiting": waiting,
        "back": "/achievement-batches/J",
    }


def _record(name: str, attempt: batch_error_pages.Attempt, status: int = 200) -> Case:
    page = batch_error_pages.record_page(AWARDS, _WITH_REPORT, _FAILED, attempt)
    return Case(f"batches-record{name}", page.template, page.context, _CHROME, status)


def _corrections(name: str, corrections: list[Correction]) -> Case:
    context = {
        "surface": AWARDS,
        "job": _DONE,
        "corrections": [(one, batch_error_pages.changes_of(AWARDS, one)) for one in corrections],
        "most": 1,
        "left": 3,
        "back": "/achievement-batches/J/errors",
    }
    return Case(f"batches-corrections{name}", "batches/corrections.html.jinja", context, _CHROME)


_FORMATS: Final = {
    "file-formats-formats": (file_format_pages.show_file_formats, {}),
    "file-formats-format": (file_format_pages.show_file_format, {"layout": "achievements"}),
    "file-formats-codes": (file_format_pages.show_file_codes, {}),
}


def _format(name: str) -> Case:
    view, names = _FORMATS[name]
    page = view.show(SimpleNamespace(names=names))  # type: ignore[arg-type]
    assert isinstance(page, Page)
    return Case(name, page.template, page.context, OUT)


CASES: Final = (
    *map(_format, _FORMATS),
    Case("batches-new", "batches/new.html.jinja", _upload(LEARNERS), _CHROME),
    Case("batches-new-wrong", "batches/new.html.jinja", _upload(AWARDS, _TWO_FAULTS), _CHROME, 400),
    Case("batches-new-before", "batches/new.html.jinja", _upload(AWARDS, before=_DONE), _CHROME, 409),
    Case(
        "batches-new-begun", "batches/new.html.jinja", _upload(AWARDS, before=replace(_JOB, source=None)), _CHROME, 409
    ),
    Case("batches-checked", "batches/checked.html.jinja", batch_upload_pages.checked(_REPORT, AWARDS), _CHROME),
    Case(
        "batches-checked-of-file", "batches/checked.html.jinja", batch_upload_pages.checked(_RENAMED, AWARDS), _CHROME
    ),
    Case("batches-checked-clean", "batches/checked.html.jinja", batch_upload_pages.checked(_CLEAN, AWARDS), _CHROME),
    Case(
        "batches-list", "batches/list.html.jinja", _list([_DONE, _RUNNING, _REFUSED], following="/x?cursor=y"), _CHROME
    ),
    Case("batches-list-oldest", "batches/list.html.jinja", _list([_DONE], oldest_first=True, is_first=False), _CHROME),
    Case("batches-list-empty", "batches/list.html.jinja", _list([]), _CHROME),
    Case("batches-list-none-fits", "batches/list.html.jinja", _list([], is_filtered=True), _CHROME),
    Case("batches-list-look-on", "batches/list.html.jinja", _list([], is_filtered=True, following="/x"), _CHROME),
    _job("waiting", _JOB),
    _job("without-file", replace(_JOB, source=None)),
    _job("never-came", replace(_JOB, source=None, status=JobStatus.CANCELLED, finished_at=NOW)),
    _job("running", _RUNNING),
    _job("late", replace(_RUNNING, cancelled_at=NOW), now=NOW + timedelta(days=3)),
    _job("done", replace(_DONE, same_as="J1", notices=(failure("ACW004", "FileName"),))),
    _job("refused", _REFUSED),
    _job("cancelled", replace(_DONE, status=JobStatus.CANCELLED, cancelled_at=NOW, counts=Counts(cancelled=3))),
    _job("hostile", replace(_DONE, filename=HOSTILE, user=LONG)),
    Case(
        "batches-cancel",
        "batches/cancel.html.jinja",
        {"job": _RUNNING, "rows": batch_pages.rows(_RUNNING), "back": "/achievement-batches/J"},
        replace(_CHROME, path="/achievement-batches/J/cancel"),
    ),
    *(
        Case(f"batches-again-{name}", "batches/again.html.jinja", context, _CHROME, status)
        for name, context, status in (
            ("cancelled", _again(Again.CANCELLED), 200),
            ("fault", _again(Again.FAULT, filename=HOSTILE), 200),
            ("gone", _again(Again.FAULT, is_gone=True), 410),
        )
    ),
    Case(
        "batches-large",
        "batches/large.html.jinja",
        {
            "form": UploadForm(
                "https://inbox.example.org/", {"key": "upload/1/achievements/J/${filename}", "policy": "x"}
            ),
            "minutes": 15,
            "limit": 25_000_000,
            "cancel": "/achievement-batches/J/cancel",
            "back": "/achievement-batches/new",
        },
        _CHROME,
    ),
    _job("corrected", replace(_DONE, report_head=9), sent=[replace(_DONE, corrected=Corrected(2, 1, 0)), _RUNNING]),
    _job("compared", replace(_DONE, corrects="J0", corrected=Corrected(2, 1, 0))),
    Case("batches-errors", "batches/errors.html.jinja", _errors(waiting=1), _CHROME),
    Case("batches-errors-of-a-rule", "batches/errors.html.jinja", _errors(rule=1), _CHROME),
    _record("", batch_error_pages.Attempt(_ENTERED, _FAILED.failures, None, 0)),
    _record("-conflict", batch_error_pages.Attempt(_ENTERED, (), _CORRECTION, 1, is_conflict=True), 409),
    _record("-sent", batch_error_pages.Attempt({}, (), _CORRECTION._replace(sent_as="J2", place=1), 1)),
    _corrections("", [_CORRECTION, _CORRECTION._replace(number=32, changed=())]),
    _corrections("-none", []),
)
