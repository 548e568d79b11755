"""Planted bugs: the pipeline without one of its precautions, to check that the tests notice.

Each function is the patch of one bug, active during a play. The replacement is code that somebody might write who does
not know the reason for the original.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any
from unittest.mock import patch

from chalicelib.domain.achievements import Achievement, Checked, Version, recorded_results
from chalicelib.domain.codes import Action
from chalicelib.domain.jobs import TURN_LEASE, Claim, Job, JobStatus
from chalicelib.formats.batch.work_files import result_key, write_results
from chalicelib.services import verification
from chalicelib.services.batches import apply as batch_apply
from chalicelib.services.batches import apply_achievements
from chalicelib.services.batches import split as batch_split
from chalicelib.services.batches.apply import BatchApply, ChunkWork
from chalicelib.services.batches.apply_achievements import AchievementWork
from chalicelib.services.batches.apply_learners import LearnerWork
from chalicelib.services.batches.arrivals import Arrivals
from chalicelib.services.batches.line import BatchLine
from chalicelib.services.batches.notices import Notices
from chalicelib.services.batches.watch import BatchWatch
from tests.fakes import FakeAchievements, FakeFiles, FakeJobs

Patches = Iterator[None]
PLANTED: dict[str, Callable[[], Any]] = {}


def planted_in(bugs: dict[str, Callable[[], Any]]) -> Callable[[Callable[[], Patches]], Callable[[], Any]]:
    """Adds a bug to these, by the name of its function."""

    def planted(bug: Callable[[], Patches]) -> Callable[[], Any]:
        bugs[bug.__name__] = contextmanager(bug)
        return bugs[bug.__name__]

    return planted


planted = planted_in(PLANTED)


def swap(*changes: tuple[Any, str, Any]) -> ExitStack:
    """Several patches at once."""
    stack = ExitStack()
    for owner, name, new in changes:
        stack.enter_context(patch.object(owner, name, new))
    return stack


# Deliveries of a chunk.


def _always_held(jobs: FakeJobs, job_id: str, chunk: int, now: datetime, until: datetime) -> Claim:
    claim = _claim_chunk(jobs, job_id, chunk, now, until)
    return claim._replace(held=chunk not in claim.job.done, attempt=max(claim.attempt, 1))


_claim_chunk = FakeJobs.claim_chunk


@planted
def no_claim() -> Patches:
    """Two deliveries of a chunk may work on it at once."""
    with swap((FakeJobs, "claim_chunk", _always_held)):
        yield


@planted
def no_claim_and_results_overwritten() -> Patches:
    """Also, the later delivery's results replace the earlier one's."""

    def overwrite(files: FakeFiles, *given: Any) -> bool:
        files.write(*given)
        return True

    with swap((FakeJobs, "claim_chunk", _always_held), (FakeFiles, "write_if_absent", overwrite)):
        yield


@planted
def results_not_consulted() -> Patches:
    """A redelivery decides again although the chunk's results are stored."""
    with swap((BatchApply, "_has_results", lambda *_: False)):
        yield


@planted
def done_before_results() -> Patches:
    """The chunk is marked done, then its results are stored, and no chunk whose results are gone is done again."""

    def run(self: BatchApply, job_id: str, chunk: int, *, give_up: bool = False) -> Job | None:
        ports, now = self._ports, self._ports.clock()
        claim = ports.jobs.claim_chunk(job_id, chunk, now, now + self._lease)
        if chunk in claim.job.done:
            self._announced(claim.job)
        elif claim.held:
            results = self._work(claim, chunk, now + self._lease, give_up=give_up).results()
            job = ports.jobs.chunk_done(job_id, chunk, now)
            ports.files.write_if_absent("work", result_key(job_id, chunk), write_results(results), "application/json")
            self._announced(job)

    with swap((BatchApply, "run", run), (FakeJobs, "chunk_lost", lambda jobs, job_id, _: jobs.held[job_id])):
        yield


@planted
def progress_is_a_counter() -> Patches:
    """How many deliveries have ended is counted, not which chunks are done."""

    def chunk_done(jobs: FakeJobs, job_id: str, chunk: int, now: datetime) -> Job:
        return _chunk_done(jobs, job_id, len(jobs.held[job_id].done), now)

    with swap((FakeJobs, "chunk_done", chunk_done)):
        yield


_chunk_done = FakeJobs.chunk_done


@planted
def finish_sent_only_once() -> Patches:
    """Only the delivery that completes the set sends the job on, and the watch run does not check it."""

    def check_job(self: BatchWatch, job: Job, now: datetime) -> tuple[int, int]:
        return (0, 0) if job.is_complete and not job.status.is_end else _check_job(self, job, now)

    def run(self: BatchApply, job_id: str, chunk: int, *, give_up: bool = False) -> None:
        job = self._ports.jobs.get(job_id)
        if job is not None and chunk not in job.done:
            _apply_run(self, job_id, chunk, give_up=give_up)

    with swap((BatchWatch, "_check_job", check_job), (BatchApply, "run", run)):
        yield


_check_job = BatchWatch._check_job
_apply_run = BatchApply.run


# The memory of a redelivery.


@planted
def history_not_consulted() -> Patches:
    """Every delivery decides from what is stored, whoever stored it."""
    with swap((apply_achievements, "recorded_results", lambda *_: None)):
        yield


@planted
def old_versions_forgotten() -> Patches:
    """Only the two latest versions are checked for one's own."""

    def recent(versions: Iterable[Version], job: str, chunk: int) -> Any:
        return recorded_results(islice(versions, 2), job, chunk)

    with swap((apply_achievements, "recorded_results", recent)):
        yield


@planted
def answer_of_an_insert_trusted() -> Patches:
    """An insert that finds its key taken is refused, although its own first attempt may have written it."""

    def decided(self: AchievementWork, group: Sequence[Checked], state: Achievement | None) -> Achievement | None:
        if len(group) == 1 and group[0].command.action is Action.CREATE:
            return self._fold(group, state)
        return _decided(self, group, state)

    with swap((AchievementWork, "_decided", decided)):
        yield


_decided = AchievementWork._decided


@planted
def learners_before_history() -> Patches:
    """A redelivery verifies the learners first and recalls earlier work only for those who pass."""

    def verified(self: AchievementWork, checked: Mapping[int, Checked]) -> list[Checked]:
        passed = _verified(self, checked) if checked else []
        known = _recall(self, {one.number: one for one in passed})  # type: ignore[arg-type]  # it needs commands only
        self.settled.update(known)
        return [one for one in passed if one.number not in known]

    with swap((AchievementWork, "recall", lambda *_: {}), (AchievementWork, "_verified", verified)):
        yield


_verified = AchievementWork._verified
_recall = AchievementWork.recall


@planted
def stopped_before_the_memory() -> Patches:
    """A redelivery for a suspended organisation or a cancelled job answers everything as cancelled."""

    def unless_stopped(kind: type[ChunkWork[Any, Any]]) -> Callable[[Any, Any], Any]:
        recall = kind.recall

        def recalled(work: Any, parsed: Any) -> Any:
            stopped = work.job.cancelled_at is not None or work.delivery.recognition is None
            return {} if stopped else recall(work, parsed)

        return recalled

    kinds = (AchievementWork, LearnerWork)
    with swap(*((kind, "recall", unless_stopped(kind)) for kind in kinds)):
        yield


# Writing.


@planted
def written_record_by_record() -> Patches:
    """Each record is written separately, with its own number as its stamp."""

    def write_all(self: AchievementWork, checked: Sequence[Checked]) -> None:
        achievements = self._register.achievements
        for one in checked:
            key = one.command.key
            for _ in range(5):
                state = achievements.read([key]).get(key)
                after = self._fold([one], state)
                if after is None or achievements.write_all([after]) == [True]:
                    break

    def recorded(versions: Iterable[Version], job: str, chunk: int) -> Any:
        own = [version for version in versions if version.provenance[-2:] == (job, chunk)]
        return {result.number: result for version in own for result in version.results} or None

    with swap((AchievementWork, "_write_all", write_all), (apply_achievements, "recorded_results", recorded)):
        yield


@planted
def written_without_condition() -> Patches:
    """The last writer wins."""

    def write_all(achievements: FakeAchievements, states: Sequence[Achievement]) -> list[bool]:
        achievements.hook("achievements.write_all")
        for state in states:
            achievements._keep(state)
        return [True] * len(states)

    with swap((FakeAchievements, "write_all", write_all)):
        yield


@planted
def refused_on_a_lagging_read() -> Patches:
    """A learner not found in a lagging read is not looked up again."""

    def compared(*given: Any, consistent: bool = False) -> Any:
        return {} if consistent else _compared(*given)

    with swap((verification, "compared", compared)):
        yield


_compared = verification.compared


@planted
def chunks_by_row() -> Patches:
    """Records are cut by their number, so one learner's may be in two chunks."""

    def by_row(ulns: Iterable[str], size: int) -> list[list[int]]:
        count = len(list(ulns))
        return [list(range(start, min(start + size, count))) for start in range(0, count, size)]

    with swap((batch_split, "chunk_records", by_row)):
        yield


@planted
def chunks_of_releases_mixed() -> Patches:
    """A chunk's key has its number only, however the file was cut."""

    def key(job_id: str, chunk: int, sizes: Sequence[int]) -> str:
        return f"work/{job_id}/chunk/{chunk}"

    with swap((batch_split, "chunk_key", key), (batch_apply, "chunk_key", key)):
        yield


# Jobs, turns and notices.


@planted
def jobs_saved_without_condition() -> Patches:
    """A job is saved over whatever was saved since it was read."""

    def save(jobs: FakeJobs, job: Job) -> Job:
        return _save(jobs, replace(job, revision=jobs.held[job.job_id].revision))

    with swap((FakeJobs, "save", save)):
        yield


_save = FakeJobs.save


@planted
def started_without_a_second_look() -> Patches:
    """A file that is given the turn starts, without reading the line again."""

    def start_next(self: BatchLine, ukprn: str, kind: str) -> None:
        place = self._holder(ukprn, kind)
        job = self._jobs.get(place.job_id) if place is not None else None
        if place is None or job is None or not job.is_split or job.status is not JobStatus.WAITING:
            _start_next(self, ukprn, kind)
        else:
            self._turns.lease(place, self._clock() + TURN_LEASE)
            self.start(job)

    with swap((BatchLine, "start_next", start_next)):
        yield


_start_next = BatchLine.start_next


@planted
def started_without_turn() -> Patches:
    """A file starts as soon as it is cut."""

    def start_next(self: BatchLine, ukprn: str, kind: str) -> None:
        for place in self._turns.line(ukprn, kind):
            job = self._jobs.get(place.job_id)
            if job is not None and job.is_split and job.status is JobStatus.WAITING:
                self.start(job)

    with swap((BatchLine, "start_next", start_next)):
        yield


@planted
def notice_noted_before_it_is_sent() -> Patches:
    """The notice is marked as sent, then it is sent."""

    def run(self: Notices, job_id: str) -> bool:
        job = self._jobs.get(job_id)
        if job is None or not job.notice_due:
            return False
        self._note_sent(job)
        self._mail.send(job.email, f"Achievement batch finished: job {job_id}", "")
        return True

    with swap((Notices, "run", run)):
        yield


@planted
def uploads_expire_unseen() -> Patches:
    """A job whose upload was not announced is cancelled although the file is there."""

    with swap((FakeFiles, "objects", lambda *_: iter(()))):
        yield


@planted
def lost_events_not_looked_for() -> Patches:
    """Files that the bucket did not announce are left."""
    with swap((Arrivals, "find", lambda *_: 0)):
        yield
