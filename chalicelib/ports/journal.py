"""Reports from the pipeline to the operators."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.jobs import Job
from chalicelib.domain.results import RecordResult


class Journal:
    """The steps report each event to the operators when it happens. This base class ignores every report.

    Implementations must not report anything about a learner.
    """

    def received(self, job: Job) -> None:
        """A submitted file has become a job."""

    def split(self, job: Job) -> None:
        """A job's file has been cut into chunks."""

    def applied(self, job: Job, chunk: int, attempt: int, results: Sequence[RecordResult]) -> None:
        """A delivery has answered every record of a chunk."""

    def record_fault(self, job: Job, chunk: int, numbers: Sequence[int], error: Exception) -> None:
        """Records, by number, with unexpected errors are answered as a fault of the service."""

    def ended(self, job: Job) -> None:
        """A job has ended."""

    def list_missing(self, name: str) -> None:
        """The packaged sample is used instead of a missing list of the operator's."""


SILENT = Journal()
