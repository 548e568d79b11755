"""Registrations of one person at the same moment, over HTTP and the local cloud: one ULN for all callers (ULN-03)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, NamedTuple

import pytest
from chalice import Chalice

from chalicelib import bootstrap
from chalicelib.domain.access import Role, capabilities_of
from chalicelib.services.credentials import Order
from chalicelib.web.http.routes import blueprint
from chalicelib.web.rest.table import ENTRIES
from local.emulated.cloud import ProvisionedCloud
from local.lambda_runtime.gateway import Gateway
from tests.builders.callers import caller
from tests.builders.functions import items_of
from tests.builders.organisations import provider
from tests.builders.web import BRONWEN

UKPRNS = ("90000101", "90000102", "90000103", "90000104")


class Answer(NamedTuple):
    status: int
    document: Any


class Site:
    """The web service over a cloud, with a provider's system for each UKPRN."""

    def __init__(self, cloud: ProvisionedCloud) -> None:
        self.cloud = cloud
        self.services = bootstrap.services(cloud.environment)
        self.tokens = {ukprn: self._token(ukprn) for ukprn in UKPRNS}
        self.app = Chalice(app_name="routes-under-test", configure_logs=False)
        self.app.register_blueprint(blueprint(ENTRIES, lambda: self.services))
        self.address = ""

    def _token(self, ukprn: str) -> str:
        self.services.accounts.put(provider(ukprn))
        scopes = frozenset(map(str, capabilities_of([Role.LRB_ONLINE_USER])))
        issued = self.services.credentials.issue(caller(user="tests"), ukprn, Order("student-records", scopes))
        tokens = self.services.tokens
        return tokens.grant(tokens.client(issued.credential.credential_id, issued.secret)).token

    def send(self, ukprn: str, path: str, body: object) -> Answer:
        headers = {"Authorization": f"Bearer {self.tokens[ukprn]}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, json.load(answer))
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, json.load(refused))

    def items(self, table: str) -> list[dict[str, Any]]:
        return items_of(self.cloud, table)

    @property
    def ulns(self) -> set[str]:
        return {item["pk"]["S"].removeprefix("ULN#") for item in self.items("register") if item["sk"]["S"] == "LEARNER"}


@pytest.fixture
def site(fresh_cloud: ProvisionedCloud) -> Iterator[Site]:
    made = Site(fresh_cloud)
    with Gateway(made.app, port=0) as gateway:
        made.address = gateway.url
        yield made


def at_once(acts: list[Callable[[], Answer]]) -> list[Answer]:
    together = Barrier(len(acts))

    def begin(act: Callable[[], Answer]) -> Answer:
        together.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


@pytest.mark.req("ULN-03")
def test_registrations_at_the_same_moment_give_one_uln(site: Site) -> None:
    answers = at_once([lambda ukprn=ukprn: site.send(ukprn, "/v1/learners", BRONWEN) for ukprn in UKPRNS])  # type: ignore[misc]
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 201], answers
    (number,) = {answer.document["uln"] for answer in answers}
    assert site.ulns == {number}
    assert {answer.document["responseCode"] for answer in answers} == {"WSRC0004", "WSRC0005"}
    found = site.send(UKPRNS[0], "/v1/learners/find-by-uln", {"uln": number, "familyName": "Ashcombe"})
    assert found.document["learners"][0]["uln"] == number


PAIRS = (
    ("Katherine", "Catherine", "2"),
    ("Bronwen", "Bronwenn", "2"),
    ("James", "Jim", "2"),
    ("Rhiannon", "Rhiannon", "0"),
    ("Mary Ann", "Mary", "2"),
)
"""One person in two spellings, or with the gender known to one of two callers."""


@pytest.mark.req("ULN-03", "ULN-05")
def test_one_person_registered_at_the_same_moment_in_two_spellings_gets_one_uln_and_a_pending_match(site: Site) -> None:
    for turn in range(15):
        given, other, gender = PAIRS[turn % len(PAIRS)]
        person = BRONWEN | {"dateOfBirth": f"2004-05-{turn + 1:02d}", "lastKnownPostCode": f"CF10 {turn % 9 + 1}AA"}
        as_spelt = (person | {"givenName": given}, person | {"givenName": other, "gender": gender})
        before = site.ulns
        acts = [
            lambda ukprn=ukprn, body=body: site.send(ukprn, "/v1/learners", body)  # type: ignore[misc]
            for ukprn, body in zip(UKPRNS[:2], as_spelt, strict=True)
        ]
        answers = at_once(acts)
        (uln,) = site.ulns - before
        assert sorted(answer.status for answer in answers) == [201, 202], answers
        assert uln in {answer.document.get("uln") for answer in answers}


@pytest.mark.req("ULN-03", "ULN-05")
def test_decisions_at_the_same_moment_register_one_learner(site: Site) -> None:
    first = site.send(UKPRNS[0], "/v1/learners", BRONWEN)
    like = site.send(UKPRNS[0], "/v1/learners", BRONWEN | {"givenName": "Bronwenn"})
    assert (first.status, like.status) == (201, 202)
    path = like.document["links"]["decision"]
    answers = at_once([lambda: site.send(UKPRNS[0], path, {"decision": "registerNew"})] * 3)
    made = {answer.document["uln"] for answer in answers if answer.status in (200, 201)}
    assert len(made) == 1, answers
    assert {answer.status for answer in answers} <= {200, 201, 409}
    assert site.ulns == {first.document["uln"], *made}
