"""Service managers record recoveries from disaster and downtime on pages (SLA-07, ACH-10)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.looks import LookAction
from chalicelib.domain.recoveries import Recovery
from tests.builders.portal import NAME, Browser, Seen, portal_world, signed_in
from tests.fakes.calls import START
from tests.fakes.world import FakeWorld

PATH, INVOKE, REINSTATE, DOWNTIME = (
    "/service/recoveries", "/service/recoveries/invoke", "/service/recoveries/reinstate", "/service/downtime",
)  # fmt: skip
HOUR = timedelta(hours=1)
PERIOD = {
    "start-day": "27", "start-month": "2", "start-year": "2026", "start_time": "10:00",
    "end-day": "27", "end-month": "2", "end-year": "2026", "end_time": "12:30",
}  # fmt: skip
RECORDED = (datetime(2026, 2, 27, 10, tzinfo=UTC), datetime(2026, 2, 27, 12, 30, tzinfo=UTC))

pytestmark = pytest.mark.req("SLA-07")


@pytest.fixture
def world() -> FakeWorld:
    return portal_world(roles=frozenset({Role.SERVICE_MANAGER}))


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def hidden(seen: Seen, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', seen.body)
    assert found is not None
    return found[1]


def invoke(browser: Browser, **fields: str) -> Seen:
    """Enter a recovery and confirm it; the page where that leads to."""
    checked = browser.fill_in(INVOKE, **{"reason": "Loss of a table", **fields})
    browser.submit(f"{INVOKE}/check", draft=hidden(checked, "draft"))
    return browser.open(browser.seen.location)


def recorded(world: FakeWorld, action: LookAction) -> list[str | None]:
    """Who did something, by the audit log."""
    return [one.user for one in world.audit.held.values() if one.action == action]


def test_a_recovery_is_invoked_after_a_check_and_its_clock_is_shown(world: FakeWorld, browser: Browser) -> None:
    assert "Recovery has never been invoked." in browser.open(PATH).text
    checked = browser.fill_in(INVOKE, reason="<b>Loss</b>")
    assert "Reason <b>Loss</b> Invoked 2 March 2026 at 9am" in checked.text
    assert "<b>Loss" not in checked.body
    assert world.recovery_store.all() == [], "nothing before the check"
    browser.submit(f"{INVOKE}/check", draft=hidden(checked, "draft"))
    seen = browser.open(PATH)
    assert "The recovery was recorded. Its clock runs." in seen.text
    assert "2 March 2026 at 9am Running <b>Loss</b> 0.0 of 8 2 March 2026 at 5pm Not yet" in seen.text
    assert recorded(world, LookAction.RECOVERY_INVOKED) == [NAME]


def test_a_second_click_invokes_nothing_more_and_a_stale_page_nothing_at_all(
    world: FakeWorld, browser: Browser
) -> None:
    first = browser.fill_in(INVOKE, reason="Loss of a table")
    second = browser.fill_in(INVOKE, reason="Loss of the region")
    browser.seen = first
    assert browser.submit(f"{INVOKE}/check", draft=hidden(first, "draft")).location == f"{INVOKE}/check"
    assert world.recovery_store.all() == [], "the answers were replaced in another tab"
    for _ in range(2):
        browser.seen = second
        assert browser.submit(f"{INVOKE}/check", draft=hidden(second, "draft")).location == PATH
    assert world.recovery_store.all() == [Recovery(START, "Loss of the region")]
    assert recorded(world, LookAction.RECOVERY_INVOKED) == [NAME]
    assert browser.get(f"{INVOKE}/check").location == PATH


def test_of_two_clicks_at_once_the_second_finds_the_recovery_of_the_first(world: FakeWorld, browser: Browser) -> None:
    checked = browser.fill_in(INVOKE, reason="Loss of a table")
    world.recovery_store.save(Recovery(START, "Loss of a table"))
    assert browser.submit(f"{INVOKE}/check", draft=hidden(checked, "draft")).location == PATH


def test_a_recovery_that_somebody_else_has_invoked_since_is_not_replaced(world: FakeWorld, browser: Browser) -> None:
    checked = browser.fill_in(INVOKE, reason="Loss of a table")
    world.recovery_store.save(Recovery(START, "Loss of the region"))
    seen = browser.submit(f"{INVOKE}/check", draft=hidden(checked, "draft"))
    assert (seen.status, seen.errors) == (
        409,
        ["A recovery is running already. Record first that the service is reinstated."],
    )
    assert "2 March 2026 at 9am Running Loss of the region 0.0 of 8" in seen.text
    assert "Leave it as it is" not in seen.text, "there is nothing left to decide"
    assert world.recovery_store.all() == [Recovery(START, "Loss of the region")]


def test_of_two_people_who_invoke_at_the_same_moment_the_second_sees_the_clock_of_the_first(
    world: FakeWorld, browser: Browser
) -> None:
    checked = browser.fill_in(INVOKE, reason="Loss of a table")
    theirs = Recovery(START + timedelta(seconds=1), "Loss of the region")

    def overtaken(name: str) -> None:
        if name == "recoveries.save" and not world.recovery_store.held:
            world.recovery_store.held = [theirs]

    world.recovery_store.hook = overtaken
    seen = browser.submit(f"{INVOKE}/check", draft=hidden(checked, "draft"))
    assert (seen.status, seen.errors) == (
        409,
        ["A recovery is running already. Record first that the service is reinstated."],
    )
    assert "Running Loss of the region 0.0 of 8" in seen.text
    assert world.recovery_store.all() == [theirs]


def test_every_error_of_an_invocation_is_shown_with_what_was_entered(browser: Browser) -> None:
    day = {"invoked-day": "31", "invoked-month": "2", "invoked-year": "2026"}
    seen = browser.fill_in(INVOKE, reason="", invoked_time="<b>", **day)
    assert seen.status == 400
    assert len(seen.errors) == 2
    assert 'value="&lt;b&gt;"' in seen.body
    future = {"invoked-day": "3", "invoked-month": "3", "invoked-year": "2026", "invoked_time": "10:00"}
    assert browser.fill_in(INVOKE, reason="x", **future).errors == ["Day of invocation is in the future."]


def test_the_clock_is_stopped_once(world: FakeWorld, browser: Browser) -> None:
    invoke(browser)
    world.clock.advance(HOUR / 4)
    page = browser.open(REINSTATE)
    for _ in range(2):
        browser.seen = page
        assert browser.submit(REINSTATE, recovery=hidden(page, "recovery")).location == PATH
        world.clock.advance(HOUR / 60)
    assert "In time Loss of a table 0.2 of 8" in browser.open(PATH).text
    assert world.recovery_store.all() == [Recovery(START, "Loss of a table", START + HOUR / 4)]
    assert recorded(world, LookAction.SERVICE_REINSTATED) == [NAME]
    assert browser.get(REINSTATE).location == PATH


def test_a_form_of_a_recovery_that_has_ended_stops_no_other_clock(world: FakeWorld, browser: Browser) -> None:
    invoke(browser)
    page = browser.open(REINSTATE)
    world.recovery_store.save(Recovery(START, "Loss of a table", START + HOUR))
    world.recovery_store.save(Recovery(START + 2 * HOUR, "Again"))
    world.clock.advance(3 * HOUR / 12)
    browser.seen = page
    day = {"reinstated-day": "2", "reinstated-month": "3", "reinstated-year": "2026", "reinstated_time": "08:10"}
    seen = browser.submit(REINSTATE, recovery=hidden(page, "recovery"), **day)
    assert seen.status == 409
    assert "You entered 2 March 2026 at 8:10am" in seen.text
    assert "2 March 2026 at 10am" in seen.text
    assert world.recovery_store.all()[-1].reinstated_at is None
    browser.seen = page
    assert browser.submit(REINSTATE, recovery="<b>").status == 404


def test_a_reinstatement_before_the_invocation_is_an_error_beside_its_day(browser: Browser) -> None:
    invoke(browser)
    page = browser.open(REINSTATE)
    day = {"reinstated-day": "1", "reinstated-month": "3", "reinstated-year": "2026", "reinstated_time": "10:00"}
    seen = browser.submit(REINSTATE, recovery=hidden(page, "recovery"), **day)
    assert (seen.status, seen.errors) == (400, ["Day of reinstatement is before the recovery was invoked."])
    seen = browser.submit(REINSTATE, recovery=hidden(page, "recovery"), reinstated_time="10:00")
    assert (seen.status, seen.errors) == (400, ["Enter day of reinstatement"])


@pytest.mark.req("ACH-10")
def test_downtime_is_recorded_once_after_a_check(world: FakeWorld, browser: Browser) -> None:
    assert "Nothing is recorded." in browser.open(DOWNTIME).text
    checked = browser.fill_in(DOWNTIME, **PERIOD)
    assert "From 27 February 2026 at 10am Until 27 February 2026 at 12:30pm" in checked.text
    for _ in range(2):
        browser.seen = checked
        assert browser.submit(f"{DOWNTIME}/check", draft=hidden(checked, "draft")).location == DOWNTIME
    assert "27 February 2026 at 10am to 27 February 2026 at 12:30pm" in browser.open(DOWNTIME).text
    again = browser.fill_in(DOWNTIME, **PERIOD)
    browser.submit(f"{DOWNTIME}/check", draft=hidden(again, "draft"))
    assert world.outages.since(START.date() - timedelta(days=30)) == [RECORDED]
    assert recorded(world, LookAction.OUTAGE_RECORDED) == [NAME]


@pytest.mark.req("ACH-10")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"end_time": "09:00"}, "The end must be after the start"),
        ({"start-day": "1", "start-month": "3", "end-month": "3", "end-day": "3"}, "End day is in the future."),
        ({"start-year": "2020", "end-year": "2020"}, "Start day is more than"),
        ({"start_time": "25:00"}, "Start time must be a time of 24 hours, such as 20:30."),
    ],
)
def test_a_period_that_cannot_be_downtime_is_refused(
    world: FakeWorld, browser: Browser, changes: dict[str, str], error: str
) -> None:
    seen = browser.fill_in(DOWNTIME, **{**PERIOD, **changes})
    assert seen.status == 400
    assert seen.errors[0].startswith(error)
    assert world.outages.since(START.date() - timedelta(days=30)) == []


@pytest.mark.parametrize("role", [Role.SERVICE_DESK, Role.SUPER_USER, Role.ADMINISTRATOR])
def test_others_may_neither_see_nor_record(role: Role) -> None:
    browser = signed_in(portal_world(roles=frozenset({role})))
    for path in (PATH, INVOKE, REINSTATE, DOWNTIME, f"{DOWNTIME}/check"):
        assert browser.get(path).status == 403, path
