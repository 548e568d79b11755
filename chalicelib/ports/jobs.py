"""Batch jobs, and the lines of organisations' files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.domain.corrections import Correction
from chalicelib.domain.jobs import Claim, Job, Place


class JobPage(NamedTuple):
    """A page of jobs; ``cursor`` is for the next page, empty at the end."""

    items: list[Job]
    cursor: str


class Jobs(Protocol):
    """Batch jobs."""

    def create(self, job: Job) -> bool:
        """False if a job with that id already exists; it is not changed."""
        ...

    def get(self, job_id: str) -> Job | None:
        """Strongly consistent."""
        ...

    def save(self, job: Job, chunk: int | None = None) -> Job:
        """Write everything except ``done`` and the claims, if the stored revision is still ``job.revision``. With
        ``chunk``, that chunk is done from then on.

        Returns the job with its new revision. Raises :class:`Conflict`, or :class:`TooLarge` for a job that cannot be
        stored whatever the time.
        """
        ...

    def claim_chunk(self, job_id: str, chunk: int, now: datetime, lease_until: datetime) -> Claim:
        """Claim a chunk for one delivery, in one call; not held during another delivery's lease. Raises Missing."""
        ...

    def chunk_done(self, job_id: str, chunk: int, now: datetime) -> Job:
        """Add the chunk to the set of those done and set ``progress_at``; returns the updated job."""
        ...

    def chunk_lost(self, job_id: str, chunk: int) -> Job:
        """Take a chunk whose results are gone out of the set of those done; its next claim is not its first attempt.

        Returns the updated job; one that has ended stays as it is. Raises Missing.
        """
        ...

    def with_content(self, ukprn: str, sha256: str, job_id: str, at: datetime, instead_of: str = "") -> str:
        """Store that this job has this content; returns the id of the first job that had it (its own if it is the
        first, or if the first was ``instead_of``).
        """
        ...

    def of_organisation(
        self, ukprn: str, kind: str, limit: int, cursor: str = "", *, oldest_first: bool = False
    ) -> JobPage:
        """By the time at which they were sent; ``cursor`` is from the page before, in either order.

        Raises :class:`BadCursor`.
        """
        ...

    def open_jobs(self) -> list[str]:
        """The ids of the jobs that the watch run has to check, by deadline; may lag behind."""
        ...

    def read(self, job_ids: Sequence[str]) -> list[Job]:
        """Jobs in the order of their ids, strongly consistent, without those that do not exist."""
        ...


class Corrections(Protocol):
    """Corrected records of jobs."""

    def of_job(self, job_id: str) -> list[Correction]:
        """In the order of the file, strongly consistent."""
        ...

    def get(self, job_id: str, number: int) -> Correction | None:
        """Strongly consistent."""
        ...

    def save(self, correction: Correction) -> None:
        """Store the revision after the stored one, or the first. Raises :class:`Conflict` if it is not that, or if the
        record has been sent.
        """
        ...

    def mark_sent(self, correction: Correction, sent_as: str, place: int) -> bool:
        """Store that a correction is sent with a job, or with none; False if it has changed since it was read."""
        ...


class Turns(Protocol):
    """The lines of organisations' files. Every change of a place may be repeated."""

    def line(self, ukprn: str, kind: str) -> Iterator[Place]:
        """The files in order of submission, strongly consistent, read as far as they are needed."""
        ...

    def join(self, place: Place) -> None:
        """Add a file; one that is in the line already keeps its lease."""
        ...

    def lease(self, place: Place, until: datetime) -> None:
        """Give a file the turn until then, unless its lease has changed since it was read, or it has left."""
        ...

    def renew(self, place: Place, until: datetime) -> None:
        """Extend the lease of a file that has had the turn; never shortens it."""
        ...

    def leave(self, place: Place) -> None:
        """Remove a file, if it is there."""
        ...
