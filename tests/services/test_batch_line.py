"""Queues: an organisation's files are applied one after another, in order of submission."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.jobs import ACHIEVEMENTS, TURN_LEASE, Job, JobStatus, job_id_of
from chalicelib.ports.errors import Conflict, TemporaryFailure
from tests.builders.achievements import csv_file, record
from tests.builders.jobs import Pipeline, at_call, caller
from tests.builders.organisations import OURS, THEIRS
from tests.structure.sources import stack

MINUTE = timedelta(minutes=1)


def dropped(steps: Pipeline, number: int, *records: dict[str, str], ukprn: str = OURS) -> Job:
    """A file split a minute after the one before."""
    steps.world.clock.advance(MINUTE)
    return steps.take(csv_file(records or [record(number)], ukprn), f"QCF_{ukprn}_20260302_00{number}.csv", ukprn)


def status(steps: Pipeline, job: Job) -> JobStatus:
    return steps.job(job.job_id).status


@pytest.mark.req("ACH-06")
def test_the_next_file_waits_until_the_one_before_has_ended(steps) -> None:
    first, second = dropped(steps, 1), dropped(steps, 2)
    assert (status(steps, first), status(steps, second)) == (JobStatus.IN_PROGRESS, JobStatus.WAITING)
    steps.settle()
    assert (status(steps, first), status(steps, second)) == (JobStatus.SUCCESSFUL, JobStatus.SUCCESSFUL)
    assert steps.job(first.job_id).finished_at <= steps.job(second.job_id).started_at


@pytest.mark.req("ACH-06")
def test_what_one_file_makes_the_next_can_change(steps, world) -> None:
    dropped(steps, 1, record(0))
    dropped(steps, 2, record(0, "2", Grade="Merit"))
    dropped(steps, 3, record(0, "3"))
    steps.settle()
    (achievement,) = world.achievements.held.values()
    assert [version.actions for version in achievement.history] == ["1", "2", "3"]


@pytest.mark.req("ACH-06")
def test_files_of_different_organisations_do_not_wait_for_each_other(steps) -> None:
    shared = record(0, UnitOrQualificationReferenceNumber="L/616/8832")
    ours, theirs = dropped(steps, 1), dropped(steps, 2, shared, ukprn=THEIRS)
    assert status(steps, ours) is status(steps, theirs) is JobStatus.IN_PROGRESS


@pytest.mark.req("ACH-06")
def test_a_refused_file_keeps_nobody_waiting(steps) -> None:
    first = dropped(steps, 1)
    refused = steps.take(b"", "QCF_90000001_20260302_002.csv")
    third = dropped(steps, 3)
    assert status(steps, refused) is JobStatus.FAILED
    steps.settle()
    assert status(steps, first) is status(steps, third) is JobStatus.SUCCESSFUL


@pytest.mark.req("ACH-06")
def test_a_file_that_was_submitted_earlier_goes_first_though_it_is_split_later(steps, world) -> None:
    steps.take(csv_file([record(0)]))
    world.clock.advance(MINUTE)
    earlier = steps.drop(csv_file([record(1)]), "QCF_90000001_20260302_001.csv")
    world.clock.advance(MINUTE)
    later = dropped(steps, 2)
    job = steps.split.run(earlier)
    line = world.turns.places(OURS, ACHIEVEMENTS)
    assert [place.job_id for place in line][1:] == [job.job_id, later.job_id]


@pytest.mark.req("ACH-06", "ACH-07")
def test_a_cancelled_file_gives_its_turn_to_the_next(steps) -> None:
    first, second = dropped(steps, 1), dropped(steps, 2)
    steps.submit.cancel(caller(), first.job_id)
    steps.settle()
    assert (status(steps, first), status(steps, second)) == (JobStatus.CANCELLED, JobStatus.SUCCESSFUL)


@pytest.mark.req("ACH-06", "ACH-07")
def test_a_file_cancelled_while_it_waits_ends_without_waiting(steps) -> None:
    first, second = dropped(steps, 1), dropped(steps, 2)
    steps.world.queues.waiting["chunks"].clear()
    steps.submit.cancel(caller(), second.job_id)
    steps.settle()
    assert (status(steps, first), status(steps, second)) == (JobStatus.IN_PROGRESS, JobStatus.CANCELLED)


@pytest.mark.req("SLA-03")
def test_a_file_that_is_stuck_lets_the_next_pass_when_its_lease_has_run_out(steps, world) -> None:
    stuck, second = dropped(steps, 1), dropped(steps, 2)
    for _ in range(9):
        world.queues.waiting["chunks"].clear()
        world.clock.advance(timedelta(minutes=16))
        steps.watch.run()
    assert (status(steps, stuck), status(steps, second)) == (JobStatus.IN_PROGRESS, JobStatus.IN_PROGRESS)
    steps.settle()
    assert status(steps, stuck) is status(steps, second) is JobStatus.SUCCESSFUL


@pytest.mark.req("ACH-06", "SLA-07")
def test_a_job_whose_file_is_gone_is_ended_once_and_keeps_nobody_waiting(steps) -> None:
    gone, second = dropped(steps, 1), dropped(steps, 2)
    assert steps.split.lost(gone.job_id)
    assert (status(steps, gone), status(steps, second)) == (JobStatus.FAILED, JobStatus.IN_PROGRESS)
    assert steps.job(gone.job_id).notice_due
    assert not steps.split.lost(gone.job_id)
    assert not steps.split.lost("DLOST")


@pytest.mark.req("SLA-03")
def test_a_file_that_makes_progress_keeps_its_turn(world) -> None:
    steps = Pipeline(world, 1)
    slow = dropped(steps, 1, *(record(number) for number in range(8)))
    second = dropped(steps, 2)
    for chunk in range(7):
        world.clock.advance(timedelta(minutes=40))
        steps.apply.run(slow.job_id, chunk)
        steps.watch.run()
    assert steps.job(slow.job_id).finished_at is None
    assert world.clock() - steps.job(slow.job_id).started_at > TURN_LEASE
    assert status(steps, second) is JobStatus.WAITING


@pytest.mark.req("ACH-06")
def test_a_start_that_died_before_its_messages_were_sent_is_completed(steps, world) -> None:
    class Gone(BaseException):
        pass

    def die(name: str) -> None:
        if name == "queues.send":
            raise Gone

    world.hook = die
    with pytest.raises(Gone):
        dropped(steps, 1)
    world.hook = lambda _: None
    (job,) = world.jobs.held.values()
    assert (job.status, steps.waiting("chunks")) == (JobStatus.IN_PROGRESS, [])
    world.clock.advance(timedelta(minutes=16))
    assert steps.watch.run().sent_again == 1
    steps.settle()
    assert status(steps, job) is JobStatus.SUCCESSFUL


def test_a_line_that_keeps_changing_sends_the_message_back_to_its_queue(steps, world) -> None:
    first, second = dropped(steps, 1), dropped(steps, 2)
    steps.world.jobs.held[first.job_id] = replace(steps.job(first.job_id), status=JobStatus.SUCCESSFUL)

    def overtake(name: str) -> None:
        if name == "jobs.save":
            raise Conflict

    world.hook = overtake
    with pytest.raises(TemporaryFailure):
        steps.line.start_next(OURS, ACHIEVEMENTS)
    assert status(steps, second) is JobStatus.WAITING


@pytest.mark.req("ACH-06")
@pytest.mark.parametrize("call", ["turns.line", "turns.join", "jobs.save"])
def test_two_files_that_join_at_once_are_both_in_the_line(steps, world, call) -> None:
    other = steps.drop(csv_file([record(2)]), "QCF_90000001_20260302_002.csv")
    at_call(world, call, lambda: steps.split.run(other) and None)
    dropped(steps, 1)
    assert len(world.turns.places(OURS, ACHIEVEMENTS)) == 2
    steps.settle()
    assert [job.status for job in world.jobs.held.values()] == [JobStatus.SUCCESSFUL] * 2


@pytest.mark.req("ACH-06")
def test_a_file_that_joins_while_a_later_one_is_given_the_turn_goes_first(steps, world) -> None:
    earlier = steps.drop(csv_file([record(0)]), "QCF_90000001_20260302_001.csv")
    first = dropped(steps, 2)
    later = dropped(steps, 3)
    at_call(world, "turns.lease", lambda: steps.split.run(earlier) and None)
    steps.apply.run(first.job_id, 0)
    steps.finish.run(first.job_id)
    assert status(steps, later) is JobStatus.WAITING
    assert steps.job(job_id_of(earlier.source)).status is JobStatus.IN_PROGRESS
    steps.settle()
    assert status(steps, later) is JobStatus.SUCCESSFUL


@pytest.mark.req("ACH-06")
def test_a_file_with_the_turn_starts_when_it_is_cut_with_one_save(steps, world) -> None:
    job = dropped(steps, 1)
    assert (job.status, job.revision) == (JobStatus.IN_PROGRESS, 1)
    assert world.calls.count("turns.lease") == 0
    assert [name for name in world.calls if name.startswith("turns.")] == ["turns.line", "turns.join", "turns.line"]


@pytest.mark.req("ACH-06", "SLA-03")
@pytest.mark.parametrize(("records", "finished"), [(1, 0), (4, 24)], ids=["small files", "larger files"])
def test_functions_that_recur_in_the_chain_of_a_line_are_allowed_to(records: int, finished: int, steps, world) -> None:
    """Lambda stops a function that is invoked more than 16 times in one chain of requests, unless it is allowed."""
    functions = {mapping["queue"]: mapping["function"] for mapping in stack()["mappings"] if "queue" in mapping}
    chains = {queue: deque[Counter[str]]() for queue in functions}
    most: Counter[str] = Counter()

    def deliver(queue: str, work: Callable[[], object], before: Counter[str]) -> None:
        chain = before + Counter([functions[queue]])
        sent = len(world.queues.sent)
        work()
        for name, _ in world.queues.sent[sent:]:
            chains[name].append(chain)
        most.update({name: max(0, count - most[name]) for name, count in chain.items()})

    file = [record(number) for number in range(records)]
    for number in range(24):
        deliver("intake", lambda number=number: dropped(steps, number, *file), Counter())
    while waiting := [queue for queue, bodies in world.queues.waiting.items() if bodies]:
        body = world.queues.waiting[waiting[0]].popleft()
        deliver(waiting[0], lambda body=body: steps.steps[waiting[0]](body), chains[waiting[0]].popleft())
    assert {status(steps, job) for job in world.jobs.held.values()} == {JobStatus.SUCCESSFUL}
    assert (most["apply_chunk"], most["finish_batch"]) == (24, finished)
    allowed = {name for name, function in stack()["functions"].items() if "recursiveLoop" in function}
    recurring = {name for name, count in most.items() if count > 16}
    assert recurring == (allowed if finished else allowed - {"finish_batch"})


@pytest.mark.req("SLA-03")
def test_progress_extends_no_other_files_turn(steps, world) -> None:
    stuck, second = dropped(steps, 1), dropped(steps, 2)
    world.queues.waiting["chunks"].clear()
    world.clock.advance(TURN_LEASE + MINUTE)
    steps.watch.run()
    lease = world.turns.places(OURS, ACHIEVEMENTS)[0].lease_until
    world.clock.advance(MINUTE)
    world.jobs.chunk_done(second.job_id, 0, world.clock())
    steps.line.keep_turn(steps.job(second.job_id))
    held, moved = world.turns.places(OURS, ACHIEVEMENTS)
    assert (held.job_id, held.lease_until) == (stuck.job_id, lease)
    assert moved.lease_until == world.clock() + TURN_LEASE
