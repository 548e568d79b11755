"""Apply, delivered twice, dying half-way or overtaken by edits: each record is applied once, answered as stored."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bootstrap import CHUNK_LEASE
from chalicelib.domain.achievements import Achievement
from chalicelib.domain.jobs import Job, JobStatus
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.ports.errors import Missing, TemporaryFailure
from chalicelib.ports.journal import Journal
from chalicelib.services.batches.apply import ChunkBusy
from chalicelib.services.batches.apply_achievements import CLOCKS_AGREE
from tests.builders.achievements import csv_file, learner, record, world_with
from tests.builders.jobs import Crash, Pipeline, at_call, caller, crash
from tests.builders.organisations import organisation
from tests.fakes import FakeWorld, Fault, no_hook

CHUNK_RECORDS = 100


def only(world: FakeWorld) -> Achievement:
    (achievement,) = world.achievements.held.values()
    return achievement


# Delivered twice.


@pytest.mark.req("ACH-06")
def test_a_chunk_that_is_done_is_not_done_again(steps, world) -> None:
    job = steps.process(csv_file([record()]))
    before = world.achievements.writes
    steps.apply.run(job.job_id, 0)
    assert world.achievements.writes == before


@pytest.mark.req("ACH-06", "SLA-07")
def test_a_chunk_of_a_job_that_nobody_knows_any_more_is_not_applied(steps, world) -> None:
    assert steps.apply.run("DLOST", 0) is None
    assert world.achievements.writes == 0


@pytest.mark.req("ACH-06", "SLA-07")
def test_a_chunk_of_a_job_that_has_ended_without_it_is_not_applied(steps, world) -> None:
    job = steps.take(csv_file([record()]))
    assert steps.split.lost(job.job_id)
    steps.apply.run(job.job_id, 0)
    assert world.achievements.writes == 0
    assert steps.job(job.job_id).status is JobStatus.FAILED


@pytest.mark.req("ACH-06")
def test_a_chunk_that_another_delivery_is_working_on_is_left_to_it(steps, world) -> None:
    job = steps.take(csv_file([record()]))
    busy: list[bool] = []

    def deliver_again() -> None:
        with pytest.raises(ChunkBusy):
            steps.apply.run(job.job_id, 0)
        busy.append(True)

    at_call(world, "achievements.write_all", deliver_again)
    steps.apply.run(job.job_id, 0)
    assert busy
    assert (steps.outcomes(job), world.achievements.writes) == ([Outcome.CREATED], 1)


@pytest.mark.req("SLA-03")
def test_the_records_of_a_chunk_are_counted_by_the_delivery_whose_results_are_stored(world) -> None:
    class Counting(Journal):
        def applied(self, job: Job, chunk: int, attempt: int, results: Sequence[RecordResult]) -> None:
            counted.append((attempt, len(results)))

    counted: list[tuple[int, int]] = []
    world.journal = Counting()
    steps = Pipeline(world)
    job = steps.take(csv_file([record()]))

    def deliver_later() -> None:
        world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
        steps.apply.run(job.job_id, 0)

    at_call(world, "files.write_if_absent", deliver_later)
    steps.apply.run(job.job_id, 0)
    assert counted == [(2, 1)]


@pytest.mark.req("ACH-06", "ACH-09")
@pytest.mark.parametrize(
    ("call", "size"),
    [
        ("files.write_if_absent", CHUNK_RECORDS),
        ("files.write", CHUNK_RECORDS),
        ("jobs.save", CHUNK_RECORDS),
        ("turns.leave", CHUNK_RECORDS),
        ("queues.send", CHUNK_RECORDS),
        ("files.write_if_absent", 3),
        ("jobs.chunk_done", 3),
    ],
)
def test_what_a_dead_delivery_applied_is_answered_as_it_was(call: str, size: int, world) -> None:
    steps = Pipeline(world, size)
    job = steps.take(csv_file([record(0), record(0, "3"), record(1), record(2, "2")]))
    steps.crashing(job, call)
    for chunk in range(len(job.chunk_sizes)):
        steps.apply.run(job.job_id, chunk)
    assert steps.outcomes(job) == [Outcome.CREATED, Outcome.WITHDRAWN, Outcome.CREATED, Outcome.REFUSED]
    assert {achievement.revision for achievement in world.achievements.held.values()} == {1}


@pytest.mark.req("ACH-06")
def test_what_a_delivery_left_undone_when_it_died_is_done_by_the_next(steps, world) -> None:
    job = steps.take(csv_file(record(number) for number in range(4)))
    steps.crashing(job, "achievements.write_all", time=3)
    assert len(world.achievements.held) == 2
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.CREATED] * 4


@pytest.mark.req("ACH-06")
def test_a_write_whose_answer_was_lost_is_recognised_when_it_is_repeated(steps, world) -> None:
    job = steps.take(csv_file([record(0), record(1), record(1, "3")]))
    at_call(world, "achievements.write_all", lambda: Fault.REPEATED)
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.CREATED, Outcome.CREATED, Outcome.WITHDRAWN]


@pytest.mark.req("ACH-06")
@pytest.mark.parametrize(
    "change",
    [
        lambda steps, _: steps.world.learners.put(learner(0, given_name="Zebedee", family_name="Quartermaine")),
        lambda steps, _: steps.world.accounts.put(organisation(status="suspended")),
        lambda steps, _: steps.world.accounts.put(organisation(recognition_numbers=frozenset())),
        lambda steps, job: steps.submit.cancel(caller(), job.job_id),
    ],
    ids=["learner", "suspended", "recognition", "cancelled"],
)
def test_nothing_that_changes_between_two_deliveries_changes_what_was_applied(change, steps, world) -> None:
    job = steps.take(csv_file([record(0), record(0, "3")]))
    steps.crashing(job, "files.write_if_absent")
    change(steps, job)
    world.clock.advance(timedelta(minutes=2))
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.CREATED, Outcome.WITHDRAWN]


@pytest.mark.req("ACH-06")
def test_however_often_others_edit_meanwhile_a_delivery_recognises_its_own_version(steps, world) -> None:
    job = steps.take(csv_file([record()]))
    steps.crashing(job, "files.write_if_absent")
    for grade in ("Merit", "Pass") * 6:
        edit(world, grade)
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.CREATED]
    assert only(world).revision == 13


@pytest.mark.req("ACH-06")
def test_a_delivery_recognises_its_own_version_although_its_clock_is_behind_the_buckets(steps, world) -> None:
    delivered = steps.drop(csv_file([record()]))
    job = steps.split.run(delivered._replace(submitted_at=world.clock() + CLOCKS_AGREE))
    steps.crashing(job, "files.write_if_absent")
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.CREATED]


@pytest.mark.req("ACH-06")
def test_a_refusal_that_was_stored_with_its_group_is_repeated(steps, world) -> None:
    stranger = record(0, "2", GivenName="Zebedee", FamilyName="Quartermaine")
    job = steps.take(csv_file([record(0), stranger]))
    steps.crashing(job, "files.write_if_absent")
    world.learners.put(learner(0, given_name="Zebedee", family_name="Quartermaine"))
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.CREATED, Outcome.REFUSED]


@pytest.mark.req("ACH-06")
def test_a_refusal_by_a_rule_is_repeated_although_the_rule_allows_the_record_now(steps, world) -> None:
    steps.process(csv_file([record(0)]))
    world.accounts.put(organisation(recognition_numbers=frozenset({"RN0000"})))
    job = steps.take(csv_file([record(0, "2", Grade="Merit"), record(0)]))
    steps.crashing(job, "files.write_if_absent")
    world.accounts.put(organisation())
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.UPDATED, Outcome.REFUSED]
    assert [why.code for why in steps.results(job.job_id)[2].failures] == ["ACR002"]


# Edited meanwhile.


def edit(world: FakeWorld, grade: str) -> None:
    """Somebody else changes the grade."""
    state = only(world)
    by = state.history[-1].provenance._replace(job="", chunk=-1, channel="portal")
    version = state.history[-1]._replace(provenance=by, grade=grade, results=())
    world.achievements.put(state._replace(grade=grade, revision=state.revision + 1, history=(*state.history, version)))


@pytest.mark.req("ACH-03", "ACH-09")
def test_a_record_overtaken_by_an_edit_is_decided_again_and_nothing_is_lost(steps, world) -> None:
    steps.process(csv_file([record()]))
    job = steps.take(csv_file([record(action="3")]))
    at_call(world, "achievements.write_all", lambda: edit(world, "Merit"))
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.WITHDRAWN]
    assert [version.grade for version in only(world).history] == ["Pass", "Merit", "Merit"]


@pytest.mark.req("ACH-06")
def test_an_achievement_that_keeps_changing_sends_the_chunk_back_to_its_queue(steps, world) -> None:
    steps.process(csv_file([record()]))
    job = steps.take(csv_file([record(action="3")]))
    grades = iter(("Merit", "Pass") * 50)
    world.hook = lambda name: edit(world, next(grades)) if name == "achievements.write_all" else None
    with pytest.raises(TemporaryFailure):
        steps.apply.run(job.job_id, 0)
    assert steps.job(job.job_id).done == frozenset()


# Any calls, any death.


@pytest.mark.req("ACH-06", "ACH-09")
@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from([1, 2, 5]))
def test_wherever_two_deliveries_die_the_third_answers_as_if_nothing_had_happened(a: int, b: int, size: int) -> None:
    data = csv_file([record(0), record(1), record(0, "2", Grade="Merit"), record(2, "3"), record(1, "3"), record(3)])
    calm = Pipeline(world_with(*(learner(number) for number in range(4))), size)
    expected = calm.results(calm.process(data).job_id)
    steps = Pipeline(world_with(*(learner(number) for number in range(4))), size)
    job = steps.take(data)
    for death in (a, b):
        left = iter(range(death))
        steps.world.hook = lambda _, left=left: None if next(left, None) is not None else crash()
        for chunk in range(len(job.chunk_sizes)):
            with suppress(Crash, TemporaryFailure):
                steps.apply.run(job.job_id, chunk)
        steps.world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
    steps.world.hook = lambda _: None
    for chunk in range(len(job.chunk_sizes)):
        steps.apply.run(job.job_id, chunk)
    assert steps.results(job.job_id) == expected
    assert all(achievement.revision == 1 for achievement in steps.world.achievements.held.values())


def test_a_catalogue_that_cannot_be_loaded_stops_the_chunk_and_answers_no_record() -> None:
    world = world_with(*map(learner, range(3)))
    steps = Pipeline(world)
    job = steps.take(csv_file([record(0), record(1), record(2)]))

    def lost(name: str) -> None:
        if name == "catalogues.load":
            raise Missing

    world.hook = lost
    for _ in range(3):
        with pytest.raises(Missing):
            steps.apply.run(job.job_id, 0)
        world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
    world.hook = no_hook
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.CREATED] * 3


def test_no_record_is_refused_on_a_lagging_read_when_the_second_read_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_with(*map(learner, range(3)))
    steps = Pipeline(world)
    job = steps.take(csv_file([record(0), record(1), record(2)]))
    read, uln = world.learners.profiles, learner(1).uln

    def lagging(ulns, *, consistent=False):
        found = dict(read(ulns, consistent=consistent))
        if uln in found and consistent:
            found[uln] = found[uln]._replace(given_name=None)
        else:
            found.pop(uln, None)
        return found

    monkeypatch.setattr(world.learners, "profiles", lagging)
    for _ in range(2):
        with pytest.raises(Exception, match=r"."):
            steps.apply.run(job.job_id, 0)
        world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
    steps.apply.run(job.job_id, 0)
    assert [one.failures[0].code if one.failures else "" for one in steps.results(job.job_id).values()] == [
        "",
        "LRS-FAULT-1",
        "",
    ]
