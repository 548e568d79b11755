"""Service managers see the service levels over the web."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chalicelib.domain.access import Capability, Role, capabilities_of
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.recoveries import Recovery
from chalicelib.domain.tallies import FileTally, Row, Tallies, Tally
from chalicelib.ports.tallies import MonthTallies
from tests.builders.web import WebClient, organised_world, web_client
from tests.fakes import START, FakeWorld

PATH = "/v1/service-levels"
MONTH = Month.of(START)

pytestmark = pytest.mark.req("SLA-01", "SLA-02", "SLA-03", "SLA-04")


@pytest.fixture
def world() -> FakeWorld:
    return organised_world(capabilities_of([Role.SERVICE_MANAGER]))


@pytest.fixture
def send(world: FakeWorld) -> Iterator[WebClient]:
    with web_client(world) as client:
        yield client


def hold(world: FakeWorld, month: Month = MONTH, *, faults: int = 0, is_reported: bool = False) -> None:
    tallies = Tallies(doubled=1, unreadable=2, measured={"VLD-01": 9}, unknown={"GET /{proxy+}"})
    for number in range(4):
        tallies.row(Row("VLD-01", "webservice")).count(100, is_fault=number < faults)
    tallies.row(Row("ACH-06", "webservice")).count(100, is_fault=False)
    tallies.row(Row("ACH-06", "batch")).add(Tally(500, 1, 2, 3_000))
    tallies.row(Row("other", "webservice")).count(5, is_fault=False)
    tallies.of_files("ACH-06").add(FileTally(3, 1, 3_000, 2_900))
    world.levels.put_month(MonthTallies(month, tallies, month.start + timedelta(hours=5), is_reported))


def test_a_month_has_every_function_with_its_channels_and_targets(world: FakeWorld, send: WebClient) -> None:
    hold(world, faults=1)
    found = send("GET", PATH).document
    functions = {one["function"]: one for one in found["functions"]}
    verify = functions["VLD-01"]
    assert verify["target"] == {"availability": 99.5, "meanMilliseconds": 3000}
    assert (verify["figures"]["availability"], verify["figures"]["meanMilliseconds"]) == (75, 100)
    assert verify["figures"]["missed"] == ["availability"]
    files = functions["ACH-06"]
    assert {one["channel"]: one["figures"]["requests"] for one in files["channels"]} == {
        "webservice": 1,
        "portal": 0,
        "batch": 500,
    }
    assert files["files"] == {"ended": 3, "late": 1, "longestMinutes": 2_900}
    assert files["figures"]["missed"] == ["processing time of files"]
    assert functions["PLR-01"]["figures"]["availability"] is None
    assert functions["IDM-11"]["target"] == {"availability": 100, "meanMilliseconds": None}
    assert found["accessLog"] == {
        "doubled": 1, "unreadable": 2, "missing": 5, "otherRequests": 1, "otherRoutes": ["GET /{proxy+}"]
    }  # fmt: skip
    assert (found["month"], found["isFinal"]) == (str(MONTH), False)


def test_the_history_names_the_functions_that_missed_a_target(world: FakeWorld, send: WebClient) -> None:
    hold(world, MONTH.previous, faults=2, is_reported=True)
    hold(world)
    history = send("GET", PATH).document["history"]
    assert [one["month"] for one in history] == [str(MONTH), str(MONTH.previous)]
    assert history[1] == {"month": str(MONTH.previous), "missed": ["ACH-06", "VLD-01"], "isFinal": True}
    earlier = send("GET", f"{PATH}?month={MONTH.previous}&function=VLD-01").document
    (only,) = earlier["functions"]
    assert (earlier["month"], earlier["isFinal"], only["figures"]["faults"]) == (str(MONTH.previous), True, 2)


def test_the_current_month_is_there_before_anything_was_counted(send: WebClient) -> None:
    found = send("GET", PATH).document
    assert found["month"] == str(MONTH)
    assert all(one["figures"]["availability"] is None for one in found["functions"])
    assert found["history"] == []


@pytest.mark.parametrize("query", ["month=2019-01x", "month=2026-13", "month=november", "function=vld-01", "day=1"])
def test_what_is_no_month_or_function_is_refused(send: WebClient, query: str) -> None:
    assert send("GET", f"{PATH}?{query}").status == 400


@pytest.mark.parametrize("query", ["month=2031-01", "function=ABC-99"])
def test_a_month_without_figures_and_an_unknown_function_are_not_found(send: WebClient, query: str) -> None:
    assert send("GET", f"{PATH}?{query}").status == 404


def test_a_month_without_figures_is_refused_with_that_reason(send: WebClient) -> None:
    assert send("GET", f"{PATH}?month=2031-01").document["detail"] == "Nothing was counted in this month."


def test_only_service_managers_see_them() -> None:
    others = frozenset(Capability) - {Capability.SERVICE_LEVELS_READ}
    with web_client(organised_world(others)) as send:
        assert send("GET", PATH).status == 403


@pytest.mark.req("SLA-07")
def test_a_recovery_is_shown_with_its_clock_in_the_months_in_which_it_ran(world: FakeWorld, send: WebClient) -> None:
    for month in (MONTH.previous, MONTH):
        hold(world, month)
    world.recovery_store.save(Recovery(START - timedelta(hours=30), "Loss of the region"))
    (running,) = send("GET", PATH).document["recoveries"]
    assert (running["reason"], running["state"], running["serviceHours"]) == ("Loss of the region", "running", 1.0)
    assert send("GET", f"{PATH}?month={MONTH.previous}").document["recoveries"] == []
