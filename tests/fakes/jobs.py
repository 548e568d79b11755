"""Fakes of batch jobs and of the queues of organisations' files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.corrections import Correction
from chalicelib.domain.jobs import Claim, Job, Place
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.jobs import JobPage
from chalicelib.storage.job_items import storable_state
from tests.fakes.calls import Fake, FakeClock, Hook, call, no_hook, page_after


@dataclass(frozen=True, slots=True)
class Lease:
    until: datetime
    attempt: int


class FakeJobs(Fake):
    """Jobs by id. The two listings are indexes: :meth:`freeze_indexes` makes them lag behind."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[str, Job] = {}
        self.leases: dict[tuple[str, int], Lease] = {}
        self.contents: dict[tuple[str, str], str] = {}
        self._frozen: dict[str, Job] | None = None

    def freeze_indexes(self) -> None:
        self._frozen = dict(self.held)

    def thaw_indexes(self) -> None:
        self._frozen = None

    @call("jobs.create")
    def create(self, job: Job) -> bool:
        if job.job_id in self.held:
            return False
        self.held[job.job_id] = job
        return True

    @call("jobs.get")
    def get(self, job_id: str) -> Job | None:
        return self.held.get(job_id)

    @call("jobs.save", knows_own=True)
    def save(self, job: Job, chunk: int | None = None) -> Job:
        stored = self.held.get(job.job_id)
        if stored is None or stored.revision != job.revision:
            raise Conflict
        storable_state(job)
        done = stored.done if chunk is None else stored.done | {chunk}
        saved = replace(
            job, done=done, progress_at=_later(job.progress_at, stored.progress_at), revision=job.revision + 1
        )
        if chunk is not None:
            self.leases.pop((job.job_id, chunk), None)
        self.held[job.job_id] = saved
        return saved

    @call("jobs.claim_chunk", knows_own=True)
    def claim_chunk(self, job_id: str, chunk: int, now: datetime, lease_until: datetime) -> Claim:
        job = self.held.get(job_id)
        if job is None:
            raise Missing
        lease = self.leases.get((job_id, chunk))
        attempt = lease.attempt if lease else 0
        if chunk in job.done or (lease is not None and lease.until >= now):
            return Claim(job, False, attempt)
        self.leases[job_id, chunk] = Lease(lease_until, attempt + 1)
        return Claim(job, True, attempt + 1)

    @call("jobs.chunk_done")
    def chunk_done(self, job_id: str, chunk: int, now: datetime) -> Job:
        job = self.held.get(job_id)
        if job is None:
            raise Missing
        job = replace(job, done=job.done | {chunk}, progress_at=_later(job.progress_at, now))
        self.held[job_id] = job
        self.leases.pop((job_id, chunk), None)
        return job

    @call("jobs.chunk_lost")
    def chunk_lost(self, job_id: str, chunk: int) -> Job:
        job = self.held.get(job_id)
        if job is None:
            raise Missing
        if chunk in job.done and not job.status.is_end:
            job = self.held[job_id] = replace(job, done=job.done - {chunk})
            self.leases[job_id, chunk] = Lease(self.clock() - timedelta(microseconds=1), 1)
        return job

    @call("jobs.with_content")
    def with_content(self, ukprn: str, sha256: str, job_id: str, at: datetime, instead_of: str = "") -> str:
        if instead_of and self.contents.get((ukprn, sha256)) == instead_of:
            del self.contents[ukprn, sha256]
        return self.contents.setdefault((ukprn, sha256), job_id)

    @call("jobs.of_organisation")
    def of_organisation(
        self, ukprn: str, kind: str, limit: int, cursor: str = "", *, oldest_first: bool = False
    ) -> JobPage:
        seen = self.held if self._frozen is None else self._frozen
        theirs = [job for job in seen.values() if (job.ukprn, job.kind) == (ukprn, kind)]
        theirs.sort(key=lambda job: (job.submitted_at, job.job_id), reverse=not oldest_first)
        return JobPage(*page_after(cursor, theirs, limit, lambda job: f"{ukprn} {kind} {job.job_id}"))

    @call("jobs.open_jobs")
    def open_jobs(self) -> list[str]:
        seen = self.held if self._frozen is None else self._frozen
        is_open = sorted((job for job in seen.values() if job.is_open), key=lambda job: (job.due_by, job.job_id))
        return [job.job_id for job in is_open]

    @call("jobs.read")
    def read(self, job_ids: Sequence[str]) -> list[Job]:
        return [self.held[job_id] for job_id in job_ids if job_id in self.held]


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


class FakeCorrections(Fake):
    """Corrections by job and number."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[tuple[str, int], Correction] = {}

    @call("corrections.of_job")
    def of_job(self, job_id: str) -> list[Correction]:
        return [one for _, one in sorted(self.held.items()) if one.job_id == job_id]

    @call("corrections.get")
    def get(self, job_id: str, number: int) -> Correction | None:
        return self.held.get((job_id, number))

    @call("corrections.save", knows_own=True)
    def save(self, correction: Correction) -> None:
        stored = self.held.get((correction.job_id, correction.number))
        if stored != correction and (
            (stored.revision if stored else 0) != correction.revision - 1 or (stored and stored.sent_as)
        ):
            raise Conflict
        self.held[correction.job_id, correction.number] = correction

    @call("corrections.mark_sent", knows_own=True)
    def mark_sent(self, correction: Correction, sent_as: str, place: int) -> bool:
        key = (correction.job_id, correction.number)
        stored = self.held.get(key)
        if stored is None or stored.revision != correction.revision:
            return False
        if stored.sent_as not in (correction.sent_as, sent_as):
            return False
        self.held[key] = stored._replace(sent_as=sent_as, place=place)
        return True


class FakeTurns(Fake):
    """Lines of files by organisation and kind: places by time of submission and job."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[tuple[str, str], dict[tuple[datetime, str], Place]] = {}

    def places(self, ukprn: str, kind: str) -> list[Place]:
        """A line, to check."""
        return [place for _, place in sorted(self.held.get((ukprn, kind), {}).items())]

    @call("turns.line")
    def line(self, ukprn: str, kind: str) -> Iterator[Place]:
        return iter(self.places(ukprn, kind))

    @call("turns.join")
    def join(self, place: Place) -> None:
        self._line(place).setdefault(_key(place), place)

    @call("turns.lease")
    def lease(self, place: Place, until: datetime) -> None:
        if self._line(place).get(_key(place)) == place:
            self._line(place)[_key(place)] = place._replace(lease_until=until)

    @call("turns.renew")
    def renew(self, place: Place, until: datetime) -> None:
        stored = self._line(place).get(_key(place))
        if stored is not None and stored.lease_until is not None and stored.lease_until < until:
            self._line(place)[_key(place)] = stored._replace(lease_until=until)

    @call("turns.leave")
    def leave(self, place: Place) -> None:
        self._line(place).pop(_key(place), None)

    def _line(self, place: Place) -> dict[tuple[datetime, str], Place]:
        return self.held.setdefault((place.ukprn, place.kind), {})


def _key(place: Place) -> tuple[datetime, str]:
    return place.submitted_at, place.job_id
