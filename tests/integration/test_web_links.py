"""Every `Location` and every link in our answers can be followed by the caller who got it.

A story makes every kind of answer that has one. What a `GET` serves is got, anything else must be a route that the
caller may use; and no route with such answers is left out of the story.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from chalicelib.domain.access import Capability
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS
from chalicelib.web.rest.table import ENTRIES, routes
from tests.builders.achievements import AIM, csv_file, record, world_with
from tests.builders.achievements import learner as profile
from tests.builders.callers import caller
from tests.builders.jobs import FILENAME, Pipeline
from tests.builders.learner_files import LRB, VLD, row
from tests.builders.learner_files import csv_file as learner_csv
from tests.builders.learners import learner, uln
from tests.builders.organisations import OURS, provider
from tests.builders.records import RecordCatalogue
from tests.builders.stream import submitted_change
from tests.builders.web import BRONWEN, Answer, WebClient, token_of, web_client
from tests.fakes import FakeWorld

COLLEGE = "10000002"
DESK = "90000009"


def has_links(answer: Any) -> bool:
    """Whether a response type has links, at any depth."""
    return is_dataclass(answer) and any(field.name == "links" for field in fields(answer))


WITH_LINKS = {
    route.name for route in routes() if "Location" in route.gives or any(map(has_links, route.answers.values()))
}


LINKS = {
    *("Location", "self", "next", "learner", "pendingMatch", "decision", "achievement", "history", "withdrawal"),
    *("reinstatement", "records", "output", "errors", "cancellation", "page", "csv"),
}
"""Every name that our answers give to an address."""


class Follower:
    """Sends requests, and follows every address in their answers with the same token."""

    def __init__(self, send: WebClient) -> None:
        self._send = send
        self.seen: set[str] = set()
        self.followed: set[tuple[str, str]] = set()
        """The route and link (or ``Location``) of each address that was followed."""

    def __call__(self, method: str, path: str, body: object = None, token: str | None = None, **headers: str) -> Answer:
        answer = self._send(method, path, body, token, **headers)
        assert answer.status < 400, answer.body
        entry = entry_of(method, path)
        self.seen.add(entry)
        for name, address in addresses(answer):
            self.follow(f"{name} of {entry}", address, token)
            self.followed.add((entry, name))
        return answer

    def follow(self, where: str, address: str, token: str | None) -> None:
        if entry_of("GET", address):
            got = self._send("GET", address, token=token)
            # A record or result file that is not there yet is asked for later.
            assert got.status == 200, (where, address, got.body)
        else:
            assert entry_of("POST", address), (where, address)
            refused = self._send("POST", address, {"no such": 1}, token=token)
            assert refused.status in (400, 422), (where, address, refused.body)


def entry_of(method: str, address: str) -> str:
    """The route of an address; empty if there is none."""
    path = address.partition("?")[0]
    fitting = [entry for entry in ENTRIES if entry.method == method and matches(entry.path, path)]
    return min(fitting, key=lambda entry: len(entry.path_names)).name if fitting else ""


def matches(path: str, sent: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), sent) is not None


def addresses(answer: Answer) -> Iterator[tuple[str, str]]:
    """The Location and every link, at any depth."""
    if "Location" in answer.headers:
        yield "Location", answer.headers["Location"]
    if "json" in answer.headers.get("Content-Type", ""):
        yield from links_in(answer.document)


def links_in(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for part in value:
            yield from links_in(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name == "links":
                yield from part.items()
            else:
                yield from links_in(part)


TOKENS = {OURS: token_of("ours"), COLLEGE: token_of("college"), DESK: token_of("desk")}


@pytest.fixture
def world() -> FakeWorld:
    world = world_with(profile(0), profile(1))
    world.accounts.put(provider(COLLEGE))
    world.accounts.put(provider(DESK, is_service_desk=True))
    for ukprn, token in TOKENS.items():
        world.token_keys.admit(token, caller(ukprn, f"system-{ukprn}", tuple(Capability)))
    return world


@pytest.mark.req("SEC-01", "ULN-03", "ULN-05", "ACH-07", "ACH-08", "ULN-07", "VLD-03", "PLR-01")
def test_every_location_and_every_link_can_be_followed(world: FakeWorld) -> None:
    with web_client(world) as send:
        follow = Follower(send)
        follow("GET", "/")
        _learners(world, follow)
        _achievements(world, follow)
        _batches(world, follow)
        _records(world, follow)
        _levels(follow)
    assert WITH_LINKS - follow.seen == set(), "routes that no answer was made of"
    assert {name for _, name in follow.followed} == LINKS


def _learners(world: FakeWorld, follow: Follower) -> None:
    """Registered, there already, and similar ones that wait for each decision."""
    mine = TOKENS[COLLEGE]
    others = learner(1, given_name="Seren", family_name="Wick", date_of_birth="2001-01-01")
    world.learner_register.load([others._replace(registered_by=OURS, last_updated_by=OURS)])
    assert follow("POST", "/v1/learners", BRONWEN, mine).status == 201
    seren = BRONWEN | {"givenName": "Seren", "familyName": "Wick", "dateOfBirth": "2001-01-01"}
    assert follow("POST", "/v1/learners", seren, mine).status == 200
    for given_name, decision in (
        ("Serren", {"decision": "useUln", "uln": uln(1)}),
        ("Serenn", {"decision": "registerNew"}),
        ("Sseren", {"decision": "drop"}),
    ):
        waiting = follow("POST", "/v1/learners", seren | {"givenName": given_name}, mine)
        assert waiting.status == 202
        follow("GET", "/v1/pending-matches?limit=1", None, mine)
        follow("GET", waiting.headers["Location"], None, mine)
        follow("POST", waiting.document["links"]["decision"], decision, mine)
        follow("GET", waiting.headers["Location"], None, mine)


def _achievements(world: FakeWorld, follow: Follower) -> None:
    """One, through its life, and the lists that it is on."""
    mine, person = TOKENS[OURS], profile(0)
    names = {"givenName": person.given_name, "familyName": person.family_name}
    new = names | {
        "uln": person.uln,
        "unitOrQualificationReferenceNumber": AIM.reference,
        "achievementAwardDate": "2026-02-20",
        "grade": "Pass",
    }
    made = follow("POST", "/v1/achievements", new, mine)
    home = made.headers["Location"]
    follow("POST", "/v1/achievements", new | {"achievementAwardDate": "2026-02-21"}, mine)
    follow("GET", home, None, mine)
    action = names | {"actionDate": "2026-02-27"}
    follow("PATCH", home, action | {"grade": "Merit"}, mine)
    follow("POST", f"{home}/withdrawal", action | {"actionReason": "SUBINERROR"}, mine)
    follow("GET", home, None, mine)
    follow("POST", f"{home}/reinstatement", action | {"actionReason": "SUBINERROR"}, mine)
    follow("GET", f"{home}/history?limit=1", None, mine)
    follow("GET", f"/v1/learners/{person.uln}/achievements?limit=1", None, mine)
    for key, held in world.achievements.held.items():
        world.submissions.record([(str(key), submitted_change(held))])
    follow("GET", "/v1/achievements?limit=1", None, mine)


def _batches(world: FakeWorld, follow: Follower) -> None:
    """Of each kind: waiting, listed, cancelled, refused, done; and those sent inline."""
    steps = Pipeline(world)
    kinds = (
        (OURS, "achievement", csv_file([record(1), record(1, Grade="Brilliant")]), FILENAME),
        (COLLEGE, "learner", learner_csv([row(), row(Gender="7")], UKPRN=COLLEGE), LRB),
        (COLLEGE, "verification", learner_csv([row(VERIFICATIONS)] * 2, VERIFICATIONS, UKPRN=COLLEGE), VLD),
    )
    for ukprn, word, data, filename in kinds:
        path, token = f"/v1/{word}-batches", TOKENS[ukprn]
        waiting = follow("POST", path, {"filename": filename}, token)
        follow("POST", path, {"filename": filename}, token)
        follow("GET", f"{path}?limit=1", None, token)
        follow("POST", f"{waiting.headers['Location']}/cancellation", None, token)
        for content in (data, b"nonsense"):
            done = steps.process(content, filename, ukprn, f"{word}s")
            shown = follow("GET", f"{path}/{done.job_id}", None, token)
            assert {"self", "records", "output", "errors"} <= shown.document["links"].keys() or content == b"nonsense"
            follow("GET", f"{path}/{done.job_id}/records?limit=1", None, token)
        if word != "achievement":
            names = {"givenName": "Bronwen", "familyName": "Ashcombe"}
            sent = BRONWEN if word == "learner" else {"uln": uln(1), **names}
            follow("POST", f"{path}/inline", {"learners": [sent]}, token)


def _records(world: FakeWorld, follow: Follower) -> None:
    """A record, read again by its link, and a problem reported."""
    mine, person = TOKENS[COLLEGE], profile(0)
    home = f"/v1/learners/{person.uln}"
    names: dict[str, object] = {"givenName": person.given_name, "familyName": person.family_name}
    world.catalogues.publish("v2", RecordCatalogue())
    record_of = follow("POST", f"{home}/record", names, mine)
    follow("GET", record_of.document["links"]["self"], None, mine)
    problem = {"challengeType": "ULN_OTHER", "contactName": "Sam", "telephone": "01632 960001"}
    follow("POST", f"{home}/challenges", names | problem | {"additionalInformation": "Shared."}, mine)
    follow("GET", f"{home}/challenges", None, mine)


def _levels(follow: Follower) -> None:
    """A maintenance window, through its life; recoveries from disaster, and what came in time."""
    desk = TOKENS[DESK]
    times = {"start": "2026-03-02T20:00:00Z", "end": "2026-03-02T22:00:00Z"}
    new = {"environment": "live", "kind": "planned", "reason": "Release 2.4", **times}
    home = follow("POST", "/v1/maintenance-windows", new, desk).headers["Location"]
    follow("GET", "/v1/maintenance-windows", None, desk)
    follow("GET", home, None, desk)
    follow("PATCH", home, {"end": "2026-03-02T21:00:00Z"}, desk, If_Match='"1"')
    follow("POST", f"{home}/cancellation", None, desk, If_Match='"2"')
    follow("GET", home, None, desk)
    follow("POST", "/v1/recoveries", {"reason": "Loss of the region", "invoked": "2026-03-02T08:30:00Z"}, desk)
    follow("GET", "/v1/recoveries", None, desk)
    follow("POST", "/v1/recoveries/reinstatement", None, desk)
    follow("GET", "/v1/recoveries", None, desk)
    follow("GET", "/v1/timeliness?month=2026-03", None, desk)
