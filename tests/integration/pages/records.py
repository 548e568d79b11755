"""Somebody who may look at records uses every page of them."""

from __future__ import annotations

import re

from chalicelib.domain.learners import LearnerProfile
from tests.builders.portal import Browser


def use(browser: Browser, learner: LearnerProfile) -> None:
    """Look at a record and one of its events."""
    record = browser.fill_in(
        "/records", uln=learner.uln, given_name=learner.given_name, family_name=learner.family_name
    )
    assert record.title == "Personal Learning Record"
    event = re.search(r'href="(/learners/\d+/record/events/\d+)"', record.body)
    assert event is not None
    assert browser.get(event[1]).status == 200
