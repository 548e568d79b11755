"""Contract of what the service levels are computed from, and where they are kept, for fake and real adapters."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.failed_hours import worst_hours
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.tallies import HOUR, FileTally, Measured, Row, Tallies, Tally, hours_between, milliseconds
from chalicelib.ports.tallies import HourTallies, MonthlyReport, MonthTallies

_years = itertools.count(2031)
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
"""CloudWatch takes no lines or values that are older than two weeks."""
SOME = Tallies(
    rows={
        Row("VLD-01", "webservice"): Tally(10, 1, 10, 1_234, 2, {0: 1, 290: 9}),
        Row("ACH-06", "batch"): Tally(500, 2, 3, 4_000),
    },
    files={"ACH-06": FileTally(3, 1, 4_000, 2_900)},
    measured={"VLD-01": 12},
    doubled=1,
    unreadable=2,
    unknown={"GET /{proxy+}"},
)

pytestmark = pytest.mark.req("SLA-01", "SLA-02", "SLA-04")


@pytest.fixture
def month():
    """A month that no other test uses."""
    return Month(next(_years), 10)


@pytest.fixture
def levels(world):
    return world.ports.levels


def test_hours_are_read_as_they_were_stored_in_their_order(levels, month):
    hours = hours_between(month.start, month.end)
    held = [HourTallies(hour, SOME if number % 7 else Tallies(), ((1, 2), (3, 4))) for number, hour in enumerate(hours)]
    levels.put_hours(list(reversed(held)))
    levels.put_hours([HourTallies(month.start - HOUR, SOME, ()), HourTallies(month.end, SOME, ())])
    assert levels.hours(month) == held
    assert len(held) == 745
    assert levels.hours(month.next.next) == []


def test_an_hour_that_is_stored_again_replaces_the_one_before(levels, month):
    levels.put_hours([HourTallies(month.start, SOME, ())])
    levels.put_hours([HourTallies(month.start, Tallies(doubled=7), ((5, 6),))])
    assert levels.hours(month) == [HourTallies(month.start, Tallies(doubled=7), ((5, 6),))]


def test_the_place_is_kept(levels, month):
    levels.keep_counted_until(month.start)
    levels.keep_counted_until(month.end)
    assert levels.counted_until() == month.end


def test_months_are_read_as_they_were_stored_the_newest_first(levels, month):
    assert levels.month(month) is None
    later = month.next
    held = [MonthTallies(month, Tallies(), month.start), MonthTallies(later, SOME, later.end, is_reported=True)]
    held[1] = held[1]._replace(worst=worst_hours([(later.start, SOME)]))
    for one in (*held, held[0]._replace(tallies=SOME)):
        levels.put_month(one)
    assert levels.month(month) == held[0]._replace(tallies=SOME)
    assert levels.months(2) == [held[1], held[0]._replace(tallies=SOME)]
    assert len(levels.months(1)) == 1


def test_one_run_claims_a_report_until_its_claim_ends_or_it_was_sent(levels, month):
    report, now = MonthlyReport(month, "Text", "a,b\r\n"), NOW
    assert levels.claim_report(report, now, now + HOUR)
    assert not levels.claim_report(report, now + HOUR / 2, now + 2 * HOUR)
    assert levels.claim_report(report, now + HOUR + timedelta(seconds=1), now + 3 * HOUR)
    assert not levels.is_report_sent(month)
    levels.report_sent(report)
    assert levels.is_report_sent(month)
    assert not levels.is_report_sent(month.next)
    assert not levels.claim_report(report, now + 9 * HOUR, now + 10 * HOUR)


def test_every_line_of_a_surface_is_read_page_by_page(world, backend):
    several = 9_000 if backend == "emulator" else 12_000  # the emulator has one page only, of 10,000 lines
    lines = [(NOW - timedelta(seconds=number), f'{{"number":{number}}}') for number in range(1, several + 1)]
    world.write_lines("web", lines)
    found = list(world.ports.access_logs.lines("web", NOW - timedelta(seconds=12_000), NOW))
    texts = {text for _, text in lines}
    mine = [one for one in found if one.text in texts]
    assert sorted((one.written, one.text) for one in mine) == sorted((milliseconds(at), text) for at, text in lines)


def test_only_lines_that_were_written_in_the_period_are_read(world):
    at = NOW - timedelta(hours=20)
    world.write_lines("web", [(at + timedelta(milliseconds=number), f"line {number}") for number in range(10)])
    found = world.ports.access_logs.lines("web", at + timedelta(milliseconds=3), at + timedelta(milliseconds=6))
    assert [one.text for one in found] == [f"line {number}" for number in range(3, 7)]


@pytest.mark.req("SLA-03")
def test_what_functions_print_is_read_by_the_minute(world, ukprn):
    minute = timedelta(minutes=1)
    requests, records = Row(f"VLD-{ukprn}", "webservice"), Row(f"ACH-{ukprn}", "batch")
    start = NOW - timedelta(hours=3)
    files = FileTally(ended=2, late=1, minutes=3_000, longest_minutes=2_900)
    held = [
        Measured(start, start + minute, requests, 7),
        Measured(start, start + minute, records, 500, 3, 2, 2_500, files),
        Measured(start + 4 * minute, start + 5 * minute, records, 20, 0, 1, 90),
        Measured(start + HOUR, start + HOUR + minute, records, 1, 1, 1, 1),
    ]
    world.print_metrics(held)
    found = world.ports.measurements.measured([requests, records], start, start + HOUR)
    assert sorted(found, key=lambda one: (one.start, one.row), reverse=True) == [held[2], held[0], held[1]]
