"""The pages about how the service performs (SLA-01 to SLA-04)."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.access import Role
from chalicelib.domain.jobs import ACHIEVEMENTS, Job, Risk, Source, risk_of
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.recoveries import Recovery
from chalicelib.domain.tallies import Row, Tallies, Tally
from chalicelib.formats.level_reports import letter_of
from chalicelib.ports.tallies import MonthTallies
from tests.builders.levels import hold_months
from tests.builders.portal import Browser, portal_world, signed_in
from tests.fakes.calls import START
from tests.fakes.world import FakeWorld

NOW = Month.of(START)
MISSED = NOW.previous.previous

pytestmark = pytest.mark.req("SLA-04")


@pytest.fixture
def world() -> FakeWorld:
    """Thirteen months; in one of them a thousand requests had sixty faults."""
    held = portal_world(roles=frozenset({Role.SERVICE_MANAGER}))
    hold_months(held, NOW, faults={NOW: 4, MISSED: 60})
    return held


@pytest.fixture
def browser(world: FakeWorld) -> Browser:
    return signed_in(world)


def text_of(browser: Browser, path: str) -> str:
    """What a page says."""
    seen = browser.open(path)
    assert seen.status == 200
    return seen.text


def test_the_current_month_has_every_function_against_its_target(world: FakeWorld, browser: Browser) -> None:
    text = text_of(browser, "/service/levels")
    for number, one in world.services().described_levels.functions.items():
        assert f"{number} {one.title}" in text
    assert browser.seen.title == "Service levels of March 2026"
    assert "VLD-01 Verify one learner's details At risk 1,000 99.60 % target 99.5 % 20.00 % 0.10 s target 3 s" in text
    assert "PLR-01 View a learner's record No data 0 – target 99.5 % – –" in text
    assert "last until 2 March 2026 at 5am" in text
    assert "No target was missed." in text


@pytest.mark.req("SLA-02")
def test_pages_list_the_same_misses_as_the_mailed_report_channel_by_channel(world: FakeWorld, browser: Browser) -> None:
    tallies = Tallies({Row("ULN-06", "webservice"): Tally(122, 1), Row("ULN-06", "batch"): Tally(10_000, 0)})
    world.levels.put_month(MonthTallies(NOW.previous, tallies, NOW.start, is_reported=True))
    text = text_of(browser, f"/service/levels?month={NOW.previous}")
    found = world.services().service_levels.month(NOW.previous)
    assert found is not None
    mailed = "\n".join(letter_of(found.held, found.levels, [], world.services().described_levels).happened)
    title = world.services().described_levels.functions["ULN-06"].title
    assert mailed.count("Missed:") == 1
    assert f"Missed: ULN-06 {title} (webservice): available 99.18 % (target 99.5 %)" in mailed
    assert f"ULN-06 {title} (Web service) Available 99.18 %, and 99.5 % is agreed: 1 of 122 requests failed" in text
    assert f"ULN-06 {title} Missed 10,122" in text


@pytest.mark.req("SLA-01", "SLA-02", "SLA-03")
def test_a_month_says_what_missed_its_target_and_leads_to_when_and_why(browser: Browser) -> None:
    text = text_of(browser, f"/service/levels?month={MISSED}")
    assert "These figures are final." in text
    assert "Available 94.00 %, and 99.5 % is agreed: 60 of 1,000 requests failed" in text
    assert "Mean response 5.05 s, and 3 s is agreed; 95 % of responses took 10.08 s or less." in text
    assert "1 of 10 files took more than 48 hours or were given up." in text
    assert f'href="/service/levels/functions/VLD-01/faults?month={MISSED}"' in browser.seen.body


def test_the_hours_with_faults_say_what_is_recorded_about_them(world: FakeWorld, browser: Browser) -> None:
    path, begun = f"/service/levels/functions/VLD-01/faults?month={MISSED}", MISSED.start + timedelta(hours=8)
    assert "1 January 2026 at 9am Web service 1,000 60 Nothing is recorded." in text_of(browser, path)
    world.outages.record(begun, begun + timedelta(hours=2))
    assert "60 Downtime or emergency maintenance is recorded." in text_of(browser, path)
    world.recovery_store.save(Recovery(begun, "Loss of a table", begun + timedelta(hours=2)))
    assert "60 Recovery from disaster was running." in text_of(browser, path)
    other = f"/service/levels/functions/PLR-01/faults?month={MISSED}"
    assert "No request of this function failed in this month" in text_of(browser, other)


def test_the_history_of_a_function_is_drawn_and_has_the_same_figures_as_a_table(browser: Browser) -> None:
    text = text_of(browser, "/service/levels/functions/VLD-01")
    assert browser.seen.body.count("<svg") == 2
    assert browser.seen.body.count('class="lrs-chart__bar') == 26
    finding = "The target was met in 12 of 13 months in which something was measured."
    assert browser.seen.body.count(f">{finding}</p>") == browser.seen.body.count(f">{finding}</desc>") == 2
    assert "January 2026 94.00 % Missed" in text
    assert "January 2026 Missed 1,000 60" in text
    assert text_of(browser, "/service/levels/functions/ACH-06").count("Late files") == 1
    assert browser.seen.body.count("<svg") == 1, "no response time is agreed for it"


def test_what_was_never_counted_is_no_data_and_no_error(world: FakeWorld) -> None:
    browser = signed_in(portal_world(roles=frozenset({Role.SERVICE_MANAGER})))
    text = text_of(browser, "/service/levels")
    assert "No data" in text
    assert "Nothing was measured yet." in text
    assert "No target was missed." not in text
    assert "0 of 0" not in text
    assert "Nothing has been counted yet." in text_of(browser, "/service/levels/functions/VLD-01")


@pytest.mark.parametrize(
    "path",
    [
        "/service/levels?month=1999-01", "/service/levels?month=2026-13", "/service/levels?month=<b>",
        "/service/levels/functions/XXX-01", "/service/levels/functions/XXX-01/csv", "/service/levels/reports/2031-01",
        "/service/levels/functions/VLD-01/faults?month=2031-01", "/service/levels/reports/2031-01/csv",
    ],
)  # fmt: skip
def test_months_and_functions_that_do_not_exist_are_not_found(browser: Browser, path: str) -> None:
    assert browser.get(path).status == 404


def test_the_files_have_the_figures_of_the_monthly_report(world: FakeWorld, browser: Browser) -> None:
    seen = browser.get(f"/service/levels/reports/{MISSED}/csv")
    assert f"service-levels-{MISSED}.csv" in seen.headers["Content-Disposition"]
    rows = {(row["Function"], row["Channel"]): row for row in csv.DictReader(seen.body.splitlines())}
    verify = rows["VLD-01", "webservice"]
    assert (verify["Requests"], verify["Faults"], verify["Missed"]) == ("1000", "60", "availability, mean response")
    history = list(csv.DictReader(browser.get("/service/levels/functions/ACH-06/csv").body.splitlines()))
    assert [row["Channel"] for row in history[:3]] == ["webservice", "batch", "portal"]
    assert len(history) == 39
    assert history[0]["Month"] == str(NOW)


def test_the_report_to_print_has_no_links_but_the_way_back(world: FakeWorld, browser: Browser) -> None:
    world.recovery_store.save(
        Recovery(MISSED.start + timedelta(hours=9), "<b>Loss</b>", MISSED.start + timedelta(days=9))
    )
    text = text_of(browser, f"/service/levels/reports/{MISSED}")
    assert "For the Customer Scrutiny Group" in text
    assert "<b>Loss</b>" in text
    assert "<b>Loss" not in browser.seen.body
    main = browser.seen.body.partition("<main")[2].partition("</main>")[0]
    assert "href=" not in main


@pytest.mark.req("SLA-03")
def test_files_near_their_deadline_are_shown_without_what_their_names_say(world: FakeWorld, browser: Browser) -> None:
    assert "No file is waiting or in progress." in text_of(browser, "/service/deadlines")
    source = Source("inbox", "key", "1")
    job = Job("J1", ACHIEVEMENTS, "10000001", "ann", "", "portal", "Amelia Okafor.csv", START - timedelta(hours=37))
    world.jobs.create(replace(job, source=source, records=120))
    world.jobs.create(replace(job, job_id="J2"))  # its file has not arrived
    world.queues.waiting["notices_dead"].append("{}")
    text = text_of(browser, "/service/deadlines")
    assert "Urgent 10000001 Achievements Waiting 120 0 % J1" in text
    assert "J2" not in text
    assert "Okafor.csv" not in text
    assert "Emails to be sent 1" in text
    for number in range(25):
        world.jobs.create(replace(job, job_id=f"K{number}", source=source, submitted_at=START))
    assert "Showing 1 to 25 of 26" in text_of(browser, "/service/deadlines")
    assert len(re.findall(r"K\d+", text_of(browser, "/service/deadlines?page=2"))) == 1


def test_the_risk_of_a_file_changes_at_the_hours_of_the_alarms() -> None:
    job = Job("J1", ACHIEVEMENTS, "10000001", "ann", "", "portal", "a.csv", START)
    found = [risk_of(job, START + timedelta(hours=hours)) for hours in (0, 23, 24, 35, 36, 47, 48)]
    assert found == [
        Risk.ON_TIME, Risk.ON_TIME, Risk.NEAR, Risk.NEAR, Risk.URGENT, Risk.URGENT, Risk.OVERDUE,
    ]  # fmt: skip


@pytest.mark.parametrize("role", [Role.SERVICE_DESK, Role.SUPER_USER, Role.ADMINISTRATOR])
def test_others_do_not_see_how_the_service_performs(role: Role) -> None:
    browser = signed_in(portal_world(roles=frozenset({role})))
    for path in ("/service/levels", f"/service/levels/reports/{NOW}", "/service/deadlines"):
        assert browser.get(path).status == 403
        assert "Service Levels" not in browser.seen.body.partition("<main")[0]


def test_the_menu_leads_service_managers_to_their_pages(browser: Browser) -> None:
    top = browser.open("/").body.partition("<main")[0]
    assert 'href="/service/levels"' in top
    browser.open(f"/service/levels/reports/{MISSED}")
    assert 'href="/service/deadlines"' in browser.seen.body.partition("<main")[0]
