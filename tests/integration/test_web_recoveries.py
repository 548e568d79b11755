"""The clock of a recovery from disaster, over the web service and the command."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from chalicelib.domain.access import Role
from local.commands import maintenance
from tests.builders.organisations import provider
from tests.builders.web import WebClient, admit
from tests.fakes import FakeWorld

pytestmark = pytest.mark.req("SLA-07")

DESK = "90000009"
PATH = "/v1/recoveries"


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(provider(DESK, is_service_desk=True))
    admit(world, DESK, Role.SERVICE_MANAGER)
    return world


def test_the_clock_runs_in_service_hours_until_the_service_is_reinstated(world: FakeWorld, send: WebClient) -> None:
    """Invoked on a Monday at 16:00: two hours that day, and six the next."""
    world.clock.now = datetime(2026, 3, 2, 16, tzinfo=UTC)
    invoked = send("POST", PATH, {"reason": "Loss of the region"})
    assert invoked.status == 201
    assert invoked.document == {
        "invoked": "2026-03-02T16:00:00Z",
        "reason": "Loss of the region",
        "due": "2026-03-03T14:00:00Z",
        "reinstated": None,
        "serviceHours": 0.0,
        "agreedServiceHours": 8.0,
        "state": "running",
    }
    world.clock.now = datetime(2026, 3, 3, 7, tzinfo=UTC)
    (listed,) = send("GET", PATH).document["recoveries"]
    assert (listed["serviceHours"], listed["state"]) == (2.0, "running")
    world.clock.now = datetime(2026, 3, 3, 14, tzinfo=UTC)
    ended = send("POST", f"{PATH}/reinstatement", {})
    assert (ended.status, ended.document["serviceHours"], ended.document["state"]) == (200, 8.0, "inTime")


def test_a_recovery_that_takes_longer_is_overdue_and_then_late(world: FakeWorld, send: WebClient) -> None:
    send("POST", PATH, {"reason": "Loss of the region"})
    world.clock.advance(timedelta(hours=8, minutes=1))
    assert send("GET", PATH).document["recoveries"][0]["state"] == "overdue"
    ended = send("POST", f"{PATH}/reinstatement", {"reinstated": "2026-03-02T17:00:36Z"})
    assert (ended.document["serviceHours"], ended.document["state"]) == (8.01, "late")


def test_one_recovery_runs_at_a_time_and_no_time_is_in_the_future(world: FakeWorld, send: WebClient) -> None:
    none = send("POST", f"{PATH}/reinstatement", {})
    assert (none.status, none.codes) == (409, ["LRS-DR-2"])
    later = send("POST", PATH, {"reason": "?", "invoked": "2026-03-02T09:00:01Z"})
    assert (later.status, later.reasons) == (422, [("LRS-DR-3", "invoked")])
    assert send("POST", PATH, {"reason": "Fire", "invoked": "2026-03-02T08:30:00Z"}).status == 201
    again = send("POST", PATH, {"reason": "Fire"})
    assert (again.status, again.codes) == (409, ["LRS-DR-1"])
    before = send("POST", f"{PATH}/reinstatement", {"reinstated": "2026-03-02T08:00:00Z"})
    assert (before.status, before.reasons) == (422, [("LRS-DR-4", "reinstated")])


@pytest.mark.parametrize(("at", "status"), [("08:29", 201), ("08:30", 422), ("08:44", 422), ("08:45", 201)])
def test_a_recovery_that_has_ended_is_neither_replaced_nor_run_into(at: str, status: int, send: WebClient) -> None:
    assert send("POST", PATH, {"reason": "Fire", "invoked": "2026-03-02T08:30:00Z"}).status == 201
    assert send("POST", f"{PATH}/reinstatement", {"reinstated": "2026-03-02T08:45:00Z"}).status == 200
    again = send("POST", PATH, {"reason": "Flood", "invoked": f"2026-03-02T{at}:00Z"})
    assert (again.status, again.reasons if status == 422 else []) == (
        status,
        [("LRS-DR-5", "invoked")] if status == 422 else [],
    )
    ended = [one for one in send("GET", PATH).document["recoveries"] if one["reason"] == "Fire"]
    assert [one["reinstated"] for one in ended] == ["2026-03-02T08:45:00Z"]


def test_the_command_records_and_shows_it_too(
    world: FakeWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(maintenance, "chosen_place", lambda chosen: SimpleNamespace(environment={}))
    monkeypatch.setattr(maintenance.bootstrap, "services", lambda environment: world.services())
    assert maintenance.main(["recovery"]) == 0
    assert maintenance.main(["recovery", "invoke", "Fire", "--at", "2026-03-02 08:30"]) == 0
    assert maintenance.main(["recovery", "reinstated"]) == 0
    none, running, ended = capsys.readouterr().out.splitlines()
    assert none == "Recovery has never been invoked."
    assert "running   0.5 of 8 service hours  due 2026-03-02 16:30 GMT  Fire" in running
    assert "in time   0.5 of 8 service hours  reinstated 2026-03-02 09:00 GMT  Fire" in ended
