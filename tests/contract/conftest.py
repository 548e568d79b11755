"""Both worlds of the contract tests: the fakes, and the real adapters against the emulated cloud.

A test is run once in each. The emulated cloud is shared by the tests of a module, so each test draws numbers of its
own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import pytest

from chalicelib.bootstrap import Services, services
from chalicelib.domain.achievements import (
    Achievement,
    Key,
    Outcome,
    Provenance,
    RecordResult,
    Status,
    SubmissionType,
    Version,
)
from chalicelib.domain.learners import LearnerProfile
from chalicelib.ports.accounts import Organisation
from local.emulated.cloud import ProvisionedCloud
from tests.fakes import FakeClock, FakeWorld

SETTINGS = {"LRS_READ_TIMEOUT": "30", "LRS_CONNECT_TIMEOUT": "10"}

_numbers = itertools.count(1)


class World:
    """One of the two worlds, with the means to arrange it alike."""

    def __init__(self, ports: Any, clock: FakeClock) -> None:
        self.ports = ports
        self.clock = clock

    @property
    def is_fake(self) -> bool:
        return isinstance(self.ports, FakeWorld)

    def hold_learners(self, profiles: Iterable[LearnerProfile]) -> None:
        if self.is_fake:
            for profile in profiles:
                self.ports.learners.put(profile)
        else:
            self.ports.learners.load(profiles)

    def hold_organisation(self, organisation: Organisation) -> None:
        self.ports.accounts.put(organisation)

    def hold_outage(self, start: datetime, end: datetime) -> None:
        record = self.ports.outages.put if self.is_fake else self.ports.outages.record
        record(start, end)

    def audited(self, subject: str) -> list[Any]:
        if self.is_fake:
            held = self.ports.audit.held
            return [held[identity] for identity in sorted(held) if identity[0] == subject]
        return self.ports.audit.of_subject(subject)


def real_services(cloud: ProvisionedCloud) -> Services:
    """The real adapters over the emulated cloud, with a clock that stands still."""
    return services(cloud.environment | SETTINGS, clock=FakeClock())


@pytest.fixture(scope="module")
def cloud_services(module_cloud: ProvisionedCloud) -> Services:
    return real_services(module_cloud)


@pytest.fixture(params=["fake", "emulated"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        fake = FakeWorld()
        yield World(fake, fake.clock)
        return
    made: Services = request.getfixturevalue("cloud_services")
    made.clock.now = FakeClock().now
    yield World(made, made.clock)


@pytest.fixture
def ukprn() -> str:
    return f"{10_000_000 + next(_numbers)}"


@pytest.fixture
def uln() -> str:
    return f"{1_000_000_000 + next(_numbers)}"


@pytest.fixture
def job_id() -> str:
    return f"J{next(_numbers):06d}"


def key(uln: str, aim: str = "50022140", awarded: date = date(2026, 2, 20)) -> Key:
    return Key(uln, aim, awarded)


def achievement(key: Key, versions: int = 1, job: str = "J1", **changes: Any) -> Achievement:
    """An achievement with so many versions, the last of which made it what it is."""
    values = {
        "owner": "10000001",
        "given_name": "Siân",
        "family_name": "O'Brien",
        "provider_ukprn": "10000055",
        "grade": "Pass",
        "language": "E",
        "status": Status.ACTIVE,
        "submission_type": SubmissionType.FINAL,
        "late": False,
    } | changes
    version = Version(
        Provenance("2026-03-02T09:00:00+00:00", "10000001", "bucket", "batch", job, 0),
        "1",
        "",
        "",
        values["status"],
        values["submission_type"],
        values["provider_ukprn"],
        values["grade"],
        values["language"],
        (RecordResult(1, Outcome.CREATED, "VRC001"),),
    )
    history = tuple(version for _ in range(versions))
    return Achievement(key=key, revision=versions, history=history, **values)
