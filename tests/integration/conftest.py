"""Fixtures for tests of surfaces and adapters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from boto3.session import Session

from chalicelib import bootstrap
from local.emulated.cloud import ProvisionedCloud
from local.emulated.stack import REGION
from local.lambda_runtime.event_sources import EventSources
from local.lambda_runtime.pace import AT_ONCE
from local.lambda_runtime.worker_pool import ProcessWorkers
from local.samples import seed
from local.samples.world import Samples
from tests.builders.functions import Functions
from tests.builders.web import WebClient, web_client
from tests.fakes.world import FakeWorld


@pytest.fixture
def send(world: FakeWorld) -> Iterator[WebClient]:
    """The client of the web service over the module's world."""
    with web_client(world) as client:
        yield client


@pytest.fixture
def simulated_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """An empty account of moto, whose credentials are in force."""
    from moto import mock_aws

    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    with mock_aws():
        yield Session(region_name=REGION)


@pytest.fixture
def sample_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep credentials of the sample organisations in the test's own folder."""
    monkeypatch.setattr(seed, "KEYS", tmp_path / "sample-keys.json")


@pytest.fixture
def functions(
    fresh_cloud: ProvisionedCloud, world: Samples, monkeypatch: pytest.MonkeyPatch, sample_keys: None
) -> Functions:
    """Every function over the local cloud, with the module's world loaded."""
    return Functions(fresh_cloud, monkeypatch, world)


class Stage(NamedTuple):
    """The local cloud with its event sources, and the real functions in processes of their own."""

    cloud: ProvisionedCloud
    services: bootstrap.Services
    workers: ProcessWorkers
    sources: EventSources
    log: list[str]


@pytest.fixture
def stage(fresh_cloud: ProvisionedCloud, world: Samples, sample_keys: None) -> Iterator[Stage]:
    """The module's world is loaded; each function is given its own variables only."""
    services = bootstrap.services(fresh_cloud.environment)
    seed.seed(services, world)
    log: list[str] = []
    workers = ProcessWorkers(fresh_cloud.environment, size=1, log=log.append, apart=True)
    yield Stage(fresh_cloud, services, workers, EventSources(fresh_cloud, workers, pace=AT_ONCE), log)
    workers.close()
