"""Emails about finished jobs (C10 section 7, SLA-03). They never contain learner data (SEC-02)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.failures import Failure
from chalicelib.domain.jobs import Job, JobStatus
from chalicelib.domain.working_time import uk_time
from chalicelib.formats.words.messages import remedy, sentence
from chalicelib.ports.errors import Conflict, MailRefused
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.journal import SILENT, Journal
from chalicelib.ports.messages import Mail
from chalicelib.services.batches.kinds import KINDS

SHOWN_REASONS = 10
"""Reasons listed in an email about a rejected file; the rejection file lists them all."""

_STANDARD_NAME = re.compile(r"[A-Z]{3}_[0-9]{8}_[0-9]{8,12}(_[0-9]{3})?\.(csv|xml)", re.IGNORECASE)
"""Only a file name in the standard format is repeated: any other may contain a learner's name (SEC-02)."""

_ENDINGS = {JobStatus.SUCCESSFUL: "finished", JobStatus.FAILED: "failed", JobStatus.CANCELLED: "cancelled"}


class Notices:
    """Sends the email that is due about a job."""

    def __init__(self, jobs: Jobs, mail: Mail, portal_url: str, journal: Journal = SILENT) -> None:
        self._jobs = jobs
        self._mail = mail
        self._portal_url = portal_url.rstrip("/")
        self._journal = journal

    def run(self, job_id: str) -> bool:
        """Send the email if it is still due; returns whether it was sent.

        An email may be sent twice, if the process crashes between sending it and recording that it was sent. One that
        is refused stays due: the watch run has it sent again, less and less often, and gives it up in the end.
        """
        job = self._jobs.get(job_id)
        if job is None or not job.notice_due:
            return False
        subject, body = compose(job, self._portal_url)
        try:
            self._mail.send(job.email, subject, body)
        except MailRefused:
            self._journal.notice_refused(job)
            return False
        self._note_sent(job)
        return True

    def _note_sent(self, job: Job) -> None:
        """Save that it was sent, over whatever others have changed in the meantime."""
        now: Job | None = job
        while now is not None and now.notice_due:
            try:
                self._jobs.save(replace(now, notice_due=False))
            except Conflict:
                now = self._jobs.get(job.job_id)
            else:
                return


def compose(job: Job, portal_url: str) -> tuple[str, str]:
    """Subject and body of the email about a finished job: counts, times and a link, no learner data."""
    kind = KINDS[job.kind]
    subject = f"{kind.title} {_ENDINGS[job.status]}: job {job.job_id}"
    lines = [
        f"Job: {job.job_id}",
        *([f"File: {job.filename}"] if _STANDARD_NAME.fullmatch(job.filename) else []),
        f"Submitted: {_shown(job.submitted_at)}",
        f"Finished: {_shown(job.finished_at)}",
        f"Status: {job.status.value}",
        "",
        *(_rejection(job) if job.rejection else _counts(job)),
        *_notices(job),
        "",
        f"Result files and details: {portal_url}{kind.path}/{job.job_id}",
        "You need your organisation's credentials to open them. This email contains no learner data.",
    ]
    return subject, "\n".join(lines) + "\n"


def _rejection(job: Job) -> list[str]:
    lines = ["We could not accept the file. None of its records was processed.", ""]
    lines += map(_listed, job.rejection[:SHOWN_REASONS])
    more = len(job.rejection) - SHOWN_REASONS
    if more > 0:
        lines.append(f"- and {more} more. The rejection file lists them all.")
    return lines


def _counts(job: Job) -> list[str]:
    counters = ((name, getattr(job.counts, counter)) for name, counter in KINDS[job.kind].counters)
    shown = [("Records", job.records), *counters]
    lines = [f"{name}: {number}" for name, number in shown if number or name in ("Records", "Refused")]
    if job.error_key:
        lines.append("The error file contains the failed records and every reason. Correct it and send it back.")
    return lines


def _notices(job: Job) -> list[str]:
    """What to know about the file besides; it is not refused for it."""
    return ["", "Notices about the file:", *map(_listed, job.notices[:SHOWN_REASONS])] if job.notices else []


def _listed(reason: Failure) -> str:
    where = f" (line {reason.line})" if reason.line else ""
    return f"- {reason.code}{where}: {sentence(reason)} {remedy(reason)}"


def _shown(at: datetime | None) -> str:
    return uk_time(at) if at else "-"
