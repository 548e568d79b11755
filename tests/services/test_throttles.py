"""Rate limits: the limit holds across all containers, and most calls cost nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.access import Capability
from chalicelib.domain.throttles import Pace, PaceClass, pace_class, take
from chalicelib.services import throttles
from chalicelib.services.throttles import LOT_LASTS, Throttles
from tests.fakes import FakeWorld

PACE = Pace(10.0, 100)


def container(world: FakeWorld, pace: Pace = PACE) -> Throttles:
    return Throttles(world.paces, dict.fromkeys(PaceClass, pace), world.clock)


def calls(one: Throttles, count: int, who: str = "c1") -> list[int]:
    return [one.wait(who, PaceClass.SINGLE) for _ in range(count)]


@pytest.mark.req("SLA-08")
def test_a_burst_goes_through_and_then_the_caller_is_told_to_wait() -> None:
    world = FakeWorld()
    answers = calls(container(world), 110)
    assert answers[:100] == [0] * 100
    assert set(answers[100:]) == {1}


@pytest.mark.req("SLA-08")
def test_credentials_and_classes_do_not_count_for_each_other() -> None:
    world = FakeWorld()
    one = container(world, Pace(1.0, 1))
    assert calls(one, 2) == [0, 1]
    assert calls(one, 2, "c2") == [0, 1]
    assert one.wait("c1", PaceClass.BATCHES) == 0


@pytest.mark.req("SLA-08")
def test_a_busy_caller_costs_a_write_for_one_call_in_many_and_a_rare_one_loses_nothing() -> None:
    world = FakeWorld()
    calls(container(world), 100)
    assert world.calls.count("paces.take") < 20
    rare = FakeWorld()
    one = container(rare, Pace(0.1, 1))
    for _ in range(20):
        assert calls(one, 1) == [0]
        rare.clock.advance(timedelta(seconds=10))


@pytest.mark.req("SLA-08")
def test_what_a_container_has_not_used_in_time_is_lost_to_it() -> None:
    world = FakeWorld()
    one = container(world)
    calls(one, 3)  # 1, then a lot of 2
    calls(one, 1)  # then one of 4, of which 3 are left
    taken = world.calls.count("paces.take")
    world.clock.advance(LOT_LASTS)
    calls(one, 1)
    assert world.calls.count("paces.take") == taken + 1


@pytest.mark.req("SLA-08")
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 400)), min_size=1, max_size=300),
    st.sampled_from([Pace(1.0, 1), Pace(2.0, 5), Pace(10.0, 40), Pace(50.0, 60)]),
)
def test_over_all_containers_no_more_calls_go_through_than_the_bucket_gives(steps, pace) -> None:
    world = FakeWorld()
    containers = [container(world, pace) for _ in range(4)]
    start, through = world.clock(), []
    for which, milliseconds in steps:
        world.clock.advance(timedelta(milliseconds=milliseconds))
        if containers[which].wait("c1", PaceClass.SINGLE) == 0:
            through.append((world.clock() - start).total_seconds())
    # Calls taken in lots may be used up to the end of their lot.
    for first, since in enumerate(through):
        for last in range(first, len(through)):
            allowed = pace.burst + pace.rate * (through[last] - since + LOT_LASTS.total_seconds()) + 1
            assert last - first + 1 <= allowed


@pytest.mark.req("SLA-08")
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 50))
def test_a_caller_who_waits_as_told_is_accepted(full_at, now, count) -> None:
    pace = Pace(3.0, 50)
    first = take(full_at, now, pace, count)
    if first.wait:
        assert first.full_at == full_at
        assert take(full_at, now + first.wait, pace, count).wait == 0
        assert take(full_at, now + first.wait - 1, pace, count).wait == 1


def test_a_container_forgets_callers_before_they_are_too_many(monkeypatch) -> None:
    monkeypatch.setattr(throttles, "LOTS_KEPT", 5)
    world = FakeWorld()
    one = container(world)
    for number in range(20):
        assert one.wait(f"c{number}", PaceClass.SINGLE) == 0
    assert len(one._lots) <= 5


@pytest.mark.parametrize("capability", Capability)
def test_files_are_counted_apart_from_single_calls(capability: Capability) -> None:
    assert (pace_class(capability) is PaceClass.BATCHES) == ("-batches:" in capability)
