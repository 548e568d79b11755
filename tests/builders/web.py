"""The web service over a world of fakes, its callers, and the client that all tests use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from chalice import Chalice
from chalice.test import Client

from chalicelib.domain.access import Capability, Role, capabilities_of
from chalicelib.domain.achievement_ids import key_of_id
from chalicelib.domain.fields import DATE_OF_BIRTH, FAMILY_NAME, GENDER, GIVEN_NAME, LAST_KNOWN_POST_CODE, ULN
from chalicelib.domain.jobs import Job
from chalicelib.domain.learners import LearnerProfile
from chalicelib.web.http.bodies import FORM, JSON
from chalicelib.web.http.forms import sample_of
from chalicelib.web.http.problems import MEDIA_TYPE
from chalicelib.web.http.routes import Route
from chalicelib.web.rest.achievement_documents import ID_EXAMPLE
from chalicelib.web.rest.job_documents import OneJob
from tests.builders.achievements import world_with
from tests.builders.callers import caller
from tests.builders.organisations import OURS, provider
from tests.builders.records import achievement
from tests.fakes.web import application
from tests.fakes.world import FakeWorld

UKPRN = OURS
JOB_ID = str(sample_of(OneJob)["jobId"])
LEARNER = LearnerProfile(
    ULN.example,
    GIVEN_NAME.example,
    FAMILY_NAME.example,
    date_of_birth=date.fromisoformat(DATE_OF_BIRTH.example),
    gender=GENDER.example,
    postcode=LAST_KNOWN_POST_CODE.example,
)
NEW_LEARNER = {
    "givenName": "Zebulon",
    "familyName": "Quillfeather",
    "dateOfBirth": "2001-02-03",
    "gender": "1",
    "lastKnownPostCode": "M1 1AE",
    "verificationType": "2",
    "abilityToShare": "1",
}
"""A registration of somebody whom no register has."""
BRONWEN: dict[str, Any] = {
    "givenName": "Bronwen",
    "familyName": "Ashcombe",
    "lastKnownPostCode": "CF10 1AA",
    "dateOfBirth": "2004-05-17",
    "gender": "2",
    "verificationType": "2",
    "abilityToShare": "1",
}
"""The registration of the learner whom ``tests.builders.learners`` makes."""


def token_of(system: str) -> str:
    """The token of a system by its name."""
    return f"token-of-{system}-0123456789abcdef"


TOKEN, THEIR_TOKEN = token_of("ours"), token_of("theirs")


def admit(world: FakeWorld, ukprn: str, *roles: Role, token: str = TOKEN) -> None:
    """Let a token belong to a system of this organisation with exactly these roles."""
    world.token_keys.admit(token, caller(ukprn, f"system-{ukprn}", capabilities_of(roles)))


def world_of_providers(*systems: tuple[str, Role, str]) -> FakeWorld:
    """A world of learning providers: of each its UKPRN, and the role and token of its system."""
    world = FakeWorld()
    for ukprn, role, token in systems:
        world.accounts.put(provider(ukprn))
        admit(world, ukprn, role, token=token)
    return world


def organised_world(capabilities: Iterable[str] = tuple(Capability)) -> FakeWorld:
    """A world for the interface's examples: their learner and achievement, a catalogue, a job, and a system.

    The system belongs to an awarding organisation and has these capabilities.
    """
    world = world_with(LEARNER)
    key = key_of_id(ID_EXAMPLE)
    assert key is not None
    names = {"given_name": LEARNER.given_name, "family_name": LEARNER.family_name}
    world.achievements.held[key] = achievement(**names)._replace(key=key)
    job = Job(JOB_ID, "achievements", UKPRN, "results-system", "", "webservice", "a.csv", world.clock())
    assert world.jobs.create(job)
    hold(world, capabilities)
    return world


def hold(world: FakeWorld, capabilities: Iterable[str]) -> None:
    """Give the system exactly these capabilities."""
    world.token_keys.admit(TOKEN, caller(UKPRN, "results-system", capabilities))


class Answer(NamedTuple):
    """The response."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def document(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Code and field of each reason of a problem document, in their order."""
        assert self.headers["Content-Type"] == MEDIA_TYPE
        assert self.document["status"] == self.status
        return [(reason["code"], reason["field"]) for reason in self.document["errors"]]

    @property
    def codes(self) -> list[str]:
        return [code for code, _ in self.reasons]


class WebClient:
    """Sends requests to the web service, with the token of one of our systems unless another one is given."""

    def __init__(self, client: Client, token: str = TOKEN) -> None:
        self._client = client
        self._token = token

    def __call__(self, method: str, path: str, body: object = None, token: str | None = None, **headers: str) -> Answer:
        """Send a request. A body is sent as JSON, or unchanged if it is bytes.

        Headers have underscores where their names have hyphens; an empty token sends none.
        """
        bearer = self._token if token is None else token
        sent = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        data = b""
        if body is not None:
            sent["Content-Type"] = JSON
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self._client.http.request(method, path, headers=sent, body=data)
        return Answer(answer.status_code, answer.headers, answer.body.decode())

    def to(self, route: Route[Any], members: Mapping[str, object], token: str | None = None, **headers: str) -> Answer:
        """A request of these members to a route."""
        address, body = target(route, members)
        headers = ({"Content_Type": route.consumes} if body else {}) | headers
        return self(route.method, address, body or None, token, **headers)


@contextmanager
def web_client(served: FakeWorld | Chalice, token: str = TOKEN) -> Iterator[WebClient]:
    """A client of the web service over a world, or of an application."""
    app = application(served) if isinstance(served, FakeWorld) else served
    with Client(app) as client:
        yield WebClient(client, token)


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
