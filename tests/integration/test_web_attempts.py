"""Every attempt at a learner's data is in the audit log once, whatever ends it (SEC-01, PLR-07)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.access import Capability
from chalicelib.domain.achievement_ids import achievement_id, key_of_id
from chalicelib.domain.looks import LookAction
from chalicelib.web.http.routes import Route
from chalicelib.web.rest.achievement_documents import ID_EXAMPLE
from chalicelib.web.rest.table import routes
from tests.builders.web import LEARNER, NEW_LEARNER, WebClient, organised_world, web_client
from tests.fakes import FakeWorld

ULN, WRONG = LEARNER.uln, "1000000044"
KEY = key_of_id(ID_EXAMPLE)
assert KEY is not None
ABSENT = achievement_id(KEY._replace(uln="1000000051"))
NAMES: dict[str, object] = {"givenName": LEARNER.given_name, "familyName": LEARNER.family_name}
NAMED = {"uln": ULN, **NAMES}
BAD_VALUES: dict[str, dict[str, object]] = {
    "find_by_uln": {**NAMED, "findType": "ALL"},
    "find_by_demographics": {**NAMES, "dateOfBirth": "30/30/2001"},
    "get_learner": {"uln": WRONG},
    "register_learner": {**NAMES, "dateOfBirth": "30/30/2001"},
    "update_learner": {**NAMED, "emailAddress": "nobody"},
    "link_learner": {"uln": ULN, "masterUln": WRONG},
    "unlink_learner": {"uln": WRONG},
    "decide_pending_match": {"pendingId": "P1", "decision": "PERHAPS"},
    "verify_learner": {**NAMED, "dateOfBirth": "30/30/2001"},
    "create_achievement": {**NAMED, "achievementAwardDate": "never"},
    "get_achievement": {"achievementId": ABSENT},
    "get_achievement_history": {"achievementId": ABSENT},
    "update_achievement": {"achievementId": ID_EXAMPLE, "grade": "x" * 200},
    "withdraw_achievement": {"achievementId": ID_EXAMPLE, "actionDate": "never"},
    "reinstate_achievement": {"achievementId": ID_EXAMPLE, "familyName": "1"},
    "list_achievements": {"day": "never"},
    "list_achievements_of_learner": {"uln": WRONG},
    "view_record": {**NAMED, "getType": "SOME"},
    "view_record_again": {"uln": ULN, "getType": "SOME"},
    "request_availability": {**NAMED, "availability": "RESTRICTED"},
    "view_access_log": {**NAMED, "dateOfBirth": "30/30/2001"},
    "raise_challenge": {**NAMED, "challengeType": "EVENT_GRADE"},
    "list_challenges": {"uln": WRONG},
    "get_pending_match": {"pendingId": "P1"},
}
"""A value that is refused, by route."""
WITHOUT_VALUES = {"list_pending_matches", "retrieve_ulns"}


@pytest.fixture
def world() -> FakeWorld:
    return organised_world()


@pytest.fixture
def send(world: FakeWorld) -> Iterator[WebClient]:
    with web_client(world) as client:
        yield client


def of_learners(route: Route[Any]) -> bool:
    without = "-batches:|^(organisations|service-levels|timeliness|maintenance):"
    return route.capability is not Capability.PUBLIC and not re.search(without, route.capability)


@pytest.mark.req("SEC-01")
def test_every_route_to_learners_names_its_attempt() -> None:
    assert {route.name for route in routes() if route.look} == {route.name for route in routes() if of_learners(route)}
    assert {route.name for route in routes() if route.look} == BAD_VALUES.keys() | WITHOUT_VALUES


@pytest.mark.req("SEC-01", "PLR-07")
@pytest.mark.parametrize("route", [route for route in routes() if route.name in BAD_VALUES], ids=lambda one: one.name)
def test_an_attempt_that_is_refused_for_a_value_is_recorded_once(
    world: FakeWorld, send: WebClient, route: Route[Any]
) -> None:
    members = BAD_VALUES[route.name]
    answer = send.to(route, members, If_Match='"1"')
    assert answer.status in (404, 422), answer.document
    (entry,) = world.audit.held.values()
    assert (entry.action, entry.outcome) == (route.look, "NOT_FOUND" if answer.status == 404 else "REFUSED")
    assert entry.detail["code"] == " ".join(answer.codes)
    subjects = {ULN: ULN, ID_EXAMPLE: ULN, ABSENT: "1000000051"}
    named = subjects.get(str(members.get("uln") or members.get("achievementId")))
    assert entry.subject == (f"ULN#{named}" if named else f"ORG#{entry.organisation}")


@pytest.mark.req("SEC-01", "SLA-08")
def test_a_response_that_is_repeated_is_recorded_as_a_look_before_it_is_sent(world: FakeWorld, send: WebClient) -> None:
    body = {**NAMED, "challengeType": "ULN_OTHER", "contactName": "Sam Ford", "telephone": "01632 960001"}
    body |= {"additionalInformation": "Two people use this ULN."}
    path = f"/v1/learners/{ULN}/challenges"
    del body["uln"]
    first = send("POST", path, body, Idempotency_Key="0123456789abcdef")
    assert first.status == 201
    world.audit.held.clear()
    again = send("POST", path, body, Idempotency_Key="0123456789abcdef")
    assert (again.body, again.headers["Idempotency-Replayed"]) == (first.body, "true")
    (entry,) = world.audit.held.values()
    assert (entry.subject, entry.action, entry.outcome) == (f"ULN#{ULN}", LookAction.CHALLENGE_RAISED, "UNCHANGED")
    assert entry.detail["repeated"] == "yes"

    def no_audit(name: str) -> None:
        if name == "audit.record":
            raise TimeoutError(name)

    world.hook = no_audit
    assert send("POST", path, body, Idempotency_Key="0123456789abcdef").status == 500


@pytest.mark.req("SEC-01", "SLA-08")
def test_a_registration_that_is_repeated_is_in_the_log_of_its_learner(world: FakeWorld, send: WebClient) -> None:
    uln = send("POST", "/v1/learners", NEW_LEARNER, Idempotency_Key="0123456789abcdef").document["uln"]
    world.audit.held.clear()
    assert send("POST", "/v1/learners", NEW_LEARNER, Idempotency_Key="0123456789abcdef").document["uln"] == uln
    assert [(entry.subject, entry.outcome) for entry in world.audit.held.values()] == [(f"ULN#{uln}", "UNCHANGED")]
