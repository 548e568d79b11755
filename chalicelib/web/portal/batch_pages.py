"""The list of an organisation's batch jobs, and the page of a job (ACH-07, ULN-07, VLD-03)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.jobs import Job, JobStatus, again_because
from chalicelib.domain.refusals import Refused
from chalicelib.formats.batch.csv_files import list_text
from chalicelib.formats.words.messages import remedy
from chalicelib.formats.words.pages import file_error_text
from chalicelib.services.batches.submit import MOST_LOOKED_AT, ResultFile, Wanted
from chalicelib.web.portal import batch_kinds, statuses
from chalicelib.web.portal.batch_kinds import CHANNEL_WORDS, BatchSurface
from chalicelib.web.portal.forms import asked, form
from chalicelib.web.portal.kept import kept, put
from chalicelib.web.portal.parts import Input, Option, Row, Shown, Step
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import File, Page, Result, SeeOther, View, Visit

JOBS: Final = 25
"""On a page of the list."""
_ANY: Final = Option("", _("All"))
_ORDER, _OLDEST = "order", "oldest"
_FILTERS: Final = form(
    asked(Field("name", Kind.TEXT, 128, "Part of the name of the file."), label=_("File name contains")),
    asked(
        Field("status", Kind.TEXT, 20, "Status."),
        label=_("Status"),
        kind=Input.LIST,
        options=(_ANY, *(Option(status.value, statuses.shown(status).word) for status in JobStatus)),
    ),
    asked(
        Field("channel", Kind.TEXT, 20, "Channel."),
        label=_("Sent by way of"),
        kind=Input.LIST,
        options=(_ANY, *(Option(channel, words) for channel, words in CHANNEL_WORDS.items())),
    ),
    asked(Field("user", Kind.TEXT, 128, "Who sent it."), label=_("Sent by (user name)")),
    asked(
        Field(_ORDER, Kind.TEXT, 20, "Order."),
        label=_("Order"),
        kind=Input.LIST,
        options=(Option("", _("Newest first")), Option(_OLDEST, _("Oldest first"))),
    ),
)
_EXPORTED: Final = (
    "JobId", "FileName", "SentAt", "SentBy", "Channel", "Status", "Records", "Failed", "DueBy", "EndedAt",
)  # fmt: skip


# --- The list --------------------------------------------------------------------------------------------------------


def show_list(visit: Visit, surface: BatchSurface) -> Page:
    """The jobs that fit the filters, in the order that was chosen."""
    texts, wanted, oldest_first = _chosen(visit, surface)
    cursor = visit.query.get("cursor", "")
    page = surface.jobs(visit).search(visit.caller, wanted, JOBS, cursor, oldest_first=oldest_first)
    context = {
        "surface": surface,
        "fields": filters(texts),
        "is_filtered": wanted != Wanted(),
        "oldest_first": oldest_first,
        "is_first": not cursor,
        "jobs": page.items,
        "following": f"{surface.path}?{urlencode({'cursor': page.cursor})}" if page.cursor else "",
        "channels": CHANNEL_WORDS,
        "most": MOST_LOOKED_AT,
    }
    return Page(template="batches/list.html.jinja", context=context)


def filters(texts: Mapping[str, str]) -> list[Shown]:
    """The form of the filters."""
    return _FILTERS.shown(_FILTERS.filled(texts))


def filter_list(visit: Visit, surface: BatchSurface) -> SeeOther:
    """Keep the filters in the session: the name of a file may contain that of a learner."""
    entered = {} if visit.text("action") == "clear" else visit.entered
    texts = {name: text.strip()[:128] for name, text in _FILTERS.texts(entered).items()}
    put(visit, surface.word, texts)
    return SeeOther(path=surface.path)


def export_list(visit: Visit, surface: BatchSurface) -> File:
    """The same jobs as CSV, as many as one search looks at."""
    _, wanted, oldest_first = _chosen(visit, surface)
    found = surface.jobs(visit).search(visit.caller, wanted, MOST_LOOKED_AT, oldest_first=oldest_first).items
    name = f"{surface.path.strip('/')}.csv"
    return File(content=list_text(_EXPORTED, map(_cells, found)), name=name, media_type="text/csv; charset=utf-8")


def _chosen(visit: Visit, surface: BatchSurface) -> tuple[dict[str, str], Wanted, bool]:
    """The filters of this person as entered, the jobs that they want, and whether the oldest come first."""
    nothing = dict.fromkeys((one.name for one in _FILTERS.asked), "")
    texts = nothing | kept(visit, surface.word)
    wanted = Wanted(**{name: text for name, text in texts.items() if name != _ORDER})
    return texts, wanted, texts[_ORDER] == _OLDEST


def _cells(job: Job) -> Sequence[str]:
    sent, due, ended = map(_stamp, (job.submitted_at, job.due_by, job.finished_at))
    numbers = (str(job.records), str(job.counts.failed))
    return (job.job_id, job.filename, sent, job.user, job.channel, job.status.value, *numbers, due, ended)


def _stamp(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


# --- One job ---------------------------------------------------------------------------------------------------------


class Download(NamedTuple):
    """A file of a job."""

    text: str
    href: str
    format: str
    size: int


class Reason(NamedTuple):
    """Why a file was refused, or a notice about it."""

    code: str
    line: int
    column: int
    text: str
    action: str


def show_job(visit: Visit, surface: BatchSurface) -> Page:
    """Status, progress, results and history of a job."""
    job = surface.job(visit)
    sent = visit.services.error_reports.sent_jobs(job) if job.report_head else []
    context = context_of(job, surface, visit.now, sent)
    return Page(template="batches/job.html.jinja", context=context)


def context_of(job: Job, surface: BatchSurface, now: datetime, sent: Sequence[Job] = ()) -> dict[str, Any]:
    """What the page of a job shows; ``sent`` are the jobs with which its corrections were sent."""
    return {
        "surface": surface,
        "job": job,
        "standing": statuses.of_job(job),
        "rows": rows(job),
        "counts": batch_kinds.counted(job.counts),
        "steps": _steps(job),
        "downloads": _downloads(job, surface),
        "rejection": [Reason(w.code, w.line, w.column, file_error_text(w), remedy(w)) for w in job.rejection],
        "notices": [file_error_text(notice) for notice in job.notices],
        "parent": surface.job_path(job.corrects) if job.corrects else "",
        "sent": sent,
        "errors_path": surface.job_path(job.job_id, "errors") if job.report_head else "",
        "again_path": surface.job_path(job.job_id, "resubmit") if again_because(job) else "",
        "same_as": surface.job_path(job.same_as) if job.same_as else "",
        "is_late": not job.status.is_end and now > job.due_by,
        "back": surface.path,
    }


def rows(job: Job) -> list[Row]:
    """What was sent."""
    found = [
        Row(_("File"), job.filename or _("Not sent yet")),
        Row(_("Job"), job.job_id),
        Row(_("Sent by"), job.user),
        Row(_("Sent by way of"), CHANNEL_WORDS.get(job.channel, job.channel)),
    ]
    if job.records:
        found.append(Row(_("Records"), f"{job.records:,}"))
    return found


def _steps(job: Job) -> list[Step]:
    """What happened, oldest first."""
    happened = (
        (job.submitted_at, _("Received") if job.source else _("Begun"), job.user),
        (job.started_at, _("Processing started"), ""),
        (job.cancelled_at, _("Cancelled"), job.cancelled_by),
        (job.finished_at, statuses.shown(job.status).word if job.status.is_end else "", ""),
    )
    found = [Step(title, at, by) for at, title, by in happened if at is not None and title]
    return sorted(found, key=lambda step: step.at)


def _downloads(job: Job, surface: BatchSurface) -> list[Download]:
    files = (
        (_("Output file: every record with its result"), "output", job.output_key, job.output_bytes),
        (
            _("Reasons why the file was refused")
            if job.rejection
            else _("Error file: failed records, to be corrected"),
            "error-file",
            job.error_key,
            job.error_bytes,
        ),
    )
    return [
        Download(text, surface.job_path(job.job_id, part), key.rpartition(".")[2].upper(), size)
        for text, part, key, size in files
        if key
    ]


def fetch_output(visit: Visit, surface: BatchSurface) -> SeeOther:
    """The output file."""
    return _fetched(visit, surface, ResultFile.OUTPUT)


def fetch_error_file(visit: Visit, surface: BatchSurface) -> SeeOther:
    """The error file, or the reasons why the file was refused."""
    return _fetched(visit, surface, ResultFile.ERRORS)


def _fetched(visit: Visit, surface: BatchSurface, file: ResultFile) -> SeeOther:
    return SeeOther(path=surface.jobs(visit).file_link(visit.caller, visit.names["job_id"], file))


def show_cancellation(visit: Visit, surface: BatchSurface) -> Result:
    """Ask whether to cancel a job."""
    job = surface.job(visit)
    return _cancellation(job, surface) if not job.status.is_end else _ended(job, surface)


def cancel(visit: Visit, surface: BatchSurface) -> Result:
    """Cancel it. A second time changes nothing."""
    job = surface.job(visit)
    try:
        surface.jobs(visit).cancel(visit.caller, job.job_id)
    except Refused as refused:
        if refused.codes != "LRS-REQ-10":
            raise
        return _ended(job, surface)
    return SeeOther(path=surface.job_path(job.job_id), message=_("The job was cancelled."))


def _cancellation(job: Job, surface: BatchSurface) -> Page:
    context = {"job": job, "rows": rows(job), "back": surface.job_path(job.job_id)}
    return Page(template="batches/cancel.html.jinja", context=context)


def _ended(job: Job, surface: BatchSurface) -> SeeOther:
    return SeeOther(path=surface.job_path(job.job_id), message=_("The job had ended, so it was not cancelled."))


_SHOWN: Final[dict[str, Any]] = {
    "list_{}es": show_list,
    "filter_{}es": filter_list,
    "export_{}es": export_list,
    "show_{}": show_job,
    "show_{}_cancellation": show_cancellation,
    "cancel_{}": cancel,
    "fetch_{}_output": fetch_output,
    "fetch_{}_error_file": fetch_error_file,
}
VIEWS: Final[tuple[View, ...]] = tuple(
    view for name, show in _SHOWN.items() for view in batch_kinds.of_every_kind(name, show)
)
