"""What was entered survives the end of a session, an old page and a role that is gone (IDM-08)."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.kept_forms import MOST_BYTES, is_secret
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.web import portal
from chalicelib.web.portal import cookies, form_tokens, table
from chalicelib.web.portal.forms import Form
from chalicelib.web.portal.kept_forms import NOT_KEPT, OUT_OF_DATE, SIGNED_IN_AGAIN, STILL_SIGNED_IN, refilled
from chalicelib.web.portal.parts import Input, Shown
from chalicelib.web.portal.visits import Page
from tests.builders.accounts import account, super_user
from tests.builders.portal import NAME, NEW, RIGHT, UKPRN, Browser, hold, portal_world, signed_in
from tests.fakes.world import FakeWorld

CONTACT = "/account/contact-details"
ENTERED = {"email_address": "new@merrowdale.example.org", "landline": "01632 <b>"}
HALF_AN_HOUR = timedelta(minutes=31)
KEPT = "what you entered is kept for an hour"
INACTIVE = "Due to the session inactivity and for security reasons you are required to login again"


@pytest.fixture
def world() -> FakeWorld:
    return portal_world()


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    found = signed_in(world)
    found.open("/")
    return found


def sign_in(browser: Browser, name: str = NAME) -> None:
    browser.fill_in("/sign-in", user_name=name, password=RIGHT)
    browser.submit("/sign-in/user-agreement", choice="accept")


def submit_too_late(world: FakeWorld, browser: Browser, path: str = CONTACT, **entered: str) -> None:
    browser.open(path)
    world.clock.advance(HALF_AN_HOUR)
    assert browser.submit(path, **(entered or ENTERED)).location == "/sign-in"


@pytest.mark.req("IDM-08")
def test_after_signing_in_again_one_finds_the_page_as_one_had_filled_it_in(world: FakeWorld, browser: Browser) -> None:
    submit_too_late(world, browser)
    seen = browser.open("/sign-in")
    assert INACTIVE in seen.body
    assert KEPT in seen.body
    sign_in(browser)
    again = browser.open("/")
    assert (again.status, again.title) == (200, "Change your contact details")
    assert SIGNED_IN_AGAIN in again.body
    assert NOT_KEPT not in again.body
    assert 'value="new@merrowdale.example.org"' in again.body
    assert 'value="01632 &lt;b&gt;"' in again.body
    assert world.user_table.held[UKPRN, "Uamelia"].details.email_address == "amelia@merrowdale.example.org"
    assert cookies.KEPT_FORM not in browser.cookies
    assert world.kept_form_table.held == {}
    browser.submit(CONTACT, email_address="new@merrowdale.example.org", landline="")
    assert "Your contact details were changed." in browser.open("/account").body


@pytest.mark.req("IDM-08", "VAL-02")
def test_a_form_that_another_page_sends_leads_back_to_that_page() -> None:
    world = portal_world(roles=frozenset({Role.LRB_BATCH_USER}))
    browser = signed_in(world)
    browser.open("/learner-batches/new")
    world.clock.advance(HALF_AN_HOUR)
    sent = browser.upload("/learner-batches/check", ("QCF.csv", b"x"), encoding="windows-1252")
    assert sent.location == "/sign-in"
    assert browser.cookies[cookies.WAY_BACK].endswith("/learner-batches/new")
    sign_in(browser)
    seen = browser.open("/learner-batches/new")
    assert seen.status == 200
    assert SIGNED_IN_AGAIN in seen.text


@pytest.mark.parametrize(
    ("name", "path", "page"),
    [
        ("check_achievement_batch", "/achievement-batches/check", "/achievement-batches/new"),
        ("submit_own_contact", "/account/contact-details", "/account/contact-details"),
        ("start_load", "/admin/register-loads/feeds", "/admin/register-loads"),
        ("submit_load_again", "/admin/register-loads/feeds/x", "/admin/register-loads/feeds/x"),
        ("expect_large_achievement_batch", "/large-achievement-batches/start", ""),
        ("sign_out", "/sign-out", ""),
    ],
)
def test_every_form_has_a_page_to_come_back_to_or_none(name: str, path: str, page: str) -> None:
    found = table.find("POST", path)
    assert found is not None
    assert (found[0].name, table.page_of(found[0], path)) == (name, page)


@pytest.mark.req("IDM-08")
def test_what_a_script_sends_because_it_takes_the_session_for_over_is_never_submitted(
    world: FakeWorld, browser: Browser
) -> None:
    browser.open(CONTACT)
    seen = browser.submit(CONTACT, **ENTERED, **{form_tokens.PARKED: "yes"})
    assert (seen.status, seen.title) == (400, "Change your contact details")
    assert STILL_SIGNED_IN in seen.body
    assert 'value="new@merrowdale.example.org"' in seen.body
    submit_too_late(world, browser, CONTACT, **ENTERED, **{form_tokens.PARKED: "yes"})
    sign_in(browser)
    assert 'value="new@merrowdale.example.org"' in browser.open("/").body
    assert world.user_table.held[UKPRN, "Uamelia"].details.email_address == "amelia@merrowdale.example.org"


@pytest.mark.req("IDM-08")
def test_it_is_given_back_once(world: FakeWorld, browser: Browser) -> None:
    submit_too_late(world, browser)
    kept = browser.cookies[cookies.KEPT_FORM]
    sign_in(browser)
    browser.open("/")
    browser.cookies[cookies.KEPT_FORM] = kept
    assert "new@merrowdale" not in browser.open(CONTACT).body


@pytest.mark.req("IDM-08")
def test_it_is_kept_after_another_tab_and_after_a_double_click(world: FakeWorld, browser: Browser) -> None:
    page = browser.open(CONTACT)
    world.clock.advance(HALF_AN_HOUR)
    assert browser.get("/account").location == "/sign-in"
    before = dict(browser.cookies)
    browser.submit(CONTACT, token=page.token, **ENTERED)
    browser.cookies = before  # the browser drops the first of two answers
    browser.submit(CONTACT, token=page.token, **ENTERED)
    sign_in(browser)
    assert 'value="new@merrowdale.example.org"' in browser.open("/").body


@pytest.mark.req("IDM-06", "IDM-08")
def test_it_waits_while_the_page_asks_for_something_else_first(world: FakeWorld) -> None:
    hold(world, super_user("amelia"))
    browser = signed_in(world)
    browser.fill_in("/users", given_name="Bea", family_name="Featherstone")
    submit_too_late(world, browser, "/users/new", given_name="Benedicta", family_name="Featherstone")
    sign_in(browser)
    assert browser.open("/").title == "Find the user first"
    browser.fill_in("/users", given_name="Bea", family_name="Featherstone")
    again = browser.open("/users/new")
    assert SIGNED_IN_AGAIN in again.body
    assert 'value="Benedicta"' in again.body


@pytest.mark.req("IDM-08", "SEC-01")
def test_nobody_else_gets_it_on_the_same_computer(world: FakeWorld, browser: Browser) -> None:
    hold(world, account("bob"))
    submit_too_late(world, browser)
    sign_in(browser, "bob0417")
    assert "new@merrowdale" not in browser.open("/").body


@pytest.mark.req("IDM-08")
def test_after_an_hour_it_is_gone(world: FakeWorld, browser: Browser) -> None:
    submit_too_late(world, browser)
    world.clock.advance(timedelta(hours=1))
    sign_in(browser)
    assert "new@merrowdale" not in browser.open("/").body


@pytest.mark.req("IDM-08", "SEC-02")
def test_passwords_and_answers_are_not_kept_and_the_page_says_so(world: FakeWorld, browser: Browser) -> None:
    submit_too_late(world, browser, "/account/secret-question", question="PET", answer="Rex-1", answer_again="Rex-1")
    assert "Rex-1" not in repr(world.kept_form_table.held)
    sign_in(browser)
    seen = browser.open("/")
    assert NOT_KEPT in seen.body
    assert '<option value="PET" selected' in seen.body
    submit_too_late(world, browser, "/account/password", password=RIGHT, new_password=NEW, new_password_again=NEW)
    assert world.kept_form_table.held == {}
    assert KEPT not in browser.open("/sign-in").body


@pytest.mark.req("IDM-08", "SEC-02")
def test_the_browser_holds_a_key_and_the_page_but_nothing_that_was_entered(world: FakeWorld, browser: Browser) -> None:
    submit_too_late(world, browser)
    key, slash, path = browser.cookies[cookies.KEPT_FORM].partition("/")
    assert slash + path == CONTACT
    assert key not in repr(world.kept_form_table.held)
    assert not [value for value in browser.cookies.values() if "new@" in value or "01632" in value]


def _suspended(world: FakeWorld) -> None:
    hold(world, world.user_table.held[UKPRN, "Uamelia"].suspended(world.clock()))
    hold(world, world.user_table.held[UKPRN, "Uamelia"].reactivated())


def _other_roles(world: FakeWorld) -> None:
    held = world.user_table.held[UKPRN, "Uamelia"]
    hold(world, held.with_details(held.details, frozenset({Role.AWARDING_BODY_USER})))


@pytest.mark.req("IDM-08", "IDM-07")
@pytest.mark.parametrize("change", [_suspended, _other_roles])
def test_what_was_entered_when_access_ended_waits_too(
    world: FakeWorld, browser: Browser, change: Callable[[FakeWorld], None]
) -> None:
    browser.open(CONTACT)
    change(world)
    assert browser.submit(CONTACT, **ENTERED).location == "/sign-in"
    sign_in(browser)
    assert 'value="new@merrowdale.example.org"' in browser.open("/").body


@pytest.mark.req("IDM-07", "IDM-08")
def test_a_role_that_is_gone_is_explained_and_what_was_entered_waits_for_it(world: FakeWorld) -> None:
    held = account(roles=frozenset({Role.AWARDING_BODY_USER}))
    hold(world, held)
    browser = signed_in(world)
    browser.open("/verify")
    hold(world, held.with_details(held.details, frozenset({Role.QCF_USER})))
    assert browser.submit("/verify", uln="1000000043", family_name="Quixadelle").location == "/sign-in"
    sign_in(browser)
    seen = browser.open("/")
    assert (seen.status, seen.title) == (403, "You do not have access to this page")
    assert f"<li>{Role.AWARDING_BODY_USER}</li>" in seen.body
    back = world.user_table.held[UKPRN, "Uamelia"]
    hold(world, back.with_details(back.details, held.roles))
    browser.open("/verify")
    sign_in(browser)
    assert 'value="Quixadelle"' in browser.open("/verify").body


@pytest.mark.req("SEC-01", "IDM-08")
def test_what_no_page_of_ours_sent_is_not_kept(world: FakeWorld, browser: Browser) -> None:
    token = browser.open(CONTACT).token
    world.clock.advance(HALF_AN_HOUR)
    cookie = dict(browser.cookies)
    sessions = dict(world.portal_session_table.held)
    for sent, headers in (({**ENTERED, "csrf_token": "x"}, {}), ({**ENTERED, "csrf_token": token}, {"Origin": "null"})):
        browser.cookies, world.portal_session_table.held = dict(cookie), dict(sessions)
        assert browser.post(CONTACT, sent, **headers).location == "/sign-in"
        assert cookies.KEPT_FORM not in browser.cookies
    browser.cookies = {cookies.SESSION: "10000001.Uamelia.lrs_secret_999999"}
    browser.post(CONTACT, {**ENTERED, "csrf_token": form_tokens.token("", "a")})
    assert world.kept_form_table.held == {}


@pytest.mark.req("IDM-08")
def test_what_is_too_large_or_cannot_be_stored_does_not_keep_one_from_signing_in(
    world: FakeWorld, browser: Browser
) -> None:
    submit_too_late(world, browser, landline="x" * (MOST_BYTES - 200))
    assert len(world.kept_form_table.held) == 1
    sign_in(browser)
    browser.open("/")

    def fail(name: str) -> None:
        if name == "kept_forms.keep":
            raise TemporaryFailure(name)

    world.hook = fail
    submit_too_late(world, browser)
    assert cookies.KEPT_FORM not in browser.cookies


@pytest.mark.req("IDM-08", "SEC-01")
def test_a_form_of_an_earlier_session_is_shown_again_and_changes_nothing(world: FakeWorld, browser: Browser) -> None:
    token = browser.open(CONTACT).token
    sign_in(browser)
    seen = browser.post(CONTACT, {**ENTERED, "csrf_token": token})
    assert (seen.status, seen.title) == (400, "Change your contact details")
    assert OUT_OF_DATE in seen.body
    assert 'value="new@merrowdale.example.org"' in seen.body
    assert world.user_table.held[UKPRN, "Uamelia"].details.landline == "01632 960001"
    assert browser.submit(CONTACT, email_address="a@example.org", landline="").status == 303


@pytest.mark.req("IDM-08")
def test_a_form_keeps_the_revision_for_which_it_was_filled_in() -> None:
    shown = Shown(name="when", label="When", kind=Input.DATE)
    page = Page(template="x", context={"fields": [shown], "revision": 7, "other": 1})
    again = refilled(page, {"revision": ["3"], "when-day": ["4"], "when-month": ["x"], "other": ["2"]})
    assert again is not None
    assert again.context == {"fields": [replace(shown, value=("4", "x", ""))], "revision": "3", "other": 1}
    assert refilled(Page(template="x"), {}) is None


def _secret_fields() -> Iterator[str]:
    """The names of all fields for passwords in the forms of the portal."""
    for found in pkgutil.iter_modules(portal.__path__):
        for value in vars(import_module(f"{portal.__name__}.{found.name}")).values():
            if isinstance(value, Form):
                yield from (one.name for one in value.asked if one.kind is Input.PASSWORD)


@pytest.mark.req("SEC-02")
def test_every_field_for_a_password_has_a_name_that_is_never_kept() -> None:
    names = set(_secret_fields())
    assert {"password", "new_password", "answer"} <= names
    assert {name for name in names if not is_secret(name)} == set()
