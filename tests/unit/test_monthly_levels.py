"""A month's service levels against what is agreed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.monthly_levels import (
    Level,
    Missed,
    Month,
    MonthError,
    levels_of,
    overall,
    read_described,
)
from chalicelib.domain.tallies import OTHER, FileTally, Row, Tallies, Tally
from chalicelib.reference.levels import described_levels

DESCRIBED = read_described(described_levels())
BATCH = "batch"

pytestmark = pytest.mark.req("SLA-01", "SLA-02")


def level(function: str, tally: Tally, channel: str = "webservice") -> Level:
    found = levels_of(Tallies({Row(function, channel): tally}), DESCRIBED, BATCH)
    (one,) = [one for one in found if (one.function, one.channel) == (function, channel)]
    return one


@pytest.mark.parametrize(
    ("month", "start", "end", "hours"),
    [
        ("2026-01", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), 744),
        ("2026-03", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, 23, tzinfo=UTC), 743),
        ("2026-07", datetime(2026, 6, 30, 23, tzinfo=UTC), datetime(2026, 7, 31, 23, tzinfo=UTC), 744),
        ("2026-10", datetime(2026, 9, 30, 23, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC), 745),
        ("2026-12", datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), 744),
        ("2028-02", datetime(2028, 2, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC), 696),
    ],
)
def test_a_month_is_one_of_london(month: str, start: datetime, end: datetime, hours: int) -> None:
    found = Month.parse(month)
    assert (found.start, found.end, (found.end - found.start) / timedelta(hours=1)) == (start, end, hours)
    assert Month.of(start) == Month.of(end - timedelta(milliseconds=1)) == found == found.next.previous
    assert Month.of(end) == found.next
    assert Month.of(start - timedelta(milliseconds=1)) == found.previous
    assert str(found) == month


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2026-1", "26-01", "2026-01-01", "２０２６-01", "1999-01"]
)
def test_anything_else_is_no_month(text: str) -> None:
    with pytest.raises(MonthError):
        Month.parse(text)


@pytest.mark.parametrize(
    ("faults", "left", "missed"), [(0, 100.0, False), (1, 80.0, False), (5, 0.0, False), (6, -20.0, True)]
)
def test_availability_is_missed_when_more_than_the_error_budget_is_spent(
    faults: int, left: float, missed: bool
) -> None:
    found = level("ACH-01", Tally(requests=1_000, faults=faults))
    assert found.availability == pytest.approx(100 - faults / 10)
    assert found.budget_left == pytest.approx(left)
    assert (Missed.AVAILABILITY in found.missed) is missed


def test_one_fault_of_identity_spends_its_whole_budget() -> None:
    assert level("IDM-11", Tally(requests=1_000_000)).budget_left == 100
    found = level("IDM-11", Tally(requests=1_000_000, faults=1))
    assert (found.budget_left, found.missed) == (0, (Missed.AVAILABILITY,))


@pytest.mark.parametrize(("milliseconds", "missed"), [(6_000, ()), (6_001, (Missed.MEAN_RESPONSE,))])
def test_the_mean_of_a_month_may_be_three_seconds(milliseconds: int, missed: tuple[str, ...]) -> None:
    found = level("VLD-01", Tally(requests=2, timed=2, milliseconds=milliseconds))
    assert (found.mean_milliseconds, found.missed) == (milliseconds / 2, missed)


@pytest.mark.req("SLA-03")
def test_one_file_that_took_too_long_is_a_miss() -> None:
    tallies = Tallies(files={"ACH-06": FileTally(ended=100, late=1, minutes=5_000, longest_minutes=2_881)})
    found = {(one.function, one.channel): one for one in levels_of(tallies, DESCRIBED, BATCH)}
    assert found["ACH-06", BATCH].missed == (Missed.FILE_TIME,)
    assert found["ACH-06", "webservice"].missed == ()
    assert found["ACH-06", "webservice"].files is None


def test_a_month_without_traffic_has_no_figures_and_misses_nothing() -> None:
    found = levels_of(Tallies(), DESCRIBED, BATCH)
    assert {(one.function, one.channel) for one in found} == {
        (number, channel) for number, one in DESCRIBED.functions.items() for channel in one.channels
    }
    for one in found:
        assert (one.availability, one.mean_milliseconds, one.p95_milliseconds, one.budget_left) == (None,) * 4
        assert one.missed == ()


def test_what_belongs_to_no_function_is_shown_without_a_target() -> None:
    found = level(OTHER, Tally(requests=4, faults=4))
    assert (found.availability, found.target, found.budget_left, found.missed) == (0, None, None, ())


def test_a_function_has_the_requests_of_all_channels_and_the_response_times_of_those_that_wait() -> None:
    tallies = Tallies(
        {
            Row("ACH-06", "webservice"): Tally(10, 1, 10, 1_000, 2, dict.fromkeys(range(200, 210), 1)),
            Row("ACH-06", BATCH): Tally(500, 4, 1, 60_000, 3),
        }
    )
    found = overall(DESCRIBED.functions["ACH-06"], tallies, BATCH)
    assert (found.requests, found.faults, found.excluded) == (510, 5, 5)
    assert found.mean_milliseconds == 100
    assert found.channel == ""


def test_a_function_misses_what_one_of_its_channels_misses_whatever_the_others_add() -> None:
    tallies = Tallies({Row("ULN-06", "webservice"): Tally(100, 1), Row("ULN-06", BATCH): Tally(10_000, 0)})
    found = overall(DESCRIBED.functions["ULN-06"], tallies, BATCH)
    assert found.availability is not None
    assert found.availability > 99.9
    assert found.missed == (Missed.AVAILABILITY,)
    assert [one.channel for one in levels_of(tallies, DESCRIBED, BATCH) if one.missed] == ["webservice"]
