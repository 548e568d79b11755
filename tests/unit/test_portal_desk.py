"""The service desk's pages of organisations: find, register, change, suspend, replace a lost super user (IDM-10)."""

from __future__ import annotations

import re
from html import unescape

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.developers import Developer
from chalicelib.ports.accounts import Organisation
from chalicelib.web.portal import table
from tests.browser.cases.case import HOSTILE
from tests.builders.accounts import super_user
from tests.builders.organisations import organisation, provider
from tests.builders.portal import RIGHT, UKPRN, Browser, browser_of, hold, portal_world, signed_in
from tests.fakes.world import FakeWorld

AWARDS, COLLEGE, NEW = "90000001", "90000003", "90000011"
DESK = "/desk/organisations"
DETAILS = {
    "kind": "registration-body",
    "ukprn": NEW,
    "name": "Penarlâg College",
    "signed_on-day": "1",
    "signed_on-month": "3",
    "signed_on-year": "2025",
    "signatory": "Jo Bloggs, Principal",
    "csv_encoding": "utf-8",
}
PERSON = {
    "given_name": "Bea",
    "family_name": "Featherstone",
    "email_address": "bea@penarlag.example.org",
    "verification": "Passport seen",
}
FORM = {"signatory": "Mo Director", "is_manager": "yes", "reason": "The only super user has left.", **PERSON}


def desk_world(*roles: Role) -> FakeWorld:
    """A world with an awarding organisation, a college with users, and a person of the service desk."""
    world = portal_world(roles=frozenset(roles or {Role.SERVICE_DESK}))
    world.accounts.put(provider(UKPRN, name="Registry", is_service_desk=True, recognition_numbers=frozenset()))
    world.accounts.put(organisation(AWARDS, name="Merrowdale Awards"))
    world.accounts.put(provider(COLLEGE, name="O'Brien & Daughters", recognition_numbers=frozenset()))
    hold(world, super_user("zoe", ukprn=COLLEGE))
    return world


@pytest.fixture
def world() -> FakeWorld:
    return desk_world()


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def held(world: FakeWorld, ukprn: str) -> Organisation:
    return world.accounts.organisations[ukprn]


def register(browser: Browser, **changes: str) -> None:
    """Enter an organisation, as far as its registration."""
    browser.fill_in(f"{DESK}/new", **{**DETAILS, **changes})
    browser.submit(f"{DESK}/new/roles", roles=[Role.LRB_ONLINE_USER, Role.LRB_BATCH_USER])
    browser.open(f"{DESK}/new/check")


def rows(browser: Browser) -> dict[str, str]:
    """The summary of the page."""
    pairs = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", browser.seen.body, re.DOTALL)
    return {unescape(key).strip(): unescape(value).strip() for key, value in pairs}


@pytest.mark.req("IDM-10")
def test_organisations_are_listed_and_found_by_their_filters(browser: Browser) -> None:
    seen = browser.open(DESK)
    assert [
        text in seen.body for text in ("Merrowdale Awards", "O&#39;Brien &amp; Daughters", "Showing 1 to 3 of 3")
    ] == [True] * 3
    seen = browser.open(f"{DESK}?name=obrien&kind=registration-body&state=active")
    assert "Merrowdale" not in seen.body
    assert f'href="{DESK}/{COLLEGE}"' in seen.body
    seen = browser.open(f"{DESK}?name=%3Cscript%3E&kind=x&state=y&page=99")
    assert seen.status == 200
    assert "No organisation meets these criteria" in seen.body
    assert "<script>x" not in seen.body


@pytest.mark.req("IDM-10")
def test_an_organisation_is_registered_in_steps_and_checked_before(browser: Browser, world: FakeWorld) -> None:
    register(browser)
    assert browser.seen.title == "Check before you register the organisation"
    shown = rows(browser)
    assert shown["Agreement signed"] == "1 March 2025, Jo Bloggs, Principal"
    assert shown["Roles for its users"] == "LRB Super User, LRB Batch User, LRB Online User"
    assert NEW not in world.accounts.organisations
    token = browser.seen.token
    assert browser.submit(f"{DESK}/new/check").location == f"{DESK}/{NEW}/first-super-user"
    assert held(world, NEW).name == "Penarlâg College"
    assert browser.submit(f"{DESK}/new/check", token=token).location == DESK  # a second click
    assert browser.open(f"{DESK}/{NEW}").title == "Penarlâg College"
    assert 'value="Penarlâg College"' not in browser.open(f"{DESK}/new").body


@pytest.mark.req("IDM-10")
def test_a_registration_says_everything_that_is_wrong_and_keeps_what_was_entered(browser: Browser) -> None:
    browser.open(f"{DESK}/new")
    wrong = {**DETAILS, "ukprn": "12", "name": "", "signed_on-month": "13", "signatory": HOSTILE, "twin": AWARDS}
    seen = browser.submit(f"{DESK}/new", **wrong)
    assert seen.status == 400
    assert [error.partition(" ")[0] for error in seen.errors] == ["UKPRN", "Enter", "Day", "Enter"]
    assert "<script>alert" not in seen.body
    assert 'value="90000001"' in seen.body
    assert browser.open(f"{DESK}/new/check").title == "Register an organisation"


@pytest.mark.req("IDM-10")
def test_the_twin_of_an_awarding_organisation_needs_its_reason(browser: Browser, world: FakeWorld) -> None:
    browser.open(f"{DESK}/new")
    seen = browser.submit(f"{DESK}/new", **{**DETAILS, "twin": AWARDS})
    assert seen.errors == ["Enter why it needs to register learners"]
    register(browser, twin=AWARDS, business_reason="It has its own training centre.")
    browser.submit(f"{DESK}/new/check")
    assert held(world, NEW).twin == AWARDS


@pytest.mark.req("IDM-10")
def test_a_known_ukprn_cannot_be_registered_again(browser: Browser) -> None:
    browser.open(f"{DESK}/new")
    seen = browser.submit(f"{DESK}/new", **{**DETAILS, "ukprn": COLLEGE})
    assert seen.errors == ["An organisation with this UKPRN is already registered."]


@pytest.mark.req("IDM-10", "IDM-02", "SEC-02")
def test_the_first_super_user_gets_a_password_that_is_shown_once(browser: Browser, world: FakeWorld) -> None:
    register(browser)
    browser.submit(f"{DESK}/new/check")
    browser.open(f"{DESK}/{NEW}/first-super-user")
    token = browser.seen.token
    assert "Mobile (optional)" in browser.seen.body
    seen = browser.submit(f"{DESK}/{NEW}/first-super-user", **PERSON)
    assert (seen.status, seen.title) == (200, "The super user was created")
    assert "It can be used once, within 14 days." in seen.body
    password = rows(browser)["One-time password"]
    (made,) = [one for one in world.user_table.held.values() if one.ukprn == NEW]
    assert (made.user_name, made.roles) == (rows(browser)["User name"], {Role.SUPER_USER})
    again = browser.submit(f"{DESK}/{NEW}/first-super-user", token=token, **PERSON)
    assert (again.status, again.location) == (303, f"{DESK}/{NEW}")
    assert "The one-time password is not shown again." in browser.open(f"{DESK}/{NEW}").body
    assert len([one for one in world.user_table.held.values() if one.ukprn == NEW]) == 1
    assert browser.get(f"{DESK}/{NEW}/first-super-user").location == f"{DESK}/{NEW}"
    assert password not in browser.open(f"{DESK}/{NEW}").body


@pytest.mark.req("IDM-10")
def test_details_are_changed_and_two_tabs_meet_in_a_conflict_that_shows_both(
    browser: Browser, world: FakeWorld
) -> None:
    path = f"{DESK}/{COLLEGE}/details"
    entered = {name: value for name, value in DETAILS.items() if name not in ("kind", "ukprn")} | {"revision": "1"}
    browser.open(path)
    assert 'name="revision" value="1"' in browser.seen.body
    first = browser.seen.token
    assert browser.submit(path, **entered, email_address="files@penarlag.example.org").location == f"{DESK}/{COLLEGE}"
    assert "details were changed" in browser.open(f"{DESK}/{COLLEGE}").body
    seen = browser.submit(path, token=first, **{**entered, "name": "Another"})
    assert seen.status == 409
    assert [text in seen.body for text in ('value="Another"', "Penarlâg College", 'value="2"')] == [True] * 3
    assert held(world, COLLEGE).name == "Penarlâg College"


@pytest.mark.req("IDM-10", "IDM-07")
def test_a_role_that_is_taken_away_is_lost_with_the_next_page(browser: Browser, world: FakeWorld) -> None:
    hold(world, super_user("lou", ukprn=COLLEGE, roles=frozenset({Role.LRB_ONLINE_USER})))
    path = f"{DESK}/{COLLEGE}/roles"
    browser.open(path)
    assert "Service Manager" not in browser.seen.body
    assert browser.submit(path, revision="1").errors == ["Select at least one role"]
    assert browser.submit(path, revision="1", roles=["Administrator"]).status == 400
    assert browser.submit(path, revision="1", roles=[Role.LRB_BATCH_USER]).status == 303
    assert held(world, COLLEGE).roles == {Role.SUPER_USER, Role.LRB_BATCH_USER}


@pytest.mark.req("IDM-10", "IDM-08")
def test_a_suspended_organisations_people_are_out_at_once(world: FakeWorld) -> None:
    ours, other = signed_in(world), browser_of(world)
    path = f"{DESK}/{COLLEGE}/status"
    other.fill_in("/sign-in", user_name="zoe0417", password=RIGHT)
    other.submit("/sign-in/user-agreement", choice="accept")
    assert other.open("/account").title == "Your account"
    assert ours.open(path).title == "Suspend the organisation"
    assert ours.submit(path, choice="suspend", reason="").errors == ["Enter reason"]
    token = ours.seen.token
    assert ours.submit(path, revision="1", choice="suspend", reason="Agreement ended").status == 303
    assert other.open("/account").title == "Sign in"
    again = ours.submit(path, token=token, revision="1", choice="suspend", reason="Agreement ended")
    assert again.status == 303, "a second click"
    seen = ours.open(f"{DESK}/{COLLEGE}")
    assert "Agreement ended" in seen.body
    assert "amelia0417" in seen.body
    ours.open(path)
    assert 'name="revision" value="2"' in ours.seen.body
    assert ours.submit(path, revision="1", choice="reactivate", reason="Renewed").status == 409, "an old page"
    assert ours.submit(path, revision="2", choice="reactivate", reason="Renewed").status == 303
    assert held(world, COLLEGE).status == "active"


@pytest.mark.req("IDM-10")
def test_a_lost_super_user_is_replaced_by_the_signed_form(browser: Browser, world: FakeWorld) -> None:
    path = f"{DESK}/{COLLEGE}/super-user"
    browser.open(path)
    seen = browser.submit(path, **{**FORM, "is_manager": "no", "reason": "", "verification": ""})
    assert seen.status == 400
    assert [error.partition(" ")[0] for error in seen.errors] == ["Signatory", "Enter", "Enter"]
    token = seen.token
    seen = browser.submit(path, **FORM)
    assert seen.title == "The super user was created"
    made = next(one for one in world.user_table.held.values() if one.details.given_name == "Bea")
    assert (made.ukprn, made.roles) == (COLLEGE, {Role.SUPER_USER})
    entry = next(
        one for one in world.audit.held.values() if (one.action, one.outcome) == ("super-user-replaced", "DONE")
    )
    assert (entry.detail["signatory"], entry.detail["reason"]) == (FORM["signatory"], FORM["reason"])
    again = browser.submit(path, token=token, **FORM)
    assert (again.status, again.location) == (303, f"{DESK}/{COLLEGE}")
    assert sum(one.details.given_name == "Bea" for one in world.user_table.held.values()) == 1


@pytest.mark.req("IDM-02", "IDM-10", "SEC-01")
def test_a_one_time_password_that_nobody_has_is_replaced_by_the_signed_form(browser: Browser, world: FakeWorld) -> None:
    path = f"{DESK}/{COLLEGE}/super-user"
    browser.open(path)
    browser.submit(path, **FORM)
    lost = rows(browser)
    browser.open(path)
    seen = browser.submit(path, **FORM)
    assert seen.title == "The super user has a new one-time password"
    shown, (made,) = rows(browser), [one for one in world.user_table.held.values() if one.details.given_name == "Bea"]
    assert shown["User name"] == lost["User name"]
    assert made.password.hashed == f"hash:{shown['One-time password']}"
    assert shown["One-time password"] != lost["One-time password"]
    assert "super-user-replaced" in [one.action for one in world.audit.held.values() if made.user_id in one.subject]
    chosen = made.with_password("hash:own", world.clock())
    hold(world, chosen)
    browser.open(path)
    assert browser.submit(path, **FORM).status == 400, "the account of somebody who uses it is not touched"
    assert world.user_table.held[COLLEGE, made.user_id] == chosen


@pytest.mark.req("IDM-10", "SEC-01")
def test_the_desk_sees_and_touches_no_user_of_an_organisation(browser: Browser, world: FakeWorld) -> None:
    before = world.user_table.held[COLLEGE, "Uzoe"]
    for path in (f"{DESK}/{COLLEGE}", f"{DESK}/{COLLEGE}/super-user", f"{DESK}/{COLLEGE}/details"):
        assert "zoe" not in browser.open(path).body.lower()
    for path in (f"{DESK}/{COLLEGE}/users", f"{DESK}/{COLLEGE}/users/Uzoe", "/users/Uzoe"):
        assert browser.get(path).status in (403, 404)
    browser.open(f"{DESK}/{COLLEGE}/super-user")
    browser.submit(f"{DESK}/{COLLEGE}/super-user", **FORM, user_id="Uzoe", roles="Administrator")
    assert world.user_table.held[COLLEGE, "Uzoe"] == before


@pytest.mark.req("IDM-10", "SEC-01")
def test_nobody_changes_the_desks_own_organisation(browser: Browser, world: FakeWorld) -> None:
    seen = browser.open(f"{DESK}/{UKPRN}")
    assert "It is not changed here" in seen.body
    assert f"{DESK}/{UKPRN}/status" not in seen.body
    token = browser.open("/account/contact-details").token
    for page in ("details", "roles", "status", "super-user", "first-super-user"):
        assert browser.get(f"{DESK}/{UKPRN}/{page}").status == 403
        sent = browser.submit(f"{DESK}/{UKPRN}/{page}", token=token, choice="suspend", **FORM)
        assert sent.status == 403
    assert held(world, UKPRN).status == "active"
    assert {one.roles for one in world.user_table.held.values() if one.ukprn == UKPRN} == {
        frozenset({Role.SERVICE_DESK})
    }


@pytest.mark.req("IDM-10", "SEC-01")
@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.SERVICE_DESK, Role.ADMINISTRATOR)])
def test_other_roles_have_none_of_these_pages(role: Role) -> None:
    world = desk_world(role)
    if role is not Role.SERVICE_MANAGER:
        world.accounts.put(organisation(UKPRN) if "QCF" in role or "Award" in role else provider(UKPRN))
    browser = signed_in(world)
    for entry in table.ENTRIES:
        if entry.path.startswith(DESK):
            seen = browser.send(entry.method, entry.path.format(ukprn=COLLEGE), "" if entry.method == "POST" else None)
            assert seen.status == 403, entry.name
    assert "Service Desk" not in browser.open("/").body


@pytest.mark.req("IDM-10", "SEC-01")
def test_an_administrator_registers_organisations_and_replaces_no_super_user() -> None:
    browser = signed_in(desk_world(Role.ADMINISTRATOR))
    assert browser.open(DESK).status == 200
    assert "/super-user" not in browser.open(f"{DESK}/{COLLEGE}").body
    assert browser.get(f"{DESK}/{COLLEGE}/super-user").status == 403


@pytest.mark.parametrize("ukprn", ["99999999", "1", "x..y"])
def test_there_is_no_page_of_an_organisation_that_is_not_registered(browser: Browser, ukprn: str) -> None:
    for part in ("", "/details", "/roles", "/status", "/super-user", "/first-super-user"):
        assert browser.get(f"{DESK}/{ukprn}{part}").status == 404


DEVELOPER = {
    "company": "Penhallow",
    "contact": "Jo Bloggs",
    "email_address": "jo@penhallow.example.org",
    "purpose": "A system for colleges",
    "interface": "both",
}


@pytest.mark.req("HLP-03", "IDM-10")
def test_a_developer_is_registered_listed_downloaded_and_ended(browser: Browser, world: FakeWorld) -> None:
    assert "Nobody is registered yet." in browser.open("/desk/developers").body
    browser.open("/desk/developers/new")
    assert len(browser.submit("/desk/developers/new").errors) == 5
    sent = {**DEVELOPER, "company": "Penhallow <b>"}
    token = browser.seen.token
    for _ in range(2):  # a second click
        assert browser.submit("/desk/developers/new", token=token, **sent).location == "/desk/developers"
    browser.open("/desk/developers/new")
    again = browser.submit("/desk/developers/new", **sent)
    assert again.errors == ["A developer with this email address is already registered."]
    assert "Penhallow &lt;b&gt;" in browser.open("/desk/developers").body
    (held,) = world.developer_table.held.values()
    browser.open(f"/desk/developers/{held.developer_id}/end")
    token = browser.seen.token
    for _ in range(2):
        again = browser.submit(f"/desk/developers/{held.developer_id}/end", token=token)
        assert again.location == "/desk/developers"
    assert "Penhallow" not in browser.open("/desk/developers").body
    assert browser.get(f"/desk/developers/{held.developer_id}/end").status == 404
    assert [one.action for one in world.audit.held.values() if "developer" in one.action] == [
        "developer-registered",
        "developer-ended",
    ]


@pytest.mark.req("HLP-03")
def test_the_file_of_developers_runs_no_formula(world: FakeWorld) -> None:
    at = world.clock()
    world.developer_table.save(Developer("D1", "=1+1", "Jo", "jo@example.org", "MIS", "both", "", at, "desk0001"))
    seen = signed_in(world).open("/desk/developers/csv")
    assert seen.headers["Content-Type"] == "text/csv"
    assert "'=1+1" in seen.body
