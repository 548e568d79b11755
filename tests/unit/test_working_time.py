"""Working days, service hours, and the ten working days of an award."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.working_time import (
    LONDON,
    SERVICE_DAY,
    Period,
    is_working_day,
    london_day,
    london_moments,
    merged_periods,
    service_hours_after,
    service_hours_between,
    ten_working_days_before,
    uk_time,
    uk_time_with_weekday,
)
from chalicelib.reference import lists

NONE: frozenset[date] = frozenset()
HOLIDAYS = st.frozensets(st.dates(date(2020, 1, 1), date(2020, 3, 31)), max_size=12)
EARLY_2020 = st.dates(date(2020, 1, 15), date(2020, 3, 15))
MOMENTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis wants the bounds naive
    datetime(2020, 3, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
OUTAGES = st.lists(
    st.tuples(MOMENTS, st.timedeltas(timedelta(), timedelta(days=6))).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=4,
)


def test_a_time_is_written_as_people_in_the_uk_read_it() -> None:
    assert uk_time(datetime(2026, 3, 2, 9, 5, tzinfo=UTC)) == "2 March 2026, 09:05 GMT"
    assert uk_time_with_weekday(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "Wednesday 1 July 2026, 00:30 BST"


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def day(text: str) -> date:
    return date.fromisoformat(text)


def working_days_between(after: date, until: date, holidays: frozenset[date]) -> int:
    """The working days after one day and up to and including another."""
    days = (after + timedelta(days=count) for count in range(1, (until - after).days + 1))
    return sum(is_working_day(one, holidays) for one in days)


def last_day_for(award: date, holidays: frozenset[date], outages: Iterable[Period] = ()) -> date:
    """The last working day for submitting an award, looking forward, with its lost service hours added up anew."""
    due = award
    while True:
        due += timedelta(days=1)
        begins, ends = (datetime.combine(one + timedelta(days=1), datetime.min.time(), LONDON) for one in (award, due))
        lost = sum(
            (
                service_hours_between(max(start, begins), min(end, ends), holidays)
                for start, end in merged_periods(outages)
                if max(start, begins) < min(end, ends)
            ),
            timedelta(),
        )
        if is_working_day(due, holidays) and working_days_between(award, due, holidays) >= 10 - (-lost // SERVICE_DAY):
            return due


# --- Days -------------------------------------------------------------------------------------------------------------


def test_weekends_and_bank_holidays_of_england_are_not_working_days():
    holidays = lists().bank_holidays
    assert is_working_day(day("2026-06-17"), holidays)
    assert not is_working_day(day("2026-06-20"), holidays)
    assert not is_working_day(day("2026-12-28"), holidays)  # Boxing Day is a Saturday
    assert is_working_day(day("2026-03-17"), holidays)  # a holiday in Northern Ireland


def test_the_day_is_that_of_london():
    assert london_day(datetime(2026, 6, 17, 23, 30, tzinfo=UTC)) == day("2026-06-18")
    assert london_day(datetime(2026, 1, 17, 23, 30, tzinfo=UTC)) == day("2026-01-17")
    with pytest.raises(ValueError, match="time zone"):
        london_day(datetime(2026, 6, 17))  # noqa: DTZ001 - the point of it


# --- Hours ------------------------------------------------------------------------------------------------------------


@pytest.mark.req("SLA-05")
@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-06-17T08:00", "2026-06-17T18:00", 10),
        ("2026-06-17T00:00", "2026-06-18T00:00", 10),
        ("2026-06-17T17:00", "2026-06-18T09:00", 2),
        ("2026-06-19T17:30", "2026-06-22T08:30", 1),  # over a weekend
        ("2026-06-20T08:00", "2026-06-21T18:00", 0),
        ("2026-05-22T17:00", "2026-05-26T09:00", 2),  # over the spring bank holiday
        ("2026-03-27T17:00", "2026-03-30T09:00", 2),  # over the change to summer time
        ("2026-10-23T17:00", "2026-10-26T09:00", 2),  # and back
        ("2026-06-17T12:00", "2026-06-17T12:00", 0),
        ("2026-06-17T12:00", "2026-06-17T11:00", 0),
    ],
)
def test_service_hours_are_eight_to_six_in_london_on_working_days(start, end, hours):
    found = service_hours_between(london(start), london(end), lists().bank_holidays)
    assert found == timedelta(hours=hours)


@given(MOMENTS, MOMENTS, MOMENTS, HOLIDAYS)
def test_service_hours_add_up(one, two, three, holidays):
    first, middle, last = sorted((one, two, three))
    whole = service_hours_between(first, last, holidays)
    assert whole == service_hours_between(first, middle, holidays) + service_hours_between(middle, last, holidays)
    assert timedelta() <= whole <= last - first


@given(EARLY_2020, st.integers(0, 30), HOLIDAYS)
def test_whole_days_of_service_are_ten_hours_for_each_working_day(start, count, holidays):
    opens = datetime.combine(start + timedelta(days=1), datetime.min.time(), LONDON)
    closes = datetime.combine(start + timedelta(days=count + 1), datetime.min.time(), LONDON)
    days = working_days_between(start, start + timedelta(days=count), holidays)
    assert service_hours_between(opens, closes, holidays) == days * SERVICE_DAY


# --- Ten working days -------------------------------------------------------------------------------------------------


@pytest.mark.req("ACH-10")
@pytest.mark.parametrize(
    ("submitted", "earliest"),
    [
        ("2024-06-17", "2024-06-03"),  # Monday: Monday two weeks before
        ("2024-06-14", "2024-05-31"),
        ("2024-06-15", "2024-05-31"),  # on a Saturday what was in time on Friday still is
        ("2024-06-16", "2024-05-31"),
        ("2026-04-14", "2026-03-27"),  # over Easter: Good Friday and Easter Monday do not count
        ("2026-01-05", "2025-12-17"),  # over Christmas and New Year
    ],
)
def test_an_award_is_in_time_for_ten_working_days(submitted, earliest):
    assert ten_working_days_before(day(submitted), lists().bank_holidays) == day(earliest)


@pytest.mark.req("ACH-10")
@pytest.mark.parametrize(
    ("outage", "earliest"),
    [
        (("2024-06-10T08:00", "2024-06-10T18:00"), "2024-05-31"),  # a day lost, a working day more
        (("2024-06-10T11:00", "2024-06-10T11:01"), "2024-05-31"),  # at least what was lost
        (("2024-06-10T12:00", "2024-06-11T12:00"), "2024-05-31"),  # ten hours over two days
        (("2024-06-10T12:00", "2024-06-11T12:01"), "2024-05-30"),
        (("2024-06-10T18:00", "2024-06-11T08:00"), "2024-06-03"),  # outside service hours nothing is lost
        (("2024-06-08T00:00", "2024-06-10T00:00"), "2024-06-03"),
        (("2024-06-17T08:00", "2024-06-17T18:00"), "2024-06-03"),  # what had ended by then is not made longer
        (("2024-05-20T08:00", "2024-05-24T18:00"), "2024-06-03"),  # nor does it count what was lost before the award
    ],
)
def test_lost_service_hours_lengthen_the_ten_days_of_the_awards_they_fall_upon(outage, earliest):
    lost = [tuple(map(london, outage))]
    assert ten_working_days_before(day("2024-06-17"), lists().bank_holidays, lost) == day(earliest)  # type: ignore[arg-type]


@pytest.mark.req("ACH-10")
def test_outages_that_overlap_count_once():
    lost = [(london("2024-06-10T08:00"), london("2024-06-10T18:00"))]
    twice = [*lost, (london("2024-06-10T10:00"), london("2024-06-10T12:00"))]
    assert ten_working_days_before(day("2024-06-17"), NONE, twice) == day("2024-05-31")


@pytest.mark.req("ACH-10")
@given(EARLY_2020, HOLIDAYS, OUTAGES)
def test_what_is_in_time_looking_back_is_in_time_looking_forward(submitted, holidays, outages):
    earliest = ten_working_days_before(submitted, holidays, outages)
    for days in range(40):
        award = submitted - timedelta(days=days)
        due = last_day_for(award, holidays, outages)
        in_time = due >= submitted or working_days_between(due, submitted, holidays) == 0
        assert in_time == (award >= earliest)


@pytest.mark.req("ACH-10")
@given(EARLY_2020, HOLIDAYS, OUTAGES)
def test_outages_only_ever_lengthen_and_by_at_least_what_was_lost(submitted, holidays, outages):
    plain = ten_working_days_before(submitted, holidays)
    earliest = ten_working_days_before(submitted, holidays, outages)
    assert earliest <= plain
    award = earliest - timedelta(days=1)  # the first that is late had ten whole days of service
    lost = timedelta()
    begins, ends = (
        datetime.combine(one + timedelta(days=1), datetime.min.time(), LONDON)
        for one in (award, submitted - timedelta(days=1))
    )
    left = service_hours_between(begins, ends, holidays)
    for start, end in merged_periods(outages):
        lost += service_hours_between(max(start, begins), min(end, ends), holidays)
    assert left - lost >= 10 * SERVICE_DAY


# --- Clocks that run in service hours ---------------------------------------------------------------------------------


@pytest.mark.req("SLA-07")
@pytest.mark.parametrize(
    ("start", "hours", "over"),
    [
        ("2024-06-10 09:00", 8, "2024-06-10 17:00"),
        ("2024-06-10 10:00", 8, "2024-06-10 18:00"),
        ("2024-06-10 11:00", 8, "2024-06-11 09:00"),
        ("2024-06-14 17:00", 8, "2024-06-17 15:00"),  # Friday evening: Monday
        ("2024-06-15 12:00", 8, "2024-06-17 16:00"),  # at a weekend the clock stands still
        ("2026-04-02 12:00", 8, "2026-04-07 10:00"),  # over Easter
        ("2024-10-25 17:00", 8, "2024-10-28 15:00"),  # the clocks go back on the Sunday
    ],
)
def test_a_clock_of_service_hours_stands_still_outside_them(start, hours, over):
    begun = datetime.fromisoformat(start).replace(tzinfo=LONDON)
    expected = datetime.fromisoformat(over).replace(tzinfo=LONDON)
    assert service_hours_after(begun, timedelta(hours=hours), lists().bank_holidays) == expected


@given(MOMENTS, st.integers(1, 3000), HOLIDAYS)
def test_service_hours_after_a_time_are_the_service_hours_between(start, minutes, holidays):
    span = timedelta(minutes=minutes)
    over = service_hours_after(start, span, holidays)
    assert service_hours_between(start, over, holidays) == span


@pytest.mark.req("SLA-05")
@pytest.mark.parametrize(
    ("shown", "moments"),
    [
        ("2026-01-15 09:00", ["2026-01-15T09:00"]),
        ("2026-07-15 09:00", ["2026-07-15T08:00"]),
        ("2026-10-25 01:30", ["2026-10-25T00:30", "2026-10-25T01:30"]),  # repeated
        ("2026-03-29 01:30", []),  # left out
        ("2026-03-29 02:00", ["2026-03-29T01:00"]),
    ],
)
def test_a_clock_in_london_shows_an_hour_twice_in_autumn_and_leaves_one_out_in_spring(shown, moments):
    found = london_moments(datetime.fromisoformat(shown))
    assert [moment.strftime("%Y-%m-%dT%H:%M") for moment in found] == moments
    assert all(moment.tzinfo is UTC for moment in found)
