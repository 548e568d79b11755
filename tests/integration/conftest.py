"""What tests of surfaces and adapters may use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders.web import WebClient, web_client
from tests.fakes.world import FakeWorld


@pytest.fixture
def send(world: FakeWorld) -> Iterator[WebClient]:
    """The client of the web service over the module's world."""
    with web_client(world) as client:
        yield client
