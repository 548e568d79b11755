"""Everybody sees whether the service is open, on a page and with a program (SLA-05)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from xml.etree.ElementTree import fromstring

import pytest

from chalicelib.domain.maintenance import Environment, Window, WindowKind
from chalicelib.domain.recoveries import Recovery
from chalicelib.ports.levels import Schedule
from tests.builders.portal import Browser, browser_of, portal_world, signed_in
from tests.fakes.calls import START
from tests.fakes.world import FakeWorld

HOUR = timedelta(hours=1)
WINDOW = Window(
    window_id="MW-1",
    environment=Environment.LIVE,
    kind=WindowKind.PLANNED,
    start=START - HOUR,
    end=START + 2 * HOUR,
    reason="<b>Release</b>",
    announced_at=START - 50 * HOUR,
    changed_at=START - 40 * HOUR,
)

pytestmark = pytest.mark.req("SLA-05")


@pytest.fixture
def world() -> FakeWorld:
    return portal_world()


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return browser_of(world)


def plan(world: FakeWorld, *windows: Window) -> None:
    world.schedules.held = Schedule(windows, 1)


def test_the_service_is_open_and_nothing_is_planned(browser: Browser) -> None:
    text = browser.open("/status").text
    assert text.count("Open No problem is known. No maintenance is planned.") == 2
    assert "Maintenance in the last 90 days" not in text


def test_maintenance_is_shown_with_its_end_while_every_other_page_is_closed(world: FakeWorld) -> None:
    plan(world, WINDOW)
    browser = signed_in(world)
    text = browser.open("/status").text
    assert "Closed It is closed for planned maintenance. Closed until 2 March 2026 at 11am <b>Release</b>" in text
    assert "<b>Release" not in browser.seen.body
    closed = browser.open("/account")
    assert (closed.status, "2 March 2026 at 11am" in closed.body) == (503, True)
    assert 'href="/status"' in closed.body


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ((replace(WINDOW, kind=WindowKind.EMERGENCY),), "Closed for repair It is closed for emergency maintenance."),
        ((replace(WINDOW, start=START + HOUR),), "Open No problem is known. Maintenance now and to come"),
        ((replace(WINDOW, is_cancelled=True),), "Cancelled"),
        ((replace(WINDOW, end=START - HOUR / 2),), "Maintenance in the last 90 days"),
        ((replace(WINDOW, environment=Environment.COMPATIBILITY),), "Live service Open No problem is known."),
    ],
)
def test_each_window_is_said_in_words(
    world: FakeWorld, browser: Browser, windows: tuple[Window, ...], words: str
) -> None:
    plan(world, *windows)
    assert words in browser.open("/status").text


def test_a_recovery_from_disaster_is_said_without_its_reason(world: FakeWorld, browser: Browser) -> None:
    world.recovery_store.save(Recovery(START - HOUR, "Loss of the person index"))
    text = browser.open("/status").text
    assert "Being restored" in text
    assert text.count("Being restored") == 1, "only the environment that is recovered"
    assert "person index" not in browser.seen.body
    assert "person index" not in browser.get("/status.json").body


def test_programs_read_the_same(world: FakeWorld, browser: Browser) -> None:
    plan(world, WINDOW)
    seen = browser.get("/status.json")
    live, compatibility = json.loads(seen.body)["environments"]
    assert (live["condition"], live["isOpen"], live["opensAgain"]) == ("maintenance", False, "2026-03-02T11:00:00Z")
    assert [one["status"] for one in live["windows"]] == ["inProgress"]
    assert (compatibility["condition"], compatibility["opensAgain"]) == ("open", None)
    assert seen.headers["Cache-Control"] == "public, max-age=30"
    assert "Content-Disposition" not in seen.headers


def test_the_feed_has_an_entry_for_each_window_that_keeps_its_id(world: FakeWorld, browser: Browser) -> None:
    plan(world, WINDOW, replace(WINDOW, window_id="MW-2", start=START + 50 * HOUR, end=START + 51 * HOUR))
    seen = browser.get("/status.atom")
    feed = fromstring(seen.body)
    space = {"a": "http://www.w3.org/2005/Atom"}
    assert [one.text for one in feed.findall("a:entry/a:id", space)] == [
        "https://portal.example.org/status#MW-1",
        "https://portal.example.org/status#MW-2",
    ]
    assert feed.findtext("a:entry/a:summary", "", space) == "<b>Release</b>"
    assert feed.findtext("a:updated", "", space) == "2026-02-28T17:00:00Z"
    assert seen.headers["Content-Type"].startswith("application/atom+xml")


def test_many_visitors_cost_one_read(world: FakeWorld, browser: Browser) -> None:
    browser.open("/status")
    world.calls.clear()
    for path in ("/status", "/status.json", "/status.atom"):
        assert browser.get(path).status == 200
    assert world.calls == []


def test_no_other_address_is_a_feed(browser: Browser) -> None:
    for path in ("/statusXjson", "/status.xml"):
        assert browser.get(path).status == 404
