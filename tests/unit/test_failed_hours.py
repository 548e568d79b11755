"""The hours of a month in which most requests failed."""

from __future__ import annotations

import pytest

from chalicelib.domain.failed_hours import MOST_HOURS, FailedHour, worst_hours
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.tallies import HOUR, Row, Tallies, Tally, hours_between

MONTH = Month(2026, 3)
WEB, FILES, OTHER = Row("VLD-01", "webservice"), Row("VLD-01", "batch"), Row("PLR-01", "webservice")

pytestmark = pytest.mark.req("SLA-01", "SLA-04")


def test_of_each_function_the_worst_hours_come_first_and_then_the_earlier() -> None:
    first, second, third = hours_between(MONTH.start, MONTH.start + 3 * HOUR)
    held = [
        (first, Tallies({WEB: Tally(10, 1), OTHER: Tally(9)})),
        (second, Tallies({WEB: Tally(20, 2), FILES: Tally(500, 7)})),
        (third, Tallies({WEB: Tally(30, 1), OTHER: Tally(8, 3)})),
    ]
    assert worst_hours(held) == (
        FailedHour(third, OTHER, 8, 3),
        FailedHour(second, FILES, 500, 7),
        FailedHour(second, WEB, 20, 2),
        FailedHour(first, WEB, 10, 1),
        FailedHour(third, WEB, 30, 1),
    )


def test_no_more_are_kept_than_a_page_shows_however_many_hours_failed() -> None:
    hours = hours_between(MONTH.start, MONTH.end)
    found = worst_hours((hour, Tallies({WEB: Tally(10, 1 + number)})) for number, hour in enumerate(hours))
    assert [one.hour for one in found] == hours[: -MOST_HOURS - 1 : -1]
