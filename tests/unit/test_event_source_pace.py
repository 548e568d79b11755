"""A message that fails waits longer each time, up to the limit of its queue."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from local.lambda_runtime.pace import AT_ONCE, Pace


def test_retries_of_a_message_double_up_to_the_queues_time_out() -> None:
    pace = Pace(retry_seconds=5)
    assert [pace.visibility(receives, 60) for receives in (1, 2, 3, 4, 5)] == [5, 10, 20, 40, 60]


def test_without_its_own_pace_the_queue_decides() -> None:
    assert Pace(retry_seconds=None).visibility(3, 60) is None


def test_eight_receives_outlast_a_lease_of_two_minutes() -> None:
    pace = Pace()
    assert sum(pace.visibility(receives, 360) or 0 for receives in range(1, 8)) > 120


def test_a_test_never_waits() -> None:
    assert AT_ONCE.visibility(5, 360) == 0
    assert AT_ONCE.pause(5) == 0


@given(st.integers(1, 10), st.integers(1, 43_200))
def test_a_wait_never_shrinks(receives: int, most: int) -> None:
    pace = Pace()
    earlier, later = pace.visibility(receives, most), pace.visibility(receives + 1, most)
    assert earlier is not None
    assert later is not None
    assert 0 < earlier <= later <= most
    assert pace.pause(receives) <= pace.pause(receives + 1) <= pace.longest_pause_seconds
