"""Emails about finished jobs (C10 section 7, SLA-03). They never contain learner data (SEC-02)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from chalicelib.domain.accounts import Account
from chalicelib.domain.callers import Channel
from chalicelib.domain.failures import Failure
from chalicelib.domain.jobs import Job, JobStatus
from chalicelib.domain.working_time import uk_time
from chalicelib.formats.words.mails import ACCOUNT, FILE_DROP, Letter, Link
from chalicelib.formats.words.messages import remedy, sentence
from chalicelib.formats.words.statuses import JOB_WORDS
from chalicelib.ports.errors import Conflict, MailRefused
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.journal import SILENT, Journal
from chalicelib.ports.users import UserStore
from chalicelib.services.batches.kinds import KINDS
from chalicelib.services.organisation_mail import OrganisationMail, Recipient
from chalicelib.services.post import Post

SHOWN_REASONS = 10
"""Reasons listed in an email about a rejected file; the rejection file lists them all."""

_STANDARD_NAME = re.compile(r"[A-Z]{3}_[0-9]{8}_[0-9]{8,12}(_[0-9]{3})?\.(csv|xml)", re.IGNORECASE)
"""Only a file name in the standard format is repeated: any other may contain a learner's name (SEC-02)."""

_OF_SENDER: Final = "You can turn these emails off in your account."
_OF_ADDRESS: Final = (
    "To change the address, change that of your organisation, of the system's credential, or of the file."
)
_ENDINGS = {JobStatus.SUCCESSFUL: "finished", JobStatus.FAILED: "failed", JobStatus.CANCELLED: "cancelled"}


class Notices:
    """Sends the email that is due about a job."""

    def __init__(
        self, jobs: Jobs, users: UserStore, organisations: OrganisationMail, post: Post, journal: Journal = SILENT
    ) -> None:
        self._jobs = jobs
        self._users = users
        self._organisations = organisations
        self._post = post
        self._journal = journal

    def run(self, job_id: str) -> bool:
        """Send the email if it is still due; returns whether it was sent.

        An email may be sent twice, if the process crashes between sending it and recording that it was sent. One that
        is refused stays due: the watch run has it sent again, less and less often, and gives it up in the end.
        """
        job = self._jobs.get(job_id)
        if job is None or not job.notice_due:
            return False
        sender = self._sender(job)
        if (sender is not None and not sender.wants_notices) or self._is_nobodys(job):
            self._note_done(job)
            return False
        try:
            self._send(job, sender)
        except MailRefused:
            self._journal.notice_refused(job)
            return False
        self._note_done(job)
        return True

    def _is_nobodys(self, job: Job) -> bool:
        """Whether its file was dropped for an organisation that does not exist."""
        return not job.email and not self._organisations.exists(job.ukprn)

    def _sender(self, job: Job) -> Account | None:
        """The person to whom the email goes, unless it goes to another address."""
        if job.channel != Channel.PORTAL:
            return None
        account = self._users.named(job.user).account
        return account if account and account.details.email_address == job.email else None

    def _send(self, job: Job, sender: Account | None) -> None:
        """Write to the person or address, or else to the organisation (IDM-13). Raises MailRefused, also where there
        is nobody.
        """
        has_left = sender is not None and bool(sender.suspended_at or sender.deleted_at)
        if job.email and not has_left:
            self._post.send(job.email, compose(job, is_to_sender=sender is not None))
            return
        recipient = self._organisations.recipient(job.ukprn)
        if recipient is None:
            raise MailRefused("notices: nobody to write to")
        self._post.send(recipient.address, compose(job, recipient))

    def _note_done(self, job: Job) -> None:
        """Save that it is no longer due, over whatever others have changed in the meantime."""
        now: Job | None = job
        while now is not None and now.notice_due:
            try:
                self._jobs.save(replace(now, notice_due=False))
            except Conflict:
                now = self._jobs.get(job.job_id)
            else:
                return


def compose(job: Job, recipient: Recipient | None = None, *, is_to_sender: bool = False) -> Letter:
    """The email about a finished job: counts, times and links, no learner data. It goes to the organisation's
    recipient, to the person who sent the file, or else to an address that was entered for such emails.
    """
    kind = KINDS[job.kind]
    subject = f"{kind.title} {_ENDINGS[job.status]}: job {job.job_id}"
    lines = [
        f"Job: {job.job_id}",
        *([f"File: {job.filename}"] if _STANDARD_NAME.fullmatch(job.filename) else []),
        f"Submitted: {_shown(job.submitted_at)}",
        f"Finished: {_shown(job.finished_at)}",
        f"Status: {JOB_WORDS[job.status]}",
        "",
        *(_rejection(job) if job.rejection else _counts(job)),
        *_notices(job),
    ]
    page = Link("Result files and details, for users with a role for them", f"{kind.page}/{job.job_id}")
    if recipient is not None and recipient.super_user:
        drop = (Link("Dropped files", FILE_DROP),) if job.channel == Channel.BUCKET else ()
        return recipient.letter(subject, lines, *drop)
    if recipient is not None:
        return recipient.letter(subject, lines, page)
    if is_to_sender:
        links = (page._replace(label="Result files and details"), Link("Your account", ACCOUNT))
        return Letter(subject, "the person who sent the file", lines, links, _OF_SENDER)
    return Letter(subject, "the address that was entered for emails about such files", lines, (page,), _OF_ADDRESS)


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
