"""Somebody of an awarding organisation sends a file, corrects its failed records in place and sends them again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from chalicelib.domain.access import Role
from chalicelib.domain.jobs import Job
from tests.browser.journeys.conftest import Reception
from tests.builders.accounts import account
from tests.builders.achievements import csv_file, learner, record, world_with
from tests.builders.jobs import FILENAME, Pipeline
from tests.builders.organisations import OURS
from tests.builders.portal import hold

DATA = csv_file([record(0), record(1, Gender="7")], FileName=FILENAME)


def end(page: Page, steps: Pipeline) -> Job:
    """Process the job on the page to its end, and see it there: with JavaScript by itself, otherwise at a click."""
    job = steps.arrive(page.url.rsplit("/", 1)[-1])
    if page.evaluate("!document.body.classList.contains('js-enabled')"):
        page.get_by_role("link", name="Refresh to check for an update").click()
    expect(page.locator("#job-now").get_by_text("Complete", exact=True)).to_be_visible(timeout=15_000)
    return job


@pytest.mark.req("ACH-06", "ACH-07")
def test_a_file_is_sent_and_its_failed_record_corrected_in_place(visitor: Reception) -> None:
    world = world_with(learner(0), learner(1))
    hold(world, account(ukprn=OURS, roles=frozenset({Role.QCF_RECORD_SET_USER})))
    steps = Pipeline(world, chunk_records=100)
    page = visitor(world, path="/achievement-batches/new")
    file = {"name": FILENAME, "mimeType": "text/csv", "buffer": DATA}
    page.get_by_label("Batch file").set_input_files(files=[file])  # type: ignore[list-item]
    page.get_by_role("button", name="Check only").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your file has errors")
    page.get_by_role("link", name="Choose this file again, or another one").click()
    page.get_by_label("Batch file").set_input_files(files=[file])  # type: ignore[list-item]
    page.get_by_role("button", name="Upload and process").click()
    expect(page.get_by_text("We have received your file.")).to_be_visible()
    job = end(page, steps)
    assert (job.counts.created, job.counts.refused) == (1, 1)
    page.get_by_role("link", name="See what is wrong").click()
    page.get_by_role("link", name="Correct record 2").click()
    page.get_by_label("Gender").select_option("2")
    page.get_by_role("button", name="Keep this correction").click()
    page.get_by_role("link", name="Check and send the corrections").click()
    page.get_by_role("button", name="Send the corrected records").click()
    again = end(page, steps)
    assert (again.corrects, again.counts.created) == (job.job_id, 1)
    fixed = page.get_by_role("row").filter(has_text="Fixed").get_by_role("cell")
    expect(fixed).to_have_text("1")
