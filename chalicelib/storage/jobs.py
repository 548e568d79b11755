"""Batch jobs (ACH-06, ACH-07).

The values that change while chunks are applied (the set of those done, the leases) are separate from those that the
steps save, so neither overwrites the other. Each conditional write leaves its own token in the item: a call that
botocore repeated after a lost answer fails its condition, finds its token, and has succeeded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from chalicelib.aws import temporary_failures
from chalicelib.domain.jobs import Claim, Job, JobStatus
from chalicelib.ports.clock import NewId
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.jobs import JobPage
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.cursors import Cursors
from chalicelib.storage.job_items import OPEN, JobItem, index_keys, job_of, storable_state, time_text
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.wire import key_of, read_items

_ENDS: Final = tuple(status.value for status in JobStatus if status.is_end)


class ContentItem(Item):
    """The first job with a content, ``CONTENT#<ukprn>#<sha256>`` / ``CONTENT``."""

    job_id = UnicodeAttribute()
    ends = NumberAttribute()


class JobTable:
    """The jobs of the jobs table. ``cursors`` is only used if a list has more pages."""

    MODELS: ClassVar[Models] = {"jobs": (JobItem, ContentItem)}

    def __init__(self, new_id: NewId, patience: Patience, cursors: Callable[[], Cursors], keep: timedelta) -> None:
        """``keep`` is how long a job is kept after its submission."""
        self._new_id = new_id
        self._patience = patience
        self._cursors = cursors
        self._keep = keep

    def create(self, job: Job) -> bool:
        """False if a job with that id already exists; it is not changed."""
        token = self._new_id()
        item = JobItem(*keys.job(job.job_id), status=job.status, state=storable_state(job), **index_keys(job))
        item.revision, item.token, item.ends = job.revision, token, self._end(job.submitted_at)
        if item.put("jobs.create", item.absent()):
            return True
        stored = _read("jobs.create", job.job_id)
        return stored is not None and stored.token == token

    def get(self, job_id: str) -> Job | None:
        """Strongly consistent."""
        item = _read("jobs.get", job_id)
        return job_of(item) if item else None

    def read(self, job_ids: Sequence[str], *, consistent: bool = True) -> list[Job]:
        """Jobs in the order of their ids, without those that do not exist, 100 per call."""
        wanted = [keys.job(job_id) for job_id in job_ids]
        found = read_items("jobs.read", self._patience, JobItem, wanted, consistent=consistent)
        jobs = {job.job_id: job for job in map(job_of, map(JobItem.of, found))}
        return [jobs[job_id] for job_id in job_ids if job_id in jobs]

    def save(self, job: Job, chunk: int | None = None) -> Job:
        """Write everything except ``done`` and the leases, if the stored revision is still the job's; with ``chunk``,
        that chunk is done. Raises Conflict, or TooLarge for a job that no item could hold.
        """
        token = self._new_id()
        actions: list[Action] = [
            JobItem.status.set(job.status),
            JobItem.state.set(storable_state(job)),
            JobItem.revision.set(job.revision + 1),
            JobItem.token.set(token),
        ]
        for name, value in index_keys(job).items():
            attribute = getattr(JobItem, name)
            actions.append(attribute.remove() if value is None else attribute.set(value))
        if chunk is not None:
            actions += _done(chunk)
        item = JobItem(*keys.job(job.job_id))
        if item.change("jobs.save", actions, JobItem.revision == job.revision):
            return job_of(item)
        stored = _read("jobs.save", job.job_id)
        if stored is None or stored.token != token:
            raise Conflict
        return job_of(stored)

    def claim_chunk(self, job_id: str, chunk: int, now: datetime, lease_until: datetime) -> Claim:
        """Claim a chunk for one delivery, in one call; not held during another delivery's lease. Raises Missing."""
        number = str(chunk)
        lease, attempts = JobItem.leases[number], JobItem.attempts[number]
        mine = f"{time_text(lease_until)}#{self._new_id()}"
        free = lease.does_not_exist() | (lease < time_text(now))
        item = JobItem(*keys.job(job_id))
        actions: list[Action] = [lease.set(mine), attempts.set((attempts | 0) + 1)]
        if not item.change("jobs.claim_chunk", actions, JobItem.pk.exists() & ~JobItem.done.contains(chunk) & free):
            stored = _read("jobs.claim_chunk", job_id)
            if stored is None:
                raise Missing
            item = stored
        return Claim(job_of(item), _entry(item.leases, number) == mine, int(_entry(item.attempts, number) or 0))

    def chunk_done(self, job_id: str, chunk: int, now: datetime) -> Job:
        """Add the chunk to the set of those done and delete its lease; returns the updated job. Raises Missing."""
        item = JobItem(*keys.job(job_id))
        actions = [JobItem.progress.set(time_text(now)), *_done(chunk)]
        if not item.change("jobs.chunk_done", actions, JobItem.pk.exists()):
            raise Missing
        return job_of(item)

    def chunk_lost(self, job_id: str, chunk: int) -> Job:
        """Take the chunk out of the set of those done, as attempted once, unless the job has ended; returns the job.
        Raises Missing.
        """
        item = JobItem(*keys.job(job_id))
        actions: list[Action] = [JobItem.done.delete({chunk}), JobItem.attempts[str(chunk)].set(1)]
        condition = JobItem.done.contains(chunk) & ~JobItem.status.is_in(*_ENDS)
        if not item.change("jobs.chunk_lost", actions, condition):
            stored = _read("jobs.chunk_lost", job_id)
            if stored is None:
                raise Missing
            item = stored
        return job_of(item)

    def with_content(self, ukprn: str, sha256: str, job_id: str, at: datetime, instead_of: str = "") -> str:
        """Store that this job, submitted then, has this content; returns the id of the first job that had it, but for
        one instead of which it is the first.
        """
        key, free = keys.content(ukprn, sha256), ContentItem.absent()
        if instead_of:
            free |= ContentItem.job_id == instead_of
        if ContentItem(*key, job_id=job_id, ends=self._end(at)).put("jobs.with_content", free):
            return job_id
        stored = ContentItem.find("jobs.with_content", key)
        return stored.job_id if stored else job_id

    def _end(self, submitted_at: datetime) -> int:
        """When an item is no longer needed, in seconds since 1970: the table's time to live."""
        return int((submitted_at + self._keep).timestamp())

    def of_organisation(
        self, ukprn: str, kind: str, limit: int, cursor: str = "", *, oldest_first: bool = False
    ) -> JobPage:
        """By the time at which they were sent; ``cursor`` is from the page before, in either order.

        Raises BadCursor.
        """
        partition = keys.organisation_jobs(ukprn, kind)
        scope = ("jobs", ukprn, kind)
        start = _start(partition, self._cursors().open(scope, cursor)) if cursor else None
        with temporary_failures("jobs.of_organisation"):
            items = list(
                JobItem.by_organisation.query(
                    partition, scan_index_forward=oldest_first, limit=limit + 1, last_evaluated_key=start
                )
            )
        page = items[:limit]
        more = self._cursors().seal(scope, page[-1].submitted) if len(items) > limit else ""
        return JobPage(self.read([keys.job_of(item.pk) for item in page], consistent=False), more)

    def open_jobs(self) -> list[str]:
        """The ids of the jobs that have not ended or have an email due, by deadline; eventually consistent."""
        with temporary_failures("jobs.open_jobs"):
            return [keys.job_of(item.pk) for item in JobItem.open_jobs.query(OPEN)]


def _read(place: str, job_id: str) -> JobItem | None:
    return JobItem.find(place, keys.job(job_id))


def _done(chunk: int) -> list[Action]:
    number = str(chunk)
    return [JobItem.done.add({chunk}), JobItem.leases[number].remove(), JobItem.attempts[number].remove()]


def _entry(entries: Any, number: str) -> Any:
    """One value of a map attribute, or None."""
    return entries.as_dict().get(number) if entries is not None else None


def _start(partition: str, submitted: str) -> dict[str, Any]:
    """The key of the job after which a list continues; its id is the end of the sort key."""
    key = key_of(keys.job(submitted.split(keys.SEPARATOR, 1)[1]))
    return {**key, "organisation": {"S": partition}, "submitted": {"S": submitted}}
