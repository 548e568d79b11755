"""Every request of the portal passes the same checks in the same order."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from chalicelib.domain.access import ROLE_CAPABILITIES, Capability, Role
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.maintenance import Environment, Window, WindowKind
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.levels import Schedule
from chalicelib.web.http.bodies import whole_number
from chalicelib.web.portal import cookies, table
from chalicelib.web.portal.visits import FORM_LIMIT, Entry, View, loaded
from tests.builders.accounts import account
from tests.builders.portal import HOST, NAME, RIGHT, Browser, Seen, browser_of, hold, portal_world, signed_in
from tests.fakes.world import FakeWorld

EVERY = [pytest.param(entry, id=entry.name) for entry in table.ENTRIES]
CLOSED = [pytest.param(entry, id=entry.name) for entry in table.ENTRIES if entry.capability is not Capability.PUBLIC]


@pytest.fixture
def world() -> FakeWorld:
    return portal_world()


def address(entry: Entry) -> str:
    """The path of a page; what it is about does not exist."""
    return re.sub(r"\{\w+\}", "x", entry.path)


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize("entry", EVERY)
def test_every_page_has_a_view_and_a_capability(entry: Entry) -> None:
    assert isinstance(entry.load(), View)
    assert isinstance(entry.capability, Capability)
    assert table.find(entry.method, address(entry))


@pytest.mark.req("HLP-01")
@pytest.mark.parametrize("entry", [one for one in table.ENTRIES if one.method == "GET"], ids=lambda one: one.name)
def test_every_page_is_shown_or_leads_to_one_that_is(entry: Entry) -> None:
    held = next((role for role in Role if entry.capability in ROLE_CAPABILITIES[role]), Role.QCF_USER)
    seen = signed_in(portal_world(roles=frozenset({held}))).open(address(entry))
    assert seen.status in ({200, 404, 410} if "{" in entry.path else {200})


@pytest.mark.req("IDM-08")
@pytest.mark.parametrize("entry", CLOSED)
def test_without_a_session_every_closed_page_leads_to_sign_in(entry: Entry, world: FakeWorld) -> None:
    browser = browser_of(world)
    seen = browser.send(entry.method, address(entry))
    first = table.START if entry.path == table.HOME else "/sign-in"
    assert (seen.status, seen.location, seen.body) == (303, first, "")


@pytest.mark.req("IDM-08")
def test_after_sign_in_one_sees_the_page_that_was_wanted(world: FakeWorld) -> None:
    browser = browser_of(world)
    browser.get("/account/password")
    browser.fill_in("/sign-in", user_name=NAME, password=RIGHT)
    browser.submit("/sign-in/user-agreement", choice="accept")
    assert browser.open("/").title == "Change your password"
    assert cookies.WAY_BACK not in browser.cookies


def sign_in(browser: Browser, name: str) -> Seen:
    """Sign in, and see the page where that leads to."""
    browser.fill_in("/sign-in", user_name=name, password=RIGHT)
    browser.submit("/sign-in/user-agreement", choice="accept")
    return browser.open("/")


@pytest.mark.req("IDM-08", "SEC-01")
@pytest.mark.parametrize("leave", ["idle", "sign-out", "decline"])
def test_another_person_in_the_same_browser_is_not_led_to_the_page(leave: str, world: FakeWorld) -> None:
    hold(world, account("other"))
    browser = signed_in(world)
    if leave == "decline":
        browser.fill_in("/sign-in", user_name=NAME, password=RIGHT)
        browser.submit("/sign-in/user-agreement", choice="decline")
    elif leave == "sign-out":
        browser.open("/account")
        browser.submit("/sign-out")
    else:
        world.clock.advance(timedelta(hours=1))
    for name, title in (("other0417", "Welcome"), (NAME, "Change your password")):
        start = dict(browser.cookies)
        browser.get("/account/password")
        assert "amelia" not in browser.cookies[cookies.WAY_BACK].lower()
        assert sign_in(browser, name).title.startswith(title)
        assert cookies.WAY_BACK not in browser.cookies
        browser.cookies = start


@pytest.mark.req("IDM-08")
@pytest.mark.parametrize("wanted", ["//elsewhere.example.org", "https://elsewhere.example.org/", "/no-such-page"])
def test_the_way_back_leads_to_no_other_site(wanted: str, world: FakeWorld) -> None:
    browser = signed_in(world)
    browser.cookies[cookies.WAY_BACK] = wanted
    assert browser.get("/").status == 200
    assert cookies.WAY_BACK not in browser.cookies


@pytest.mark.req("IDM-01")
@pytest.mark.parametrize("path", ["/", "/account", "/sign-in/secret-question"])
def test_what_is_owed_comes_before_every_other_page(path: str, world: FakeWorld) -> None:
    browser = browser_of(world)
    browser.fill_in("/sign-in", user_name=NAME, password=RIGHT)
    assert browser.get(path).location == "/sign-in/user-agreement"
    assert browser.get("/help").status == 200


@pytest.mark.req("SEC-01", "IDM-07")
def test_without_the_capability_the_page_names_the_roles_and_the_attempt_is_audited(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(world)
    closed = table.ENTRIES[0]._replace(path="/users", capability=Capability.USERS_MANAGE)
    monkeypatch.setattr(table, "ENTRIES", (closed,))
    seen = browser.get("/users")
    assert (seen.status, seen.title) == (403, "You do not have access to this page")
    assert Role.SUPER_USER.value in seen.body
    last = list(world.audit.held.values())[-1]
    assert (last.action, last.outcome, last.detail["channel"]) == (LookAction.CALL_MADE, LookOutcome.REFUSED, "portal")


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://elsewhere.example.org"},
        {"Origin": "null"},
    ],
)
def test_a_form_that_another_site_sends_changes_nothing(headers: dict[str, str], world: FakeWorld) -> None:
    browser = signed_in(world)
    token = browser.open("/account").token
    seen = browser.post("/sign-out", {"csrf_token": token}, **headers)
    assert (seen.status, seen.title) == (400, "We could not read what you sent")
    assert browser.get("/account").status == 200


@pytest.mark.req("SEC-01")
def test_a_form_of_our_own_page_is_accepted_once_its_token_is_right(world: FakeWorld) -> None:
    browser = signed_in(world)
    token = browser.open("/account").token
    for wrong in ("", "x", f"{token}0", f"a{token}", "é.é", browser_of(world).open("/sign-in").token):
        assert browser.post("/sign-out", {"csrf_token": wrong}).status == 400
    seen = browser.post("/sign-out", {"csrf_token": token}, Sec_Fetch_Site="same-origin", Origin=f"https://{HOST}")
    assert (seen.status, seen.location) == (303, "/signed-out")
    assert browser.get("/account").location == "/sign-in"


@pytest.mark.req("SEC-01")
def test_tokens_differ_from_page_to_page(world: FakeWorld) -> None:
    browser = signed_in(world)
    assert browser.open("/account").token != browser.open("/account").token


def _posted(browser: Browser, body: str, kind: str = "application/x-www-form-urlencoded") -> int:
    browser.open("/sign-in")
    return browser.send("POST", "/sign-in", body, {"Content-Type": kind}).status


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("a=%ff", "application/x-www-form-urlencoded", 400),
        ("a=%EF%BF%BD", "application/x-www-form-urlencoded", 400),
        (urlencode({str(number): "" for number in range(201)}), "application/x-www-form-urlencoded", 400),
        ("a=" + "b" * FORM_LIMIT, "application/x-www-form-urlencoded", 413),
        ("{}", "application/json", 400),
        ("", "", 400),
    ],
)
def test_what_is_no_form_has_a_page_that_says_so(body: str, kind: str, status: int, world: FakeWorld) -> None:
    assert _posted(browser_of(world), body, kind) == status


@pytest.mark.req("HLP-01")
@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/no-such-page", 404, None),
        ("GET", "/account/", 404, None),
        ("GET", "/reset-password/a%2Fb", 404, None),
        ("POST", "/help", 405, "GET, HEAD"),
        ("GET", "/sign-out", 405, "POST"),
        ("PUT", "/sign-in", 405, "GET, HEAD, POST"),
        ("GET", "/assets/no-such-file.css", 404, None),
    ],
)
def test_what_there_is_not_has_a_page_that_says_so(
    method: str, path: str, status: int, allowed: str | None, world: FakeWorld
) -> None:
    seen = browser_of(world).send(method, path)
    assert (seen.status, seen.headers.get("Allow")) == (status, allowed)
    assert "<h1" in seen.body


@pytest.mark.req("SEC-01")
def test_every_page_has_the_security_headers_and_a_nonce_of_its_own(world: FakeWorld) -> None:
    browser = browser_of(world)
    first, second = browser.get("/help"), browser.get("/no-such-page")
    for seen in (first, second):
        policy = seen.headers["Content-Security-Policy"]
        nonce = policy.partition("'nonce-")[2].partition("'")[0]
        assert f'nonce="{nonce}"' in seen.body
        assert seen.headers["Cache-Control"] == "no-store"
        assert seen.headers["Content-Type"] == "text/html; charset=utf-8"
    assert first.headers["Content-Security-Policy"] != second.headers["Content-Security-Policy"]


def test_an_asset_is_kept_for_ever(world: FakeWorld) -> None:
    browser = browser_of(world)
    style = browser.get("/help").body.partition('rel="stylesheet" href="')[2].partition('"')[0]
    seen = browser.get(style)
    assert (seen.status, seen.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in seen.headers["Cache-Control"]


def test_head_has_the_headers_and_no_body_and_leaves_messages_for_the_page(world: FakeWorld) -> None:
    browser = signed_in(world)
    browser.open("/account/contact-details")
    browser.submit("/account/contact-details", email_address="amelia@example.org")
    seen = browser.send("HEAD", "/account")
    assert (seen.status, seen.body) == (200, "")
    assert "Your contact details were changed." in browser.get("/account").body
    assert "Your contact details were changed." not in browser.get("/account").body


@pytest.mark.req("SLA-05")
def test_in_maintenance_pages_are_closed_but_the_way_to_end_it_is_not(world: FakeWorld) -> None:
    browser = signed_in(world)
    now = world.clock()
    hour = timedelta(hours=1)
    closed = Window(
        window_id="M1",
        environment=Environment.LIVE,
        kind=WindowKind.PLANNED,
        start=now - hour,
        end=now + hour,
        reason="New certificates",
        announced_at=now - hour,
        changed_at=now - hour,
    )
    world.schedules.held = Schedule((closed,), 1)
    world.clock.advance(timedelta(minutes=1))
    seen = browser.get("/account")
    assert (seen.status, seen.title) == (503, "The service is closed for maintenance")
    assert int(seen.headers["Retry-After"]) > 0
    assert browser.get("/help").status == 200


@pytest.mark.req("SLA-01")
def test_a_failing_call_has_a_page_that_says_to_try_again(world: FakeWorld) -> None:
    browser = signed_in(world)

    def fail(name: str) -> None:
        if name == "portal_sessions.holding":
            raise TemporaryFailure(name)

    world.hook = fail
    seen = browser.get("/account")
    assert (seen.status, seen.title) == (503, "The service is not available")
    assert seen.headers["Retry-After"] == "5"


def test_a_fault_has_a_page_with_the_reference_and_nothing_else(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_of(world)
    found = table.find("GET", "/help")
    assert found is not None
    broken = View(found[0], lambda _: 1 / 0)  # type: ignore[arg-type, return-value]
    monkeypatch.setattr("chalicelib.web.portal.routing.loaded", lambda _: broken)
    seen = browser.get("/help")
    assert (seen.status, seen.title) == (500, "Something went wrong on our side")
    assert "5f0c2a3e-7c1d-4b7e-9a55-2f6f3f0a4d11" in seen.body
    assert "ZeroDivisionError" not in seen.body


@pytest.mark.req("SLA-02")
def test_a_page_costs_the_read_of_its_session(world: FakeWorld) -> None:
    browser = signed_in(world)
    browser.get("/")
    world.calls.clear()
    assert browser.get("/").status == 200
    assert world.calls == ["portal_sessions.holding"]
    world.calls.clear()
    browser_of(world).get("/help")
    assert world.calls == []


@pytest.mark.req("SEC-02")
def test_what_is_entered_is_in_no_log_line(world: FakeWorld, capsys: pytest.CaptureFixture[str]) -> None:
    browser = signed_in(world)
    browser.fill_in("/account/contact-details", email_address="marked@example.org", landline="01632 960555")
    browser.fill_in("/account/secret-question", question="PET", answer="Marked", answer_again="marked")
    browser.get("/reset-password/10000001.Uamelia.marked-0123456789abcdef")
    logged = capsys.readouterr().out
    assert "submit_own_contact" in logged
    assert not [text for text in (RIGHT, NAME, "marked", "Marked", "960555") if text in logged]


def test_a_view_is_loaded_once() -> None:
    assert loaded(table.ENTRIES[0]) is loaded(table.ENTRIES[0])


@pytest.mark.parametrize("text", ["9" * 5000, "١", "²", "-1", "1.0", " 1", "", "9" * 19])
def test_a_number_that_no_page_has_written_is_no_number(text: str) -> None:
    assert whole_number(text, 7) == 7


def test_a_number_of_a_page_is_read() -> None:
    assert whole_number("123456789012345678", 7) == 123_456_789_012_345_678
