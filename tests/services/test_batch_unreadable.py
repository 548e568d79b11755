"""What cannot be read costs the records that need it, from the third delivery on, and never the whole chunk."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.bootstrap import CHUNK_LEASE
from chalicelib.domain.jobs import OWN_LIMIT, VERIFICATIONS, JobStatus
from chalicelib.domain.learners import LINKED
from chalicelib.ports.errors import TemporaryFailure
from tests.builders.achievements import csv_file, learner, record, world_with
from tests.builders.jobs import Pipeline, at_call, crash
from tests.builders.learner_files import PROVIDER, VLD
from tests.builders.learner_files import csv_file as verification_file
from tests.builders.organisations import provider
from tests.fakes import FakeWorld, Fault
from tests.services.test_verification_batches import LAYOUT, of


class Unreadable(Exception):
    """An item is not what it should be."""


@pytest.fixture
def world() -> FakeWorld:
    world = world_with(*map(learner, range(4)))
    world.accounts.put(provider(PROVIDER))
    return world


def spoilt(read: Callable[..., Any], bad: object) -> Callable[..., Any]:
    """A read that fails whenever a bad item is among those wanted."""

    def reading(wanted: Any, **options: Any) -> Any:
        wanted = list(wanted)
        if bad in wanted:
            raise Unreadable
        return read(wanted, **options)

    return reading


def deliver(steps: Pipeline, job_id: str, times: int = 3) -> None:
    for _ in range(times):
        with suppress(Unreadable):
            steps.apply.run(job_id, 0)
        steps.world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))


def codes(steps: Pipeline, job_id: str) -> list[str]:
    """The outcome of each record, or the code of a fault."""
    found = steps.results(job_id).values()
    return [one.failures[0].code if one.outcome == "NOTPROCESSED" else one.outcome.value for one in found]


ROWS = [record(0), record(1), record(1, "3"), record(2)]


@pytest.mark.req("ACH-06", "SLA-03")
def test_an_achievement_that_cannot_be_read_costs_its_own_records(world, monkeypatch) -> None:
    steps = Pipeline(world)
    steps.process(csv_file([record(0), record(1), record(2)]))
    rows = [record(number, "2", Grade="Merit") for number in range(3)]
    job = steps.take(csv_file(rows))
    at_call(world, "files.write_if_absent", crash)
    with suppress(BaseException):
        steps.apply.run(job.job_id, 0)
    world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
    bad = sorted(world.achievements.held)[1]
    monkeypatch.setattr(world.achievements, "read", spoilt(world.achievements.read, bad))
    deliver(steps, job.job_id)
    assert codes(steps, job.job_id) == ["UPDATED", "LRS-FAULT-1", "UPDATED"]


@pytest.mark.req("ACH-06", "SLA-03")
def test_an_achievement_that_cannot_be_read_when_it_is_to_be_written_costs_its_own_records(world, monkeypatch) -> None:
    steps = Pipeline(world)
    steps.process(csv_file([record(0), record(1), record(2)]))
    job = steps.take(csv_file([record(number, "2", Grade="Merit") for number in range(3)]))
    bad = sorted(world.achievements.held)[1]
    monkeypatch.setattr(world.achievements, "read", spoilt(world.achievements.read, bad))
    deliver(steps, job.job_id)
    assert codes(steps, job.job_id) == ["UPDATED", "LRS-FAULT-1", "UPDATED"]


@pytest.mark.req("ACH-06")
def test_a_learner_who_cannot_be_read_costs_the_records_about_them(world, monkeypatch) -> None:
    steps = Pipeline(world, 50)
    job = steps.take(csv_file(ROWS))
    monkeypatch.setattr(world.learners, "profiles", spoilt(world.learners.profiles, learner(1).uln))
    deliver(steps, job.job_id)
    assert codes(steps, job.job_id) == ["CREATED", "LRS-FAULT-1", "LRS-FAULT-1", "CREATED"]


@pytest.mark.req("VLD-03")
@pytest.mark.parametrize("bad", [1, 3], ids=["the_learner", "the_master"])
def test_a_learner_or_master_who_cannot_be_read_costs_one_verification(bad, world, monkeypatch) -> None:
    steps = Pipeline(world, 50)
    world.learners.put(learner(1)._replace(status=LINKED, master_uln=learner(3).uln))
    data = verification_file([of(0), of(1), of(2)], LAYOUT)
    job = steps.split.run(steps.drop(data, VLD, PROVIDER, VERIFICATIONS))
    monkeypatch.setattr(world.learners, "profiles", spoilt(world.learners.profiles, learner(bad).uln))
    deliver(steps, job.job_id)
    assert codes(steps, job.job_id) == ["FOUND", "LRS-FAULT-1", "FOUND"]


@pytest.mark.req("SLA-03")
def test_the_36_hour_rule_is_not_stopped_by_what_cannot_be_read(world, monkeypatch) -> None:
    steps = Pipeline(world)
    steps.process(csv_file([record(0), record(1), record(2)]))
    job = steps.take(csv_file([record(number, "2", Grade="Merit") for number in range(3)]))
    steps.crashing(job, "achievements.write_all", time=2)
    bad = sorted(world.achievements.held)[1]
    monkeypatch.setattr(world.achievements, "read", spoilt(world.achievements.read, bad))
    world.clock.advance(OWN_LIMIT)
    world.queues.waiting["chunks"].clear()
    steps.watch.run()
    steps.settle()
    assert steps.job(job.job_id).status is JobStatus.FAILED
    assert codes(steps, job.job_id) == ["UPDATED", "LRS-FAULT-1", "LRS-FAULT-2"]


@pytest.mark.req("ACH-06", "ACH-09")
def test_a_version_that_cannot_be_read_costs_the_records_of_its_achievement(world, monkeypatch) -> None:
    steps = Pipeline(world)
    steps.process(csv_file([record(0), record(1), record(2)]))
    job = steps.take(csv_file([record(number, "2", Grade="Merit") for number in range(3)]))
    steps.crashing(job, "files.write_if_absent")
    bad, read = sorted(world.achievements.held)[1], world.achievements.backwards

    def backwards(state: Any) -> Any:
        if state.key == bad:
            raise Unreadable
        return read(state)

    monkeypatch.setattr(world.achievements, "backwards", backwards)
    deliver(steps, job.job_id)
    assert codes(steps, job.job_id) == ["UPDATED", "LRS-FAULT-1", "UPDATED"]


@pytest.mark.req("ACH-06", "SLA-03")
def test_a_temporary_failure_is_never_a_fault_of_a_record_however_often_it_comes(world) -> None:
    steps = Pipeline(world)
    job = steps.take(csv_file([record(0), record(1), record(2)]))
    for call in ("learners.profiles", "achievements.write_all", "achievements.write_all", "learners.profiles"):
        at_call(world, call, lambda: Fault.ANSWER_LOST)
        with pytest.raises(TemporaryFailure):
            steps.apply.run(job.job_id, 0)
        world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
    steps.apply.run(job.job_id, 0)
    assert codes(steps, job.job_id) == ["CREATED"] * 3


def test_a_chunk_that_is_delivered_once_reads_its_records_and_nothing_of_an_earlier_delivery(world) -> None:
    steps = Pipeline(world)
    job = steps.take(csv_file([record(0), record(1), record(2)]))
    world.calls.clear()
    steps.apply.run(job.job_id, 0)
    assert world.calls[: world.calls.index("files.write_if_absent")].count("files.read") == 1
    assert "achievements.read" not in world.calls
