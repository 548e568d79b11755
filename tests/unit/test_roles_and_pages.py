"""Access by role: everybody against every page, from the tables of roles and of pages (SEC-01, IDM-07).

A new page is tried by itself: what its path names does not exist, and its form is sent with nothing in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations

import pytest

from chalicelib.domain.access import ROLE_CAPABILITIES, Capability, Role, capabilities_of, grantable_roles
from chalicelib.domain.accounts import Password, Stage
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.web.portal import rendering, routing, table
from chalicelib.web.portal.menu import TABS
from chalicelib.web.portal.visits import Entry
from tests.browser.cases import CASES
from tests.builders.portal import NAME, RIGHT, UKPRN, Browser, Seen, browser_of, hold, portal_world
from tests.fakes.world import FakeWorld

OPEN = {Capability.PUBLIC, Capability.SIGNED_IN}
KINDS = {
    "awarding organisation": grantable_roles(is_awarding_organisation=True),
    "provider": grantable_roles(is_awarding_organisation=False),
    "adviser": grantable_roles(is_awarding_organisation=False, is_adviser=True),
    "service desk": grantable_roles(is_awarding_organisation=False, is_service_desk=True),
}
PEOPLE = {
    **{role.value: frozenset({role}) for role in Role},
    "no role": frozenset[Role](),
    **{f"every role of a {kind}": roles for kind, roles in KINDS.items()},
}
VALUES = {"uln": "1000000043"}
"""What names in paths stand for; any other is an x."""


def address(entry: Entry) -> str:
    """The path of a page about something that does not exist."""
    return re.sub(r"\{(\w+)\}", lambda name: VALUES.get(name[1], "x"), entry.path)


class Person:
    """Somebody who has signed in, as often as it takes: no page that they try changes anything for the next."""

    def __init__(self, world: FakeWorld, *, accepts: bool = True) -> None:
        self.world = world
        self.browser = browser_of(world)
        self.browser.fill_in("/sign-in", user_name=NAME, password=RIGHT)
        if accepts:
            self.browser.submit("/sign-in/user-agreement", choice="accept")
        self.browser.open("/")
        self._token = self.browser.seen.token
        self._cookies = dict(self.browser.cookies)
        self._sessions = dict(world.portal_session_table.held)
        self._accounts = dict(world.user_table.held)

    def tries(self, entry: Entry) -> Seen:
        """Open a page, or send its form with nothing in it."""
        self.browser.cookies = dict(self._cookies)
        for kept, now in (
            (self._sessions, self.world.portal_session_table.held),
            (self._accounts, self.world.user_table.held),
        ):
            now.clear()
            now.update(kept)
        self.world.calls.clear()
        if entry.method == "POST":
            return self.browser.post(address(entry), {"csrf_token": self._token})
        return self.browser.get(address(entry))

    def becomes(self, change: Callable[[FakeWorld], None]) -> None:
        """Something happens to the person, who stays signed in."""
        change(self.world)
        self._accounts = dict(self.world.user_table.held)


def opens(roles: frozenset[Role], entry: Entry) -> bool:
    """Whether the table of roles opens a page to somebody."""
    return entry.capability in OPEN or any(entry.capability in ROLE_CAPABILITIES[role] for role in roles)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The templates of all pages that are shown."""
    found: set[str] = set()
    render = rendering.render

    def noted(template: str, *given: object, **named: object) -> str:
        found.add(template)
        return render(template, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(routing.rendering, "render", noted)
    return found


@pytest.mark.req("SEC-01", "IDM-07")
@pytest.mark.parametrize("roles", PEOPLE.values(), ids=PEOPLE)
def test_a_page_is_open_to_the_roles_of_the_table_and_refused_to_all_others(
    roles: frozenset[Role], shown: set[str]
) -> None:
    person = Person(portal_world(roles=roles))
    wrong = []
    for entry in table.ENTRIES:
        seen = person.tries(entry)
        if opens(roles, entry):
            if seen.status == 403 or seen.status >= 500:
                wrong.append((entry.name, seen.status))
        else:
            wrong += [(entry.name, what) for what in _not_refused(entry, seen, person.world)]
    assert wrong == []
    assert shown <= {case.template for case in CASES}, "a page is shown that no browser test looks at"


def _not_refused(entry: Entry, seen: Seen, world: FakeWorld) -> Iterator[object]:
    """What is wrong with a refusal: it says who may, is audited, and has read nothing of any use."""
    if (seen.status, seen.title) != (403, "You do not have access to this page"):
        yield seen.status
        return
    holders = [role for role in Role if entry.capability in ROLE_CAPABILITIES[role]]
    if not all(f"<li>{role.value}</li>" in seen.body for role in holders):
        yield "does not say who may"
    last = list(world.audit.held.values())[-1]
    wanted = (LookAction.CALL_MADE, LookOutcome.REFUSED, "portal", entry.name)
    if (last.action, last.outcome, last.detail["channel"], last.detail["route"]) != wanted:
        yield "is not audited"
    if others := {call for call in world.calls if not call.startswith(("portal_sessions.", "schedules.", "audit."))}:
        yield others


@pytest.mark.req("SEC-01", "IDM-07")
@pytest.mark.parametrize("kind", KINDS)
def test_two_roles_open_what_either_of_them_opens(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One page of each capability and method: that the others go by their capability is seen above, with each role."""
    entries = list({(entry.capability, entry.method): entry for entry in table.ENTRIES}.values())
    wrong = []
    for pair in combinations(sorted(KINDS[kind]), 2):
        person = Person(portal_world(roles=frozenset(pair)))
        with monkeypatch.context() as unseen:
            unseen.setattr(routing.rendering, "render", lambda *_, **__: "")
            found = {entry for entry in entries if person.tries(entry).status != 403}
        wanted = {entry for entry in entries if opens(frozenset(pair), entry)}
        wrong += [(pair, entry.name) for entry in found ^ wanted]
    assert wrong == []


@pytest.mark.req("IDM-08", "SEC-01")
@pytest.mark.parametrize("entry", table.ENTRIES, ids=lambda entry: entry.name)
def test_without_a_session_only_public_pages_are_shown(entry: Entry) -> None:
    browser = browser_of(portal_world())
    browser.open("/sign-in")
    fields = {"csrf_token": browser.seen.token}
    seen = browser.post(address(entry), fields) if entry.method == "POST" else browser.get(address(entry))
    if entry.capability is Capability.PUBLIC:
        assert seen.status != 403
        assert seen.status < 500
    else:
        first = table.START if entry.path == table.HOME else table.SIGN_IN
        assert (seen.status, seen.location, seen.body) == (303, first, "")


def _owing(stage: Stage) -> Person:
    everything = grantable_roles(is_awarding_organisation=True)
    if stage is Stage.PASSWORD_OWED:
        first = Password(f"hash:{RIGHT}", FakeWorld().clock(), is_one_time=True)
        return Person(portal_world(roles=everything, password=first), accepts=False)
    if stage is Stage.AGREEMENT_OWED:
        return Person(portal_world(roles=everything), accepts=False)
    return Person(portal_world(roles=everything, question=None))


@pytest.mark.req("IDM-01", "IDM-03", "IDM-04", "SEC-01")
@pytest.mark.parametrize("stage", table.STEPS)
def test_before_the_step_that_is_owed_no_other_closed_page_is_shown(stage: Stage) -> None:
    person, step = _owing(stage), table.STEPS[stage]
    found = {entry: person.tries(entry) for entry in table.ENTRIES if entry.capability is not Capability.PUBLIC}
    own = {entry for entry in found if entry.path == step}
    assert {seen.status for entry, seen in found.items() if entry in own} <= {200, 400}
    leading = {entry.name: (seen.status, seen.location) for entry, seen in found.items() if entry in table.AT_ANY_STAGE}
    assert leading == {"sign_out": (303, table.SIGNED_OUT), "show_session": (200, "")}
    others = {entry: seen for entry, seen in found.items() if entry not in own | table.AT_ANY_STAGE}
    assert {entry.name: seen for entry, seen in others.items() if (seen.status, seen.location) != (303, step)} == {}
    assert not any('class="govuk-service-navigation' in seen.body for seen in found.values())


def _suspend_the_account(world: FakeWorld) -> None:
    hold(world, world.user_table.held[UKPRN, "Uamelia"].suspended(world.clock()))


def _delete_the_account(world: FakeWorld) -> None:
    hold(world, world.user_table.held[UKPRN, "Uamelia"].deleted(world.clock()))


def _suspend_the_organisation(world: FakeWorld) -> None:
    world.accounts.put(world.accounts.organisation(UKPRN)._replace(status="suspended"))


@pytest.mark.req("IDM-08", "SEC-01")
@pytest.mark.parametrize("change", [_suspend_the_account, _delete_the_account, _suspend_the_organisation])
def test_whoever_loses_access_sees_no_closed_page_any_more(change: Callable[[FakeWorld], None]) -> None:
    person = Person(portal_world(roles=KINDS["provider"]))
    person.becomes(change)
    for entry in table.ENTRIES:
        seen = person.tries(entry)
        if entry.capability is Capability.PUBLIC:
            assert seen.status != 403
        else:
            assert (seen.status, seen.location, seen.body) == (303, table.SIGN_IN, ""), entry.name


@pytest.mark.req("IDM-07")
@pytest.mark.parametrize("roles", PEOPLE.values(), ids=PEOPLE)
def test_the_menu_shows_exactly_what_the_roles_open(roles: frozenset[Role]) -> None:
    browser = Person(portal_world(roles=roles)).browser
    found = [path for tab in _links(browser, table.HOME, "service-navigation__list") for path in _options(browser, tab)]
    shown = [option for tab in TABS for option in tab.options if option.is_shown_to(capabilities_of(roles) | OPEN)]
    wanted = [option.entry for option in shown]
    assert found == [entry.path for entry in wanted]
    # A page with options in several tabs is in one of them.
    assert {entry.path for entry in wanted} == {
        option.entry.path for tab in TABS for option in tab.options if opens(roles, option.entry)
    }
    assert len({entry.path for entry in wanted}) == len(wanted)
    assert all(entry.method == "GET" and "{" not in entry.path for entry in wanted)


def _links(browser: Browser, path: str, place: str) -> list[str]:
    """Where the links in a list of the page lead."""
    parts = re.search(rf'class="[^"]*{place}[^"]*".*?</ul>', browser.open(path).body, re.DOTALL)
    return re.findall(r'href="([^"]+)"', parts[0]) if parts else []


def _options(browser: Browser, tab: str) -> list[str]:
    """The options of a tab; one alone is the tab itself."""
    return _links(browser, tab, "lrs-options") or [tab]


@pytest.mark.req("IDM-07")
def test_a_super_user_has_the_tabs_of_users_and_of_the_organisation_only() -> None:
    tabs = {tab.text for tab in TABS for option in tab.options if opens(frozenset({Role.SUPER_USER}), option.entry)}
    assert tabs <= {"Home", "User Management", "Organisation"}


def test_every_capability_of_a_page_is_held_by_somebody() -> None:
    held = capabilities_of(Role) | OPEN
    assert {entry.name for entry in table.ENTRIES if entry.capability not in held} == set()
