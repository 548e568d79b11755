"""Split: a submitted file becomes a job, is refused as a whole, or is cut into chunks (ACH-06, ULN-06, VLD-03, SEC-03).

Every step may be repeated: the job's identity comes from the object's version (or was made with the upload form),
chunks depend only on the file, and steps already taken are recognised. Failures of the file as a whole refuse it before
any record is processed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.domain.callers import Channel
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, OWN_LIMIT, Job, JobStatus, chunk_records, job_id_of
from chalicelib.domain.learner_batches import JobType
from chalicelib.domain.scans import SCAN_LIMIT, Verdict, in_force, refusal, verdict_of
from chalicelib.domain.working_time import london_day
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.result_files import write_rejection
from chalicelib.formats.batch.sent_back import job_named_in
from chalicelib.formats.batch.work_files import chunk_key, write_chunk
from chalicelib.ports.accounts import Accounts, Organisation
from chalicelib.ports.catalogues import Catalogues
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing, TemporaryFailure, TooLarge
from chalicelib.ports.files import Files
from chalicelib.ports.jobs import Jobs
from chalicelib.ports.journal import SILENT, Journal
from chalicelib.ports.levels import Outages
from chalicelib.ports.messages import Delivered
from chalicelib.services.batches.kinds import KINDS
from chalicelib.services.batches.line import BatchLine, saved
from chalicelib.services.batches.places import Place, drop_folder, named_ukprns, probable_kind, read_place
from chalicelib.services.batches.submitted_files import SubmittedFile, file_failures, read_submitted
from chalicelib.services.submission_terms import KEPT, late_before

_ATTEMPTS: Final = 5
_FOLLOWERS: Final = 20
"""Jobs that a job names as its corrections."""
VERDICT_TAG: Final = "GuardDutyMalwareScanStatus"
"""The tag in which the scanner writes its verdict on a version."""


@dataclass(frozen=True, slots=True)
class SplitPorts:
    """What the step needs from outside."""

    jobs: Jobs
    files: Files
    accounts: Accounts
    catalogues: Catalogues
    outages: Outages
    line: BatchLine
    clock: Clock
    bank_holidays: frozenset[date]
    journal: Journal = SILENT


class _Dates(NamedTuple):
    """What the rules of a day's achievement files depend on."""

    read_at: datetime
    day: date
    catalogue_version: str
    late_before: str


class BatchSplit:
    """The first step of the pipeline."""

    def __init__(self, ports: SplitPorts, chunk_size: int, *, scans: bool = False) -> None:
        """With ``scans``, a file is only read when a malware scan has found it clean."""
        self._ports = ports
        self._chunk_size = chunk_size
        self._scans = scans
        self._dates: _Dates | None = None

    def run(self, delivered: Delivered) -> Job:
        """Accept one submitted file; returns its job.

        Raises TemporaryFailure or Missing if the message must be delivered again.
        """
        organisation = self._organisation_of(delivered.source.key)
        job = self._job_of(delivered, organisation)
        if not job.status.is_end and not job.is_split:
            if job.cancelled_at is not None:
                return self._end(job, JobStatus.CANCELLED, ())
            if read_place(delivered.source.key) is None:
                return self._end(job, JobStatus.FAILED, (_misplaced(job),))
            read = self._read_if_clean(job, organisation, delivered)
            if read is None:
                return job
            job = read
        elif not job.status.is_end:
            job = self._restored(job)
        if job.is_split and delivered.verdict is Verdict.INFECTED:
            self._ports.journal.not_clean(job, delivered.verdict)
        if job.status.is_end:
            self._ports.line.end(job)
            return job
        if job.status is JobStatus.WAITING:
            self._ports.line.start_next(job.ukprn, job.kind)
        return job

    def _organisation_of(self, key: str) -> Organisation | None:
        """The organisation under whose prefix a file is, or whom the path of a file in a wrong place names."""
        place = read_place(key)
        found = map(self._ports.accounts.organisation, (place.ukprn,) if place else named_ukprns(key))
        return next(filter(None, found), None)

    def _job_of(self, delivered: Delivered, organisation: Organisation | None) -> Job:
        """The job of this version of this object: existing, made with its upload form, or made now."""
        source = delivered.source
        place = read_place(source.key)
        if place is not None and place.job_id:
            job = self._ports.jobs.get(place.job_id)
            theirs = job is not None and (job.ukprn, job.kind) == (place.ukprn, place.kind)
            if job is not None and theirs and job.source in (None, source):
                return self._arrived(job, delivered)
        job_id = job_id_of(source)
        known = self._ports.jobs.get(job_id) if delivered.submitted_at is None else None
        if known is not None:
            return self._joined(known)
        made = self._made(job_id, delivered, organisation)
        if self._ports.jobs.create(made):
            self._ports.journal.received(made)
            if organisation is None:
                self._ports.journal.astray(made)
            return self._joined(made)
        return self._joined(self._ports.jobs.get(made.job_id) or made)

    def _arrived(self, job: Job, delivered: Delivered) -> Job:
        if job.source is None:
            # Without a name when it was begun, it has that of the file.
            filename = job.filename or delivered.source.key.rpartition("/")[2]
            written = self._written_at(delivered)
            arrived = replace(job, source=delivered.source, submitted_at=written, filename=filename)
            job = saved(self._ports.jobs, arrived)
            self._ports.journal.received(job)
        return self._joined(job)

    def _joined(self, job: Job) -> Job:
        if not job.status.is_end:
            self._ports.line.join(job)
        return job

    def _made(self, job_id: str, delivered: Delivered, organisation: Organisation | None) -> Job:
        """A job for a file dropped in the bucket, or for a second file under one upload form.

        One for a file in a wrong place belongs to the organisation that the path names, or to nobody.
        """
        key = delivered.source.key
        ukprn = organisation.ukprn if organisation else ""
        place = read_place(key) or Place(ukprn, probable_kind(key, organisation))
        return Job(
            job_id=job_id,
            kind=place.kind,
            ukprn=place.ukprn,
            user="bucket",
            email=organisation.batch_email if organisation else "",
            channel=Channel.BUCKET,
            filename=key.rsplit("/", 1)[-1],
            submitted_at=self._written_at(delivered),
            source=delivered.source,
            encoding=organisation.csv_encoding if organisation else "",
        )

    def _written_at(self, delivered: Delivered) -> datetime:
        """When the file was submitted, by its event or else by the object itself."""
        return delivered.submitted_at or self._ports.files.written_at(*delivered.source)

    def _read_if_clean(self, job: Job, organisation: Organisation | None, delivered: Delivered) -> Job | None:
        """Read a file that its scan has found clean, and refuse one with malware. None without a verdict: the file
        waits for the scan's event, or for the watch run to find the verdict.
        """
        verdict = self._verdict(delivered) if self._scans else Verdict.CLEAN
        if verdict is Verdict.CLEAN:
            return self._read_or_refuse(job, organisation)
        if verdict is not None:
            self._ports.journal.not_clean(job, verdict)
        elif self._ports.clock() - job.submitted_at >= SCAN_LIMIT:
            self._ports.journal.scan_overdue(job)
        unsafe = refusal(verdict)
        return self._end(job, JobStatus.FAILED, (unsafe,)) if unsafe else None

    def _verdict(self, delivered: Delivered) -> Verdict | None:
        """The verdict on a version, by the event or by the version's tag: either may come first, or never."""
        if delivered.verdict is Verdict.INFECTED:
            return delivered.verdict
        tag = self._ports.files.tags(*delivered.source).get(VERDICT_TAG, "")
        return in_force((delivered.verdict, verdict_of(tag)))

    def _read_or_refuse(self, job: Job, organisation: Organisation | None) -> Job:
        """Read the file. One that makes its job too large to be stored is refused with a reason of its own: else it
        would come back again and again, and hold up the organisation's next files.
        """
        try:
            return self._read(job, organisation)
        except TooLarge:
            return self._end(job, JobStatus.FAILED, (failure("ACB018"),))

    def _read(self, job: Job, organisation: Organisation | None) -> Job:
        """Read the whole file; refuse it with every reason, or cut it."""
        try:
            submitted = read_submitted(self._ports.files, job)
        except TooLarge as large:
            why = failure("ACB013", "", size=large.size, limit=KINDS[job.kind].max_bytes)
            return self._end(job, JobStatus.FAILED, (*KINDS[job.kind].refusal(organisation), why))
        found = file_failures(submitted, job, organisation)
        known = replace(job, format=submitted.batch.format, notices=tuple(n for n in found if not n.refuses))
        if any(reason.refuses for reason in found):
            return self._end(known, JobStatus.FAILED, tuple(reason for reason in found if reason.refuses))
        return self._cut(known, submitted)

    def _cut(self, job: Job, submitted: SubmittedFile) -> Job:
        kind = KINDS[job.kind]
        records = submitted.records_in(kind.layout)
        size = min(self._chunk_size, kind.most_in_chunk)
        chunks = chunk_records((kind.together(record.values) for record in records), size)
        sizes = tuple(len(chunk) for chunk in chunks)
        for number, positions in enumerate(chunks):
            self._write_chunk(job.job_id, number, sizes, (records[position] for position in positions))
        sha256 = hashlib.sha256(submitted.data).hexdigest()
        first = self._ports.jobs.with_content(job.ukprn, sha256, job.job_id, job.submitted_at)
        known = self._dated(job) if job.kind == ACHIEVEMENTS else job
        header = submitted.batch.header
        cut = self._ports.line.cut(
            replace(
                known,
                submission_type=header.get("SubmissionType", "").strip().upper(),
                job_type=(header.get("JobType") or job.job_type or JobType.FULL) if job.kind == LEARNERS else "",
                organisation_ref=header.get("OrganisationRef", ""),
                email=header.get("OrgEmail") or job.email,
                content_sha256=sha256,
                same_as="" if first == job.job_id else first,
                corrects=job.corrects or self._corrected_by(job, submitted),
                records=len(records),
                chunk_sizes=sizes,
            ),
        )
        self._ports.journal.split(cut)
        return cut

    def _corrected_by(self, job: Job, submitted: SubmittedFile) -> str:
        """The organisation's job whose error file this was; empty if it was none."""
        named = job_named_in(submitted.data, job.format, submitted.layout)
        parent = self._ports.jobs.get(named) if named and named != job.job_id else None
        if parent is None or (parent.ukprn, parent.kind) != (job.ukprn, job.kind):
            return ""
        self._follow(parent, job.job_id)
        return named

    def _follow(self, parent: Job, job_id: str) -> None:
        """Store with a job that this one corrects it. Raises TemporaryFailure."""
        for _ in range(_ATTEMPTS):
            if job_id in parent.followed_by:
                return
            try:
                self._ports.jobs.save(replace(parent, followed_by=(*parent.followed_by, job_id)[-_FOLLOWERS:]))
            except Conflict:
                parent = self._ports.jobs.get(parent.job_id) or parent
                continue
            return
        raise TemporaryFailure("the job keeps changing")

    def _dated(self, job: Job) -> Job:
        """The job with the version of the catalogue and the day before which awards are late.

        Both are kept for a minute, as for single achievements: files often arrive together.
        """
        now, day = self._ports.clock(), london_day(job.submitted_at)
        kept = self._dates
        if kept is None or kept.day != day or not timedelta() <= now - kept.read_at < KEPT:
            late = late_before(day, self._ports).isoformat()
            kept = self._dates = _Dates(now, day, self._ports.catalogues.current_version(), late)
        return replace(job, catalogue_version=kept.catalogue_version, late_before=kept.late_before)

    def _restored(self, job: Job) -> Job:
        """The job with all its chunks; if its file is gone too, it ends after 36 hours, with what was applied."""
        try:
            self._restore_chunks(job)
        except Missing:
            if self._ports.clock() - job.submitted_at < OWN_LIMIT:
                raise
            return self._end(job, JobStatus.FAILED, ())
        return job

    def _restore_chunks(self, job: Job) -> None:
        """Write the chunks of the job that are gone again, cut as before."""
        place = chunk_key(job.job_id, 0, job.chunk_sizes).rpartition("/")[0] + "/"
        there = {stored.key for stored in self._ports.files.objects("work", place, datetime.min.replace(tzinfo=UTC))}
        gone = [n for n in job.missing if chunk_key(job.job_id, n, job.chunk_sizes) not in there]
        if not gone:
            return
        kind = KINDS[job.kind]
        records = read_submitted(self._ports.files, job).records_in(kind.layout)
        together = chunk_records((kind.together(record.values) for record in records), 1)
        order = [position for positions in together for position in positions]
        for number in gone:
            start = sum(job.chunk_sizes[:number])
            positions = sorted(order[start : start + job.chunk_sizes[number]])
            self._write_chunk(job.job_id, number, job.chunk_sizes, [records[position] for position in positions])

    def _write_chunk(self, job_id: str, number: int, sizes: Sequence[int], records: Iterable[Record]) -> None:
        key = chunk_key(job_id, number, sizes)
        self._ports.files.write("work", key, write_chunk(records), "application/json")

    def _end(self, job: Job, status: JobStatus, rejection: Sequence[Failure]) -> Job:
        """End a job without processing any further record."""
        error_key, error_bytes = "", 0
        if rejection:
            error_key = f"results/{job.ukprn or 'unknown'}/{job.job_id}/rejection.{job.format or 'csv'}"
            data = write_rejection(rejection, job.filename, job.format or "csv")
            error_bytes = len(data)
            self._ports.files.write("results", error_key, data, f"text/{job.format or 'csv'}")
        ended = saved(
            self._ports.jobs,
            replace(
                job,
                status=status,
                rejection=tuple(rejection),
                error_key=error_key,
                error_bytes=error_bytes,
                finished_at=self._ports.clock(),
                notice_due=bool(job.email or job.ukprn),
            ),
        )
        self._ports.journal.ended(ended)
        self._ports.line.end(ended)
        return ended

    def give_up(self, job: Job) -> None:
        """End a job whose file could not be split within the service's own limit (SLA-03)."""
        now = self._ports.jobs.get(job.job_id)
        if now is None or now.status.is_end or now.is_split:
            return
        self._end_in_vain(now)

    def lost(self, job_id: str) -> bool:
        """End a job whose file is gone for good, with what was applied; False if it has ended."""
        now = self._ports.jobs.get(job_id)
        if now is None or now.status.is_end:
            return False
        self._end_in_vain(now)
        return True

    def _end_in_vain(self, job: Job) -> None:
        if job.cancelled_at is not None:
            self._end(job, JobStatus.CANCELLED, ())
        else:
            self._end(job, JobStatus.FAILED, () if job.is_split else (failure("LRS-FAULT-2"),))


def _misplaced(job: Job) -> Failure:
    """The reason against a file in a wrong place, with the right one if the organisation is known."""
    return (
        failure("ACB019", hint="folder", expected=drop_folder(job.ukprn, job.kind)) if job.ukprn else failure("ACB019")
    )
