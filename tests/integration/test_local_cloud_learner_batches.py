"""Learner and verification files through the real functions over the local cloud, each with its own variables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from chalicelib import bootstrap
from local.commands.demo_kinds import DEMO_KINDS
from local.commands.submission import Dropped
from local.emulated.cloud import ProvisionedCloud
from local.lambda_runtime.event_sources import EventSources
from local.lambda_runtime.pace import AT_ONCE
from local.lambda_runtime.worker_pool import ProcessWorkers
from local.samples import seed
from local.samples.learner_files import PROVIDER, compare_answers, learner_file, verification_file
from local.samples.world import samples

WORLD = samples(learners=300)


class Stage(NamedTuple):
    cloud: ProvisionedCloud
    services: bootstrap.Services
    sources: EventSources
    log: list[str]


@pytest.fixture
def stage(fresh_cloud: ProvisionedCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stage]:
    monkeypatch.setattr(seed, "KEYS", tmp_path / "sample-keys.json")
    services = bootstrap.services(fresh_cloud.environment)
    seed.seed(services, WORLD)
    log: list[str] = []
    workers = ProcessWorkers(fresh_cloud.environment, size=1, log=log.append, apart=True)
    yield Stage(fresh_cloud, services, EventSources(fresh_cloud, workers, pace=AT_ONCE), log)
    workers.close()


@pytest.mark.req("ULN-06", "ULN-07", "VLD-03")
@pytest.mark.parametrize(("kind", "make"), [("learners", learner_file), ("verifications", verification_file)])
def test_every_record_of_a_dropped_file_is_answered_as_it_was_made_for(kind, make, stage: Stage) -> None:
    data, expected = make(60, 1, world=WORLD)
    dropped = Dropped(stage.cloud, stage.services, PROVIDER, expected.file_name, data, DEMO_KINDS[kind])
    stage.sources.drain()
    job, output = dropped.job(), dropped.result("output")
    assert job is not None, stage.log
    assert (job["status"], output is not None) == ("Successful", True), stage.log
    assert compare_answers(expected, job, output or b"").wrong == ()
