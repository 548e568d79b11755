"""The backends of the contract tests: the fakes, and the real adapters over moto and over the emulator.

A test of `world` runs once in each; a test of `adapters` or `cloud` runs where the real adapters are. With
LRS_TEST_ENDPOINT both run over that endpoint alone.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from urllib.request import Request

import pytest

from chalicelib.domain.achievements import Achievement, Key, Provenance
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.tallies import Measured, milliseconds
from chalicelib.ports.accounts import Organisation
from chalicelib.ports.files import UploadForm
from chalicelib.storage import keys
from chalicelib.storage.record_items import AvailabilityChangeItem
from local.emulated.cloud import LocalCloud
from local.emulated.metrics import MetricForwarder
from tests.builders.levels import metric_lines
from tests.builders.records import stored
from tests.contract.clouds import Cloud, EmulatedCloud, EndpointCloud, MotoCloud
from tests.fakes import FakeClock, FakeWorld

ENDPOINT = os.environ.get("LRS_TEST_ENDPOINT", "")
BACKENDS = ("endpoint",) if ENDPOINT else ("fake", "moto", "emulator")
MOTO_LACKS = {
    "partiql": "moto refuses the parameters of PartiQL statements",
    "notified_version": "moto's notifications do not name the version of the object",
}
"""The marker of the tests that are expected to fail over moto. When one passes, remove its marker."""

_numbers = itertools.count(1)


class World:
    """One of the backends, with methods to arrange it like the others. `cloud` is None for the fakes."""

    def __init__(self, ports: Any, clock: FakeClock, cloud: Cloud | None = None) -> None:
        self.ports = ports
        self.clock = clock
        self.cloud = cloud

    @property
    def is_fake(self) -> bool:
        return self.cloud is None

    def hold_learners(self, profiles: Iterable[LearnerProfile]) -> None:
        if self.is_fake:
            for profile in profiles:
                self.ports.learners.put(profile)
        else:
            self.ports.learners.load(profiles)

    def kept_changes(self, uln: str) -> list[str]:
        """The states of the earlier changes of a record's availability."""
        if self.is_fake:
            kept = self.ports.records.replaced
            return [kept[place].state for place in sorted(kept) if place[0] == uln]
        pk = keys.availability_change(uln, 1).pk
        return [item.body[0] for item in AvailabilityChangeItem.query(pk, consistent_read=True)]

    def hold_organisation(self, organisation: Organisation) -> None:
        self.ports.accounts.put(organisation)

    def audited(self, subject: str) -> list[Any]:
        if self.is_fake:
            held = self.ports.audit.held
            return [held[identity] for identity in sorted(held) if identity[0] == subject]
        return self.ports.audit.of_subject(subject)

    def write_lines(self, surface: str, lines: list[tuple[datetime, str]]) -> None:
        """Write lines to the access log of a surface, each with the time at which it was written."""
        if self.cloud is None:
            self.clock.now = max(at for at, _ in lines)
            for at, text in lines:
                self.ports.access_logs.put(surface, at, text)
            return
        logs, group = self.cloud.clients["logs"], f"{self.cloud.prefix}-access-{surface}"
        stream = f"test-{next(_numbers)}"
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = sorted(({"timestamp": milliseconds(at), "message": text} for at, text in lines), key=_written)
        for first in range(0, len(events), 5_000):
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events[first : first + 5_000])

    def print_metrics(self, measured: list[Measured]) -> None:
        """Have functions measure this, as CloudWatch makes metrics of what they print."""
        if self.cloud is None:
            self.ports.measurements.held += measured
            return
        forwarder = MetricForwarder(self.cloud.clients["cloudwatch"])
        for line in itertools.chain.from_iterable(map(metric_lines, measured)):
            assert forwarder.take(line)
        forwarder.flush()

    def post(self, form: UploadForm, data: bytes) -> None:
        """Post a file with an upload form, as a browser does."""
        if self.cloud is None:
            self.ports.files.post(form, data)
            return
        head = '--B\r\nContent-Disposition: form-data; name="'
        fields = "".join(f'{head}{name}"\r\n\r\n{value}\r\n' for name, value in form.fields.items())
        body = fields.encode() + f'{head}file"; filename="x"\r\n\r\n'.encode() + data + b"\r\n--B--\r\n"
        self.cloud.send(Request(form.url, body, {"Content-Type": "multipart/form-data; boundary=B"}))

    def mails(self, to: str) -> list[tuple[str, str]]:
        if self.cloud is None:
            return [(mail.subject, mail.body) for mail in self.ports.mail.sent if mail.to == to]
        return self.cloud.mails(to)


@pytest.fixture(scope="session")
def shared_moto_cloud() -> MotoCloud:
    return MotoCloud("lrs-moto")


@pytest.fixture
def moto_cloud(shared_moto_cloud: MotoCloud) -> MotoCloud:
    """Provisioned by the first test, and again where a test with an account of moto's own has emptied it."""
    if not shared_moto_cloud.clients["dynamodb"].list_tables()["TableNames"]:
        shared_moto_cloud.provision()
    return shared_moto_cloud


@pytest.fixture(scope="session")
def emulator_cloud(local_cloud: LocalCloud) -> EmulatedCloud:
    cloud = EmulatedCloud("lrs-contract", local_cloud.endpoint)
    cloud.provision()
    return cloud


@pytest.fixture(scope="session")
def endpoint_cloud() -> Iterator[EndpointCloud]:
    cloud = EndpointCloud(ENDPOINT)
    try:
        cloud.provision()
        yield cloud
    finally:
        cloud.remove()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test in every backend that it applies to."""
    if "backend" not in metafunc.fixturenames:
        return
    backends = [name for name in BACKENDS if name != "fake" or "world" in metafunc.fixturenames]
    if metafunc.definition.get_closest_marker("threads"):
        # moto does not keep conditions atomic between threads; test_moto.py fails when it starts to.
        backends = [name for name in backends if name != "moto"]
    metafunc.parametrize("backend", backends)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one backend on one worker, which creates its resources once."""
    for item in items:
        if not isinstance(item, pytest.Function) or "backend" not in item.fixturenames:
            continue
        backend = item.callspec.params["backend"]
        if backend != "fake":
            item.add_marker(pytest.mark.xdist_group(f"contract-{backend}"))
        if backend == "emulator":
            item.add_marker("emulator")
        for marker, reason in MOTO_LACKS.items() if backend == "moto" else ():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.xfail(reason=reason))


@pytest.fixture
def cloud(backend: str, request: pytest.FixtureRequest) -> Cloud:
    return request.getfixturevalue(f"{backend}_cloud")


@pytest.fixture
def adapters(cloud: Cloud) -> Any:
    """The real adapters, with a clock that stands still."""
    return cloud.adapters(FakeClock())


@pytest.fixture
def world(backend: str, request: pytest.FixtureRequest) -> World:
    if backend == "fake":
        fake = FakeWorld()
        return World(fake, fake.clock)
    clock = FakeClock()
    cloud = request.getfixturevalue("cloud")
    return World(cloud.adapters(clock), clock, cloud)


@pytest.fixture
def ukprn() -> str:
    return f"{10_000_000 + next(_numbers)}"


@pytest.fixture
def uln() -> str:
    return f"{1_000_000_000 + next(_numbers)}"


@pytest.fixture
def job_id() -> str:
    return f"J{next(_numbers):06d}"


def _written(event: dict[str, Any]) -> int:
    return int(event["timestamp"])


def key(uln: str, aim: str = "50022140", awarded: date = date(2026, 2, 20)) -> Key:
    return Key(uln, aim, awarded)


def achievement(key: Key, versions: int = 1, job: str = "J1", **changes: Any) -> Achievement:
    """An achievement with this many versions, the last of which made it what it is."""
    by = Provenance("2026-03-02T09:00:00+00:00", "10000001", "bucket", "batch", job, 0)
    return stored(key, by, versions, **changes)


def profile(uln: str, **changes: Any) -> LearnerProfile:
    """A learner whose names have accents."""
    born = date(2008, 5, 17)
    made = LearnerProfile(uln, "Zoë", "Ní Dhomhnaill", date_of_birth=born, gender="2", postcode="CF10 1AA")
    return made._replace(**changes)
