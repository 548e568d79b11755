"""The local service has two months of service levels behind it, and a command that shows them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.bootstrap import services
from chalicelib.domain.monthly_levels import Missed, Month
from chalicelib.domain.service_levels import function_of_route
from chalicelib.domain.tallies import HOUR
from chalicelib.formats.level_reports import duration
from chalicelib.web.rest.table import ENTRIES
from local.commands.levels import lines_of, timeliness_lines
from local.commands.operators import operator
from local.emulated.cloud import LocalCloud
from local.emulated.mailbox import read_mail
from local.samples.catalogue import ORGANISATIONS
from local.samples.past_levels import make_past_levels
from tests.contract.clouds import EmulatedCloud
from tests.fakes import FakeClock, FakeWorld

pytestmark = pytest.mark.req("SLA-04")

MANAGER = "manager@learning-records.example"
AWARDING = [one for one in ORGANISATIONS if one.is_awarding_organisation]


def test_two_months_are_counted_and_reported_once() -> None:
    world = FakeWorld()
    made = world.services(service_manager_email=MANAGER)
    assert make_past_levels(made)
    assert not make_past_levels(made)
    current = Month.of(world.clock())
    history = made.service_levels.history()
    assert [one.held.month for one in history if one.held.is_reported] == [current.previous, current.previous.previous]
    assert world.levels.place == world.clock()
    assert [(mail.to, mail.subject) for mail in world.mail.sent] == [
        (MANAGER, f"Learning Records Service: service levels of {month} 2026") for month in ("January", "February")
    ]
    assert [list(mail.attached) for mail in world.mail.sent] == [
        [f"service-levels-2026-0{number}.csv"] for number in (1, 2)
    ]
    for one in history[1:]:
        served = {function_of_route(entry.name) for entry in ENTRIES} - {""}
        assert {level.function for level in one.levels if level.requests} >= served
        assert one.missed
        assert len(world.levels.hours(one.held.month)) == (one.held.month.end - one.held.month.start) // HOUR


def test_the_command_shows_the_month_and_the_history() -> None:
    world = FakeWorld()
    made = world.services(service_manager_email=MANAGER)
    make_past_levels(made)
    shown = made.service_levels
    current = "\n".join(lines_of(shown.month(), shown.history(), []))
    assert "No requests have been counted in March 2026 yet." in current
    assert "January 2026: missed" in current
    past = list(lines_of(shown.month(Month(2026, 1)), shown.history(), []))
    assert past[0].startswith("Service levels of January 2026 (final)")
    verify = next(line for line in past if "VLD-01" in line)
    assert "webservice" in verify
    assert "99.50 %" not in verify.split("99.5 %")[0]


@pytest.mark.req("SLA-07")
def test_the_command_shows_the_clock_of_a_recovery() -> None:
    world = FakeWorld()
    made = world.services()
    made.recoveries.invoke(operator(), "Loss of the region")
    world.clock.now += timedelta(hours=2)
    month = made.service_levels.month()
    assert month
    recoveries = made.recoveries.between(month.held.month.start, month.held.month.end)
    shown = "\n".join(lines_of(month, [], recoveries))
    assert "running   2.0 of 8 service hours  due 2026-03-02 17:00 GMT  Loss of the region" in shown


@pytest.mark.req("ACH-10")
def test_submissions_of_both_months_are_counted_in_time_and_late_with_the_outage_as_evidence() -> None:
    world = FakeWorld()
    for one in ORGANISATIONS:
        world.accounts.put(one)
    made = world.services(service_manager_email=MANAGER)
    make_past_levels(made)
    manager = operator()._replace(capabilities=frozenset({"service-levels:read"}))
    for month in (Month(2026, 1), Month(2026, 2)):
        report = made.timeliness_reports.of_month(manager, month)
        assert [one.ukprn for one in report.organisations] == [one.ukprn for one in AWARDING]
        for one in report.organisations:
            assert one.counts.new_in_time > one.counts.new_late > 0
            assert one.counts.changed_in_time > one.counts.changed_late > 0
        assert report.total.new_extended
        (outage,) = {outage for extension in report.extensions for outage in extension.outages}
    shown = list(timeliness_lines(report))
    assert [line.split("  ")[1] for line in shown[5 : 5 + len(AWARDING)]] == [one.name for one in AWARDING]
    all_days = report.extensions[-1].terms.day.day
    assert f"Extended from 1 February to {all_days} February: the service was not available on 28 January" in shown[-1]
    first = next(one for one in made.service_levels.history() if one.held.month == Month(2026, 1))
    assert any(Missed.AVAILABILITY in level.missed for level in first.levels)
    assert outage in world.outages.since(date(2026, 1, 1))
    made.timeliness_count.run(world.clock() + HOUR)
    assert made.timeliness_reports.of_month(manager, Month(2026, 2)) == report, "the next night counts the same"


def test_a_month_without_counted_submissions_says_when_they_are_counted() -> None:
    world = FakeWorld()
    report = world.services().timeliness_reports.of_month(operator(), Month(2026, 3))
    assert "a day is counted once it is over" in "\n".join(timeliness_lines(report))


def test_a_mean_over_its_target_does_not_look_like_one_that_met_it() -> None:
    assert [duration(one) for one in (None, 0.0, 3000.0, 3000.4, 2994.0)] == [
        "–",
        "0.00 s",
        "3.00 s",
        "3.01 s",
        "3.00 s",
    ]


@pytest.mark.emulator
def test_they_are_made_in_less_than_five_seconds(local_cloud: LocalCloud) -> None:
    """Four times that on a busy machine, in processor time."""
    from time import process_time

    # The emulator has one mailbox for every test, and others send reports to the service manager of the description.
    cloud = EmulatedCloud("lrs-past", local_cloud.endpoint, {"LRS_SERVICE_MANAGER_EMAIL": MANAGER})
    cloud.provision()
    made = services(cloud.environment, clients=cloud.clients, clock=FakeClock())
    began = process_time()
    assert make_past_levels(made)
    assert timedelta(seconds=process_time() - began) < timedelta(seconds=5)
    assert len(made.levels.hours(Month(2026, 2))) == 28 * 24
    (january, february) = read_mail(local_cloud.endpoint, MANAGER)
    assert "Service levels of January 2026" in january.text
    assert february.attached["service-levels-2026-02.csv"].startswith("Month,Function,")
