"""Batch jobs: states, chunks, progress, turns and deadlines (ACH-06, ACH-07, SLA-03).

States and counters carry the names of the existing interface. From a job's identity, its chunk plan and the set of
finished chunks, the pipeline knows what is still missing: the difference of two sets, never a guess.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from chalicelib.domain.failures import Failure

ACHIEVEMENTS = "achievements"
"""The kind of an achievement batch, as object keys and turns have it."""

LEARNERS = "learners"
"""The kind of a batch that registers and updates learners (ULN-06)."""

VERIFICATIONS = "verifications"
"""The kind of a batch that verifies learners' details (VLD-03)."""

DEADLINE = timedelta(hours=48)
"""Every valid batch is processed within this time of its submission (C15 section 7)."""

OWN_LIMIT = timedelta(hours=36)
"""Records not processed by then are answered as a fault of the service, so that the job ends before the deadline."""

TURN_LEASE = timedelta(hours=2)
"""How long an organisation's file may keep its turn without progress."""


class JobStatus(StrEnum):
    """The status of a job, with the names of the existing interface."""

    WAITING = "Waiting"
    IN_PROGRESS = "InProgress"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    CANCELLED = "Cancelled"

    @property
    def is_end(self) -> bool:
        return self in (JobStatus.SUCCESSFUL, JobStatus.FAILED, JobStatus.CANCELLED)


class Source(NamedTuple):
    """The submitted file: one version of one object."""

    bucket: str
    key: str
    version: str


class Counts(NamedTuple):
    """Records by outcome: the counters of the existing interface and some more."""

    created: int = 0
    updated: int = 0
    withdrawn: int = 0
    reinstated: int = 0
    promoted: int = 0
    unchanged: int = 0
    refused: int = 0
    not_processed: int = 0
    cancelled: int = 0
    field_data_errors: int = 0
    """Refused records with at least one failure of the field family; the next two count the other families."""
    learner_data_errors: int = 0
    business_rule_errors: int = 0
    late: int = 0
    """Records applied more than ten working days after their award or action date (ACH-10)."""
    found: int = 0
    """Learners registered as submitted; this counter and the next two are for learner and verification batches."""
    possible: int = 0
    not_found: int = 0
    noticed: int = 0
    """Records accepted with at least one notice."""

    @property
    def successful(self) -> int:
        return sum(self[:6]) + self.found

    @property
    def failed(self) -> int:
        """Records that are in the error file."""
        return self.refused + self.not_processed + self.cancelled + self.not_found


class Corrected(NamedTuple):
    """What became of records that had failed in another job and were corrected."""

    fixed: int = 0
    still: int = 0
    """Failed for one of the same reasons."""
    new: int = 0
    """Failed for other reasons only."""


@dataclass(frozen=True, slots=True)
class Job:
    """One submitted file on its way through the pipeline."""

    job_id: str
    kind: str
    ukprn: str
    user: str
    """Who submitted: a user name, or ``bucket`` for a file dropped under the organisation's prefix."""
    email: str
    """Where the email about its end is sent."""
    channel: str
    """``bucket``, ``webservice`` or ``portal``."""
    filename: str
    submitted_at: datetime
    status: JobStatus = JobStatus.WAITING
    source: Source | None = None
    """None until the upload of a job that was started first has arrived."""
    encoding: str = ""
    """The declared encoding of a CSV file; empty for UTF-8."""
    organisation_ref: str = ""
    submission_type: str = ""
    job_type: str = ""
    """``FUL`` or ``CHK`` of a learner batch."""
    format: str = ""
    """``csv`` or ``xml``."""
    content_sha256: str = ""
    same_as: str = ""
    """An earlier job with the same content, if any."""
    records: int = 0
    chunk_sizes: tuple[int, ...] = ()
    """Records in each chunk; empty until the file has been split."""
    done: frozenset[int] = frozenset()
    """Numbers of the chunks whose results are stored."""
    sent_at: datetime | None = None
    """When chunk messages were last sent."""
    progress_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    catalogue_version: str = ""
    late_before: str = ""
    """ISO date; awards before it are late."""
    counts: Counts = Counts()
    rejection: tuple[Failure, ...] = ()
    """Why the file as a whole was refused."""
    notices: tuple[Failure, ...] = ()
    output_key: str = ""
    output_bytes: int = 0
    error_key: str = ""
    error_bytes: int = 0
    report_head: int = 0
    """Bytes of the index of its error report; 0 without one."""
    corrects: str = ""
    """The job whose corrected records these are, corrected in the portal or in its error file."""
    followed_by: tuple[str, ...] = ()
    """The last jobs that were its error file, corrected outside the portal."""
    corrected: Corrected = Corrected()
    """What became of them; known when the job has ended."""
    cancelled_at: datetime | None = None
    """When it was cancelled; records not applied by then are answered as cancelled."""
    cancelled_by: str = ""
    ended_early_at: datetime | None = None
    """When an administrator ended it: then records without an answer are answered as a fault of the service."""
    notice_due: bool = False
    """Whether an email is due; cleared when it has been sent."""
    revision: int = 0

    @property
    def due_by(self) -> datetime:
        return self.submitted_at + DEADLINE

    @property
    def is_split(self) -> bool:
        return bool(self.chunk_sizes)

    @property
    def missing(self) -> list[int]:
        """Numbers of the chunks that have no result yet."""
        return [n for n in range(len(self.chunk_sizes)) if n not in self.done]

    @property
    def is_complete(self) -> bool:
        return self.is_split and not self.missing

    @property
    def percent_done(self) -> int:
        """Share of the records whose chunk is done, 0 to 100, rounded down; 100 only when every one is."""
        if self.status.is_end:
            return 100
        total = sum(self.chunk_sizes)
        return sum(self.chunk_sizes[n] for n in self.done) * 100 // total if total else 0

    @property
    def records_done(self) -> int:
        """Records whose chunk is done; of a job that has ended, all."""
        return self.records if self.status.is_end else sum(self.chunk_sizes[number] for number in self.done)

    def is_given_up(self, now: datetime) -> bool:
        """Whether records without an answer are refused now: they have waited too long, or somebody ended the job."""
        return not self.status.is_end and (self.ended_early_at is not None or now - self.submitted_at >= OWN_LIMIT)

    @property
    def is_open(self) -> bool:
        """Whether the watch run still has to check it."""
        return not self.status.is_end or self.notice_due


class Again(StrEnum):
    """Why the file of a job may be processed once more, unchanged."""

    FAULT = "fault"
    """A fault of the service: the file had nothing against it."""
    CANCELLED = "cancelled"


def again_because(job: Job) -> Again | None:
    """Why its file may be processed once more; None if it may not, as a file with something against it."""
    if job.source is None or job.rejection:
        return None
    return {JobStatus.FAILED: Again.FAULT, JobStatus.CANCELLED: Again.CANCELLED}.get(job.status)


class Risk(StrEnum):
    """How near an unfinished file is to its deadline."""

    ON_TIME = "on time"
    NEAR = "near"
    """Half of its time is over."""
    URGENT = "urgent"
    """Records without an answer are refused now."""
    OVERDUE = "overdue"


def risk_of(job: Job, now: datetime) -> Risk:
    """How near a file is to its deadline. Operators are alarmed at the same hours."""
    age = now - job.submitted_at
    for risk, hours in ((Risk.OVERDUE, DEADLINE), (Risk.URGENT, OWN_LIMIT), (Risk.NEAR, DEADLINE / 2)):
        if age >= hours:
            return risk
    return Risk.ON_TIME


class Claim(NamedTuple):
    """A delivery's claim on one chunk."""

    job: Job
    held: bool
    """False if the chunk is held by another delivery that may still be alive."""
    attempt: int
    """1 for the first delivery that claimed the chunk."""


def job_id_of(source: Source) -> str:
    """The identity of a dropped file: the same version of the same object is always the same job."""
    return "D" + _hashed(*source)


def upload_id_of(*parts: str) -> str:
    """The identity of an upload that is known by these texts: the same are always the same job."""
    return "U" + _hashed(*parts)


def _hashed(*parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return b32encode(digest[:15]).decode("ascii")


def chunk_records(ulns: Iterable[str], size: int) -> list[list[int]]:
    """Cut records, given by their ULNs in file order, into chunks of about ``size``.

    All records of one ULN are in one chunk, in file order; ULNs fill the chunks in order of first appearance. The
    result lists, for each chunk, the positions of its records in ascending order. A ULN with more than ``size`` records
    makes its chunk larger.
    """
    by_uln: dict[str, list[int]] = {}
    for position, uln in enumerate(ulns):
        by_uln.setdefault(uln, []).append(position)
    chunks: list[list[int]] = []
    current: list[int] = []
    for positions in by_uln.values():
        if current and len(current) + len(positions) > size:
            chunks.append(sorted(current))
            current = []
        current.extend(positions)
    if current:
        chunks.append(sorted(current))
    return chunks


class Place(NamedTuple):
    """A file's place in the line of its organisation's files of one kind.

    The line is in order of submission, and the first file in it has the turn. A file that makes no progress lets the
    next one pass when its lease has expired: then two files may be applied out of order, but never incorrectly.
    """

    ukprn: str
    kind: str
    submitted_at: datetime
    job_id: str
    lease_until: datetime | None = None
    """When its turn passes to the next; None until it has had the turn."""

    def is_leased(self, now: datetime) -> bool:
        """Whether it had the turn and its lease has not expired."""
        return self.lease_until is not None and self.lease_until > now


def place_of(job: Job) -> Place:
    """A job's place in the line, without a lease."""
    return Place(job.ukprn, job.kind, job.submitted_at, job.job_id)


def holder(line: Iterable[Place], now: datetime) -> Place | None:
    """The file that has the turn: the first without a lease or with one that has not expired. If every lease has
    expired, it is the first again.
    """
    first = None
    for place in line:
        if place.lease_until is None or place.is_leased(now):
            return place
        first = first or place
    return first
