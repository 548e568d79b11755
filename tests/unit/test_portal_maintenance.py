"""Service managers plan maintenance on pages (SLA-05)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.failures import Failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.maintenance import Window
from chalicelib.domain.maintenance_fields import moment_of
from tests.builders.portal import NAME, Browser, Seen, portal_world, signed_in
from tests.fakes.calls import START
from tests.fakes.world import FakeWorld

PATH = "/service/maintenance"
NEW = {
    "environment": "live", "kind": "planned", "reason": "Release 2.4", "agreed_with": "",
    "start-day": "7", "start-month": "3", "start-year": "2026", "start_time": "20:00",
    "end-day": "7", "end-month": "3", "end-year": "2026", "end_time": "23:00",
}  # fmt: skip
CHANGE = {name: text for name, text in NEW.items() if name != "environment"}

pytestmark = pytest.mark.req("SLA-05")


@pytest.fixture
def world() -> FakeWorld:
    return portal_world(roles=frozenset({Role.SERVICE_MANAGER}))


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def enter(browser: Browser, **changes: str) -> Seen:
    return browser.fill_in(f"{PATH}/new", **{**NEW, **changes})


def path_of(browser: Browser) -> str:
    """The page of the one window."""
    found = re.search(rf'href="({PATH}/MW-[^"/]*)"', browser.open(PATH).body)
    assert found is not None
    return found[1]


def held(world: FakeWorld) -> list[Window]:
    return list(world.schedules.read().windows)


def test_a_window_is_entered_and_is_in_the_schedule(world: FakeWorld, browser: Browser) -> None:
    seen = enter(browser)
    assert "The maintenance window was entered." in seen.text
    [window] = held(world)
    start = datetime(2026, 3, 7, 20, tzinfo=UTC)
    assert (window.start, window.end) == (start, start + timedelta(hours=3))
    row = "7 March 2026 at 8pm 7 March 2026 at 11pm Scheduled Planned Release 2.4 Live"
    assert row in browser.open(PATH).text
    [entry] = [one for one in world.audit.held.values() if one.action == LookAction.MAINTENANCE_ENTERED]
    assert (entry.user, entry.detail["channel"]) == (NAME, "portal")


def test_everything_that_is_wrong_is_said_at_once_and_what_was_entered_is_kept(browser: Browser) -> None:
    seen = enter(browser, kind="", start_time="25:00", **{"end-day": "31", "end-month": "2"}, reason="<b>x</b>")
    assert seen.status == 400
    assert seen.errors == [
        "Select kind of maintenance",
        "Start time must be a time of 24 hours, such as 20:30.",
        "End day must be a real date",
    ]
    assert 'value="25:00"' in seen.body
    assert "&lt;b&gt;x&lt;/b&gt;" in seen.body
    assert "<b>x" not in seen.body


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"start_time": "10:00", "start-day": "6", "end-day": "6", "end_time": "11:00"}, "must be outside core hours"),
        ({"end_time": "19:00"}, "The end must be after the start"),
        ({"kind": "agreed"}, "Agreed maintenance needs Who has agreed to it, and when"),
        ({"start-year": "2025"}, "must be announced before it begins"),
        ({"kind": "emergency"}, "must begin within 24 hours of now"),
    ],
)
def test_the_rules_of_notice_are_said_in_words(browser: Browser, changes: dict[str, str], error: str) -> None:
    seen = enter(browser, **changes)
    assert seen.status == 400
    assert any(error in line for line in seen.errors), seen.errors


def test_a_double_click_enters_one_window(world: FakeWorld, browser: Browser) -> None:
    enter(browser)
    assert enter(browser).status == 200
    assert len(held(world)) == 1


def test_a_window_in_core_hours_is_announced(world: FakeWorld, browser: Browser) -> None:
    enter(browser, kind="agreed", agreed_with="Everybody, today", **{"start-day": "6", "start_time": "10:00"})
    assert [queue for queue, _ in world.queues.sent] == ["notices"]


def test_a_window_is_changed_and_shows_what_is_held_when_it_is_opened(world: FakeWorld, browser: Browser) -> None:
    enter(browser)
    path = path_of(browser)
    body = browser.open(f"{path}/change").body
    assert 'value="20:00"' in body
    assert 'value="Release 2.4"' in body
    seen = browser.submit(f"{path}/change", **{**CHANGE, "end_time": "22:30", "revision": "1"})
    assert seen.location == path
    assert "was changed" in browser.open(path).text
    assert held(world)[0].end == datetime(2026, 3, 7, 22, 30, tzinfo=UTC)


def test_two_tabs_lead_to_a_page_with_both(world: FakeWorld, browser: Browser) -> None:
    enter(browser)
    path = path_of(browser)
    for end, status in (("22:00", 303), ("21:00", 409)):
        browser.open(f"{path}/change")
        seen = browser.submit(f"{path}/change", **{**CHANGE, "end_time": end, "revision": "1"})
        assert seen.status == status
    assert "End time 22:00 21:00" in seen.text
    assert "Nothing was saved" in seen.text
    assert held(world)[0].end == datetime(2026, 3, 7, 22, tzinfo=UTC)
    repeated = browser.submit(f"{path}/change", **{**CHANGE, "end_time": "22:00", "revision": "1"})
    assert repeated.location == path, "the same change again is no conflict"
    for act in ("cancel", "end"):
        browser.open(f"{path}/{act}")
        assert browser.submit(f"{path}/{act}", revision="1").status == 409


def test_a_window_that_has_not_begun_is_cancelled_after_a_question(world: FakeWorld, browser: Browser) -> None:
    enter(browser)
    path = path_of(browser)
    assert browser.open(f"{path}/cancel").title == "Cancel this maintenance?"
    assert not held(world)[0].is_cancelled
    for _ in range(2):
        assert browser.submit(f"{path}/cancel", revision="1").location == path
        browser.open(f"{path}/cancel")
    assert held(world)[0].is_cancelled
    assert held(world)[0].revision == 2
    assert "cannot be changed any more" in browser.open(path).text


def test_maintenance_that_has_begun_is_ended_now_and_not_cancelled(world: FakeWorld, browser: Browser) -> None:
    enter(browser, kind="emergency", **{"start-day": "2", "start_time": "9:30", "end-day": "2", "end_time": "12:00"})
    path = path_of(browser)
    world.clock.advance(timedelta(hours=1))
    browser = signed_in(world)
    browser.open(f"{path}/cancel")
    assert browser.submit(f"{path}/cancel", revision="1").errors == [
        "The maintenance has begun, so it cannot be cancelled. To end it, change its end to the current time."
    ]
    browser.open(f"{path}/end")
    for _ in range(2):
        assert browser.submit(f"{path}/end", revision="1").location == path
        browser.open(f"{path}/end")
    assert held(world)[0].end == START + timedelta(hours=1, minutes=1)


def test_others_neither_see_nor_change_the_schedule_here(world: FakeWorld, browser: Browser) -> None:
    enter(browser)
    path = path_of(browser)
    other = signed_in(portal_world(roles=frozenset({Role.SERVICE_DESK})))
    for page in (PATH, f"{PATH}/new", path, f"{path}/change", f"{path}/cancel", f"{path}/end"):
        assert other.get(page).status == 403
    for page in (f"{PATH}/MW-unknown", f"{PATH}/MW-unknown/change", f"{PATH}/MW-unknown/cancel"):
        assert browser.get(page).status == 404


def test_times_are_those_of_clocks_in_the_united_kingdom() -> None:
    assert moment_of(date(2026, 7, 1), "20:30", "f") == datetime(2026, 7, 1, 19, 30, tzinfo=UTC)
    assert moment_of(date(2026, 7, 1), "8.05", "f") == datetime(2026, 7, 1, 7, 5, tzinfo=UTC)
    assert moment_of(date(2026, 10, 25), "01:30", "f") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moment_of(date(2026, 10, 25), "01:30", "f", is_end=True) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    for text, day in (("01:30", date(2026, 3, 29)), ("24:00", date(2026, 7, 1)), ("２0:30", date(2026, 7, 1))):
        assert isinstance(moment_of(day, text, "f"), Failure)
