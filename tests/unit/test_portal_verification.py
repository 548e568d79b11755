"""Verify Single Learner, and the quick search of the Welcome page (VLD-01, VLD-02)."""

from __future__ import annotations

from html import unescape

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.learners import LINKED
from chalicelib.domain.looks import LookAction
from chalicelib.formats.words.return_codes import FLAGS, VERIFICATION_CODES
from tests.builders.learners import learner
from tests.builders.portal import Browser, Seen, portal_world, signed_in
from tests.fakes.world import FakeWorld

KNOWN = {"uln": learner(1).uln, "given_name": "Bronwen", "family_name": "Ashcombe"}
BORN = {"date_of_birth-day": "17", "date_of_birth-month": "5", "date_of_birth-year": "2004"}
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def world() -> FakeWorld:
    world = portal_world(roles=frozenset({Role.AWARDING_BODY_USER}))
    master = learner(5, given_name="Eleri", family_name="Prosser")
    world.learner_register.put(learner(1))
    world.learner_register.put(learner(2, given_name="Bethan", family_name="Vaughan")._replace(restricted=True))
    world.learner_register.put(
        learner(3, given_name="Eleri", family_name="Prosser")._replace(status=LINKED, master_uln=master.uln)
    )
    world.learner_register.put(master._replace(linked_ulns=(learner(3).uln,)))
    return world


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def verified(browser: Browser, **details: str) -> Seen:
    return browser.fill_in("/verify", **{**KNOWN, **details})


ELERI = {"uln": learner(3).uln, "given_name": "Eleri", "family_name": "Prosser"}


@pytest.mark.req("VLD-01", "VLD-02")
@pytest.mark.parametrize(
    ("details", "code", "shown"),
    [
        (BORN, "VRC001", "17 May 2004"),
        (ELERI, "VRC002", learner(5).uln),
        ({"given_name": "Bronwyn"}, "VRC003", "sound"),
        (ELERI | {"given_name": "Elery"}, "VRC004", learner(5).uln),
        (BORN | {"date_of_birth-day": "18"}, "VRC005", FLAGS["DATE_OF_BIRTH_MISMATCH"]),
        ({"uln": learner(9).uln}, "VRC006", FLAGS["ULN_NOT_FOUND"]),
        ({"uln": "1000000044"}, "VRC006", FLAGS["ULN_INVALID"]),
    ],
)
def test_every_return_code_has_its_result_status_action_and_details(
    browser: Browser, details: dict[str, str], code: str, shown: str
) -> None:
    seen = verified(browser, **details)
    words = VERIFICATION_CODES[code]
    page = unescape(seen.body)
    assert (seen.status, seen.title) == (200, words.result)
    assert all(text in page for text in (code, words.description, words.status, words.action, shown))


@pytest.mark.req("VLD-02")
@pytest.mark.parametrize("details", [{"uln": learner(2).uln}, {"given_name": "Gethin", "family_name": "Rowlands"}])
def test_a_learner_who_does_not_match_is_not_disclosed(browser: Browser, details: dict[str, str]) -> None:
    seen = verified(browser, **details)
    assert seen.title == VERIFICATION_CODES["VRC005"].result
    assert not [text for text in ("Bethan", "Vaughan", "17 May 2004", "On the register") if text in seen.body]


@pytest.mark.req("VLD-01")
def test_every_fault_is_said_at_once_and_what_was_entered_is_kept(browser: Browser) -> None:
    seen = verified(
        browser,
        uln="12",
        family_name="Sm1th",
        given_name="",
        **{"date_of_birth-day": "31", "date_of_birth-month": "2", "date_of_birth-year": "2004"},
    )
    assert (seen.status, seen.title) == (400, "Error: Verify a learner")
    assert len(seen.errors) == 4
    assert all(f'value="{text}"' in seen.body for text in ("12", "Sm1th", "31", "2004"))


@pytest.mark.req("VLD-01")
@pytest.mark.parametrize("page", ["/", "/verify"])
def test_a_form_in_which_nothing_was_entered_says_what_is_missing(browser: Browser, page: str) -> None:
    browser.open(page)
    assert browser.submit("/verify").location == "/verify/result"
    seen = browser.get("/verify/result")
    assert (seen.status, seen.title) == (400, "Error: Verify a learner")
    assert "There is a problem" in seen.body
    assert len(seen.errors) == 3


@pytest.mark.req("VLD-01")
def test_the_quick_search_of_the_welcome_page_is_the_same_form(browser: Browser) -> None:
    home = browser.open("/")
    assert home.title == "Welcome, Amelia Okafor"
    browser.submit("/verify", **KNOWN)
    assert browser.open("/verify/result").title == "Exact Match"


@pytest.mark.req("VLD-01")
def test_details_can_be_changed_and_are_in_no_address(browser: Browser) -> None:
    browser.open("/verify")
    seen = browser.submit("/verify", **KNOWN, **BORN)
    assert (seen.status, seen.location) == (303, "/verify/result")
    assert 'value="Bronwen"' in browser.open("/verify?change=1").body
    assert 'value="Bronwen"' not in browser.open("/verify").body


@pytest.mark.req("SEC-01", "VLD-01")
def test_each_look_is_audited_once_for_the_person_and_a_form_sent_twice_is_one(
    world: FakeWorld, browser: Browser
) -> None:
    browser.open("/verify")
    token = browser.seen.token
    for _ in range(2):
        browser.submit("/verify", token=token, **KNOWN)
    browser.open("/verify/result")
    learner = f"ULN#{KNOWN['uln']}"
    looks = [one for one in world.audit.held.values() if one.subject == learner]
    assert [(one.action, one.detail["channel"], one.detail["code"]) for one in looks] == [
        (LookAction.LEARNER_VERIFIED, "portal", "VRC001")
    ]


@pytest.mark.req("SEC-01")
def test_hostile_text_is_shown_as_text(browser: Browser) -> None:
    seen = verified(browser, given_name=HOSTILE, uln='"><b>')
    assert seen.status == 400
    assert HOSTILE not in seen.body
    assert "<b>" not in seen.body


@pytest.mark.req("IDM-07", "SEC-01")
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AWARDING_BODY_USER, Role.LRB_ONLINE_USER}))
def test_other_roles_verify_nobody(role: Role) -> None:
    browser = signed_in(portal_world(roles=frozenset({role})))
    assert [browser.get(path).status for path in ("/verify", "/verify/result")] == [403, 403]
    assert browser.open("/").status == 200
    assert 'action="/verify"' not in browser.seen.body
    assert 'href="/verify"' not in browser.seen.body


@pytest.mark.req("VLD-01", "ULN-01")
def test_those_who_may_find_learners_can_open_the_one_verified() -> None:
    world = portal_world(roles=frozenset({Role.LRB_ONLINE_USER}))
    world.learner_register.put(learner(1)._replace(registered_by="10000009", last_updated_by="10000009"))
    browser = signed_in(world)
    path = f"/learners/{learner(1).uln}"
    assert path in verified(browser).body
    assert browser.open(path).title == "Bronwen Ashcombe"
    assert "Open the learner" not in verified(browser, given_name="Gethin").body


def test_without_details_the_result_leads_to_the_form(browser: Browser) -> None:
    assert browser.get("/verify/result").location == "/verify"
