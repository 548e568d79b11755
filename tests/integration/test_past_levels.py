"""The local service has two months of service levels behind it, and a command that shows them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.bootstrap import services
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.tallies import HOUR
from chalicelib.formats.level_reports import duration
from local.commands.levels import lines_of
from local.commands.operators import operator
from local.emulated.cloud import LocalCloud
from local.samples.past_levels import make_past_levels
from tests.contract.clouds import EmulatedCloud
from tests.fakes import FakeClock, FakeWorld

pytestmark = pytest.mark.req("SLA-04")


def test_two_months_are_counted_and_reported_once() -> None:
    world = FakeWorld()
    made = world.services()
    assert make_past_levels(made)
    assert not make_past_levels(made)
    current = Month.of(world.clock())
    history = made.service_levels.history()
    assert [one.held.month for one in history if one.held.is_reported] == [current.previous, current.previous.previous]
    assert world.levels.place == world.clock()
    assert not world.mail.sent
    for one in history[1:]:
        assert {level.function for level in one.levels if level.requests} >= set(made.described_levels.functions)
        assert one.missed
        assert len(world.levels.hours(one.held.month)) == (one.held.month.end - one.held.month.start) // HOUR


def test_the_command_shows_the_month_and_the_history() -> None:
    world = FakeWorld()
    made = world.services()
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

    cloud = EmulatedCloud("lrs-past", local_cloud.endpoint)
    cloud.provision()
    made = services(cloud.environment, clients=cloud.clients, clock=FakeClock())
    began = process_time()
    assert make_past_levels(made)
    assert timedelta(seconds=process_time() - began) < timedelta(seconds=5)
    assert len(made.levels.hours(Month(2026, 2))) == 28 * 24
