"""What a page tells its script of the end of the session (IDM-08, WCAG 2.2.1)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.builders.accounts import account
from tests.builders.portal import Browser, portal_world, signed_in
from tests.fakes.world import FakeWorld

pytestmark = pytest.mark.req("IDM-08")


@pytest.fixture
def world() -> FakeWorld:
    return portal_world()


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def told(browser: Browser) -> dict[str, str]:
    """The data of the dialog."""
    return dict(re.findall(r'data-lrs-(seconds|warned|path|parks)="([^"]*)"', browser.seen.body))


def test_the_length_of_a_session_is_that_of_the_setting(world: FakeWorld) -> None:
    browser = signed_in(world, idle_minutes=20)
    browser.open("/account")
    assert told(browser)["seconds"] == str(20 * 60)
    assert told(browser)["warned"] == str(5 * 60)
    browser = signed_in(world, idle_minutes=5)
    browser.open("/account")
    assert told(browser)["warned"] == "150"


def test_it_is_the_time_that_the_service_itself_goes_by(world: FakeWorld, browser: Browser) -> None:
    browser.open("/account")
    world.clock.advance(timedelta(seconds=40))
    browser.open("/account")  # which is not stored, because the last is less than a minute old
    left = int(told(browser)["seconds"])
    assert left == 30 * 60 - 40
    world.clock.advance(timedelta(seconds=left - 1))
    assert browser.get("/account/session").status == 200
    world.clock.advance(timedelta(minutes=30))
    assert browser.get("/account").location == "/sign-in"


def test_after_twelve_hours_nothing_puts_off_the_end(world: FakeWorld, browser: Browser) -> None:
    for _ in range(34):
        world.clock.advance(timedelta(minutes=20))
        browser.open("/account")
    assert "/account/session" in browser.seen.body
    world.clock.advance(timedelta(minutes=25))
    browser.open("/account")
    assert told(browser)["seconds"] == str(15 * 60)
    assert "/account/session" not in browser.seen.body


@pytest.mark.parametrize(
    ("path", "leads_to", "parks"),
    [
        ("/account", "/account", ""),
        ("/account/contact-details", "/account/contact-details", "parked"),
        ("/forgotten-password", "/forgotten-password", ""),
        ("/nowhere", "/", ""),
    ],
)
def test_at_the_end_a_page_leads_to_itself_if_it_can_be_opened(
    browser: Browser, path: str, leads_to: str, parks: str
) -> None:
    browser.open(path)
    assert (told(browser)["path"], told(browser)["parks"]) == (leads_to, parks)


def test_somebody_who_is_not_signed_in_is_not_warned(world: FakeWorld, browser: Browser) -> None:
    browser.open("/account")
    browser.submit("/sign-out")
    browser.open("/signed-out")
    assert "<dialog" not in browser.seen.body


def test_one_stays_signed_in_also_before_the_agreement_is_accepted(world: FakeWorld, browser: Browser) -> None:
    browser.submit("/sign-in", user_name=account().user_name, password="Correct-Horse1")
    browser.get("/account/session")
    assert browser.seen.title == "You are still signed in"
