"""Requests are counted once, in the hour of their arrival, by function and channel."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.tallies import (
    OTHER,
    P95_ERROR,
    Exclusions,
    FileTally,
    Measured,
    RequestLine,
    Row,
    Surface,
    Tallies,
    Tally,
    bucket_of,
    count_lines,
    count_measured,
    middle_of,
    milliseconds,
    total,
)

HOUR = datetime(2026, 11, 2, 9, tzinfo=UTC)
BEGINS = milliseconds(HOUR)
WEB = Surface("web", "webservice", {("POST", "/v1/verifications"): "VLD-01", ("GET", "/health"): "SLA-01"})
VERIFY = Row("VLD-01", "webservice")

pytestmark = pytest.mark.req("SLA-01", "SLA-02")


def line(
    number: int, at: int = BEGINS, status: int = 200, latency: int = 100, path: str = "/v1/verifications"
) -> RequestLine:
    return RequestLine(f"request-{number}", at, "POST", path, status, latency)


def counted(*lines: RequestLine | None, exclusions: Exclusions | None = None) -> Tallies:
    tallies = Tallies()
    written = [(BEGINS if one is None else one.at + one.latency, one) for one in lines]
    count_lines(tallies, WEB, HOUR, written, exclusions or Exclusions([]))
    return tallies


@pytest.mark.parametrize(
    ("status", "faults"), [(200, 0), (404, 0), (422, 0), (429, 0), (499, 0), (500, 1), (503, 1), (504, 1)]
)
def test_only_failures_of_the_service_are_faults(status: int, faults: int) -> None:
    assert counted(line(1, status=status)).rows[VERIFY].faults == faults


def test_a_request_that_the_gateway_turns_away_is_a_fault_and_a_callers_own_limit_is_none() -> None:
    """The gateway's limit is for all callers together, so whoever meets it has done nothing wrong."""
    ours, theirs = line(1, status=429)._replace(error="THROTTLED"), line(2, status=429)
    assert counted(ours, theirs).rows[VERIFY].faults == 1


def test_a_line_that_is_delivered_again_counts_once_and_is_reported() -> None:
    found = counted(line(1), line(2), line(1), line(1))
    assert (found.rows[VERIFY].requests, found.doubled) == (2, 2)


def test_an_hour_has_the_requests_that_arrived_in_it_to_the_millisecond() -> None:
    found = counted(line(1, BEGINS - 1), line(2, BEGINS), line(3, BEGINS + 3_599_999), line(4, BEGINS + 3_600_000))
    assert found.rows[VERIFY].requests == 2


def test_a_request_of_an_unknown_route_counts_as_other_and_the_route_is_named() -> None:
    found = counted(line(1, path="/{proxy+}"), line(2), RequestLine("3", BEGINS, "DELETE", "/health", 405, 1))
    assert found.rows[Row(OTHER, "webservice")].requests == 2
    assert found.unknown == {"POST /{proxy+}", "DELETE /health"}


def test_a_line_that_cannot_be_read_is_reported() -> None:
    assert counted(None, line(1), None).unreadable == 2


def test_requests_in_agreed_maintenance_are_excluded_to_the_millisecond() -> None:
    start = HOUR + timedelta(minutes=10)
    exclusions = Exclusions([(start, start + timedelta(minutes=5))])
    begins, ends = milliseconds(start), milliseconds(start + timedelta(minutes=5))
    found = counted(
        line(1, begins - 1), line(2, begins, 503), line(3, ends - 1, 503), line(4, ends), exclusions=exclusions
    )
    assert (found.rows[VERIFY].requests, found.rows[VERIFY].excluded, found.rows[VERIFY].faults) == (2, 2, 0)


def test_periods_that_overlap_or_touch_are_one_and_an_empty_one_is_none() -> None:
    minute = timedelta(minutes=1)
    periods = [
        (HOUR + 5 * minute, HOUR + 9 * minute),
        (HOUR, HOUR + 5 * minute),
        (HOUR + minute, HOUR + 3 * minute),
        (HOUR + 20 * minute, HOUR + 20 * minute),
    ]
    exclusions = Exclusions(periods)
    assert exclusions.within(HOUR, HOUR + 60 * minute) == ((BEGINS, BEGINS + 540_000),)
    assert exclusions.within(HOUR + 2 * minute, HOUR + 3 * minute) == ((BEGINS + 120_000, BEGINS + 180_000),)
    assert not exclusions.touch(BEGINS + 540_000, BEGINS + 600_000)
    assert exclusions.touch(BEGINS + 539_999, BEGINS + 600_000)
    assert not exclusions.touch(BEGINS - 60_000, BEGINS)
    assert exclusions.touch(BEGINS - 60_000, BEGINS + 1)


@pytest.mark.parametrize("latency", [*range(60), 99, 100, 101, 2_999, 3_000, 29_000, 900_000])
def test_a_bucket_stands_for_its_response_times_within_one_percent(latency: int) -> None:
    assert middle_of(bucket_of(latency)) == pytest.approx(latency, rel=P95_ERROR + 1e-9)


def test_a_percentile_is_that_of_the_nearest_rank_within_one_percent() -> None:
    dice = random.Random(5)
    for size in (1, 2, 19, 20, 21, 1_000):
        tally, times = Tally(), [round(dice.lognormvariate(6, 1)) for _ in range(size)]
        for one in times:
            tally.count(one, is_fault=False)
        exact = sorted(times)[math.ceil(0.95 * size) - 1]
        assert tally.percentile(95) == pytest.approx(exact, rel=P95_ERROR + 1e-9)
    assert Tally().percentile(95) is None


def test_hours_add_up_to_the_same_as_all_their_lines_together() -> None:
    dice = random.Random(7)
    lines = [line(number, status=dice.choice((200, 500)), latency=dice.randrange(5_000)) for number in range(500)]
    apart = total([counted(*lines[:100]), counted(*lines[100:101]), counted(*lines[101:]), counted()])
    assert apart == counted(*lines)


def measured(minute: int, row: Row, requests: int, files: FileTally | None = None) -> Measured:
    start = HOUR + timedelta(minutes=minute)
    return Measured(start, start + timedelta(minutes=1), row, requests, 1, 2, 900, files)


@pytest.mark.req("SLA-03")
def test_records_and_files_are_counted_except_in_minutes_of_agreed_maintenance() -> None:
    tallies = Tallies()
    exclusions = Exclusions([(HOUR + timedelta(minutes=3, seconds=59), HOUR + timedelta(minutes=4))])
    row = Row("ACH-06", "batch")
    found = [measured(minute, row, 100, FileTally(1, 0, 7, 7)) for minute in (2, 3, 4)]
    count_measured(tallies, found, frozenset({"ACH-06"}), {"batch", "portal"}, exclusions)
    assert tallies.rows[row] == Tally(requests=200, faults=2, timed=4, milliseconds=1_800, excluded=100)
    assert tallies.files["ACH-06"] == FileTally(3, 0, 21, 7), "a file that ends then was still processed"


@pytest.mark.req("SLA-01", "SLA-02")
def test_pages_are_counted_as_their_function_measured_them_and_are_missing_in_no_log() -> None:
    tallies, row = Tallies(), Row("VLD-01", "portal")
    found = [measured(1, row, 4), measured(2, row, 6), measured(3, row, 5)]
    closed = Exclusions([(HOUR + timedelta(minutes=3), HOUR + timedelta(minutes=4))])
    count_measured(tallies, found, frozenset({"VLD-01"}), {"batch", "portal"}, closed)
    assert tallies.rows == {row: Tally(requests=10, faults=2, timed=4, milliseconds=1_800, excluded=5)}
    assert tallies.missing("webservice") == 0


def test_a_metric_of_an_unknown_function_counts_as_other() -> None:
    tallies = Tallies()
    count_measured(
        tallies, [measured(1, Row("ACH-99", "batch"), 5)], frozenset({"ACH-06"}), {"batch", "portal"}, Exclusions([])
    )
    assert tallies.rows == {Row(OTHER, "batch"): Tally(requests=5, faults=1, timed=2, milliseconds=900)}


def test_requests_that_functions_measured_and_the_log_lacks_are_missing() -> None:
    tallies = counted(line(1), line(2), exclusions=Exclusions([(HOUR, HOUR + timedelta(hours=1))]))
    found = [measured(1, VERIFY, 4), measured(2, VERIFY, 1), measured(1, Row("SLA-01", "webservice"), 1)]
    count_measured(tallies, found, frozenset({"VLD-01", "SLA-01"}), {"batch", "portal"}, Exclusions([]))
    assert tallies.missing("webservice") == 3 + 1
