"""A request sent twice with one idempotency key, through Chalice and over the local cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Annotated

import pytest
from chalice import Chalice

from bench.meter import Meter
from chalicelib import bootstrap
from chalicelib.domain.access import Capability
from chalicelib.services.known_callers import REMEMBERED
from chalicelib.web.http.guard import Presented, admit
from chalicelib.web.http.headers import IDEMPOTENCY_KEY
from chalicelib.web.http.requests import Text
from chalicelib.web.http.routes import Call, Entry, Reply, blueprint, declared_route
from local.emulated.cloud import ProvisionedCloud
from local.samples import seed
from local.samples.world import samples
from tests.builders import callers
from tests.builders.organisations import organisation
from tests.builders.web import TOKEN, Answer, WebClient, web_client
from tests.fakes import FakeClock, FakeWorld

NEEDED = Capability.ACHIEVEMENT_BATCHES_SUBMIT
KEY = "0123456789abcdef"
_made = count(1)


@dataclass(frozen=True)
class NewThing:
    """A thing."""

    box: Annotated[str, Text(maximum=10, pattern="[a-z]+", expected="letters")]
    name: Annotated[str, Text(maximum=10, minimum=1)]


def make_thing(call: Call, request: NewThing) -> Reply:
    """Make a thing."""
    return Reply({"name": request.name, "number": next(_made)}, 201, {"Location": "/v1/things/ü"})


ENTRY = Entry("make_thing", "POST", "/v1/boxes/{box}/things", NEEDED, __name__)
ROUTES = (declared_route(ENTRY, NewThing, make_thing, takes=(IDEMPOTENCY_KEY,)),)


@pytest.fixture
def send() -> Iterator[WebClient]:
    world = FakeWorld()
    world.accounts.put(organisation("10000001"))
    world.token_keys.admit(TOKEN, callers.caller(capabilities=[NEEDED]))
    app = Chalice(app_name="repeats-under-test", configure_logs=False)
    services = world.services()
    app.register_blueprint(blueprint([ENTRY], lambda: services))
    with web_client(app) as client:
        yield client


def post(send: WebClient, document: object, key: str | None = KEY, box: str = "a") -> Answer:
    headers = {} if key is None else {"Idempotency-Key": key}
    return send("POST", f"/v1/boxes/{box}/things", document, **headers)


@pytest.mark.req("SLA-08")
def test_the_first_answer_is_returned_again_and_nothing_is_done_again(send: WebClient) -> None:
    first, second = post(send, {"name": "x"}), post(send, {"name": "x"})
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Content-Type"] == "application/json"
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert post(send, {"name": "x"}, key=None).body != first.body
    assert post(send, {"name": "x"}, box="b").body != first.body


@pytest.mark.req("SLA-08")
def test_another_body_or_a_bad_key_is_a_problem(send: WebClient) -> None:
    post(send, {"name": "x"})
    other = post(send, {"name": "y"})
    assert (other.status, other.codes) == (422, ["LRS-REQ-17"])
    bad = post(send, {"name": "y"}, key="short")
    assert (bad.status, [field for _, field in bad.reasons]) == (400, ["Idempotency-Key"])


@pytest.mark.req("SLA-08")
def test_a_malformed_request_takes_no_key(send: WebClient) -> None:
    assert post(send, {"name": ""}).status == 400
    assert post(send, {"name": "x"}).status == 201


# --- what it costs, over the local cloud -----------------------------------------------------------------------------


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC))


@pytest.fixture
def services(fresh_cloud: ProvisionedCloud, sample_keys: None, clock: FakeClock) -> bootstrap.Services:
    made = bootstrap.services(fresh_cloud.environment | {"LRS_READ_TIMEOUT": "30"}, clock=clock)
    seed.seed(made, samples(learners=10))
    return made


@pytest.mark.req("IDM-11", "SLA-08")
def test_a_caller_costs_one_read_in_five_seconds_and_part_of_a_write(
    services: bootstrap.Services, clock: FakeClock
) -> None:
    own = seed.sample_credential("90000051")
    credential = services.tokens.client(own.client_id, own.secret)
    token = services.tokens.grant(credential).token
    meter = Meter()
    meter.attach(services.clients["dynamodb"])
    for _ in range(40):
        caller = admit(services, Presented([f"Bearer {token}"]), NEEDED)
    assert caller.ukprn == "90000051"
    assert set(meter.calls) == {"dynamodb.BatchGetItem", "dynamodb.UpdateItem"}
    assert meter.calls["dynamodb.BatchGetItem"] == 1
    assert meter.calls["dynamodb.UpdateItem"] <= 14
    clock.advance(REMEMBERED)
    admit(services, Presented([f"Bearer {token}"]), NEEDED)
    assert meter.calls["dynamodb.BatchGetItem"] == 2
    assert services.credentials.get(own.client_id).last_used_at is not None
