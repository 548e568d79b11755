"""Learner and verification files through the real functions over the local cloud, each with its own variables."""

from __future__ import annotations

import pytest

from local.commands.demo_kinds import DEMO_KINDS
from local.commands.submission import Dropped
from local.samples.learner_files import PROVIDER, compare_answers, learner_file, verification_file
from local.samples.world import Samples, samples
from tests.integration.conftest import Stage

WORLD = samples(learners=300)


@pytest.fixture
def world() -> Samples:
    return WORLD


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
