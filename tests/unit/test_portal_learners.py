"""Find, register, update learners, and report a problem with a ULN, page by page (ULN-01 to ULN-04, ULN-08, ULN-10)."""

from __future__ import annotations

import re
from html import unescape

import pytest

from chalicelib.domain.access import ROLE_CAPABILITIES, Capability, Role
from chalicelib.domain.learners import LINKED
from chalicelib.domain.looks import LookAction, LookOutcome
from tests.builders.learners import learner, values
from tests.builders.portal import Browser, Seen, portal_world, signed_in
from tests.fakes.world import FakeWorld

THEIRS = "10000009"
BRONWEN, HIDDEN, LINKED_ULN, MASTER = (learner(number).uln for number in (1, 2, 3, 5))
HOSTILE = "<script>alert(1)</script>"
NEW = {"given_name": "Gethin", "family_name": "Rowlands", "date_of_birth": "2003-01-09", "gender": "1"}


def dated(texts: dict[str, str]) -> dict[str, str]:
    """Details as the controls of a form."""
    fields = {name: text for name, text in texts.items() if not name.startswith("date_")}
    for name, text in texts.items():
        if name.startswith("date_"):
            parts = zip(("year", "month", "day"), text.split("-"), strict=True)
            fields |= {f"{name}-{part}": value for part, value in parts}

    return fields


def put(world: FakeWorld, number: int, **changes: str) -> None:
    world.learner_register.put(learner(number, **changes)._replace(registered_by=THEIRS, last_updated_by=THEIRS))


@pytest.fixture
def world() -> FakeWorld:
    world = portal_world(roles=frozenset({Role.LRB_ONLINE_USER}))
    eleri = {"given_name": "Eleri", "family_name": "Prosser", "date_of_birth": "2000-11-02"}
    put(world, 1)
    world.learner_register.put(learner(2, given_name="Bethan", family_name="Vaughan")._replace(restricted=True))
    world.learner_register.put(learner(3, **eleri)._replace(status=LINKED, master_uln=MASTER, registered_by=THEIRS))
    world.learner_register.put(learner(5, **eleri)._replace(linked_ulns=(LINKED_ULN,), registered_by=THEIRS))
    return world


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def criteria(**changes: str) -> dict[str, str]:
    names = ("given_name", "family_name", "date_of_birth", "gender", "last_known_post_code")
    return dated({name: text for name, text in values(**changes).items() if name in (*names, *changes)})


@pytest.mark.req("ULN-01", "ULN-02")
@pytest.mark.parametrize(("page", "missing"), [("/learners", 2), ("/learners/by-details", 5)])
def test_a_search_for_nothing_says_what_is_missing(browser: Browser, page: str, missing: int) -> None:
    seen = browser.fill_in(page)
    assert seen.status == 400
    assert "There is a problem" in seen.body
    assert len(seen.errors) == missing


def found(browser: Browser, **changes: str) -> Seen:
    return browser.fill_in("/learners/by-details", **criteria(**changes))


def opened(browser: Browser) -> Seen:
    return browser.fill_in("/learners", uln=BRONWEN, family_name="Ashcombe")


def revision(seen: Seen) -> str:
    hidden = re.search(r'name="revision" value="(\d+)"', seen.body)
    assert hidden is not None
    return hidden[1]


# --- Find -------------------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-01")
def test_a_ulns_learner_is_shown_to_those_who_know_the_family_name(browser: Browser) -> None:
    seen = opened(browser)
    assert (seen.status, seen.title) == (200, "Bronwen Ashcombe")
    assert BRONWEN in seen.body
    assert "17 May 2004" in seen.body
    assert browser.open(f"/learners/{BRONWEN}").title == "Bronwen Ashcombe"


@pytest.mark.req("ULN-01")
@pytest.mark.parametrize("uln", [BRONWEN, learner(9).uln, HIDDEN])
def test_with_another_name_nobody_can_tell_whether_the_uln_is_anyones(browser: Browser, uln: str) -> None:
    seen = browser.fill_in("/learners", uln=uln, family_name="Quartermaine")
    assert (seen.status, seen.title) == (200, "No learner found")
    without = re.sub(r'value="[^"]*"|nonce="[^"]*"|nonce-[^\']*', "", seen.body)
    assert uln not in without


@pytest.mark.req("ULN-01", "ULN-09")
def test_a_linked_uln_leads_to_the_master(browser: Browser) -> None:
    seen = browser.fill_in("/learners", uln=LINKED_ULN, family_name="Prosser")
    assert MASTER in seen.body
    assert "which is linked to this one" in seen.body
    assert LINKED_ULN in browser.open(f"/learners/{MASTER}").body


@pytest.mark.req("ULN-02")
def test_by_details_one_exact_learner_is_opened(browser: Browser) -> None:
    assert found(browser).title == "Bronwen Ashcombe"


@pytest.mark.req("ULN-02")
def test_possible_learners_are_listed_with_what_matches_and_why(browser: Browser) -> None:
    seen = found(browser, given_name="Bronwyn")
    assert seen.title == "1 possible learner found"
    assert all(text in seen.body for text in ("Bronwyn", "Bronwen", "Similar", "sound", "Same", BRONWEN))
    assert browser.open(f"/learners/{BRONWEN}").title == "Bronwen Ashcombe"


@pytest.mark.req("ULN-02", "ULN-03")
def test_nobody_found_leads_to_registering(browser: Browser) -> None:
    seen = found(browser, **NEW)
    assert seen.title == "No learner found"
    assert 'href="/learners/new"' in seen.body
    assert 'value="Gethin"' in browser.open("/learners/new").body


@pytest.mark.req("ULN-02")
def test_too_many_are_not_listed(world: FakeWorld, browser: Browser) -> None:
    for number in range(20, 32):
        put(world, number)
    seen = found(browser, given_name="Bronwyn")
    assert seen.title == "Too many learners found"
    assert BRONWEN not in seen.body


@pytest.mark.req("ULN-02", "SEC-02")
def test_criteria_are_in_no_address(browser: Browser) -> None:
    browser.open("/learners/by-details")
    assert browser.submit("/learners/by-details", **criteria()).location == "/learners/results"
    assert browser.get("/learners/results").location == f"/learners/{BRONWEN}"


@pytest.mark.req("ULN-02", "ULN-08")
def test_every_fault_of_the_criteria_is_said_at_once(browser: Browser) -> None:
    seen = found(browser, given_name="R0se", gender="", date_of_birth="2004-02-30")
    assert (seen.status, len(seen.errors)) == (400, 3)
    assert 'value="R0se"' in seen.body


@pytest.mark.req("ULN-01", "SEC-01")
@pytest.mark.parametrize("uln", [BRONWEN, HIDDEN, learner(9).uln, "x"])
def test_an_address_alone_shows_only_ones_own_learners(browser: Browser, uln: str) -> None:
    for page in ("", "/edit", "/report-problem"):
        seen = browser.get(f"/learners/{uln}{page}")
        assert (seen.status, seen.title) == (404, "Find a learner by ULN")
        assert "Bronwen" not in seen.body


@pytest.mark.req("ULN-01")
def test_ones_own_learner_is_shown_by_its_address(world: FakeWorld, browser: Browser) -> None:
    world.learner_register.put(learner(7, given_name="Carys"))
    assert browser.get(f"/learners/{learner(7).uln}").status == 200


@pytest.mark.req("IDM-07", "SEC-01")
@pytest.mark.parametrize(
    ("path", "capability"),
    [
        ("/learners", Capability.LEARNERS_FIND),
        ("/learners/by-details", Capability.LEARNERS_FIND),
        ("/learners/results", Capability.LEARNERS_FIND),
        (f"/learners/{BRONWEN}", Capability.LEARNERS_FIND),
        ("/learners/new", Capability.LEARNERS_REGISTER),
        ("/learners/new/check", Capability.LEARNERS_REGISTER),
        (f"/learners/{BRONWEN}/edit", Capability.LEARNERS_UPDATE),
        (f"/learners/{BRONWEN}/report-problem", Capability.CHALLENGES_RAISE),
    ],
)
def test_only_those_who_may_see_a_page(path: str, capability: Capability) -> None:
    for role in Role:
        seen = signed_in(portal_world(roles=frozenset({role}))).get(path)
        assert (seen.status == 403) == (capability not in ROLE_CAPABILITIES[role]), role


@pytest.mark.req("ULN-01", "SEC-01")
def test_somebody_who_may_only_look_is_offered_nothing_else(world: FakeWorld) -> None:
    other = portal_world(roles=frozenset({Role.LRB_VIEW_LEARNER_ONLY}))
    put(other, 1)
    browser = signed_in(other)
    page = opened(browser).body
    assert f'href="/learners/{BRONWEN}/record"' in page
    assert not [name for name in ("edit", "report-problem", "link") if f"/learners/{BRONWEN}/{name}" in page]
    assert 'href="/learners/new"' not in found(browser, **NEW).body


# --- Register ---------------------------------------------------------------------------------------------------------


def entered(browser: Browser, **changes: str) -> Seen:
    """Search, enter the details, and see them."""
    found(browser, **NEW)
    browser.open("/learners/new")
    return browser.fill_in("/learners/new", **dated(values(**{**NEW, **changes})))


@pytest.mark.req("ULN-03")
def test_a_learner_is_registered_after_a_search_and_a_check(world: FakeWorld, browser: Browser) -> None:
    seen = entered(browser, mis_identifier="MIS-7")
    assert seen.title == "Check the details before you register the learner"
    assert all(text in seen.body for text in ("Gethin", "9 January 2003", "Male", "MIS-7"))
    done = browser.open(browser.submit("/learners/new/check").location)
    assert done.title == "Learner registered"
    (uln,) = set(world.learner_register.whole) - {BRONWEN, HIDDEN, LINKED_ULN, MASTER}
    assert uln in done.body
    assert browser.open(f"/learners/{uln}").title == "Gethin Rowlands"


@pytest.mark.req("ULN-03")
def test_of_a_search_that_is_far_too_long_little_is_kept_and_it_is_still_refused(browser: Browser) -> None:
    seen = found(browser, given_name="x" * 20_000)
    assert (seen.status, len(seen.errors)) == (400, 1)
    assert len(max(re.findall("x+", browser.open("/learners/by-details?change").body), key=len)) == 35 + 100


@pytest.mark.req("ULN-03")
def test_without_a_search_registering_leads_to_it(browser: Browser) -> None:
    assert browser.get("/learners/new").location == "/learners/by-details"
    assert browser.get("/learners/new/check").location == "/learners/new"


@pytest.mark.req("ULN-03")
def test_a_form_sent_twice_registers_one_learner(world: FakeWorld, browser: Browser) -> None:
    token = entered(browser).token
    first, second = (browser.submit("/learners/new/check", token=token) for _ in range(2))
    assert first.location == second.location == "/learners/new/done"
    assert len(world.learner_register.whole) == 5
    assert browser.open("/learners/new/done").title == "Learner registered"
    assert browser.open("/learners/new/check").title == "Find a learner by details"  # the back button


@pytest.mark.req("ULN-03", "ULN-05")
def test_a_similar_learner_leads_to_the_decision(world: FakeWorld, browser: Browser) -> None:
    entered(browser, given_name="Bronwyn", family_name="Ashcombe", date_of_birth="2004-05-17", gender="2")
    seen = browser.open(browser.submit("/learners/new/check").location)
    assert seen.title == "Is Bronwyn Ashcombe registered already?"
    assert BRONWEN in seen.body
    assert len(world.learner_register.whole) == 4
    assert browser.open("/learners/new/done").title == seen.title


@pytest.mark.req("ULN-03")
def test_somebody_registered_already_gets_the_uln_that_is_there(world: FakeWorld, browser: Browser) -> None:
    entered(browser, given_name="Bronwen", family_name="Ashcombe", date_of_birth="2004-05-17", gender="2")
    seen = browser.open(browser.submit("/learners/new/check").location)
    assert seen.title == "The learner is registered already"
    assert BRONWEN in seen.body
    assert len(world.learner_register.whole) == 4


@pytest.mark.req("ULN-03")
def test_a_learner_who_may_not_be_shown_is_not_registered_again(browser: Browser) -> None:
    entered(browser, given_name="Bethan", family_name="Vaughan", date_of_birth="2004-05-17", gender="2")
    seen = browser.submit("/learners/new/check")
    assert (seen.status, seen.title) == (409, "The learner was not registered")
    assert HIDDEN not in seen.body


@pytest.mark.req("ULN-03", "ULN-08")
def test_every_fault_of_a_registration_is_said_at_once_and_nothing_is_lost(world: FakeWorld, browser: Browser) -> None:
    seen = entered(
        browser, middle_other_name=HOSTILE, date_of_birth="2020-01-01", last_known_post_code="nowhere", notes="kept"
    )
    assert seen.status == 400
    assert len(seen.errors) == 3
    assert HOSTILE not in seen.body
    assert unescape(seen.body).count(HOSTILE) == 1
    assert "kept" in seen.body
    assert len(world.learner_register.whole) == 4


# --- Update -----------------------------------------------------------------------------------------------------------


def edited(browser: Browser, form: Seen, **changes: str) -> Seen:
    """Submit the form of an earlier moment."""
    fields = {"revision": revision(form), **dated(values(**changes))}
    return browser.submit(f"/learners/{BRONWEN}/edit", token=form.token, **fields)


@pytest.mark.req("ULN-04")
def test_a_learner_is_updated(world: FakeWorld, browser: Browser) -> None:
    opened(browser)
    form = browser.open(f"/learners/{BRONWEN}/edit")
    assert 'value="Bronwen"' in form.body
    changed = edited(browser, form, family_name="Rowlands", previous_family_name="Ashcombe")
    assert changed.location == f"/learners/{BRONWEN}"
    seen = browser.open(changed.location)
    assert seen.title == "Bronwen Rowlands"
    assert "The details were updated." in seen.body
    held = world.learner_register.whole[BRONWEN]
    assert (held.version_number, held.last_updated_via_channel) == (2, "portal")


@pytest.mark.req("ULN-04")
def test_two_tabs_show_both_versions_and_nothing_is_lost(world: FakeWorld, browser: Browser) -> None:
    opened(browser)
    form = browser.open(f"/learners/{BRONWEN}/edit")
    edited(browser, form, place_of_birth="Cardiff")
    seen = edited(browser, form, place_of_birth="Swansea")
    assert (seen.status, seen.title) == (409, "Somebody else has changed this learner")
    assert all(text in seen.body for text in ("Swansea", "Cardiff"))
    assert world.learner_register.whole[BRONWEN].details.place_of_birth == "Cardiff"
    again = browser.open(f"/learners/{BRONWEN}/edit?again=1")
    assert 'value="Swansea"' in again.body
    assert edited(browser, again, place_of_birth="Swansea").status == 303
    assert world.learner_register.whole[BRONWEN].details.place_of_birth == "Swansea"


@pytest.mark.req("ULN-04")
def test_an_update_sent_twice_is_made_once(world: FakeWorld, browser: Browser) -> None:
    opened(browser)
    form = browser.open(f"/learners/{BRONWEN}/edit")
    for _ in range(2):
        assert edited(browser, form, place_of_birth="Cardiff").location == f"/learners/{BRONWEN}"
    assert world.learner_register.whole[BRONWEN].version_number == 2


@pytest.mark.req("ULN-04", "ULN-08")
def test_a_refused_update_says_why_and_keeps_what_was_entered(browser: Browser) -> None:
    opened(browser)
    form = browser.open(f"/learners/{BRONWEN}/edit")
    seen = edited(browser, form, gender="", email_address="nowhere", notes=HOSTILE)
    assert (seen.status, len(seen.errors)) == (400, 2)
    assert HOSTILE not in seen.body
    seen = edited(browser, form, given_name="Zebedee", family_name="Quartermaine")
    assert seen.status == 400
    assert seen.errors[0].startswith("These names are not those of the learner.")
    for wrong in ("", "x", "-1", "9" * 30):
        assert browser.submit(f"/learners/{BRONWEN}/edit", revision=wrong, token=seen.token).status == 400


@pytest.mark.req("ULN-04", "ULN-09")
def test_of_linked_learners_the_master_is_updated(browser: Browser) -> None:
    browser.fill_in("/learners", uln=LINKED_ULN, family_name="Prosser")
    browser.open(f"/learners/{LINKED_ULN}")
    assert browser.get(f"/learners/{MASTER}/edit").status == 200


@pytest.mark.req("SEC-01")
def test_every_look_and_change_is_audited_for_the_person(world: FakeWorld, browser: Browser) -> None:
    opened(browser)
    form = browser.open(f"/learners/{BRONWEN}/edit")
    edited(browser, form, place_of_birth="Cardiff")
    browser.fill_in("/learners", uln=learner(9).uln, family_name="Nobody")
    looks = [one for one in world.audit.held.values() if one.subject == f"ULN#{BRONWEN}"]
    assert {one.detail["channel"] for one in looks} == {"portal"}
    assert {LookAction.LEARNER_FOUND_BY_ULN, LookAction.LEARNER_UPDATED} <= {one.action for one in looks}
    assert [one for one in world.audit.held.values() if one.outcome is LookOutcome.NOT_FOUND]


# --- ULN problem ------------------------------------------------------------------------------------------------------


@pytest.mark.req("ULN-10")
def test_a_problem_with_a_uln_is_reported_once(world: FakeWorld, browser: Browser) -> None:
    opened(browser)
    path = f"/learners/{BRONWEN}/report-problem"
    form = browser.open(path)
    assert 'value="Amelia Okafor"' in form.body
    assert form.body.count('name="challenge_type"') == 3
    contact = {"contact_name": "Amelia Okafor", "email_address": "amelia@example.org"}
    titles = []
    for _ in range(2):
        sent = browser.submit(path, token=form.token, challenge_type="ULN_MERGED_IN_ERROR", **contact)
        titles.append(browser.open(sent.location).title)
    assert titles == ["Problem reported", "This problem is reported already"]
    assert "DC-" in browser.seen.body
    assert len(world.casework.held) == 1


@pytest.mark.req("ULN-10")
def test_a_report_says_everything_that_it_lacks(browser: Browser) -> None:
    opened(browser)
    path = f"/learners/{BRONWEN}/report-problem"
    browser.open(path)
    seen = browser.submit(path, email_address="nowhere")
    assert (seen.status, len(seen.errors)) == (400, 2)
    seen = browser.submit(path, challenge_type="ULN_OTHER", contact_name="")
    assert seen.errors == ["Say what is wrong", "Enter a name, and an email address or telephone number"]
    assert browser.get(f"{path}/done").location == path
