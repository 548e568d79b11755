"""A service manager looks at how the service performs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from chalicelib.domain.access import Role
from chalicelib.domain.monthly_levels import Month
from tests.builders.functions import DESK, Functions
from tests.builders.portal import Browser
from tests.integration.pages.people import newcomer

DAY = {"day": "2", "month": "3", "year": "2032"}
"""A Tuesday."""


def use(functions: Functions, month: Month) -> None:
    """The pages of service managers; the month has been counted."""
    browser = newcomer(functions, DESK, Role.SERVICE_MANAGER)
    for path in (
        "/service/levels",
        f"/service/levels/reports/{month}/csv",
        f"/service/levels/functions/VLD-01/faults?month={month}",
        "/service/deadlines",
    ):
        assert browser.open(path).status == 200, path
    assert browser.get(f"/service/levels/reports/{month}/pdf").status == 200
    _plan_maintenance(browser)
    _recover(browser)


def _plan_maintenance(browser: Browser) -> None:
    """A window in core hours is entered, which is announced, and cancelled."""
    days = {f"{name}-{part}": text for name in ("start", "end") for part, text in DAY.items()}
    times = {"start_time": "10:00", "end_time": "11:00"}
    words = {"environment": "live", "kind": "agreed", "reason": "Release", "agreed_with": "Everybody, today"}
    entered = browser.fill_in("/service/maintenance/new", **days, **times, **words)
    assert entered.title == "Maintenance window"
    path = re.search(r'href="(/service/maintenance/MW-[^/]*)/cancel"', entered.body)
    assert path is not None
    browser.open(f"{path[1]}/cancel")
    assert browser.submit(f"{path[1]}/cancel", revision="1").location == path[1]


def _recover(browser: Browser) -> None:
    """Recovery is invoked, the service is reinstated, and the downtime recorded."""
    browser.fill_in("/service/recoveries/invoke", reason="Loss of a table")
    assert browser.submit("/service/recoveries/invoke/check", draft=_hidden(browser, "draft")).status == 303
    browser.open("/service/recoveries/reinstate")
    path, recovery = "/service/recoveries/reinstate", _hidden(browser, "recovery")
    assert browser.submit(path, recovery=recovery).location == "/service/recoveries"
    yesterday = datetime.now(UTC) - timedelta(days=1)
    day = {"day": str(yesterday.day), "month": str(yesterday.month), "year": str(yesterday.year)}
    days = {f"{name}-{part}": text for name in ("start", "end") for part, text in day.items()}
    browser.fill_in("/service/downtime", start_time="10:00", end_time="10:20", **days)
    assert browser.submit("/service/downtime/check", draft=_hidden(browser, "draft")).location == "/service/downtime"


def _hidden(browser: Browser, name: str) -> str:
    """The value of a hidden field of the page last seen."""
    found = re.search(rf'name="{name}" value="([^"]*)"', browser.seen.body)
    assert found is not None
    return found[1]
