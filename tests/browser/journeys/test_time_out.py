"""A session is about to end: a dialog says so, puts it off, and leads to sign-in and back with what was entered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from chalicelib.domain.accounts import AccountRules
from chalicelib.web.portal.kept_forms import SIGNED_IN_AGAIN, STILL_SIGNED_IN
from chalicelib.web.portal.moments import time_text
from tests.browser.journeys.conftest import Reception, violations
from tests.builders.portal import NAME, RIGHT, UKPRN, portal_world
from tests.fakes.world import FakeWorld

CONTACT = "/account/contact-details"
INACTIVE = "Due to the session inactivity and for security reasons you are required to login again"
KEPT = "what you entered is kept for an hour"
TYPED = "01632 960777"
Later = Callable[[float], None]

pytestmark = [
    pytest.mark.req("IDM-08"),
    pytest.mark.parametrize("has_javascript", [True], ids=["with JavaScript"]),
]


@pytest.fixture
def world() -> FakeWorld:
    return portal_world()


@pytest.fixture
def page(window: BrowserContext, visitor: Reception, world: FakeWorld) -> Page:
    """A form in which something was entered."""
    window.clock.install()
    opened = visitor(world, path=CONTACT)
    opened.get_by_label("Landline").fill(TYPED)
    return opened


@pytest.fixture
def later(page: Page, world: FakeWorld) -> Later:
    """Lets minutes pass, in the browser and in the service."""

    def go_by(minutes: float) -> None:
        world.clock.advance(timedelta(minutes=minutes))
        page.clock.fast_forward(int(minutes * 60_000))

    return go_by


def warning(page: Page) -> Locator:
    return page.get_by_role("dialog", name="You will be signed out soon")


def landline(world: FakeWorld) -> str:
    return world.user_table.held[UKPRN, "Uamelia"].details.landline


def end_of(world: FakeWorld) -> str:
    """When the session ends, as pages write times."""
    (session,) = world.portal_session_table.held.values()
    return time_text(session.idle_until(AccountRules()), str)


def test_the_warning_comes_in_time_keeps_the_focus_and_gives_it_back(
    page: Page, later: Later, world: FakeWorld
) -> None:
    later(24.5)
    expect(warning(page)).to_be_hidden()
    first = end_of(world)
    later(1)
    expect(warning(page)).to_have_accessible_description(re.compile(f"you will be signed out at {first}"))
    assert re.fullmatch("4:[23][0-9]", warning(page).get_by_role("timer").inner_text())
    expect(warning(page).get_by_role("status")).to_be_empty()
    for _ in range(3):
        assert page.evaluate("document.activeElement === document.body || document.activeElement.closest('dialog')")
        page.keyboard.press("Tab")
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 640})
        assert violations(page) == []
        assert warning(page).evaluate("it => it.scrollWidth <= it.clientWidth")
    later(4)
    expect(warning(page).get_by_role("status")).to_have_text("You will be signed out in less than a minute.")
    warning(page).get_by_role("button", name="Stay signed in").focus()
    page.keyboard.press("Enter")
    expect(warning(page)).to_be_hidden()
    expect(page.get_by_label("Landline")).to_be_focused()
    expect(page.get_by_label("Landline")).to_have_value(TYPED)
    assert end_of(world) != first
    later(24)
    expect(warning(page)).to_be_hidden()
    later(2)
    expect(warning(page)).to_contain_text(end_of(world))
    page.keyboard.press("Escape")
    expect(warning(page)).to_be_hidden()
    later(20)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your contact details were changed.")).to_be_visible()
    assert landline(world) == TYPED


def test_a_page_in_another_tab_puts_off_the_end_and_one_signs_out_in_the_dialog(
    page: Page, later: Later, world: FakeWorld
) -> None:
    later(26)
    expect(warning(page)).to_be_visible()
    other = page.context.new_page()
    other.goto("/account")
    later(0.1)
    expect(warning(page)).to_be_hidden()
    later(26)
    expect(warning(page)).to_contain_text(end_of(world))
    warning(page).get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    assert world.portal_session_table.held == {}


def test_where_the_end_cannot_be_put_off_the_dialog_says_so_and_can_be_closed(
    page: Page, later: Later, world: FakeWorld
) -> None:
    held = world.portal_session_table.held
    (digest,) = held
    held[digest] = replace(held[digest], began_at=world.clock() - timedelta(hours=11, minutes=40))
    page.goto(CONTACT)
    later(16)
    expect(warning(page)).to_contain_text("You have been signed in for a long time.")
    warning(page).get_by_role("button", name="Close").click()
    later(1)
    expect(warning(page)).to_be_hidden()
    later(4)
    expect(page.get_by_text(INACTIVE)).to_be_visible()


def test_if_the_session_goes_on_after_all_nothing_is_submitted_and_nothing_is_lost(
    page: Page, world: FakeWorld
) -> None:
    page.clock.fast_forward(31 * 60_000)
    expect(page.get_by_text(STILL_SIGNED_IN)).to_be_visible()
    expect(page.get_by_label("Landline")).to_have_value(TYPED)
    assert landline(world) != TYPED


def test_without_an_answer_the_dialog_says_that_it_did_not_help(page: Page, later: Later) -> None:
    later(26)
    page.route("**/account/session", lambda route: route.abort())
    warning(page).get_by_role("button", name="Stay signed in").click()
    expect(warning(page).get_by_role("alert")).to_have_text("You could not be kept signed in. Try again.")


def test_at_the_end_one_signs_in_and_finds_what_one_had_entered(page: Page, later: Later, world: FakeWorld) -> None:
    later(31)
    expect(page.get_by_text(INACTIVE)).to_be_visible()
    expect(page.get_by_text(KEPT)).to_be_visible()
    page.get_by_label("User name").fill(NAME)
    page.locator("#password").fill(RIGHT)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text(SIGNED_IN_AGAIN)).to_be_visible()
    expect(page.get_by_label("Landline")).to_have_value(TYPED)
    assert page.url.endswith(CONTACT)
    assert landline(world) != TYPED
