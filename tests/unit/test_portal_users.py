"""The pages of user management, as a super user works with them (IDM-06, IDM-07, IDM-12, AO18 3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.access import Capability, Role
from chalicelib.domain.accounts import REVIEWED_EVERY, Account, AccountState, Password
from chalicelib.domain.callers import Channel
from chalicelib.domain.looks import LookAction
from chalicelib.services.users import Order
from chalicelib.web.portal import table
from tests.builders.accounts import BEGAN, account, super_user
from tests.builders.callers import caller
from tests.builders.organisations import organisation
from tests.builders.portal import UKPRN, Browser, hold, portal_world, signed_in
from tests.fakes.world import FakeWorld

HOSTILE = "<script>alert(1)</script>"
PAGES = ["update", "suspend", "reactivate", "reset-password", "verify-identity", "delete", "activity"]
NEW = {
    "title": "Ms",
    "given_name": "Bea",
    "family_name": "Featherstone",
    "email_address": "bea@merrowdale.example.org",
    "landline": "01632 960001",
    "mobile": "07700 900001",
    "verification": "Staff ID checked",
    "staff_id": "S-1",
    "reference": "R-1",
    "roles": [Role.QCF_USER.value],
}
ONE_TIME = re.compile(r"One-time password\s*</dt>\s*<dd[^>]*>\s*(\S+)\s*</dd>")


@pytest.fixture
def world() -> FakeWorld:
    """Amelia is a super user; Bob works there, and Zoe elsewhere."""
    world = portal_world(roles=frozenset({Role.SUPER_USER}))
    world.accounts.put(organisation("10000002"))
    hold(world, account("bob", user_id="Ubob"))
    hold(world, account("zoe", ukprn="10000002", user_id="Uzoe"))
    return world


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def bob(world: FakeWorld) -> Account:
    return world.user_table.held[UKPRN, "Ubob"]


def audited(world: FakeWorld, action: LookAction) -> list[str]:
    return [one.detail["channel"] for one in world.audit.held.values() if one.action is action]


def create(browser: Browser, **changes: str | Sequence[str]) -> None:
    """Look for somebody, and fill in the form of a new user."""
    browser.fill_in("/users", given_name="Bea", family_name="Featherstone")
    browser.fill_in("/users/new", **{**NEW, **changes})


class TestFinding:
    @pytest.mark.req("IDM-06", "IDM-12")
    def test_blank_criteria_list_everybody_of_the_organisation_with_roles_and_last_activity(self, world, browser):
        hold(world, replace(bob(world), last_sign_in=BEGAN))
        page = browser.fill_in("/users", user_name="", given_name="", family_name="", role="", status="")
        assert page.title == "Find User"
        for text in ("amelia0417", "bob0417", Role.QCF_USER.value, "2 March 2026", "Showing 1 to 2 of 2"):
            assert text in page.body
        assert "zoe0417" not in page.body
        assert audited(world, LookAction.USERS_LISTED)[-1] == "portal"

    @pytest.mark.req("IDM-06")
    @pytest.mark.parametrize(
        ("criteria", "found"),
        [
            ({"user_name": "bob"}, ["bob0417"]),
            ({"given_name": "Amel", "family_name": "Okafor"}, ["amelia0417"]),
            ({"role": Role.SUPER_USER.value}, ["amelia0417"]),
            ({"role": "no such role"}, ["amelia0417", "bob0417"]),
            ({"status": "suspended"}, ["carl0417"]),
            ({"status": "deleted"}, ["dora0417"]),
        ],
    )
    def test_users_are_found_by_names_role_and_status(self, criteria, found, world, browser):
        if "status" in criteria:
            hold(world, account("carl", user_id="Ucarl").suspended(BEGAN))
            hold(world, account("dora", user_id="Udora").deleted(BEGAN))
        page = browser.fill_in("/users", **criteria)
        assert re.findall(r'href="/users/U\w+">(\w+)<', page.body) == found
        assert "Bob" not in browser.seen.location

    @pytest.mark.req("IDM-06")
    def test_a_search_that_finds_nobody_says_so_in_the_words_of_the_guide_and_offers_to_create(self, browser):
        assert "/users/new" not in browser.open("/users").body.split("<main")[1]
        page = browser.fill_in("/users", given_name="Bea", family_name="Featherstone")
        assert "No users match the selected criteria" in page.body
        assert 'value="Featherstone"' in page.body
        assert 'href="/users/new"' in page.body.split("<main")[1]

    @pytest.mark.req("IDM-06")
    def test_a_long_list_has_pages(self, world, browser):
        for number in range(30):
            hold(world, account(f"user{number:02}", user_id=f"U{number}"))
        assert "Showing 1 to 25 of 32" in browser.open("/users").body
        assert "Showing 26 to 32 of 32" in browser.open("/users?page=2").body
        for strange in ("0", "-1", "9999", "x", "1" * 50, "²"):
            assert browser.open(f"/users?page={strange}").status == 200

    @pytest.mark.req("IDM-12", "SEC-01")
    def test_the_file_has_no_cell_that_is_a_formula(self, world, browser):
        hold(world, account("eve", user_id="Ueve", details=account("eve").details._replace(reference="=1+1")))
        browser.fill_in("/users", user_name="eve")
        got = browser.get("/users/csv")
        assert got.headers["Content-Type"] == "text/csv; charset=utf-8"
        head, line = got.body.removeprefix("\ufeff").splitlines()
        assert head.startswith("UserName,Title,GivenName,FamilyName,EmailAddress,Status,Roles,LastSignIn")
        assert line.endswith(",'=1+1")
        assert "amelia" in browser.get("/users/csv?of=all").body

    @pytest.mark.req("IDM-06")
    @pytest.mark.parametrize(("supers", "is_said"), [(1, True), (2, True), (3, False), (5, False), (6, True)])
    def test_fewer_than_three_or_more_than_five_super_users_are_pointed_out(self, supers, is_said, world, browser):
        for number in range(supers - 1):
            hold(world, super_user(f"sue{number}", user_id=f"Usue{number}"))
        said = f"The number of your organisation&#39;s super users is {supers}. We recommend 3 to 5."
        assert (said in browser.open("/users").body) is is_said

    @pytest.mark.req("SEC-01")
    def test_what_people_entered_is_shown_as_text(self, world, browser):
        hold(world, account("eve", user_id="Ueve", details=account("eve").details._replace(title=HOSTILE)))
        assert HOSTILE not in browser.open("/users/Ueve").body
        assert "&lt;script&gt;" in browser.seen.body
        assert HOSTILE not in browser.fill_in("/users", given_name=HOSTILE).body


class TestCreating:
    @pytest.mark.req("IDM-06")
    def test_one_must_search_before_one_creates(self, world, browser):
        assert browser.open("/users/new").title == "Find the user first"
        browser.open("/account")
        assert browser.submit("/users/new", **NEW).status == 409
        assert len(world.user_table.held) == 3

    @pytest.mark.req("IDM-06")
    def test_the_names_that_were_looked_for_are_filled_in_and_optional_fields_are_marked(self, browser):
        browser.fill_in("/users", given_name="Bea", family_name="Featherstone")
        page = browser.open("/users/new").body
        assert 'value="Bea"' in page
        assert 'value="Featherstone"' in page
        assert "Mobile (optional)" in page
        assert "Optional." not in page

    @pytest.mark.req("IDM-06", "IDM-02")
    def test_a_user_is_entered_checked_created_and_summarised(self, world, browser):
        create(browser)
        assert browser.seen.title == "Check before you create the user"
        for text in ("Featherstone", "bea@merrowdale.example.org", "Staff ID checked", "S-1", Role.QCF_USER.value):
            assert text in browser.seen.body
        assert len(world.user_table.held) == 3
        done = browser.submit("/users/new/check")
        assert (done.status, done.title) == (200, "User created")
        made = next(one for one in world.user_table.held.values() if one.details.given_name == "Bea")
        shown = ONE_TIME.search(done.body)
        assert shown
        assert world.password_hasher.verify(made.password.hashed, shown[1])
        assert made.user_name in done.body
        assert shown[1] not in repr([world.portal_session_table.held, world.audit.held, world.mail.sent])
        summary = browser.open(f"/users/{made.user_id}")
        assert summary.title == "Bea Featherstone"
        assert "Never signed in." in summary.body
        assert shown[1] not in summary.body
        assert audited(world, LookAction.USER_CREATED) == ["portal"]

    @pytest.mark.req("IDM-06", "SEC-01")
    def test_the_form_that_comes_again_creates_nobody_and_shows_no_password(self, world, browser):
        create(browser)
        token = browser.seen.token
        before = dict(world.portal_session_table.held)
        browser.submit("/users/new/check")
        for _ in range(2):
            again = browser.post("/users/new/check", {"csrf_token": token})
            assert again.status == 303
            assert "is not shown again" in browser.open(again.location).body
            assert not ONE_TIME.search(browser.seen.body)
            world.portal_session_table.held.update(before)  # as two forms at once have it
        assert len(world.user_table.held) == 4

    @pytest.mark.req("IDM-06")
    def test_everything_wrong_is_said_at_once_and_what_was_entered_stays(self, browser):
        wrong = {"given_name": "Guest", "email_address": "x", "landline": "none", "verification": "", "roles": []}
        create(browser, **wrong)
        assert browser.seen.status == 400
        assert len(browser.seen.errors) == 4
        assert "Enter verification provided" in browser.seen.errors
        assert "Select at least one role" in browser.seen.errors
        assert 'value="Featherstone"' in browser.seen.body
        create(browser, given_name="Guest")
        assert browser.seen.errors == [
            "Guest and generic accounts are not allowed. An account is for one named person."
        ]

    @pytest.mark.req("IDM-06")
    def test_the_form_warns_not_to_enter_the_secret_question_or_its_answer(self, browser):
        browser.fill_in("/users")
        assert "Never enter the secret question or its answer here." in browser.open("/users/new").body

    @pytest.mark.req("IDM-06")
    @pytest.mark.parametrize("same", [{"email_address": "bob@merrowdale.example.org"}, {"given_name": "Bob"}])
    def test_somebody_alike_is_shown_and_must_be_confirmed_to_be_another(self, same, world, browser):
        family = {"family_name": "Okafor"} if "given_name" in same else {}
        create(browser, **same, **family)
        assert "bob0417" in browser.seen.body
        refused = browser.submit("/users/new/check")
        assert refused.status == 400
        assert refused.errors[0].startswith("Check whether this person has an account already.")
        assert browser.submit("/users/new/check", confirmed="yes").title == "User created"
        assert len(world.user_table.held) == 4

    @pytest.mark.req("IDM-06")
    def test_the_same_name_and_address_is_the_same_person(self, world, browser):
        details = bob(world).details
        create(browser, given_name="Bob", family_name="Okafor", email_address=details.email_address)
        assert "A person has only one account." in browser.seen.errors[0]

    @pytest.mark.req("IDM-07")
    def test_only_roles_that_the_organisation_was_granted_are_offered_and_accepted(self, world, browser):
        world.accounts.put(organisation(UKPRN, roles=frozenset({Role.AWARDING_BODY_USER})))
        browser.fill_in("/users")
        form = browser.open("/users/new").body
        assert f'value="{Role.AWARDING_BODY_USER}"' in form
        assert f'value="{Role.QCF_USER}"' not in form
        create(browser, roles=[Role.SERVICE_DESK.value])
        assert browser.seen.status == 400

    @pytest.mark.req("IDM-06")
    def test_what_is_not_possible_any_more_leads_back_to_the_form(self, world, browser):
        create(browser)
        world.accounts.put(organisation(UKPRN, roles=frozenset({Role.AWARDING_BODY_USER})))
        assert browser.submit("/users/new/check").status == 400
        assert browser.seen.title == "Error: Create User"
        assert 'value="Featherstone"' in browser.seen.body

    @pytest.mark.req("IDM-06")
    def test_without_anything_entered_there_is_nothing_to_check(self, browser):
        assert browser.get("/users/new/check").location == "/users/new"
        browser.fill_in("/users")
        assert browser.submit("/users/new/check").location == "/users/new"


class TestChanging:
    @pytest.mark.req("IDM-06", "IDM-07")
    def test_details_and_roles_are_updated(self, world, browser):
        form = browser.open("/users/Ubob/update")
        assert 'value="Bob"' in form.body
        page = browser._followed(edited(browser, roles=[Role.QCF_USER.value, Role.SUPER_USER.value]))
        assert "The user was updated." in page.body
        assert bob(world).details.given_name == "Bea"
        assert bob(world).roles == {Role.QCF_USER, Role.SUPER_USER}
        assert audited(world, LookAction.USER_UPDATED) == ["portal"]

    @pytest.mark.req("IDM-06")
    def test_of_two_who_change_the_same_user_the_second_sees_both(self, world, browser):
        browser.open("/users/Ubob/update")
        hold(world, bob(world).with_details(bob(world).details._replace(landline="01632 960099"), bob(world).roles))
        page = edited(browser)
        assert (page.status, page.title) == (409, "Error: Update User")
        assert "01632 960099" in page.body
        assert "01632 960001" in page.body
        assert bob(world).details.landline == "01632 960099"
        assert edited(browser).status == 303, "now knowingly"
        assert bob(world).details.landline == "01632 960001"

    @pytest.mark.req("IDM-06")
    def test_a_wrong_update_changes_nothing_and_a_warning_is_confirmed(self, world, browser):
        browser.open("/users/Ubob/update")
        assert edited(browser, email_address="x").status == 400
        assert edited(browser, email_address="amelia@merrowdale.example.org").errors[0].startswith("Check whether")
        assert edited(browser, email_address="amelia@merrowdale.example.org", confirmed="yes").status == 303

    @pytest.mark.req("IDM-06", "IDM-08")
    def test_an_account_is_suspended_reactivated_and_deleted_once(self, world, browser):
        for path, states in (
            ("suspend", AccountState.SUSPENDED),
            ("reactivate", AccountState.ACTIVE),
            ("delete", AccountState.DELETED),
        ):
            page, form = f"/users/Ubob/{path}", {"epoch": str(bob(world).epoch)}
            form["csrf_token"] = browser.open(page).token
            assert browser.post(page, form).location == "/users/Ubob"
            assert "The user was" in browser.open("/users/Ubob").body
            assert bob(world).state(world.services().account_rules) is states
            revision = bob(world).revision
            assert browser.post(page, form).location == "/users/Ubob"
            assert "The user was" in browser.open("/users/Ubob").body, "a second click"
            assert bob(world).revision == revision

    @pytest.mark.req("IDM-06", "SEC-01")
    def test_a_password_is_reset_once_and_shown_once(self, world, browser):
        hold(world, bob(world).attempted())
        browser.open("/users/Ubob/reset-password")
        token, epoch = browser.seen.token, str(bob(world).epoch)
        done = browser.submit("/users/Ubob/reset-password", epoch=epoch)
        shown = ONE_TIME.search(done.body)
        assert shown
        assert (done.status, bob(world).wrong_passwords) == (200, 0)
        assert world.password_hasher.verify(bob(world).password.hashed, shown[1])
        again = browser.post("/users/Ubob/reset-password", {"csrf_token": token, "epoch": epoch})
        assert (again.status, ONE_TIME.search(again.body)) == (303, None)
        assert "is not shown again: reset it again if nobody has it" in browser.open(again.location).body
        hold(world, bob(world).with_password("hash:own", world.clock()))
        assert browser.post("/users/Ubob/reset-password", {"csrf_token": token, "epoch": epoch}).status == 409
        hold(world, bob(world).with_one_time_password(f"hash:{shown[1]}", world.clock()))
        assert world.password_hasher.verify(bob(world).password.hashed, shown[1])

    @pytest.mark.req("IDM-06", "IDM-05")
    def test_identity_is_verified_by_the_secret_answer_in_any_case(self, world, browser):
        page = browser.open("/users/Ubob/verify-identity")
        assert "What was the name of your first school?" in page.body
        wrong = browser.submit("/users/Ubob/verify-identity", answer="tailor")
        assert (wrong.status, len(wrong.errors), bob(world).wrong_answers) == (400, 1, 1)
        assert "tailor" not in wrong.body
        right = browser.fill_in("/users/Ubob/verify-identity", answer="TAYLOR")
        assert "The answer is right." in right.body
        hold(world, replace(bob(world), question=None))
        assert "has not chosen a secret question" in browser.open("/users/Ubob/verify-identity").body
        assert browser.submit("/users/Ubob/verify-identity", answer="x").status == 400

    @pytest.mark.req("IDM-06", "IDM-05")
    def test_wrong_answers_are_counted_and_slowed_down(self, world):
        browser = signed_in(world)
        for _ in range(10):
            browser.fill_in("/users/Ubob/verify-identity", answer="tailor")
        assert "too many wrong answers" in browser.fill_in("/users/Ubob/verify-identity", answer="Taylor").errors[0]
        slowed = signed_in(world, pace_sign_ins=(0.02, 3))
        seen = {slowed.fill_in("/users/Ubob/verify-identity", answer="x").status for _ in range(5)}
        assert seen == {400, 429}

    @pytest.mark.req("IDM-06")
    @pytest.mark.parametrize("path", ["suspend", "delete", "update"])
    def test_the_last_super_user_is_not_removed_and_the_page_says_why(self, path, world, browser):
        browser.open(f"/users/Uamelia/{path}")
        page = edited(browser, "Uamelia") if path == "update" else browser.submit(f"/users/Uamelia/{path}")
        assert page.status in (400, 409)
        assert page.errors == [
            "This is your organisation's last super user. Give another user the super user role first."
        ]

    @pytest.mark.req("IDM-06", "IDM-08")
    def test_who_suspends_the_own_account_is_signed_out(self, world, browser):
        hold(world, super_user("sue", user_id="Usue"))
        browser.open("/users/Uamelia/suspend")
        assert "This is your own account." in browser.seen.body
        assert browser.submit("/users/Uamelia/suspend").location == "/signed-out"
        assert browser.get("/users").location == "/sign-in"

    @pytest.mark.req("IDM-06", "SEC-01")
    @pytest.mark.parametrize("user", ["Uzoe", "Unobody"])
    def test_users_of_others_are_not_found(self, user, world, browser):
        token = browser.open("/account").token
        before = dict(world.user_table.held)
        for path in ("", *(f"/{page}" for page in PAGES)):
            assert browser.get(f"/users/{user}{path}").status == 404
            if path not in ("", "/activity"):
                sent = {"csrf_token": token, "answer": "taylor", "epoch": "1", "edition": "x", **NEW}
                assert browser.post(f"/users/{user}{path}", sent).status == 404
        assert world.user_table.held == before

    @pytest.mark.req("IDM-06")
    def test_a_page_offers_what_is_possible_in_the_state_of_the_account(self, world, browser):
        def offered() -> set[str]:
            return set(re.findall(r'href="/users/Ubob/([\w-]+)"', browser.open("/users/Ubob").body))

        assert offered() == set(PAGES) - {"reactivate"}
        hold(world, bob(world).suspended(BEGAN))
        assert offered() == set(PAGES) - {"suspend"}
        hold(world, bob(world).changed(suspended_at=None, wrong_passwords=10))
        assert offered() == set(PAGES)
        hold(world, bob(world).deleted(BEGAN))
        assert offered() == {"activity"}

    @pytest.mark.req("IDM-02", "IDM-12")
    def test_a_page_shows_a_password_not_yet_used_and_an_account_not_used_for_long(self, world, browser):
        hold(world, replace(bob(world), password=Password("hash:x", BEGAN, is_one_time=True)))
        assert "The one-time password has not been used." in browser.open("/users/Ubob").body
        hold(world, replace(bob(world), created_at=BEGAN - timedelta(days=100)))
        assert "has not been used for 90 days" in browser.open("/users/Ubob").body


class TestReviewing:
    @pytest.mark.req("IDM-12")
    def test_the_list_that_was_reviewed_is_signed_off_once(self, world, browser):
        world.clock.advance(REVIEWED_EVERY + timedelta(days=1))
        hold(
            world,
            replace(world.user_table.held[UKPRN, "Uamelia"], password=Password("hash:Correct-Horse1", world.clock())),
        )
        browser = signed_in(world)
        assert "The annual review of your users is due." in browser.open("/users").body
        page = browser.open("/users/review")
        assert "bob0417" in page.body
        assert "Not used for 90 days" in page.body
        revision = re.search(r'name="revision" value="(\d+)"', page.body)
        assert revision
        done = browser.submit("/users/review", revision=revision[1])
        assert "was signed off" in browser.open(done.location).body
        browser.open("/users/review")
        assert "by amelia0417" in browser.seen.body
        again = browser.submit("/users/review", revision=revision[1])
        assert "was signed off" in browser.open(again.location).body, "a second click"
        browser.open("/users/review")
        assert browser.submit("/users/review", revision="x").status == 409

    @pytest.mark.req("IDM-06", "IDM-12", "SEC-01")
    def test_the_activity_log_of_a_user_is_shown_in_parts(self, world, browser):
        users = world.services().users
        boss = caller(UKPRN, "sue0417", [Capability.USERS_MANAGE])
        users.update(boss, "Ubob", bob(world).edition, Order(NEW, frozenset({Role.AWARDING_BODY_USER})))
        for _ in range(30):
            world.clock.advance(timedelta(seconds=1))
            users.get(boss, "Ubob")
        page = browser.open("/users/Ubob/activity")
        assert "User viewed" in page.body
        earlier = re.search(r'href="(/users/Ubob/activity\?before=[^"]+)"', page.body)
        assert earlier
        assert "User updated" in browser.open(earlier[1]).body
        assert "+Awarding Body User, -QCF User" in browser.seen.body
        assert browser.open("/users/Ubob/activity?before=0").status == 200

    @pytest.mark.req("IDM-06", "IDM-12")
    def test_the_activity_of_all_is_shown_in_parts_and_names_no_learner(self, world, browser):
        amelia = caller(UKPRN, "bob0417", [], channel=Channel.PORTAL)
        world.services().looks.at_learners(amelia, LookAction.RECORD_VIEWED, ["1000000027"])
        page = browser.open("/activity")
        assert page.title == "Activity Log"
        for text in ("Signed in", "User Agreement accepted", "Learning record viewed", "1 learner", "bob0417"):
            assert text in page.body
        assert "1000000027" not in page.body
        for _ in range(30):
            world.clock.advance(timedelta(seconds=1))
            world.services().users.get(amelia, "Ubob")
        earlier = re.search(r'href="(/activity\?before=[^"]+)"', browser.open("/activity").body)
        assert earlier
        assert "Learning record viewed" in browser.open(earlier[1]).body
        assert "There is nothing earlier." in browser.open("/activity?before=0").body


def edited(browser: Browser, user: str = "Ubob", **changes: str | Sequence[str]):
    """Send the form of an update with what its page has, and these changes."""
    edition = re.search(r'name="edition" value="(\w+)"', browser.seen.body)
    assert edition
    return browser.submit(f"/users/{user}/update", **{"edition": edition[1], **NEW, **changes})


@pytest.mark.req("IDM-07", "SEC-01")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPER_USER], ids=str)
def test_nobody_but_super_users_manages_users(role: Role) -> None:
    world = portal_world(roles=frozenset({role}))
    world.accounts.put(_of_kind(role))
    hold(world, account("bob", user_id="Ubob"))
    browser = signed_in(world)
    token = browser.open("/account").token
    assert "/users" not in browser.open("/").body
    own = [entry for entry in table.ENTRIES if entry.capability is Capability.USERS_MANAGE]
    for entry in own:
        path = entry.path.replace("{user}", "Ubob")
        sent = browser.get(path) if entry.method == "GET" else browser.post(path, {"csrf_token": token})
        assert sent.status == 403, entry.name
    assert len(own) > 20


def _of_kind(role: Role):
    if role in (Role.SERVICE_DESK, Role.SERVICE_MANAGER, Role.ADMINISTRATOR):
        return organisation(UKPRN, is_service_desk=True, is_awarding_organisation=False)
    is_awarding = role in (Role.QCF_USER, Role.QCF_RECORD_SET_USER)
    return organisation(UKPRN, is_awarding_organisation=is_awarding)
