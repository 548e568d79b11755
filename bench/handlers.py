"""The cost of a warm web request: instructions where valgrind is present, else CPU.

Each operation is sent to the whole application over the emulator, with the log as in the cloud; AWS's responses are
recorded and played back, with the complete botocore and no network. Beside each figure is a floor that our own choices
do not move: as many of the cheapest calls, a GetItem through our client, as the operation cannot do without.
"""

from __future__ import annotations

import gc
import json
import pickle
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, Protocol

from botocore import xform_name
from chalice import Chalice

from bench import warm_requests
from bench.first_requests import silence
from bench.path import UKPRN, load_world
from bench.tape import Answer, Tape, least
from bench.warm_requests import instructions
from chalicelib import bootstrap
from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.throttles import Pace, Taken
from chalicelib.ports.accounts import Organisation
from chalicelib.services.credentials import Issued, Order
from chalicelib.services.tokens import grantable_scopes
from chalicelib.web.http.routes import blueprint
from chalicelib.web.rest.table import ENTRIES
from local.emulated.cloud import LocalCloud
from local.samples.drafts import Draft, World
from local.samples.world import samples

NEEDED = {
    "create": 2, "verify": 2, "find by ULN": 2, "record of 20 events": 2, "batch list": 1, "batch get": 1
}  # fmt: skip
"""Round trips that each operation cannot do without: to read, and to write, or to audit the look."""
MILLIONS = {"create": 6.0, "verify": 5.0, "find by ULN": 5.5, "record of 20 events": 12.0}
"""The most million instructions, without the mock transport."""
REQUESTS, ROUNDS = 200, 5
EVENTS = 20
"""Events in the record that is read."""
REGISTERING = "90000098"
"""UKPRN of an organisation that registers learners."""
COLUMNS = {
    "ULN": "uln",
    "GivenName": "givenName",
    "FamilyName": "familyName",
    "UnitOrQualificationReferenceNumber": "unitOrQualificationReferenceNumber",
    "AchievementAwardDate": "achievementAwardDate",
    "Grade": "grade",
    "LanguageForAssessment": "languageForAssessment",
    "ProviderUKPRN": "providerUkprn",
}


class Sent(Protocol):
    """A request whose cost is counted."""

    @property
    def name(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def event(self) -> Mapping[str, Any]: ...


class Operation(NamedTuple):
    """One request."""

    name: str
    method: str
    path: str
    """The path of the route, with names in braces."""
    values: Mapping[str, str]
    """The values in the path."""
    body: Mapping[str, object] | None
    token: str
    status: int

    @property
    def event(self) -> dict[str, Any]:
        """The event that API Gateway would send."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Host": "localhost"}
        return {
            "resource": self.path,
            "path": self.path.format(**self.values),
            "httpMethod": self.method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": None,
            "multiValueQueryStringParameters": None,
            "pathParameters": dict(self.values) or None,
            "stageVariables": None,
            "requestContext": {
                "resourcePath": self.path,
                "path": self.path,
                "httpMethod": self.method,
                "requestId": "3f1c9a52-6a0e-4c53-9f9f-0a6c2d1e8b77",
                "identity": {"sourceIp": "127.0.0.1"},
            },
            "body": None if self.body is None else json.dumps(self.body),
            "isBase64Encoded": False,
        }


class Unlimited:
    """Buckets that never run out: a busy caller costs one call for many requests, which is left out here."""

    def take(self, name: str, pace: Pace, calls: int, now: datetime) -> Taken:  # noqa: ARG002 - as the port has it
        return Taken(0, 0)


class Stage(NamedTuple):
    """The application over an emulator with the sample world in it."""

    services: bootstrap.Services
    app: Chalice
    operations: tuple[Operation, ...]


@contextmanager
def staged() -> Iterator[Stage]:
    """Start an emulator of its own, load the sample world, and create what the requests need."""
    with TemporaryDirectory() as state, LocalCloud(state=Path(state), port=0, keep_state=False) as cloud:
        moment = datetime.now(UTC)
        services = bootstrap.services(cloud.environment, clock=lambda: moment, paces=Unlimited())
        app = Chalice("handlers", configure_logs=False)
        app.register_blueprint(blueprint(ENTRIES, lambda: services))
        yield Stage(services, app, _operations(services))


def _operations(services: bootstrap.Services) -> tuple[Operation, ...]:
    world = samples(learners=300)
    load_world(services, world)
    services.accounts.put(
        Organisation(REGISTERING, "A college", "COL001", frozenset(), False, False, "active", "mis@example.org")
    )
    awarding, registering = (_token(services, ukprn) for ukprn in (UKPRN, REGISTERING))
    learner = next(one for one in world.learners if one.status == "1" and one.date_of_birth and not one.restricted)
    draft = Draft(
        World(world.organisation(UKPRN), world.learners, world.aims, world.providers), 7, services.clock().date()
    )
    create = "/v1/achievements"
    made = [_creation(draft, learner, days) for days in range(EVENTS + 1)]
    submitter = services.tokens.caller(awarding, "", Channel.WEBSERVICE, "bench")
    job = services.batch_submit.begin(submitter, "results.csv").job
    batches = "/v1/achievement-batches"
    named = {"uln": learner.uln, "givenName": learner.given_name, "familyName": learner.family_name}
    record = "/v1/learners/{uln}/record"
    details = {name: value for name, value in named.items() if name != "uln"}
    return (
        *(Operation("", "POST", create, {}, body, awarding, 201) for body in made[:-1]),
        Operation("create", "POST", create, {}, made[-1], awarding, 201),
        Operation("verify", "POST", "/v1/verifications", {}, named, awarding, 200),
        Operation("find by ULN", "POST", "/v1/learners/find-by-uln", {}, named, registering, 200),
        Operation(f"record of {EVENTS} events", "POST", record, {"uln": learner.uln}, details, registering, 200),
        Operation("batch list", "GET", batches, {}, None, awarding, 200),
        Operation("batch get", "GET", f"{batches}/{{jobId}}", {"jobId": job.job_id}, None, awarding, 200),
    )


def _creation(draft: Draft, learner: LearnerProfile, days: int) -> dict[str, str]:
    row = draft.create(learner, days_ago=days)
    return {name: row[column] for column, name in COLUMNS.items() if row[column]}


def issued(services: bootstrap.Services, ukprn: str) -> Issued:
    """A credential of an organisation, with everything that it may have."""
    organisation = services.accounts.organisation(ukprn)
    if organisation is None:
        raise LookupError(ukprn)
    caller = Caller(ukprn, "bench", "", frozenset(), Channel.OPERATOR, "bench")
    return services.credentials.issue(caller, ukprn, Order("bench", grantable_scopes(organisation)))


def _token(services: bootstrap.Services, ukprn: str) -> str:
    new = issued(services, ukprn)
    credential = services.tokens.client(new.credential.credential_id, new.secret)
    return services.tokens.grant(credential).token


class Recorded(NamedTuple):
    """One operation's calls, and their responses."""

    calls: list[tuple[str, dict[str, Any]]]
    tape: Tape


def recorded(stage: Stage, operation: Operation) -> Recorded:
    """Send it to the emulator and record the calls. Raises RuntimeError for an unexpected response."""
    client = stage.services.clients["dynamodb"]
    calls: list[tuple[str, dict[str, Any]]] = []

    def keep(params: dict[str, Any], model: Any, **_: object) -> None:
        calls.append((xform_name(model.name), json.loads(json.dumps(params))))

    tape = Tape()
    session, send = client._endpoint.http_session, client._endpoint.http_session.send  # noqa: SLF001 - as the tape does
    client.meta.events.register("provide-client-params.dynamodb", keep)
    tape.record(client)
    answer = stage.app(operation.event, None)
    session.send = send
    client.meta.events.unregister("provide-client-params.dynamodb", keep)
    if answer["statusCode"] != operation.status:
        raise RuntimeError(f"{operation.name} was answered {answer['statusCode']}: {answer['body']}")
    return Recorded(calls, tape)


def cpu_seconds(stage: Stage, operation: Operation, kept: Recorded) -> tuple[float, float]:
    """CPU seconds of one request, and of one GetItem through our client, in interleaved rounds."""
    client = stage.services.clients["dynamodb"]
    session, send = client._endpoint.http_session, client._endpoint.http_session.send  # noqa: SLF001 - as the tape does
    item = Tape()
    item.answers = [Answer("GetItem", 200, {}, b'{"Item": {"pk": {"S": "a"}}}')]

    def request() -> float:
        kept.tape.play(client)
        events, status = [operation.event for _ in range(REQUESTS)], 0
        gc.collect()
        start = time.process_time()
        for event in events:
            kept.tape.rewind()
            status = stage.app(event, None)["statusCode"]
        seconds = time.process_time() - start
        if status != operation.status or not kept.tape.is_at_end:
            raise RuntimeError(f"{operation.name} made other calls than when it was recorded")
        return seconds / REQUESTS

    def read() -> float:
        item.play(client)
        gc.collect()
        start = time.process_time()
        for _ in range(REQUESTS):
            item.rewind()
            client.get_item(TableName="register", Key={"pk": {"S": "ULN#1000000027"}, "sk": {"S": "LEARNER"}})
        return (time.process_time() - start) / REQUESTS

    own, get = least(ROUNDS, request, read)
    session.send = send
    return own, get


def bench() -> list[tuple[str, float, float | None]]:
    """Rows of (what, value, target): instructions where valgrind is present, else CPU."""
    with staged() as stage, silence():
        if not shutil.which("valgrind"):
            return list(_timed(stage))
        with TemporaryDirectory() as folder:
            return list(counted(stage.services, _warm(stage), NEEDED, MILLIONS, Path(folder)))


def counted(
    services: bootstrap.Services,
    requests: Iterable[tuple[Mapping[str, Any], Sent]],
    needed: Mapping[str, int],
    most: Mapping[str, float],
    folder: Path,
    surface: str = "app",
) -> Iterator[tuple[str, float, float | None]]:
    """Rows of the instructions of each request, sent to a container that another event has warmed."""
    path, get = str(folder / "request.pickle"), 0.0
    for before, sent in requests:
        warm = warm_requests.record([before], sent.event, services, surface)
        if warm.status != sent.status:
            raise RuntimeError(f"{sent.name} was answered {warm.status}")
        Path(path).write_bytes(pickle.dumps(warm))
        own, mock = (instructions(what, path) for what in ("serve", "play"))
        get = get or instructions("read", path)
        yield f"{sent.name}, million instructions, {warm.calls} calls", own - mock, most.get(sent.name)
        yield f"{sent.name} / {needed[sent.name]} × GetItem", (own - mock) / needed[sent.name] / get, None


def _timed(stage: Stage) -> Iterator[tuple[str, float, float | None]]:
    for _, operation in _warm(stage):
        if operation.name != "create":  # a warm request: cached data has been read before
            recorded(stage, operation)
        kept = recorded(stage, operation)
        own, get = cpu_seconds(stage, operation, kept)
        what = f"{operation.name}: {own * 1000:.2f} ms, {len(kept.calls)} calls / {NEEDED[operation.name]} × GetItem"
        yield what, own / NEEDED[operation.name] / get, None


def _warm(stage: Stage) -> Iterator[tuple[Mapping[str, Any], Operation]]:
    """Each operation, with an event that warms its container; those without a name are only sent."""
    before: Mapping[str, Any] = {}
    for operation in stage.operations:
        if operation.name:
            yield before if operation.name == "create" else operation.event, operation
        else:
            before = operation.event
            stage.app(before, None)
