"""Somebody who may look at records uses every page of them."""

from __future__ import annotations

import re
from base64 import b64decode

from chalicelib.domain.learners import LearnerProfile
from tests.builders.portal import Browser


def use(browser: Browser, learner: LearnerProfile) -> None:
    """Look at a record, print it, report a problem with an event, change the availability, and see who looked."""
    record = browser.fill_in(
        "/records", uln=learner.uln, given_name=learner.given_name, family_name=learner.family_name
    )
    assert record.title == "Personal Learning Record"
    event = re.search(r'href="(/learners/\d+/record/events/\d+)"', record.body)
    assert event is not None
    assert browser.get(event[1]).status == 200
    home, problem = f"/learners/{learner.uln}", f"{event[1]}/problem"
    for _ in range(2):
        said = {"challenge_type": "EVENT_NOT_MINE_DISPUTED", "contact_name": "Jo", "telephone": "01632 960001"}
        reported = browser.fill_in(problem, **said)
        assert reported.title == "Problems reported"
    assert browser.fill_in(f"{home}/record/report", shown=["achievement"]).title == "Personal Learning Record"
    report = browser.get(f"{home}/record/report.pdf")
    assert b64decode(report.body).startswith(b"%PDF-")
    for wish, then in {"OPTED_OUT": "This record is not shared", "AVAILABLE": "Personal Learning Record"}.items():
        browser.fill_in(f"{home}/availability", availability=wish)
        assert browser.fill_in(f"{home}/availability/check").title == then
    assert browser.get(f"{home}/access-log.csv").status == 200
    assert "Report of the learning record made" in browser.get(f"{home}/access-log").body
