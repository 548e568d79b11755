"""Fixtures and settings for all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from chalicelib import reference

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("oldest", settings.get_profile("any machine"), max_examples=25)
settings.load_profile("any machine")
"""The speed of a machine says nothing about the code: `bench` measures ratios, tests check behaviour."""

pytest_plugins = ["tests.local_cloud_fixtures"]
"""Fixtures that give a test the one-machine cloud; the emulator starts on first use, in about a second."""


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """No test leaves lists of its own to the next one of its process, nor the name of its surroundings.

    Chalice makes that name longer with each application, and every call to AWS sends it along.
    """
    yield
    reference.install(None)
    os.environ.pop("AWS_EXECUTION_ENV", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that share something slow to create on one worker: a local cloud, the parsed project, a browser."""
    for item in items:
        if item.path.parent.name == "structure":
            item.add_marker(pytest.mark.xdist_group("structure"))
        if item.nodeid.startswith(("tests/browser/", "tests/infra/")):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
        if "local_cloud" in getattr(item, "fixturenames", ()):
            item.add_marker("emulator")
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def pytest_collection_finish() -> None:
    """Nothing that is collected goes away before the end: the collector of garbage need not look through it again."""
    gc.collect()
    gc.freeze()
