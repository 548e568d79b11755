"""Somebody of an awarding organisation sends a file, corrects its failed records in place and sends them again."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from chalicelib.domain.access import Role
from chalicelib.domain.jobs import Job
from tests.browser.journeys.conftest import Reception
from tests.browser.journeys.hands import Mouse
from tests.builders.accounts import account
from tests.builders.achievements import csv_file, learner, record, world_with
from tests.builders.jobs import FILENAME, Pipeline
from tests.builders.organisations import OURS
from tests.builders.portal import hold

DATA = csv_file([record(0), record(1, Gender="7")], FileName=FILENAME)


def end(hand: Mouse, steps: Pipeline, *, has_javascript: bool) -> Job:
    """Process the job on the page to its end, and see it there: with JavaScript by itself, otherwise at a click."""
    expect(hand.page.locator("#job-now")).to_be_visible()
    job = steps.arrive(hand.page.url.rsplit("/", 1)[-1])
    if has_javascript:
        hand.page.clock.fast_forward(5_000)
    else:
        hand.follow("Refresh to check for an update")
    expect(hand.page.locator("#job-now").get_by_text("Complete", exact=True)).to_be_visible()
    return job


@pytest.mark.req("ACH-06", "ACH-07")
def test_a_file_is_sent_and_its_failed_record_corrected_in_place(
    window: BrowserContext, visitor: Reception, kind: type[Mouse], has_javascript: bool
) -> None:
    world = world_with(learner(0), learner(1))
    hold(world, account(ukprn=OURS, roles=frozenset({Role.QCF_RECORD_SET_USER})))
    steps = Pipeline(world, chunk_records=100)
    window.clock.install()
    hand = kind(visitor(world, path="/achievement-batches/new"))
    hand.upload("#file", FILENAME, DATA)
    hand.submit("Check only")
    hand.see("Your file has errors")
    hand.follow("Choose this file again, or another one")
    hand.upload("#file", FILENAME, DATA)
    hand.submit("Upload and process")
    expect(hand.page.get_by_text("We have received your file.")).to_be_visible()
    job = end(hand, steps, has_javascript=has_javascript)
    assert (job.counts.created, job.counts.refused) == (1, 1)
    hand.follow("See what is wrong")
    hand.follow("Correct record 2")
    hand.select("#gender", "2")
    hand.submit("Keep this correction")
    hand.follow("Check and send the corrections")
    hand.submit("Send the corrected records")
    again = end(hand, steps, has_javascript=has_javascript)
    assert (again.corrects, again.counts.created) == (job.job_id, 1)
    fixed = hand.page.get_by_role("row").filter(has_text="Fixed").get_by_role("cell")
    expect(fixed).to_have_text("1")
