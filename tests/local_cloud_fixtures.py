"""Fixtures that give a test the one-machine cloud. The emulator starts once a session, on first use, in a second."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from local.emulated.cloud import LocalCloud, ProvisionedCloud, provision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PREFIXES = (f"lrs-test{number}" for number in itertools.count(1))


@pytest.fixture(scope="session")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A running emulator on a free port, provisioned from `infra/stack.json` and removed at the end of the session."""
    state: Path = tmp_path_factory.mktemp("local-cloud")
    with LocalCloud(state=state, port=0, prefix=next(_PREFIXES), keep_state=False) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def module_cloud(local_cloud: LocalCloud) -> ProvisionedCloud:
    """The resources of the description under the test module's own prefix."""
    return _provisioned(local_cloud)


@pytest.fixture
def fresh_cloud(local_cloud: LocalCloud) -> ProvisionedCloud:
    """Empty resources of the description for one test only (about 0.3 s)."""
    return _provisioned(local_cloud)


def _provisioned(cloud: LocalCloud) -> ProvisionedCloud:
    prefix = next(_PREFIXES)
    provision(cloud.stack, prefix, cloud.client)
    return ProvisionedCloud(cloud.endpoint, prefix, cloud.stack)
