"""The submitted file of a job, as the steps read it: when it is split, cut again, and joined with its results."""

from __future__ import annotations

from typing import NamedTuple

from chalicelib.domain.failures import Failure
from chalicelib.domain.jobs import Job
from chalicelib.formats.batch.files import BatchFile, header_failures, job_type_failures, read_batch
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.records import Record
from chalicelib.ports.accounts import Organisation
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.files import Files
from chalicelib.services.batches.kinds import KINDS


class SubmittedFile(NamedTuple):
    """A submitted file with all its records."""

    data: bytes
    layout: Layout
    """The version that the file is in."""
    batch: BatchFile

    def records_in(self, present: Layout) -> list[Record]:
        """The records with their values in the order of the current version of the layout."""
        records = self.batch.records
        if self.layout is present:
            return list(records)
        return [record._replace(values=present.in_order(record.values, self.layout)) for record in records]


def read_submitted(files: Files, job: Job) -> SubmittedFile:
    """Read the whole file. Raises TemporaryFailure before an upload has arrived, Missing, and TooLarge."""
    if job.source is None:
        raise TemporaryFailure("the upload has not arrived")
    kind = KINDS[job.kind]
    data = files.read(job.source.bucket, job.source.key, job.source.version, kind.max_bytes)
    return opened(data, job)


def opened(data: bytes, job: Job) -> SubmittedFile:
    """The content of a job's file."""
    layout = KINDS[job.kind].layout_of(data)
    return SubmittedFile(data, layout, read_batch(data, job.filename, layout, job.encoding))


def file_failures(submitted: SubmittedFile, job: Job, organisation: Organisation | None) -> list[Failure]:
    """Every reason and notice about the file as a whole, for a job of this organisation."""
    batch = submitted.batch
    found = [*KINDS[job.kind].refusal(organisation), *batch.failures, *batch.notices]
    if not batch.header:
        return found
    reference = organisation.organisation_ref if organisation else ""
    stated = (batch.header, job.ukprn, reference, job.filename, len(batch.records), submitted.layout)
    chosen = job_type_failures(batch.header, job.job_type, batch.places)
    return [*found, *header_failures(*stated, batch.places), *chosen]
