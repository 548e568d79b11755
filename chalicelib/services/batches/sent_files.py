"""Files that pass through the portal: checked without sending anything, or checked and processed (ACH-06, VAL-02).

A file whose content or header would refuse it as a whole is refused before there is a job. The same form with the same
file makes one job, however often it is sent; a file that the organisation has sent before is only processed again by
somebody who says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Job, again_because, upload_id_of
from chalicelib.domain.refusals import Refused
from chalicelib.domain.working_time import london_day
from chalicelib.formats.batch.checks import Expectations, Report, check_file
from chalicelib.services.batches.kinds import KINDS
from chalicelib.services.batches.places import upload_folder
from chalicelib.services.batches.submit import FORM_SECONDS, BatchJobs, SubmitPorts, UploadBegun
from chalicelib.services.batches.submitted_files import file_failures, opened


class SentFile(NamedTuple):
    """A file as somebody sends it."""

    name: str
    data: bytes
    encoding: str = ""
    """Declared, of a CSV file."""
    job_type: str = ""
    """Of a learner batch."""


class SentBefore(Exception):
    """The organisation has sent the same content before, with ``job``."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.job_id)
        self.job = job


class SentFiles:
    """The files of every kind of batch."""

    def __init__(self, ports: SubmitPorts, jobs: BatchJobs) -> None:
        self._ports = ports
        self._jobs = jobs

    def check(self, caller: Caller, kind: str, file: SentFile) -> Report:
        """What is wrong with a file, as far as that can be told without the registers; nothing is stored.

        Raises Refused if it would not be taken from this organisation under this name at all.
        """
        job = self._jobs.of_kind(kind).drafted(caller, file.name, "", file.encoding, file.job_type)
        organisation = self._ports.accounts.organisation(caller.ukprn)
        reference = organisation.organisation_ref if organisation else ""
        expected = Expectations(london_day(self._ports.clock()), caller.ukprn, reference, file.encoding, job.job_type)
        return check_file(file.data, expected, file.name, KINDS[kind].layout_of(file.data))

    def expect(self, caller: Caller, kind: str, form: str, encoding: str = "") -> Job:
        """A job for a file that is too large to pass through the portal; its name is not known yet. Raises Refused.

        The same form makes one.
        """
        jobs = self._jobs.of_kind(kind)
        # The name is judged when the file arrives; that of the layout stands for it until then.
        named = jobs.drafted(caller, "file.csv", "", encoding, "", _job_id_of(caller, form, ""))
        job = replace(named, filename="")
        self._ports.jobs.create(job)
        return job

    def form(self, caller: Caller, kind: str, job_id: str, back: str) -> UploadBegun:
        """The form with which a browser sends the file of such a job, and then goes to ``back``.

        Raises Refused: WSRC0018; LRS-REQ-10 if the file has come, or the job was cancelled.
        """
        job = self._jobs.of_kind(kind).get(caller, job_id)
        if job.source is not None or job.filename or job.status.is_end:
            raise Refused(failure("LRS-REQ-10"))
        folder, most = upload_folder(job), KINDS[kind].max_bytes
        return UploadBegun(job, self._ports.files.page_form("inbox", folder, most, FORM_SECONDS, back), FORM_SECONDS)

    def process(self, caller: Caller, kind: str, file: SentFile, form: str, *, again: bool = False) -> Job:
        """The job of a file, sent with this form. Raises Refused with every reason against the file as a whole, and
        SentBefore unless it is to be processed ``again``.
        """
        ports, digest = self._ports, hashlib.sha256(file.data).hexdigest()
        job_id = _job_id_of(caller, form, digest)
        drafted = self._jobs.of_kind(kind).drafted(caller, file.name, "", file.encoding, file.job_type, job_id)
        self._require_readable(drafted, file.data)
        job = self._first_with(drafted, digest, again=again)
        ports.jobs.create(job)
        return self._jobs.of_kind(kind).store(job, file.data)

    def _first_with(self, job: Job, digest: str, *, again: bool) -> Job:
        """The job to which a file belongs: that of an earlier upload, interrupted before its file was stored, or this.

        An earlier job that was never made, or that ended without a file, is not an upload of it.
        """
        jobs = self._ports.jobs
        first = jobs.with_content(job.ukprn, digest, job.job_id, job.submitted_at)
        if first == job.job_id or again:
            return job
        earlier = jobs.get(first)
        if earlier is None or (earlier.source is None and earlier.status.is_end):
            jobs.with_content(job.ukprn, digest, job.job_id, job.submitted_at, instead_of=first)
            return job
        if earlier.source is None and _details(earlier) == _details(job):
            return earlier
        raise SentBefore(earlier)

    def process_again(self, caller: Caller, kind: str, job_id: str) -> Job:
        """A new job of the unchanged file of one that we failed, or that was cancelled. The same again makes none.

        Raises Refused: WSRC0018; LRS-REQ-10 if there is no reason to process it once more. Raises Missing if the file
        is not kept any more.
        """
        ports, jobs = self._ports, self._jobs.of_kind(kind)
        job = jobs.get(caller, job_id)
        if job.source is None or again_because(job) is None:
            raise Refused(failure("LRS-REQ-10"))
        again = jobs.copied(caller, job, upload_id_of(job.job_id, "again"))
        data = ports.files.read(job.source.bucket, job.source.key, job.source.version, KINDS[kind].max_bytes)
        ports.jobs.create(again)
        return jobs.store(again, data)

    def _require_readable(self, job: Job, data: bytes) -> None:
        if len(data) > KINDS[job.kind].max_bytes:
            raise Refused(failure("ACB013", size=len(data), limit=KINDS[job.kind].max_bytes))
        organisation = self._ports.accounts.organisation(job.ukprn)
        reasons = [why for why in file_failures(opened(data, job), job, organisation) if why.refuses]
        if reasons:
            raise Refused(*reasons)


def _job_id_of(caller: Caller, form: str, digest: str) -> str:
    """The job of a form and a file: nobody else can have it, and nobody can guess it."""
    return upload_id_of(caller.ukprn, caller.user, form, digest)


def _details(job: Job) -> tuple[str, ...]:
    """What a person says about a file."""
    return job.kind, job.filename, job.encoding, job.job_type
