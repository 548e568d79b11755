"""What the pipeline reports to the operators."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.jobs import Job
from chalicelib.domain.results import RecordResult


class Journal:
    """What the steps tell the operators as it comes true, once for each time; this one is read by nobody.

    Whoever passes it on passes on nothing of any learner.
    """

    def received(self, job: Job) -> None:
        """A submitted file has become a job."""

    def split(self, job: Job) -> None:
        """A job's file has been cut into chunks."""

    def applied(self, job: Job, chunk: int, attempt: int, results: Sequence[RecordResult]) -> None:
        """A delivery has answered every record of a chunk."""

    def record_fault(self, job: Job, chunk: int, numbers: Sequence[int], error: Exception) -> None:
        """Records, by number, that stop the program are answered as the service's own fault."""

    def ended(self, job: Job) -> None:
        """A job has come to its end."""

    def list_missing(self, name: str) -> None:
        """The packaged sample stands in for a list that the operator has not given."""


SILENT = Journal()
