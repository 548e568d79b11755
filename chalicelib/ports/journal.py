"""Reports from the pipeline to the operators."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.jobs import Job
from chalicelib.domain.results import RecordResult
from chalicelib.domain.scans import Verdict


class Journal:
    """The steps report each event to the operators when it happens. This base class ignores every report.

    Implementations must not report anything about a learner.
    """

    def received(self, job: Job) -> None:
        """A submitted file has become a job."""

    def astray(self, job: Job) -> None:
        """A submitted file names no organisation that we know, so nobody is told about it."""

    def split(self, job: Job) -> None:
        """A job's file has been cut into chunks."""

    def applied(self, job: Job, chunk: int, attempt: int, results: Sequence[RecordResult]) -> None:
        """A delivery has answered every record of a chunk."""

    def record_fault(self, job: Job, chunk: int, numbers: Sequence[int], error: Exception) -> None:
        """Records, by number, with unexpected errors are answered as a fault of the service."""

    def ended(self, job: Job) -> None:
        """A job has ended."""

    def not_clean(self, job: Job, verdict: Verdict) -> None:
        """The malware scan of a submitted file has found something, or has failed. The job has not been read yet,
        unless it is cut into chunks.
        """

    def scan_overdue(self, job: Job) -> None:
        """A submitted file has waited too long for its malware scan, and still waits."""

    def watching(self, open_jobs: int, oldest_hours: float) -> None:
        """A watch run begins: how many jobs are open, and the age of the oldest that has not ended."""

    def notice_refused(self, job: Job) -> None:
        """The email service does not accept the email about a job."""

    def notice_given_up(self, job: Job) -> None:
        """The email about a job could not be sent for so long that it never will be."""

    def list_missing(self, name: str) -> None:
        """The packaged sample is used instead of a missing list of the operator's."""

    def list_ends(self, name: str) -> None:
        """The last date of a list is less than a year away."""


SILENT = Journal()
