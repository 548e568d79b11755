"""The REST interface of pending matches, through Chalice, over fakes of the outside services (ULN-05)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.access import Role, capabilities_of
from chalicelib.domain.callers import Caller
from chalicelib.domain.pending_matches import PendingReason
from tests.builders import callers
from tests.builders.learners import learner, uln, values
from tests.builders.web import THEIR_TOKEN, TOKEN, WebClient, token_of, world_of_providers
from tests.fakes.world import FakeWorld

pytestmark = pytest.mark.req("ULN-05")

OURS, THEIRS, VIEWER = "10000001", "10000002", "10000003"
PATH = "/v1/pending-matches"
VIEWER_TOKEN = token_of("viewer")


def caller_of(ukprn: str) -> Caller:
    return callers.caller(ukprn, f"system-{ukprn}", capabilities_of([Role.LRB_ONLINE_USER]))


@pytest.fixture
def world() -> FakeWorld:
    world = world_of_providers(
        (OURS, Role.LRB_ONLINE_USER, TOKEN),
        (THEIRS, Role.LRB_ONLINE_USER, THEIR_TOKEN),
        (VIEWER, Role.LRB_VIEW_LEARNER_ONLY, VIEWER_TOKEN),
    )
    world.learner_register.load([learner(1, title="Ms")])
    return world


def waiting(world: FakeWorld, ukprn: str = OURS, **changes: str) -> str:
    """A registration that has found the learner of the first ULN; its id."""
    given = values(given_name="Bronwenn") | changes
    return world.services().learner_services.register(caller_of(ukprn), given | {"mis_identifier": "MIS-1"}).pending_id


@pytest.mark.req("SEC-01")
def test_those_that_wait_are_listed_a_page_at_a_time_oldest_first(world: FakeWorld, send: WebClient) -> None:
    ids = []
    for given_name in ("Bronwenn", "Bronnwen", "Bronwem"):
        ids.append(waiting(world, given_name=given_name))
        world.clock.advance(timedelta(minutes=1))
    waiting(world, THEIRS)
    first = send("GET", f"{PATH}?limit=2").document
    second = send("GET", first["links"]["next"]).document
    assert [one["pendingId"] for page in (first, second) for one in page["pendingMatches"]] == ids
    assert (second["cursor"], second["links"]) == (None, {"self": PATH})
    line = first["pendingMatches"][0]
    assert line == {
        "pendingId": ids[0],
        "misIdentifier": "MIS-1",
        "givenName": "Bronwenn",
        "familyName": "Ashcombe",
        "state": "WAITING",
        "reason": "POSSIBLE_MATCHES",
        "numberOfPossibleMatches": 1,
        "raisedDate": "2026-03-02T09:00:00Z",
        "user": f"system-{OURS}",
        "channel": "webservice",
        "jobId": None,
        "links": {"self": f"{PATH}/{ids[0]}", "decision": f"{PATH}/{ids[0]}/decision"},
    }
    assert ("ORG#10000001", "pending-matches-listed") in {(e.subject, e.action) for e in world.audit.held.values()}


def test_a_page_token_of_another_listing_is_refused(world: FakeWorld, send: WebClient) -> None:
    for given_name in ("Bronwenn", "Bronnwen"):
        waiting(world, THEIRS, given_name=given_name)
    theirs = send("GET", f"{PATH}?limit=1", None, THEIR_TOKEN).document["cursor"]
    for token in (theirs, "forged"):
        answer = send("GET", f"{PATH}?cursor={token.replace(' ', '%20')}")
        assert (answer.status, answer.reasons) == (400, [("LRS-REQ-6", "cursor")])


@pytest.mark.req("SEC-01")
def test_one_is_shown_with_the_learners_found_and_the_look_is_audited(world: FakeWorld, send: WebClient) -> None:
    pending_id = waiting(world)
    shown = send("GET", f"{PATH}/{pending_id}").document
    assert shown["learner"]["givenName"] == "Bronwenn"
    (found,) = shown["possibleMatches"]
    assert (found["uln"], found["givenName"], found["title"], found["versionNumber"]) == (uln(1), "Bronwen", "Ms", 1)
    assert (shown["uln"], shown["decidedDate"], shown["decidedBy"]) == (None, None, None)
    assert (f"ULN#{uln(1)}", "pending-match-viewed") in {(e.subject, e.action) for e in world.audit.held.values()}


def test_if_there_are_too_many_learners_none_is_shown(world: FakeWorld, send: WebClient) -> None:
    world.learner_register.load([learner(number, last_known_post_code="CF10 2BB") for number in range(2, 14)])
    pending_id = waiting(world, last_known_post_code="CF10 3DD")
    shown = send("GET", f"{PATH}/{pending_id}").document
    assert (shown["reason"], shown["possibleMatches"]) == (PendingReason.TOO_MANY_MATCHES, [])
    assert shown["numberOfPossibleMatches"] is None
    used = send("POST", f"{PATH}/{pending_id}/decision", {"decision": "useUln", "uln": uln(3)})
    assert (used.status, used.document["uln"]) == (200, uln(3))


def test_a_uln_that_was_found_is_used(world: FakeWorld, send: WebClient) -> None:
    pending_id = waiting(world)
    answer = send("POST", f"{PATH}/{pending_id}/decision", {"decision": "useUln", "uln": uln(1)})
    assert answer.status == 200
    links = answer.document["links"]
    assert links["learner"].startswith(f"/v1/learners/{uln(1)}?access=")
    assert links == {"self": f"{PATH}/{pending_id}", "learner": links["learner"]}
    assert answer.document == {
        "links": links,
        "responseCode": "WSRC0004",
        "uln": uln(1),
        "pendingId": pending_id,
        "state": "USED",
    }
    shown = send("GET", f"{PATH}/{pending_id}").document
    assert (shown["uln"], shown["decidedBy"], shown["possibleMatches"]) == (uln(1), f"system-{OURS}", [])
    assert send("GET", PATH).document["pendingMatches"] == []
    assert len(world.learners.held) == 1


def test_a_new_learner_is_registered_and_a_second_decision_refused(world: FakeWorld, send: WebClient) -> None:
    pending_id = waiting(world)
    made = send("POST", f"{PATH}/{pending_id}/decision", {"decision": "registerNew"})
    assert (made.status, made.document["responseCode"], made.document["state"]) == (201, "WSRC0005", "REGISTERED")
    assert made.headers["Location"] == f"/v1/learners/{made.document['uln']}"
    assert made.headers["ETag"] == '"1"'
    assert set(world.learners.held) == {uln(1), made.document["uln"]}
    for decision in ({"decision": "drop"}, {"decision": "registerNew"}, {"decision": "useUln", "uln": uln(1)}):
        again = send("POST", f"{PATH}/{pending_id}/decision", decision)
        assert (again.status, again.reasons) == (409, [("LRS-PEND-2", "")])


def test_a_registration_is_dropped(world: FakeWorld, send: WebClient) -> None:
    pending_id = waiting(world)
    answer = send("POST", f"{PATH}/{pending_id}/decision", {"decision": "drop"})
    assert (answer.status, answer.document["state"]) == (200, "DROPPED")
    assert (answer.document["responseCode"], answer.document["uln"]) == (None, None)
    assert len(world.learners.held) == 1


def test_a_uln_that_was_not_found_for_it_is_refused(world: FakeWorld, send: WebClient) -> None:
    world.learner_register.load([learner(5, given_name="Quentin")])
    answer = send("POST", f"{PATH}/{waiting(world)}/decision", {"decision": "useUln", "uln": uln(5)})
    assert (answer.status, answer.reasons) == (422, [("LRS-PEND-3", "uln")])


@pytest.mark.parametrize(
    ("decision", "status", "reason"),
    [
        ({"decision": "useUln"}, 400, ("LRS-REQ-1", "uln")),
        ({"decision": "drop", "uln": "2000000112"}, 400, ("LRS-REQ-2", "uln")),
        ({"decision": "maybe"}, 422, ("ACF005", "decision")),
        ({}, 422, ("ACF001", "decision")),
        ({"decision": "useUln", "uln": "1234567890"}, 422, ("ACL001", "uln")),
    ],
)
def test_an_invalid_decision_is_refused(
    world: FakeWorld, send: WebClient, decision: object, status: int, reason: tuple[str, str]
) -> None:
    if isinstance(decision, dict) and decision.get("uln") == "2000000112":
        decision = decision | {"uln": uln(1)}
    answer = send("POST", f"{PATH}/{waiting(world)}/decision", decision)
    assert (answer.status, answer.reasons) == (status, [reason])


@pytest.mark.req("SEC-01")
def test_another_organisations_match_is_not_found_and_the_attempt_is_audited(world: FakeWorld, send: WebClient) -> None:
    pending_id = waiting(world)
    for method, path, body in (
        ("GET", f"{PATH}/{pending_id}", None),
        ("POST", f"{PATH}/{pending_id}/decision", {"decision": "drop"}),
        ("GET", f"{PATH}/Pnone", None),
    ):
        answer = send(method, path, body, THEIR_TOKEN)
        assert (answer.status, answer.reasons) == (404, [("LRS-PEND-1", "")])
    attempts = [e for e in world.audit.held.values() if e.outcome == "NOT_FOUND"]
    assert {(entry.subject, entry.organisation) for entry in attempts} == {("ORG#10000002", THEIRS)}
    assert len(attempts) == 3
    assert send("GET", PATH, None, VIEWER_TOKEN).status == 403
