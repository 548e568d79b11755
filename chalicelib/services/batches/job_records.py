"""The records of a batch job, each with its result, as its output file has them (ACH-07, ACH-08, ULN-07, VLD-03)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import Job
from chalicelib.domain.looks import LookAction
from chalicelib.domain.refusals import Refused
from chalicelib.formats.batch.result_files import OutputRecord
from chalicelib.ports.achievements import PageTokens
from chalicelib.ports.errors import Missing
from chalicelib.ports.files import Files
from chalicelib.services.batches.kinds import KINDS
from chalicelib.services.batches.submit import BatchJobs
from chalicelib.services.looks import Looks, job_subject
from chalicelib.services.pages import Page, Pages


class JobRecordPorts(NamedTuple):
    """What the list needs from outside."""

    files: Files
    looks: Looks
    tokens: PageTokens


class JobRecords:
    """The records of organisations' jobs."""

    def __init__(self, ports: JobRecordPorts, jobs: BatchJobs) -> None:
        self._ports = ports
        self._jobs = jobs
        self._pages = Pages(ports.tokens)

    def page(self, caller: Caller, kind: str, job_id: str, limit: int, cursor: str = "") -> Page[OutputRecord]:
        """Every record of one of the organisation's jobs of a kind with its result, in the order of the file.

        The look is recorded before the response. Raises BadCursor, and Refused: WSRC0018; WSRC0008 while there is no
        output file yet; LRS-REQ-9 when it is no longer kept.
        """
        job = self._jobs.of_kind(kind).get(caller, job_id)
        if not job.status.is_end:
            raise Refused(failure("WSRC0008"))
        scope = ("job", caller.ukprn, job_id)
        after = int(self._pages.opened(scope, cursor) or 0)
        page = self._pages.page(scope, self._records(job, after), limit)
        detail = {"kind": kind, "count": str(len(page.items)), "after": str(after or "")}
        self._ports.looks.at(caller, LookAction.JOB_RECORDS_LISTED, job_subject(job_id), **detail)
        return page

    def _records(self, job: Job, after: int) -> Iterator[tuple[str, OutputRecord]]:
        """The records after a record number; a file that was refused as a whole has none."""
        if not job.output_key:
            return
        try:
            data = self._ports.files.read("results", job.output_key)
        except Missing:
            raise Refused(failure("LRS-REQ-9", file="output")) from None
        for record in KINDS[job.kind].read_output(data, job.format):
            if record.number > after:
                yield str(record.number), record
