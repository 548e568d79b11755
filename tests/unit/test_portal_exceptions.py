"""Registrations with possible matches, and the decisions on them, page by page (ULN-05)."""

from __future__ import annotations

import re
from html import unescape

import pytest

from chalicelib.domain.access import ROLE_CAPABILITIES, Capability, Role
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.pending_matches import PendingMatch, PendingReason, PendingState
from chalicelib.ports.errors import TemporaryFailure
from tests.builders.learners import details, learner
from tests.builders.portal import UKPRN, Browser, Seen, portal_world, signed_in
from tests.fakes.calls import no_hook
from tests.fakes.world import FakeWorld

THEIRS = "10000009"
BRONWEN, CARYS = learner(1).uln, learner(7).uln
HOSTILE = "<script>alert(1)</script>"


def waiting(world: FakeWorld, pending_id: str = "P1", **changes: object) -> PendingMatch:
    """A registration that waits for a decision."""
    pending = PendingMatch(
        pending_id,
        UKPRN,
        "student-records",
        "batch",
        world.clock(),
        PendingReason.POSSIBLE_MATCHES,
        details(given_name="Bronwyn", place_of_birth="Cardiff"),
        (BRONWEN,),
        mis_identifier="MIS-7",
        job_id="J1",
    )
    return world.pending_matches.open(pending._replace(**changes))  # type: ignore[arg-type]


@pytest.fixture
def world() -> FakeWorld:
    world = portal_world(roles=frozenset({Role.LRB_ONLINE_USER}))
    for one in (learner(1), learner(7, given_name="Carys", family_name="Merrick", date_of_birth="2001-07-30")):
        world.learner_register.put(one._replace(registered_by=THEIRS, last_updated_by=THEIRS))
    return world


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def decided(browser: Browser, **choice: str) -> Seen:
    """Choose, see what follows, and confirm."""
    check = browser.fill_in("/exceptions/P1", **choice)
    assert "A decision is final." in check.body
    return browser.open(browser.submit("/exceptions/P1/check").location)


@pytest.mark.req("ULN-05")
def test_the_list_has_every_registration_that_waits_or_those_of_one_file(world: FakeWorld, browser: Browser) -> None:
    assert "Nothing is waiting for a decision." in browser.open("/exceptions").body
    waiting(world)
    many = {"reason": PendingReason.TOO_MANY_MATCHES, "candidates": ()}
    waiting(world, "P2", job_id="J2", details=details(given_name="Bronwin"), **many)
    waiting(world, "P3", ukprn=THEIRS, details=details(given_name="Bronwynn"))
    every = browser.open("/exceptions").body
    assert all(text in every for text in ("Bronwyn Ashcombe", "Bronwin Ashcombe", "MIS-7", "More than ten", "File"))
    assert "Bronwynn" not in every
    of_one = browser.open("/exceptions?job=J2").body
    assert "Bronwin Ashcombe" in of_one
    assert "Bronwyn Ashcombe" not in of_one


@pytest.mark.req("ULN-05")
def test_a_long_list_has_pages(world: FakeWorld, browser: Browser) -> None:
    for number in range(26):
        waiting(world, f"P{number}", details=details(given_name=f"Bron{'abcdefghijklmnopqrstuvwxyz'[number]}"))
    first = browser.open("/exceptions").body
    following = first.partition('href="/exceptions?cursor=')[2].partition('"')[0]
    assert following
    assert 'href="/exceptions/P' in browser.open(f"/exceptions?cursor={following}").body
    assert browser.get("/exceptions?cursor=x").status == 400


@pytest.mark.req("ULN-05")
def test_those_of_one_file_have_pages_and_a_page_reads_no_more_than_500(world: FakeWorld, browser: Browser) -> None:
    for number in range(526):
        name = f"Bron{'abcdefghijklmnopqrstuvwxyz'[number // 26]}{'abcdefghijklmnopqrstuvwxyz'[number % 26]}"
        waiting(world, f"P{number:03}", job_id="J2" if number >= 520 else "J1", details=details(given_name=name))
    world.calls.clear()
    first = browser.open("/exceptions?job=J2")
    assert world.calls.count("pending_matches.of_organisation") == 5
    assert "None of the registrations that we looked at is of this file." in first.text
    following = re.search(r'href="(/exceptions\?job=J2&amp;cursor=[^"]+)"', first.body)
    assert following is not None
    second = browser.open(unescape(following[1]))
    assert len(set(re.findall(r'href="/exceptions/(P\d+)"', second.body))) == 6
    assert 'href="/exceptions?job=J2"' in second.body
    world.calls.clear()
    browser.open("/exceptions?job=J1")
    assert world.calls.count("pending_matches.of_organisation") == 1
    assert browser.get("/exceptions?job=J2&cursor=x").status == 400


@pytest.mark.req("ULN-05")
def test_what_was_submitted_stands_beside_each_learner_found_with_what_matches_and_why(
    world: FakeWorld, browser: Browser
) -> None:
    waiting(world)
    seen = browser.open("/exceptions/P1")
    assert seen.title == "Is Bronwyn Ashcombe registered already?"
    assert all(text in seen.body for text in ("Bronwyn", "Bronwen", "sound", "Similar", "Same", BRONWEN, "Cardiff"))


@pytest.mark.req("ULN-05")
def test_a_uln_found_is_used(world: FakeWorld, browser: Browser) -> None:
    waiting(world)
    seen = decided(browser, decision=BRONWEN)
    assert seen.title == "Decision on the registration of Bronwyn Ashcombe"
    assert all(text in seen.body for text in ("ULN used", BRONWEN, "Amelia".lower()))
    assert len(world.learner_register.whole) == 2
    assert browser.open(f"/learners/{BRONWEN}").title == "Bronwen Ashcombe"


@pytest.mark.req("ULN-05")
def test_a_learner_is_registered_as_new(world: FakeWorld, browser: Browser) -> None:
    waiting(world)
    seen = decided(browser, decision="register")
    (uln,) = set(world.learner_register.whole) - {BRONWEN, CARYS}
    assert uln in seen.body
    assert browser.open(f"/learners/{uln}").title == "Bronwyn Ashcombe"


@pytest.mark.req("ULN-05")
def test_a_registration_as_new_that_was_interrupted_can_only_be_finished(world: FakeWorld, browser: Browser) -> None:
    waiting(world)
    browser.fill_in("/exceptions/P1", decision="register")
    interrupt(world, "learner_register.create")
    assert browser.submit("/exceptions/P1/check").status == 503
    world.hook = no_hook
    seen = browser.open("/exceptions/P1")
    assert re.findall(r'name="decision"[^>]*value="([^"]*)"', seen.body) == ["register"]
    assert "Decide again to finish it." in seen.text
    assert "The learner was registered as new" in decided(browser, decision="register").text
    assert len(world.learner_register.whole) == 3


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize("choice", [BRONWEN, "drop"])
def test_a_decision_is_recorded_before_it_is_made(choice: str, world: FakeWorld, browser: Browser) -> None:
    waiting(world)
    browser.fill_in("/exceptions/P1", decision=choice)
    interrupt(world, "pending_matches.save")
    assert browser.submit("/exceptions/P1/check").status == 503
    world.hook = no_hook
    decisions = (LookAction.PENDING_MATCH_USED, LookAction.PENDING_MATCH_DROPPED)
    assert {one.outcome for one in world.audit.held.values() if one.action in decisions} == {LookOutcome.DONE}


def interrupt(world: FakeWorld, before: str) -> None:
    """Let the service fail before that call."""

    def fail(name: str) -> None:
        if name == before:
            raise TemporaryFailure

    world.hook = fail


@pytest.mark.req("ULN-05")
def test_a_registration_is_dropped(world: FakeWorld, browser: Browser) -> None:
    waiting(world)
    seen = decided(browser, decision="drop")
    assert "Nobody was registered." in seen.body
    assert len(world.learner_register.whole) == 2
    assert "Nothing is waiting for a decision." in browser.open("/exceptions").body


@pytest.mark.req("ULN-05")
def test_of_too_many_the_uln_is_entered(world: FakeWorld, browser: Browser) -> None:
    waiting(world, reason=PendingReason.TOO_MANY_MATCHES, candidates=())
    assert "More than ten learners are similar" in browser.open("/exceptions/P1").body
    wrong = browser.submit("/exceptions/P1", decision="use", uln="12")
    assert (wrong.status, len(wrong.errors)) == (400, 1)
    other = browser.fill_in("/exceptions/P1", decision="use", uln=CARYS)
    refused = browser.submit("/exceptions/P1/check", token=other.token)
    assert (refused.status, len(refused.errors)) == (400, 1)
    assert "Merrick" not in refused.body
    assert BRONWEN in decided(browser, decision="use", uln=BRONWEN).body


@pytest.mark.req("ULN-05")
def test_a_decision_confirmed_twice_is_made_once(world: FakeWorld, browser: Browser) -> None:
    waiting(world)
    token = browser.fill_in("/exceptions/P1", decision="register").token
    for _ in range(2):
        assert browser.submit("/exceptions/P1/check", token=token).location == "/exceptions/P1"
    assert len(world.learner_register.whole) == 3
    assert browser.get("/exceptions/P1/check").location == "/exceptions/P1"  # the back button


@pytest.mark.req("ULN-05")
def test_somebody_elses_decision_is_shown_in_place_of_ones_own(world: FakeWorld, browser: Browser) -> None:
    pending = waiting(world)
    token = browser.fill_in("/exceptions/P1", decision="register").token
    world.pending_matches.save(pending._replace(state=PendingState.DROPPED, decided_at=world.clock(), decided_by="bob"))
    seen = browser.open(browser.submit("/exceptions/P1/check", token=token).location)
    assert "bob" in seen.body
    assert len(world.learner_register.whole) == 2


@pytest.mark.req("ULN-05")
def test_similar_learners_registered_since_are_shown_before_anybody_is_registered(
    world: FakeWorld, browser: Browser
) -> None:
    waiting(world)
    check = browser.fill_in("/exceptions/P1", decision="register")
    world.learner_register.put(learner(8, given_name="Bronwynne")._replace(registered_by=THEIRS))
    seen = browser.submit("/exceptions/P1/check", token=check.token)
    assert seen.status == 409
    assert all(text in seen.body for text in ("have been registered since", learner(8).uln, BRONWEN))
    assert len(world.learner_register.whole) == 3


@pytest.mark.req("ULN-05")
@pytest.mark.parametrize("choice", [{}, {"decision": ""}, {"decision": "nonsense"}])
def test_no_choice_is_no_decision(world: FakeWorld, browser: Browser, choice: dict[str, str]) -> None:
    waiting(world)
    seen = browser.fill_in("/exceptions/P1", **choice)
    assert (seen.status, seen.errors) == (400, ["Select decision"])


@pytest.mark.req("ULN-05", "SEC-01")
def test_another_organisations_registration_is_not_there(world: FakeWorld, browser: Browser) -> None:
    waiting(world, ukprn=THEIRS)
    assert [browser.get(f"/exceptions/{one}").status for one in ("P1", "P9")] == [404, 404]
    token = browser.open("/").token
    assert browser.post("/exceptions/P1", {"csrf_token": token, "decision": "drop"}).status == 303
    assert browser.get("/exceptions/P1/check").status == 404
    assert browser.post("/exceptions/P1/check", {"csrf_token": token}).status == 404
    assert world.pending_matches.get(THEIRS, "P1") is not None


@pytest.mark.req("SEC-01")
def test_texts_of_others_are_shown_as_text(world: FakeWorld, browser: Browser) -> None:
    waiting(world, user=HOSTILE, mis_identifier=HOSTILE, details=with_hostile_notes())
    for path in ("/exceptions", "/exceptions/P1"):
        assert HOSTILE not in browser.open(path).body


def with_hostile_notes() -> object:
    return details(given_name="Bronwyn")._replace(notes=HOSTILE)


@pytest.mark.req("IDM-07", "SEC-01")
@pytest.mark.parametrize("role", Role)
def test_only_those_who_decide_see_them(role: Role) -> None:
    browser = signed_in(portal_world(roles=frozenset({role})))
    may_see = Capability.PENDING_MATCHES_MANAGE in ROLE_CAPABILITIES[role]
    assert [browser.get(f"/exceptions{path}").status == 403 for path in ("", "/P1", "/P1/check")] == [not may_see] * 3


@pytest.mark.req("SEC-01")
def test_looks_and_decisions_are_audited(world: FakeWorld, browser: Browser) -> None:
    waiting(world)
    browser.open("/exceptions")
    decided(browser, decision=BRONWEN)
    actions = {one.action for one in world.audit.held.values()}
    assert {
        LookAction.PENDING_MATCHES_LISTED,
        LookAction.PENDING_MATCH_VIEWED,
        LookAction.PENDING_MATCH_USED,
    } <= actions
