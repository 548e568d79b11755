"""Maintenance windows: what is agreed, what a window may be, and how it may change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.maintenance import (
    Environment,
    KeyDates,
    Terms,
    Window,
    WindowKind,
    cancelled,
    change_failures,
    closed_failure,
    core_hours_in,
    excluded_periods,
    unavailable_periods,
    window_at,
    window_failures,
)
from chalicelib.domain.working_time import LONDON
from chalicelib.reference import lists

pytestmark = pytest.mark.req("SLA-05")

NOW = datetime(2026, 6, 3, 11, tzinfo=UTC)
"""A Wednesday."""
HOLIDAYS = lists().bank_holidays
TERMS = Terms(NOW, HOLIDAYS)
HOUR = timedelta(hours=1)


def local(text: str) -> datetime:
    """A time of day in London, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def window(start: str, end: str, kind: WindowKind = WindowKind.PLANNED, **given: object) -> Window:
    values = {
        "window_id": "MW-1",
        "environment": Environment.LIVE,
        "reason": "A new release",
        "announced_at": NOW,
        "changed_at": NOW,
        "agreed_with": "Data Advisory Group, 1 May 2026" if kind is WindowKind.AGREED else "",
        **given,
    }
    return Window(kind=kind, start=local(start), end=local(end), **values)  # type: ignore[arg-type]


def codes(found: list) -> list[str]:
    return [reason.code for reason in found]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-06-03 18:00", "2026-06-04 08:00"),  # a night
        ("2026-06-05 18:00", "2026-06-08 08:00"),  # a weekend
        ("2026-12-25 08:00", "2026-12-26 18:00"),  # Christmas Day, a Friday, and a Saturday
        ("2026-12-28 09:00", "2026-12-28 17:00"),  # the substitute day for Boxing Day
        ("2026-10-25 00:30", "2026-10-25 04:00"),  # the clocks go back
        ("2027-03-28 00:30", "2027-03-28 04:00"),  # the clocks go forward
    ],
)
def test_planned_maintenance_outside_core_hours_is_accepted(start, end):
    assert window_failures(window(start, end), [], TERMS) == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-06-04 07:00", "2026-06-04 08:01"),
        ("2026-06-04 17:59", "2026-06-04 20:00"),
        ("2026-06-05 18:00", "2026-06-08 08:01"),  # over the weekend into Monday
        ("2026-12-29 09:00", "2026-12-29 10:00"),  # the working day after the holidays
        ("2026-03-30 07:59", "2026-03-30 08:01"),  # the first Monday of summer time
    ],
)
def test_planned_maintenance_in_core_hours_is_refused_unless_agreed(start, end):
    terms = TERMS._replace(now=local("2026-03-01 12:00"))
    assert codes(window_failures(window(start, end), [], terms)) == ["LRS-MW-5"]
    assert window_failures(window(start, end, WindowKind.AGREED), [], terms) == []


def test_core_hours_follow_the_clocks_of_london():
    """08:00 in London is 07:00 UTC in summer and 08:00 UTC in winter."""
    summer = replace(
        window("2026-10-23 06:00", "2026-10-23 07:00"),
        start=datetime(2026, 10, 23, 6, tzinfo=UTC),
        end=datetime(2026, 10, 23, 8, tzinfo=UTC),
    )
    winter = replace(summer, start=summer.start + timedelta(days=3), end=summer.end + timedelta(days=3))
    assert core_hours_in(summer, HOLIDAYS) == HOUR
    assert core_hours_in(winter, HOLIDAYS) == timedelta()


def test_every_reason_is_given_at_once():
    wrong = replace(
        window("2026-06-02 09:00", "2026-06-02 10:00", WindowKind.AGREED, agreed_with=""),
        start=local("2026-06-02 09:00") + timedelta(seconds=5),
    )
    other = window("2026-06-02 08:30", "2026-06-02 09:30", window_id="MW-2")
    assert codes(window_failures(wrong, [other], TERMS)) == ["LRS-MW-12", "LRS-MW-6", "LRS-MW-2", "LRS-MW-4"]
    backwards = window("2026-06-02 10:00", "2026-06-02 10:00")
    assert codes(window_failures(backwards, [other], TERMS)) == ["LRS-MW-1", "LRS-MW-2"]
    endless = window("2026-06-05 18:00", "2026-06-12 18:01")
    assert codes(window_failures(endless, [], TERMS)) == ["LRS-MW-3", "LRS-MW-5"]


def test_windows_of_an_environment_may_touch_but_not_overlap():
    held = window("2026-06-03 20:00", "2026-06-03 22:00", window_id="MW-2")
    after = window("2026-06-03 22:00", "2026-06-03 23:00")
    assert window_failures(after, [held], TERMS) == []
    overlapping = window("2026-06-03 21:59", "2026-06-03 23:00")
    assert codes(window_failures(overlapping, [held], TERMS)) == ["LRS-MW-4"]
    elsewhere = replace(overlapping, environment=Environment.COMPATIBILITY)
    assert window_failures(elsewhere, [held], TERMS) == []
    assert window_failures(overlapping, [replace(held, is_cancelled=True)], TERMS) == []


def test_an_emergency_may_be_in_core_hours_and_is_within_a_day():
    emergency = window("2026-06-03 12:00", "2026-06-03 15:00", WindowKind.EMERGENCY)
    assert window_failures(emergency, [], TERMS) == []
    begun = replace(emergency, start=NOW - 24 * HOUR)
    assert window_failures(begun, [], TERMS) == []
    far = window("2026-06-04 12:01", "2026-06-04 15:00", WindowKind.EMERGENCY)
    assert codes(window_failures(far, [], TERMS)) == ["LRS-MW-7"]
    long_ago = replace(emergency, start=NOW - 24 * HOUR - timedelta(minutes=1))
    assert codes(window_failures(long_ago, [], TERMS)) == ["LRS-MW-7"]


def test_key_dates_are_a_warning_not_a_refusal():
    results = KeyDates(date(2026, 8, 13), date(2026, 8, 13), "A level results")
    terms = TERMS._replace(key_dates=[results])
    evening_before = window("2026-08-12 20:00", "2026-08-13 00:00")
    assert window_failures(evening_before, [], terms) == []
    night = window("2026-08-12 20:00", "2026-08-13 00:01")
    (warning,) = window_failures(night, [], terms)
    assert (warning.code, warning.refuses, dict(warning.detail)) == ("LRS-MW-11", False, {"name": "A level results"})


def test_planned_maintenance_never_becomes_longer_once_it_has_begun():
    held = window("2026-06-03 11:00", "2026-06-03 13:00", WindowKind.AGREED)
    longer = replace(held, end=held.end + HOUR)
    assert codes(change_failures(longer, held, [held], TERMS)) == ["LRS-MW-10"]
    ended_now = replace(held, end=NOW)
    assert change_failures(ended_now, held, [held], TERMS) == []
    ended_before = replace(held, end=NOW - timedelta(minutes=1))
    assert codes(change_failures(ended_before, held, [held], TERMS)) == ["LRS-MW-10"]
    moved = replace(held, start=held.start - HOUR, kind=WindowKind.PLANNED)
    assert codes(change_failures(moved, held, [held], TERMS)) == ["LRS-MW-10", "LRS-MW-10", "LRS-MW-5"]


def test_an_emergency_can_become_longer():
    held = window("2026-06-03 11:00", "2026-06-03 13:00", WindowKind.EMERGENCY)
    longer = replace(held, end=held.end + 5 * HOUR)
    assert change_failures(longer, held, [held], TERMS) == []


def test_a_window_that_has_not_begun_is_judged_like_a_new_one():
    held = window("2026-06-03 18:00", "2026-06-03 20:00")
    assert change_failures(replace(held, end=held.end + HOUR), held, [held], TERMS) == []
    assert codes(change_failures(replace(held, start=NOW), held, [held], TERMS)) == ["LRS-MW-5"]


def test_a_window_is_cancelled_before_it_begins_and_once():
    held = window("2026-06-03 18:00", "2026-06-03 20:00")
    gone = cancelled(held, NOW)
    assert isinstance(gone, Window)
    assert (gone.is_cancelled, gone.revision, gone.changed_at) == (True, 2, NOW)
    for other in (gone, replace(held, start=NOW), replace(held, start=NOW - HOUR, end=NOW)):
        refused = cancelled(other, NOW)
        assert not isinstance(refused, Window)
        assert refused.code == "LRS-MW-9"
    assert closed_failure(held, NOW) is None


def test_agreed_maintenance_is_excluded_and_emergencies_are_unavailability():
    night = window("2026-06-03 20:00", "2026-06-03 22:00")
    agreed = window("2026-06-03 22:00", "2026-06-03 23:00", WindowKind.AGREED)
    emergency = window("2026-06-02 09:00", "2026-06-02 10:00", WindowKind.EMERGENCY)
    dropped = window("2026-06-06 20:00", "2026-06-06 22:00", is_cancelled=True)
    windows = [emergency, dropped, agreed, night]
    assert excluded_periods(windows) == [(night.start, agreed.end)]
    assert unavailable_periods(windows) == [emergency.period]


def test_an_environment_is_closed_from_the_start_to_just_before_the_end():
    held = window("2026-06-03 20:00", "2026-06-03 22:00")
    assert window_at([held], Environment.LIVE, held.start) is held
    assert window_at([held], Environment.LIVE, held.end - timedelta(microseconds=1)) is held
    assert window_at([held], Environment.LIVE, held.end) is None
    assert window_at([held], Environment.COMPATIBILITY, held.start) is None
    assert window_at([replace(held, is_cancelled=True)], Environment.LIVE, held.start) is None


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 60), st.sampled_from(WindowKind)), max_size=12))
def test_a_minute_is_excluded_when_an_agreed_window_holds_it(spans):
    windows = [
        replace(
            window("2026-06-03 20:00", "2026-06-03 22:00"),
            kind=kind,
            start=NOW + timedelta(minutes=begin),
            end=NOW + timedelta(minutes=begin + length),
        )
        for begin, length, kind in spans
    ]
    excluded = excluded_periods(windows)
    assert excluded == sorted(excluded)
    assert all(one[1] < other[0] for one, other in pairwise(excluded))
    for minute in range(0, 560, 7):
        moment = NOW + timedelta(minutes=minute)
        expected = any(one.counts_as_agreed and one.is_open_at(moment) for one in windows)
        assert any(start <= moment < end for start, end in excluded) == expected
