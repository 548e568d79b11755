"""Sign-in and one's own account, page by page (IDM-01 to IDM-05, IDM-08, IDM-09)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.accounts import Account, Password
from chalicelib.web.portal import cookies
from chalicelib.web.portal.roles import ROLE_WORDS
from tests.builders.accounts import BEGAN
from tests.builders.portal import NAME, NEW, RIGHT, UKPRN, Browser, browser_of, hold, portal_world, signed_in
from tests.fakes.world import FakeWorld

ONE_TIME = Password("hash:Correct-Horse1", BEGAN, is_one_time=True)
INACTIVE = (
    "Due to the session inactivity and for security reasons you are required to login again to continue with your "
    "current session"
)


def own(world: FakeWorld) -> Account:
    return world.user_table.held[UKPRN, "Uamelia"]


def sign_in(browser: Browser, password: str = RIGHT) -> str:
    """Enter user name and password; the title of the page that comes next."""
    return browser.fill_in("/sign-in", user_name=NAME, password=password).title


@pytest.mark.req("IDM-01")
def test_signing_in_leads_by_the_user_agreement_to_the_home_page() -> None:
    browser = browser_of(portal_world())
    assert sign_in(browser) == "User Agreement"
    assert 'href="/account"' not in browser.seen.body
    assert browser.submit("/sign-in/user-agreement", choice="accept").status == 303
    home = browser.open("/")
    assert 'href="/account"' in home.body
    assert home.title == "Welcome, Amelia Okafor"
    assert Role.QCF_USER.value in home.body
    assert browser.open("/sign-in").title == home.title


@pytest.mark.req("IDM-01")
@pytest.mark.parametrize(
    ("name", "password"), [(NAME, "Wrong-1"), ("nobody0000", RIGHT), ("", ""), ("<b>é", "x" * 500)]
)
def test_a_wrong_name_or_password_is_refused_in_the_same_words(name: str, password: str) -> None:
    browser = browser_of(portal_world())
    seen = browser.fill_in("/sign-in", user_name=name, password=password)
    assert seen.status == 400
    assert [line.partition(".")[0] for line in seen.errors] == ["Enter a correct user name and password"]
    assert cookies.SESSION not in browser.cookies
    assert "<b>" not in seen.body
    assert not password or password not in seen.body


@pytest.mark.req("IDM-01")
def test_declining_the_agreement_leads_back_to_sign_in_and_ends_the_session() -> None:
    world = portal_world()
    browser = browser_of(world)
    sign_in(browser)
    seen = browser.submit("/sign-in/user-agreement", choice="decline")
    assert seen.location == "/sign-in"
    assert not world.portal_session_table.held
    assert INACTIVE not in browser.open("/sign-in").body


@pytest.mark.req("IDM-01")
def test_neither_accepting_nor_declining_is_no_choice() -> None:
    browser = browser_of(portal_world())
    sign_in(browser)
    assert browser.submit("/sign-in/user-agreement").status == 400


@pytest.mark.req("IDM-02", "IDM-03")
def test_the_first_sign_in_asks_for_a_password_the_agreement_and_a_question() -> None:
    world = portal_world(password=replace(ONE_TIME, since=FakeWorld().clock()), question=None)
    browser = browser_of(world)
    assert sign_in(browser) == "Choose a new password"
    before = browser.cookies[cookies.SESSION]
    seen = browser.submit("/sign-in/new-password", password="no", new_password="short", new_password_again="other")
    assert seen.status == 400
    assert len(seen.errors) == 3
    browser.submit("/sign-in/new-password", password=RIGHT, new_password=NEW, new_password_again=NEW)
    assert browser.cookies[cookies.SESSION] != before
    assert browser.open("/").title == "User Agreement"
    browser.submit("/sign-in/user-agreement", choice="accept")
    assert browser.open("/").title == "Choose a secret question"
    seen = browser.submit("/sign-in/secret-question", question="", answer="", answer_again="")
    assert seen.errors == ["Select question", "Enter answer"]
    browser.submit("/sign-in/secret-question", question="PET", answer="Rex the cat", answer_again="rex the cat")
    assert browser.open("/").title == "Welcome, Amelia Okafor"
    assert browser.get("/sign-in/secret-question").location == "/"


@pytest.mark.req("IDM-08")
def test_nobody_whose_session_was_ended_by_somebody_else_is_said_to_have_been_inactive() -> None:
    world = portal_world()
    browser = signed_in(world)
    (held,) = world.user_table.held.values()
    hold(world, replace(held, epoch=held.epoch + 1))  # as a change of roles or password does
    seen = browser.open("/account")
    assert seen.title == "Sign in"
    assert INACTIVE not in seen.body


@pytest.mark.req("IDM-08")
def test_a_session_without_activity_ends_in_the_words_of_the_guide() -> None:
    world = portal_world()
    browser = signed_in(world)
    world.clock.advance(timedelta(minutes=31))
    seen = browser.open("/account")
    assert seen.title == "Sign in"
    assert INACTIVE in seen.body
    sign_in(browser)
    browser.submit("/sign-in/user-agreement", choice="accept")
    assert browser.open("/").title == "Your account"


@pytest.mark.req("IDM-08")
def test_what_ends_access_ends_it_with_the_next_page() -> None:
    world = portal_world()
    browser = signed_in(world)
    hold(world, own(world).suspended(world.clock()))
    assert browser.get("/account").location == "/sign-in"


@pytest.mark.req("IDM-08")
def test_signing_in_again_replaces_the_session_of_the_browser() -> None:
    world = portal_world()
    browser = browser_of(world)
    token = browser.open("/sign-in").token
    for _ in range(2):
        browser.post("/sign-in", {"csrf_token": token, "user_name": NAME, "password": RIGHT})
    assert len(world.portal_session_table.held) == 1


@pytest.mark.req("IDM-01")
def test_too_many_tries_are_told_to_wait() -> None:
    browser = browser_of(portal_world(), pace_sign_ins=(0.02, 1))
    sign_in(browser, "wrong")
    seen = browser.submit("/sign-in", user_name=NAME, password="wrong")
    assert (seen.status, seen.title) == (429, "Too many attempts")
    assert int(seen.headers["Retry-After"]) > 0


@pytest.mark.req("IDM-05")
def test_a_forgotten_password_is_replaced_by_the_link_of_an_email_once() -> None:
    world = portal_world()
    browser = browser_of(world)
    asked = browser.fill_in("/forgotten-password", user_name=NAME)
    assert "What was the name of your first school?" in asked.body
    answer = {"user_name": NAME, "question": "SCHOOL"}
    wrong = browser.submit("/forgotten-password/answer", **answer, answer="smith")
    assert (wrong.status, len(wrong.errors)) == (400, 1)
    assert "smith" not in wrong.body
    sent = browser.submit("/forgotten-password/answer", **answer, answer="Taylor")
    assert browser.open(sent.location).title == "Check your email"
    link = re.search(r"https://portal\.example\.org(/reset-password/\S+)", world.mail.sent[-1].body)
    assert link
    assert browser.open(link[1]).title == "Choose a new password"
    assert browser.submit(link[1], new_password="short", new_password_again="").status == 400
    done = browser.submit(link[1], new_password=NEW, new_password_again=NEW)
    assert browser.open(done.location).title == "Your password was changed"
    for seen in (browser.get(link[1]), browser.get("/reset-password/x")):
        assert (seen.status, seen.title) == (410, "This link cannot be used")
    assert sign_in(browser, NEW) == "User Agreement"


@pytest.mark.req("IDM-05")
def test_a_question_is_asked_for_a_name_that_nobody_has_and_none_without_a_name() -> None:
    browser = browser_of(portal_world())
    assert browser.fill_in("/forgotten-password", user_name="nobody0000").title == "Answer your secret question"
    assert browser.fill_in("/forgotten-password", user_name=" ").errors == ["Enter user name"]


@pytest.mark.req("IDM-09")
def test_people_change_their_own_password_question_and_contact_details() -> None:
    world = portal_world()
    browser = signed_in(world)
    changed = browser.fill_in("/account/password", password=RIGHT, new_password=NEW, new_password_again=NEW)
    assert "Your password was changed." in changed.body
    changed = browser.fill_in("/account/secret-question", question="PET", answer="Rex", answer_again="rex")
    assert "Your secret question was changed." in changed.body
    assert 'value="amelia@merrowdale.example.org"' in browser.open("/account/contact-details").body
    wrong = browser.submit("/account/contact-details", email_address="nowhere", landline="none")
    assert (wrong.status, len(wrong.errors)) == (400, 2)
    assert 'value="nowhere"' in wrong.body
    changed = browser.fill_in("/account/contact-details", email_address="a@example.org", landline="01632 960002")
    assert "a@example.org" in changed.body
    assert own(world).details.landline == "01632 960002"


@pytest.mark.req("IDM-09")
def test_a_wrong_present_password_is_said_beside_its_field() -> None:
    browser = signed_in(portal_world())
    seen = browser.fill_in("/account/password", password="x", new_password=NEW, new_password_again=NEW)
    assert seen.errors == ["The present password is wrong. Enter the one that you signed in with."]
    assert 'href="#password"' in seen.body


@pytest.mark.req("IDM-07")
def test_every_role_has_words_for_its_holder() -> None:
    assert ROLE_WORDS.keys() == set(Role)


@pytest.mark.req("IDM-07")
def test_without_a_role_the_home_page_says_who_gives_one() -> None:
    browser = signed_in(portal_world(roles=frozenset()))
    assert "You have no role at the moment." in browser.open("/").body


@pytest.mark.req("SEC-01")
def test_cookies_are_only_for_this_site_and_no_script() -> None:
    browser = browser_of(portal_world())
    sent = {cookies.session("x"), cookies.visit("x"), cookies.way_back("/x"), cookies.forgotten(cookies.SESSION)}
    assert all(
        line.startswith("__Host-") and line.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax") for line in sent
    )
    browser.open("/help")
    assert not browser.cookies
