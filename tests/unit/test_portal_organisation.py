"""The pages of the organisation's own settings, and what a super user does not see (IDM-07, IDM-11, IDM-13, SEC-01)."""

from __future__ import annotations

import re

import pytest

from chalicelib.domain.access import ROLE_CAPABILITIES, Capability, Role
from chalicelib.domain.callers import Channel
from chalicelib.domain.credentials import MOST
from chalicelib.domain.failures import failure
from chalicelib.domain.jobs import ACHIEVEMENTS, JobStatus
from chalicelib.domain.looks import LookAction
from chalicelib.services.credentials import Order
from chalicelib.services.tokens import grantable_scopes, secret_digest
from chalicelib.web.portal import table
from chalicelib.web.portal.scopes import SCOPE_WORDS
from tests.builders.callers import caller
from tests.builders.jobs import job
from tests.builders.organisations import organisation, provider
from tests.builders.portal import UKPRN, Browser, Seen, portal_world, signed_in
from tests.fakes.world import FakeWorld

HOSTILE = "<script>alert(1)</script>"
OTHER = "10000002"
SECRET = re.compile(r"Secret\s*</dt>\s*<dd[^>]*>\s*(\S+)\s*</dd>")
PATH = re.compile(r'href="(/organisation/credentials/[^"/]+)">Continue')
NEW = {"name": "Records system", "scopes": ["learners:verify"], "lifetime": "90"}
CREDENTIALS = "/organisation/credentials"


@pytest.fixture
def world() -> FakeWorld:
    world = portal_world(roles=frozenset({Role.SUPER_USER}))
    world.accounts.put(organisation(OTHER))
    return world


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def issued(browser: Browser, **changes: str | list[str]) -> Seen:
    """Issue a credential."""
    browser.open(f"{CREDENTIALS}/new")
    return browser.submit(f"{CREDENTIALS}/new", **{**NEW, **changes})


def path_of(seen: Seen) -> str:
    found = PATH.search(seen.body)
    assert found
    return found[1]


class TestCredentials:
    @pytest.mark.req("IDM-11", "SEC-01")
    def test_a_secret_is_shown_once_and_nowhere_kept(self, world: FakeWorld, browser: Browser) -> None:
        done = issued(browser)
        assert (done.status, done.title) == (200, "Credential issued")
        shown = SECRET.search(done.body)
        assert shown
        held = world.services().credentials.of_organisation(UKPRN)[0]
        assert (held.secret_digest, held.scopes) == (secret_digest(shown[1]), {"learners:verify"})
        assert (held.expires_at - held.created_at).days == 90
        assert shown[1] not in repr([world.portal_session_table.held, world.audit.held])
        page = browser.open(path_of(done))
        assert page.title == "Records system"
        assert "Verify single learners" in page.body
        assert shown[1] not in page.body + browser.open(CREDENTIALS).body
        last = [one for one in world.audit.held.values() if one.action is LookAction.CREDENTIAL_ISSUED]
        assert [one.detail["channel"] for one in last] == ["portal"]

    @pytest.mark.req("IDM-11")
    def test_the_form_that_comes_again_issues_nothing(self, world: FakeWorld, browser: Browser) -> None:
        token = browser.open(f"{CREDENTIALS}/new").token
        first = browser.post(f"{CREDENTIALS}/new", {"csrf_token": token, **NEW})
        again = browser.post(f"{CREDENTIALS}/new", {"csrf_token": token, **NEW})
        assert (first.status, again.status, SECRET.search(again.body)) == (200, 409, None)
        assert "was issued already" in again.errors[0]
        assert len(world.services().credentials.of_organisation(UKPRN)) == 1

    @pytest.mark.req("IDM-11")
    def test_everything_wrong_is_said_at_once(self, browser: Browser) -> None:
        wrong = issued(browser, name=" ", scopes=[], lifetime="")
        assert wrong.status == 400
        assert wrong.errors[:2] == ["Enter name", "Select what the system may do"]
        for scope in ("learners:register", "users:manage", "settings:manage", "public"):
            assert issued(browser, scopes=[scope]).status == 400
        assert issued(browser, lifetime="9999").status == 400

    @pytest.mark.req("IDM-11", "SEC-01")
    def test_scopes_are_those_that_the_organisation_can_give(self, world: FakeWorld, browser: Browser) -> None:
        form = browser.open(f"{CREDENTIALS}/new").body
        assert 'value="achievements:manage"' in form
        assert 'value="learners:register"' not in form
        world.accounts.put(provider(UKPRN))
        assert 'value="learners:register"' in browser.open(f"{CREDENTIALS}/new").body
        world.accounts.put(provider(UKPRN, is_adviser=True))
        assert "cannot use the web service" in browser.open(f"{CREDENTIALS}/new").body

    @pytest.mark.req("IDM-11")
    def test_a_credential_is_rotated_and_revoked(self, world: FakeWorld, browser: Browser) -> None:
        path = path_of(issued(browser, name=HOSTILE))
        assert HOSTILE not in browser.open(path).body
        token = browser.open(f"{path}/rotate").token
        rotated = browser.post(f"{path}/rotate", {"csrf_token": token})
        assert rotated.title == "Credential rotated"
        assert SECRET.search(rotated.body)
        assert browser.post(f"{path}/rotate", {"csrf_token": token}).status == 409
        assert len(world.services().credentials.of_organisation(UKPRN)) == 2
        assert "The credential was revoked." in browser.fill_in(f"{path}/revoke").body
        assert "Revoked" in browser.seen.body
        assert "The credential was revoked." not in browser.fill_in(f"{path}/revoke").body
        assert browser.fill_in(f"{path}/rotate").status == 409

    @pytest.mark.req("IDM-11")
    def test_no_more_are_issued_than_an_organisation_may_have(self, browser: Browser) -> None:
        for number in range(MOST):
            assert issued(browser, name=f"System {number}").status == 200
        assert "the most it may have" in issued(browser).errors[0]

    @pytest.mark.req("IDM-11", "SEC-01")
    def test_credentials_of_others_are_not_found(self, world: FakeWorld, browser: Browser) -> None:
        order = Order("Theirs", frozenset({"learners:verify"}))
        theirs = world.services().credentials.issue(caller(OTHER, "zoe", ()), OTHER, order).credential
        token = browser.open("/account").token
        for wanted in (theirs.credential_id, f"{UKPRN}-abcdefgh", "x"):
            for page in ("", "/rotate", "/revoke"):
                assert browser.get(f"{CREDENTIALS}/{wanted}{page}").status == 404
                if page:
                    assert browser.post(f"{CREDENTIALS}/{wanted}{page}", {"csrf_token": token}).status == 404
        assert world.services().credentials.of_organisation(OTHER) == [theirs]
        assert "Theirs" not in browser.open(CREDENTIALS).body

    @pytest.mark.req("IDM-11")
    def test_every_scope_that_can_be_given_has_words(self) -> None:
        kinds = (organisation(), provider(UKPRN), provider(UKPRN, is_service_desk=True))
        assert SCOPE_WORDS.keys() == {scope for kind in kinds for scope in grantable_scopes(kind)}


class TestSettings:
    @pytest.mark.req("IDM-10")
    def test_the_details_are_those_of_the_own_organisation(self, browser: Browser) -> None:
        page = browser.open("/organisation")
        for text in (UKPRN, "Awards 1", "RN9001", Role.QCF_USER.value, f"batch@{UKPRN}.example"):
            assert text in page.body

    @pytest.mark.req("IDM-13")
    def test_the_address_of_emails_is_changed_once(self, world: FakeWorld, browser: Browser) -> None:
        page = browser.open("/organisation/notifications")
        assert f'value="batch@{UKPRN}.example"' in page.body
        assert "Maintenance is planned, changed or cancelled" in page.body
        wrong = browser.submit("/organisation/notifications", revision="1", email_address="nowhere")
        assert (wrong.status, len(wrong.errors)) == (400, 1)
        assert 'value="nowhere"' in wrong.body
        done = browser.submit("/organisation/notifications", revision="1", email_address="files@example.org")
        assert "The email address was changed." in browser.open(done.location).body
        browser.open("/organisation/notifications")
        again = browser.submit("/organisation/notifications", revision="1", email_address="files@example.org")
        assert again.location == done.location, "a second click"
        browser.open("/organisation/notifications")
        stale = browser.submit("/organisation/notifications", revision="1", email_address="other@example.org")
        assert stale.status == 409
        assert "files@example.org" in stale.body
        assert 'value="other@example.org"' in stale.body
        assert world.accounts.organisations[UKPRN].batch_email == "files@example.org"
        assert browser.submit("/organisation/notifications", revision="x", email_address="a@example.org").status == 409

    @pytest.mark.req("ACH-06")
    def test_the_file_drop_shows_folders_and_what_became_of_the_last_files(
        self, world: FakeWorld, browser: Browser
    ) -> None:
        assert "No files were dropped in the last 30 days" in browser.open("/organisation/file-drop").body
        world.jobs.create(
            job(
                "J1",
                ukprn=UKPRN,
                kind=ACHIEVEMENTS,
                channel=Channel.BUCKET,
                submitted_at=world.clock(),
                filename=f"{HOSTILE}.csv",
                status=JobStatus.FAILED,
                rejection=(failure("ACB002"),),
            )
        )
        page = browser.open("/organisation/file-drop")
        assert f"drop/{UKPRN}/achievements/" in page.body
        assert "&lt;script&gt;" in page.body
        assert "Failed" in page.body


@pytest.mark.req("SEC-01", "IDM-07")
def test_a_super_user_sees_users_and_settings_and_nothing_else() -> None:
    browser = signed_in(portal_world(roles=frozenset({Role.SUPER_USER})))
    token = browser.open("/account").token
    open_to_all = {Capability.PUBLIC, Capability.SIGNED_IN, *ROLE_CAPABILITIES[Role.SUPER_USER]}
    closed = [entry for entry in table.ENTRIES if entry.capability not in open_to_all]
    for entry in closed:
        path = re.sub(r"\{\w+\}", "x", entry.path)
        seen = browser.get(path) if entry.method == "GET" else browser.post(path, {"csrf_token": token})
        assert (seen.status, seen.title) == (403, "You do not have access to this page"), entry.name
    assert len(closed) > 20


@pytest.mark.req("SEC-01", "IDM-07")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPER_USER], ids=str)
def test_nobody_but_super_users_changes_settings(role: Role) -> None:
    assert Capability.SETTINGS_MANAGE not in ROLE_CAPABILITIES[role]
    browser = signed_in(portal_world(roles=frozenset({role})))
    token = browser.open("/account").token
    own = [entry for entry in table.ENTRIES if entry.capability is Capability.SETTINGS_MANAGE]
    for entry in own:
        path = re.sub(r"\{\w+\}", "x", entry.path)
        seen = browser.get(path) if entry.method == "GET" else browser.post(path, {"csrf_token": token})
        assert seen.status == 403, entry.name
    assert len(own) > 10


@pytest.mark.req("SEC-01", "IDM-07")
def test_the_menu_of_a_super_user_has_three_tabs() -> None:
    browser = signed_in(portal_world(roles=frozenset({Role.SUPER_USER})))
    header = browser.open("/users").body.partition("<main")[0]
    tabs = re.findall(r'class="govuk-service-navigation__link" href="([^"]+)"', header)
    assert tabs == ["/", "/users", "/organisation"]
