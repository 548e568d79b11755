"""Sample files of learners and verifications: the service answers as they expect."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from chalicelib.domain.jobs import LEARNERS, VERIFICATIONS
from chalicelib.domain.learners import learner_of
from local.samples.expectation import Comparison
from local.samples.learner_files import PROVIDER, compare_answers, learner_file, verification_file
from local.samples.world import Samples, samples
from tests.builders.jobs import Pipeline
from tests.builders.organisations import provider
from tests.fakes import FakeWorld

TODAY = date(2026, 3, 2)
WORLD = samples(learners=600)


@pytest.fixture(scope="module")
def steps() -> Pipeline:
    world = FakeWorld()
    world.accounts.put(provider(PROVIDER))
    for one in WORLD.learners:
        world.learner_register.put(learner_of(one))
    return Pipeline(world, 50)


def compared(steps: Pipeline, make, kind: str, world: Samples = WORLD) -> Comparison:
    data, expected = make(80, 3, world=world, today=TODAY)
    job = steps.process(data, expected.file_name, PROVIDER, kind)
    return compare_answers(expected, {}, steps.world.files.data("results", job.output_key))


@pytest.mark.req("ULN-06", "ULN-07")
def test_a_learner_file_is_answered_as_it_was_made_for(steps) -> None:
    assert compared(steps, learner_file, LEARNERS).wrong == ()


@pytest.mark.req("VLD-03")
def test_a_verification_file_is_answered_as_it_was_made_for(steps) -> None:
    assert compared(steps, verification_file, VERIFICATIONS).wrong == ()


@pytest.mark.parametrize("make", [learner_file, verification_file])
def test_a_file_has_some_of_everything_and_the_same_seed_makes_the_same_file(make) -> None:
    data, expected = make(120, 5, world=WORLD, today=TODAY)
    assert make(120, 5, world=WORLD, today=TODAY) == (data, expected)
    assert len(expected.codes) == 120
    assert len(Counter(expected.codes)) >= 5
    assert make(120, 5, world=WORLD, today=TODAY, xml=True)[1].codes == expected.codes
