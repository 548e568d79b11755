"""A service manager plans and changes maintenance, and reads how a month went."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from chalicelib.domain.access import Role
from chalicelib.domain.monthly_levels import Month
from tests.browser.journeys.conftest import Reception
from tests.browser.journeys.hands import Mouse
from tests.builders.levels import hold_months
from tests.builders.portal import portal_world
from tests.fakes.calls import START

NOW = Month.of(START)
WINDOW = {
    "#start-day": "7", "#start-month": "3", "#start-year": "2026", "#start_time": "20:00",
    "#end-day": "7", "#end-month": "3", "#end-year": "2026", "#end_time": "23:00", "#reason": "Release 2.4",
}  # fmt: skip


@pytest.mark.req("SLA-04", "SLA-05")
def test_a_window_is_planned_and_changed_and_a_month_is_read(visitor: Reception) -> None:
    world = portal_world(roles=frozenset({Role.SERVICE_MANAGER}))
    hold_months(world, NOW, faults={NOW.previous.previous: 60})
    hand = Mouse(visitor(world))
    hand.follow("Service Levels")
    hand.see("Service levels of March 2026")
    hand.press(hand.page.get_by_role("rowheader").get_by_role("link", name="January 2026"))
    hand.see("Service levels of January 2026")
    expect(hand.page.get_by_role("heading", name="VLD-01 Verify one learner's details")).to_be_visible()
    expect(hand.page.get_by_text("60 of 1,000 requests failed")).to_be_visible()
    hand.press(hand.page.get_by_role("rowheader").get_by_role("link", name="Verify one learner's details"))
    hand.see("History of VLD-01")
    hand.follow("Maintenance")
    hand.submit("Enter a maintenance window")
    hand.choose("[name=environment][value=live]")
    hand.choose("[name=kind][value=planned]")
    hand.enter(WINDOW | {"#end_time": "19:00"})
    hand.submit("Save")
    expect(hand.page.get_by_role("alert")).to_contain_text("The end must be after the start")
    hand.enter({"#end_time": "23:00"})
    hand.submit("Save")
    expect(hand.page.get_by_role("alert")).to_contain_text("The maintenance window was entered.")
    hand.submit("Change")
    hand.enter({"#end_time": "22:30"})
    hand.submit("Save")
    expect(hand.page.get_by_text("7 March 2026 at 10:30pm")).to_be_visible()
    (window,) = world.schedules.read().windows
    assert window.end.strftime("%H:%M") == "22:30"
