"""Unique details of a person, entered on every page of the portal, are never shown to anybody else.

The pages and their fields are those of the table, so that new ones are tested without a change here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape

import pytest

from chalicelib.domain.access import SERVICE_ROLES, Role, grantable_roles
from chalicelib.web.portal import table
from chalicelib.web.portal.visits import Entry
from tests.builders.marked import BORN, MARKS, MARKS_BUT_ULN, NAME, PERSON, POSTCODE, ULN, overhearing
from tests.builders.portal import Browser, Seen, portal_world, signed_in
from tests.fakes.calls import no_hook
from tests.fakes.world import FakeWorld

pytestmark = pytest.mark.req("SEC-02")

ROLES: Mapping[str, frozenset[Role]] = {
    "organisation": grantable_roles(is_awarding_organisation=True),
    "desk": SERVICE_ROLES,
}
FAMILIES = {entry.module.rpartition(".")[2] for entry in table.ENTRIES}
TO_THEMSELVES = {"new_user_pages", "user_change_pages", "account_pages", "registration_desk_pages"}
"""Pages about people who use the portal: they get mails about themselves."""
WITH_FORMS = sorted(
    {one.module.rpartition(".")[2] for one in table.ENTRIES if one.method == "POST" and one.path != table.SIGN_OUT}
)
every_family = pytest.mark.parametrize("family", sorted(FAMILIES))
everybody = pytest.mark.parametrize("who", ROLES)
_CONTROL = re.compile(r'<(?:input|select|textarea)[^>]* name="([^"]+)"[^>]*')
_ADDRESS = re.compile(r'(?:href|action|src)="(/[^"]*)"')


@pytest.fixture
def overheard(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with overhearing(capsys, caplog):
        yield


def entered(name: str) -> str:
    """The person's value of a control."""
    word = name.lower()
    parts = dict(zip(("year", "month", "day"), BORN.split("-"), strict=True))
    theirs = {"uln": ULN, "postcode": POSTCODE, "post_code": POSTCODE, "email": f"{NAME}@{NAME}.org", "birth": BORN}
    part = next((value for end, value in parts.items() if word.endswith(end)), "")
    return part or next((value for found, value in theirs.items() if found in word), NAME)


def forms(seen: Seen) -> Iterator[Mapping[str, str]]:
    """What is entered on a page: the person's details everywhere; the same where nothing was shown."""
    tags = {found[1]: found[0] for found in _CONTROL.finditer(seen.body) if found[1] != "csrf_token"}
    held = {name: unescape(value[1]) for name, tag in tags.items() if (value := re.search(r'value="([^"]+)"', tag))}
    yield {name: entered(name) for name in tags}
    yield {name: held.get(name) or entered(name) for name in tags}
    yield {**held, "uln": ULN, "given_name": NAME, "family_name": NAME, NAME: BORN}


def address(entry: Entry) -> str:
    names = dict.fromkeys(re.findall(r"\{(\w+)\}", entry.path), "J0")
    return entry.path.format(**{**names, "uln": ULN} if "uln" in names else names)


def reported(seen: Seen) -> str:
    """What others may see of a response: addresses and headers. A learner's number may be in the path of its pages."""
    shown = [*_ADDRESS.findall(seen.body), json.dumps({name: str(value) for name, value in seen.headers.items()})]
    return re.sub(rf"/learners/{ULN}(?![^/?\s\"'\\;,])", "", "\n".join(shown))


def use(browser: Browser, entry: Entry) -> Iterator[Seen]:
    """Every response to a page and to its form, and to what it leads to."""
    path = address(entry)
    if entry.method == "GET":
        yield browser.get(path)
        yield browser.get(f"{path}?page={NAME}&sort={BORN}&part={POSTCODE.replace(' ', '+')}")
        return
    for fields in [*forms(browser.open(path))]:
        browser.open(path)
        seen = browser.submit(path, **fields)
        yield seen
        if seen.status == 303:
            yield browser.open(seen.location)
    yield browser.post(path, {NAME: BORN, "uln": ULN}, Referer=f"https://portal.example.org/{NAME}")


def world_of(who: str) -> FakeWorld:
    world = portal_world(roles=ROLES[who])
    world.learners.put(PERSON)
    return world


@every_family
@everybody
def test_nothing_entered_is_in_an_address_a_header_a_log_a_metric_or_a_mail(
    family: str, who: str, overheard: None
) -> None:
    world = world_of(who)
    browser = signed_in(world)
    for entry in table.ENTRIES:
        if entry.module.endswith(f".{family}") and entry.path != table.SIGN_OUT:
            for seen in use(browser, entry):
                found = MARKS.search(reported(seen))
                assert not found, (entry.name, seen.status, found)
                assert seen.status != 500, (entry.name, seen.body)
    if family not in TO_THEMSELVES:
        assert not MARKS_BUT_ULN.search(repr([getattr(mail, "__dict__", mail) for mail in world.mail.sent]))


@pytest.mark.parametrize("family", WITH_FORMS)
def test_a_program_that_fails_while_handling_what_was_entered_reveals_none_of_it(family: str, overheard: None) -> None:
    for who in ROLES:
        for entry in table.ENTRIES:
            if entry.module.endswith(f".{family}") and entry.method == "POST" and entry.path != table.SIGN_OUT:
                _fail_everywhere(world_of(who), entry)


def _fail_everywhere(world: FakeWorld, entry: Entry) -> None:
    browser, path = signed_in(world), address(entry)
    fields, *_ = forms(browser.open(path))
    asked = len(world.calls)
    browser.submit(path, **fields)
    for name in dict.fromkeys([*world.calls][asked:]):

        def fail(call: str, failing: str = name) -> None:
            if call == failing:
                raise RuntimeError(f"{NAME} {BORN} {POSTCODE} {ULN}")

        world.hook = no_hook
        browser.open(path)
        world.hook = fail
        seen = browser.submit(path, **fields)
        assert not MARKS.search(reported(seen)), (entry.name, name)
        if seen.status >= 500:
            assert not MARKS_BUT_ULN.search(seen.body), (entry.name, name)
