"""The newest batch jobs that a person sent (ACH-06, ULN-06, VLD-03).

They stand on the portal's first page, so what reads and writes their files is not needed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chalicelib.domain.jobs import Job
from chalicelib.ports.jobs import Jobs

MOST: Final = 5
LOOKED_AT: Final = 10
"""The newest jobs of the organisation, of each kind, among which a person's own are looked for."""


class NewestJobs:
    """The newest jobs, whatever their kind."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def of_person(self, ukprn: str, user: str, kinds: Iterable[str]) -> list[Job]:
        """Those of these kinds that a person sent, among the newest of the organisation; the newest first."""
        found = [
            job
            for kind in kinds
            for job in self._jobs.of_organisation(ukprn, kind, LOOKED_AT, "").items
            if job.user == user
        ]
        return sorted(found, key=lambda job: job.submitted_at, reverse=True)[:MOST]
