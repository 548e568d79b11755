"""Batch jobs, and the line of each organisation's files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.domain.jobs import Claim, Job, Turn


class JobPage(NamedTuple):
    """Part of a listing of jobs; ``cursor`` continues it and is empty at its end."""

    items: list[Job]
    cursor: str


class Jobs(Protocol):
    """Batch jobs."""

    def create(self, job: Job) -> bool:
        """False when a job of that id exists already; it is left as it is."""
        ...

    def get(self, job_id: str) -> Job | None:
        """Strongly consistent."""
        ...

    def save(self, job: Job) -> Job:
        """Write everything but ``done`` and the claims, if the stored revision is still ``job.revision``.

        Returns the job with its new revision. Raises :class:`Conflict`.
        """
        ...

    def claim_chunk(self, job_id: str, chunk: int, now: datetime, lease_until: datetime) -> Claim:
        """Claim a chunk for one delivery, in one call; not held while another's lease lasts. Raises Missing."""
        ...

    def chunk_done(self, job_id: str, chunk: int, now: datetime) -> Job:
        """Add the chunk to the set of those done, set ``progress_at``; the job as it then is."""
        ...

    def with_content(self, ukprn: str, sha256: str, job_id: str) -> str:
        """Remember that this job brought this content; the id of the first that did (its own when it is the first)."""
        ...

    def of_organisation(self, ukprn: str, kind: str, limit: int, cursor: str = "") -> JobPage:
        """Newest first; ``cursor`` continues a listing. Raises :class:`BadCursor`."""
        ...

    def open_jobs(self) -> Iterator[Job]:
        """Every job that the watcher has to look after, by deadline."""
        ...


class Turns(Protocol):
    """The line of each organisation's files."""

    def get(self, ukprn: str, kind: str) -> Turn:
        """Strongly consistent; an empty line where there is none."""
        ...

    def save(self, turn: Turn) -> Turn:
        """If the stored revision is still ``turn.revision``; with the new revision. Raises :class:`Conflict`."""
        ...
