"""Fixtures for tests of use cases: a world of fakes, and the pipeline over it."""

from __future__ import annotations

import pytest

from tests.builders.achievements import learner, world_with
from tests.builders.jobs import Pipeline
from tests.fakes import FakeWorld


@pytest.fixture
def world() -> FakeWorld:
    """Two awarding organisations, the catalogue and eight learners."""
    return world_with(*(learner(number) for number in range(8)))


@pytest.fixture
def steps(world: FakeWorld, request: pytest.FixtureRequest) -> Pipeline:
    """The pipeline over the module's world; a module may set ``CHUNK_RECORDS``."""
    return Pipeline(world, getattr(request.module, "CHUNK_RECORDS", 3))
