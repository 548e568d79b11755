"""Requests to any declared route, made from its type, and who sends them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from chalice.test import Client

from chalicelib.domain.access import Capability
from chalicelib.domain.jobs import Job
from chalicelib.domain.learners import LearnerProfile
from chalicelib.web.http.forms import sample_of
from chalicelib.web.http.requests import FORM, Date, Uln
from chalicelib.web.http.routes import Route
from chalicelib.web.rest.job_documents import OneJob
from tests.builders import callers
from tests.builders.achievements import OURS, world_with
from tests.fakes.world import FakeWorld

UKPRN = OURS
TOKEN = "token-of-our-system-0123456789abcdef"


JOB_ID = str(sample_of(OneJob)["jobId"])
LEARNER = LearnerProfile(
    Uln().example, "Amelia", "Okafor", date_of_birth=date.fromisoformat(Date().example), gender="2", postcode="CV1 2WT"
)


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        return [reason["code"] for reason in self.document.get("errors", ())]


def organised_world(capabilities: Iterable[str] = tuple(Capability)) -> FakeWorld:
    """A world in which the interface's examples hold: their learner, a catalogue, a job, and a system of an awarding
    organisation that holds these capabilities.
    """
    world = world_with(LEARNER)
    job = Job(JOB_ID, "achievements", UKPRN, "results-system", "", "webservice", "a.csv", world.clock())
    assert world.jobs.create(job)
    hold(world, capabilities)
    return world


def hold(world: FakeWorld, capabilities: Iterable[str]) -> None:
    """Give the system these capabilities and no others."""
    caller = callers.caller(UKPRN, "results-system", capabilities)
    world.token_keys.put_caller(hashlib.sha256(TOKEN.encode()).hexdigest(), caller)


def target(route: Route[Any], members: Mapping[str, object]) -> tuple[str, bytes]:
    """The address and body of a request with these members."""
    path = route.path
    for name in route.path_names:
        path = path.replace(f"{{{name}}}", quote(str(members[name]), safe=""))
    rest = {name: value for name, value in members.items() if name not in route.path_names}
    if not route.has_body:
        return (f"{path}?{urlencode(rest)}" if rest else path), b""
    if route.consumes == FORM:
        return path, urlencode(rest).encode()
    return path, json.dumps(rest).encode() if rest else b""


def send(
    client: Client,
    route: Route[Any],
    members: Mapping[str, object],
    *,
    token: str = TOKEN,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send a request of these members to a route."""
    address, body = target(route, members)
    sent = {"Content-Type": route.consumes} if body else {}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    answer = client.http.request(route.method, address, headers={**sent, **(headers or {})}, body=body)
    return Answer(answer.status_code, answer.headers, answer.body.decode())
