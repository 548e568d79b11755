"""Linking and unlinking ULNs by the service desk, page by page (ULN-09)."""

from __future__ import annotations

import re

import pytest

from chalicelib.domain.access import ROLE_CAPABILITIES, Capability, Role
from chalicelib.domain.learners import LINKED
from chalicelib.domain.looks import LookAction
from tests.builders.learners import learner
from tests.builders.portal import Browser, Seen, portal_world, signed_in
from tests.fakes.world import FakeWorld

ONE, OTHER, THIRD = (learner(number).uln for number in (1, 2, 3))


@pytest.fixture
def world() -> FakeWorld:
    world = portal_world(roles=frozenset({Role.SERVICE_DESK}))
    for number, name in ((1, "Bronwen"), (2, "Bronwyn"), (3, "Zebedee")):
        world.learner_register.put(learner(number, given_name=name)._replace(registered_by="10000009"))
    return world


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def compared(browser: Browser, uln: str = ONE, other: str = OTHER) -> Seen:
    return browser.fill_in(f"/learners/{uln}/link", uln=other)


def revisions(seen: Seen) -> dict[str, str]:
    return dict(re.findall(r'name="(revision-\d+)" value="(\d+)"', seen.body))


def confirmed(browser: Browser, check: Seen, master: str = OTHER) -> Seen:
    return browser.submit(f"/learners/{ONE}/link/check", token=check.token, master=master, **revisions(check))


@pytest.mark.req("ULN-09")
def test_two_registrations_are_compared_and_linked(world: FakeWorld, browser: Browser) -> None:
    check = compared(browser)
    assert check.title == "Are these one person?"
    assert all(text in check.body for text in ("Bronwen", "Bronwyn", "Similar", "sound", "Same"))
    done = browser.open(confirmed(browser, check).location)
    assert "The ULNs were linked." in done.body
    held = world.learner_register.whole
    assert (held[ONE].status, held[ONE].master_uln, held[OTHER].linked_ulns) == (LINKED, OTHER, (ONE,))
    assert ONE in done.body
    assert "Go to the master" in browser.open(f"/learners/{ONE}/link").body


@pytest.mark.req("ULN-09")
def test_a_link_is_undone(world: FakeWorld, browser: Browser) -> None:
    confirmed(browser, compared(browser))
    page = browser.open(f"/learners/{ONE}/unlink")
    assert all(text in page.body for text in ("Bronwen", "Bronwyn", OTHER))
    for _ in range(2):  # a form sent twice
        sent = browser.submit(f"/learners/{ONE}/unlink", token=page.token, **revisions(page))
        assert sent.location == f"/learners/{ONE}/link"
    assert "The ULN was unlinked." in browser.open(sent.location).body
    assert world.learner_register.whole[ONE].master_uln == ""
    assert world.learner_register.whole[OTHER].linked_ulns == ()


@pytest.mark.req("ULN-09")
def test_a_form_sent_twice_links_once(world: FakeWorld, browser: Browser) -> None:
    check = compared(browser)
    again = (confirmed(browser, check), confirmed(browser, check))
    assert again[0].location == f"/learners/{OTHER}/link"
    assert again[1].location in (f"/learners/{OTHER}/link", f"/learners/{ONE}/link")
    assert world.learner_register.whole[OTHER].version_number == 2


@pytest.mark.req("ULN-09")
def test_a_learner_changed_since_the_comparison_is_compared_again(world: FakeWorld, browser: Browser) -> None:
    check = compared(browser)
    held = world.learner_register.whole[ONE]
    changed = held._replace(version_number=2, details=held.details._replace(place_of_birth="Swansea"))
    world.learner_register.put(changed)
    seen = confirmed(browser, check)
    assert seen.status == 409
    assert "Swansea" in seen.body
    assert world.learner_register.whole[ONE].status != LINKED
    assert confirmed(browser, seen).status == 303


@pytest.mark.req("ULN-09")
def test_a_link_changed_since_the_comparison_is_compared_again(world: FakeWorld, browser: Browser) -> None:
    confirmed(browser, compared(browser))
    page = browser.open(f"/learners/{ONE}/unlink")
    master = world.learner_register.whole[OTHER]
    world.learner_register.put(master._replace(version_number=9))
    seen = browser.submit(f"/learners/{ONE}/unlink", token=page.token, **revisions(page))
    assert seen.status == 409
    assert world.learner_register.whole[ONE].status == LINKED


@pytest.mark.req("ULN-09")
@pytest.mark.parametrize(
    ("other", "error"),
    [
        ("", "Enter the other ULN"),
        ("12", "The other ULN is too short."),
        (learner(9).uln, "No learner has this ULN. Check the ULN with the learner or the learning provider."),
    ],
)
def test_the_other_uln_must_be_registered(browser: Browser, other: str, error: str) -> None:
    seen = compared(browser, other=other)
    assert seen.status == 400
    assert seen.errors == [error]


@pytest.mark.req("ULN-09")
def test_what_cannot_be_linked_says_why(world: FakeWorld, browser: Browser) -> None:
    same = compared(browser, other=ONE)
    assert confirmed(browser, same, ONE).status in (303, 400)
    confirmed(browser, compared(browser))
    third = compared(browser, ONE, THIRD)
    seen = browser.submit(f"/learners/{ONE}/link/check", token=third.token, master=THIRD, **revisions(third))
    assert (seen.status, len(seen.errors)) == (400, 1)
    none = compared(browser, ONE, THIRD)
    assert browser.submit(f"/learners/{ONE}/link/check", token=none.token, **revisions(none)).errors
    for wrong in ("", "x", "9" * 30):
        sent = dict.fromkeys(revisions(none), wrong)
        answer = browser.submit(f"/learners/{ONE}/link/check", token=none.token, master=THIRD, **sent)
        assert answer.status == 400


@pytest.mark.req("ULN-09", "SEC-01")
def test_a_uln_that_nobody_has_has_no_page(browser: Browser) -> None:
    for uln in (learner(9).uln, "x"):
        assert [browser.get(f"/learners/{uln}/{page}").status for page in ("link", "unlink")] == [404, 404]
    assert browser.get(f"/learners/{ONE}/link/check").location == f"/learners/{ONE}/link"
    assert browser.get(f"/learners/{ONE}/unlink").location == f"/learners/{ONE}/link"


@pytest.mark.req("ULN-09", "IDM-07", "SEC-01")
@pytest.mark.parametrize("role", Role)
def test_only_the_service_desk_links(role: Role) -> None:
    browser = signed_in(portal_world(roles=frozenset({role})))
    may_link = Capability.LEARNERS_LINK in ROLE_CAPABILITIES[role]
    for page in ("link", "link/check", "unlink"):
        assert (browser.get(f"/learners/{ONE}/{page}").status == 403) == (not may_link)


@pytest.mark.req("ULN-09", "SEC-01")
def test_looks_and_links_are_audited(world: FakeWorld, browser: Browser) -> None:
    confirmed(browser, compared(browser))
    done = {(one.subject, one.action) for one in world.audit.held.values()}
    for uln in (ONE, OTHER):
        assert {(f"ULN#{uln}", LookAction.LEARNER_RETRIEVED), (f"ULN#{uln}", LookAction.LEARNER_LINKED)} <= done
