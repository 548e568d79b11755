"""A service manager looks at how the service performs."""

from __future__ import annotations

import re

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
    _plan_maintenance(browser)


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
