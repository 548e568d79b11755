"""The command for the maintenance schedule, over a world of fakes."""

from __future__ import annotations

import argparse
import io
from contextlib import redirect_stderr
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from local.commands import maintenance
from local.emulated.cloud import CloudError
from tests.fakes import FakeWorld

pytestmark = pytest.mark.req("SLA-05")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> FakeWorld:
    world = FakeWorld()
    monkeypatch.setattr(maintenance, "chosen_place", lambda chosen: SimpleNamespace(environment={}))
    monkeypatch.setattr(maintenance.bootstrap, "services", lambda environment, **_: world.services())
    return world


def test_windows_are_entered_listed_changed_and_cancelled(world: FakeWorld, capsys: pytest.CaptureFixture[str]) -> None:
    assert maintenance.main(["list"]) == 0
    assert maintenance.main(["enter", "planned", "2026-06-05 20:00", "2026-06-05 23:00", "Release"]) == 0
    (window,) = world.schedules.held.windows
    assert window.start == datetime(2026, 6, 5, 19, tzinfo=UTC)
    assert maintenance.main(["change", window.window_id, "--end", "2026-06-05 22:00"]) == 0
    assert maintenance.main(["cancel", window.window_id]) == 0
    assert maintenance.main(["list"]) == 0
    none, entered, changed, cancelled, listed = capsys.readouterr().out.splitlines()
    assert none == "No maintenance is planned."
    assert "planned    2026-06-05 20:00 BST to 2026-06-05 23:00 BST  Release" in entered
    assert "to 2026-06-05 22:00 BST" in changed
    assert "cancelled" in cancelled
    assert cancelled == listed
    assert {entry.detail["channel"] for entry in world.audit.held.values()} == {"operator"}


def test_every_reason_is_printed(world: FakeWorld, capsys: pytest.CaptureFixture[str]) -> None:
    assert maintenance.main(["enter", "agreed", "2026-01-05 20:00", "2026-01-05 19:00", "Release"]) == 1
    assert [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        "LRS-MW-1", "LRS-MW-6", "LRS-MW-2"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        ("2026-03-29 01:30", "does not exist"),
        ("2026-10-25 01:30", "occurs twice"),
        ("tonight", "is not a time"),
    ],
)
def test_a_time_that_uk_clocks_do_not_show_once_is_refused(
    time: str, reason: str, world: FakeWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        maintenance.main(["enter", "planned", time, "2026-10-25 05:00", "Release"])
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["enter", "planned", "2026-06-05 20:00", "2026-06-05 23:00", " "],
        ["enter", "planned", "2026-06-05 20:00", "2026-06-05 23:00", "x" * 301],
        ["enter", "agreed", "2026-06-05 20:00", "2026-06-05 23:00", "Release", "--agreed-with", " "],
        ["enter", "planned", "2026-06-05 20:00", "9999-12-31 23:59", "Release"],
        ["outage", "0001-01-01", "0001-01-02"],
        ["recovery", "invoke", ""],
    ],
)
def test_what_the_web_service_refuses_is_refused(
    wrong: list[str], world: FakeWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        maintenance.main(wrong)
    assert "error: argument" in capsys.readouterr().err
    assert not world.schedules.held.windows


def test_the_hour_that_occurs_twice_can_be_given_with_its_offset(world: FakeWorld) -> None:
    assert maintenance.main(["enter", "planned", "2026-10-25T01:30+01:00", "2026-10-25T01:30+00:00", "Clocks"]) == 0
    (window,) = world.schedules.held.windows
    assert window.end - window.start == datetime(2026, 1, 1, 1) - datetime(2026, 1, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["enter", "planned", "2026-06-05 20:00", "2026-06-05 23:00", "Release"],
        ["change", "MW-1", "--end", "2026-06-05 22:00"],
        ["cancel", "MW-1"],
        ["outage", "2026-02-24 08:00", "2026-02-24 12:00"],
        ["recovery"],
        ["recovery", "invoke", "Loss of the region"],
        ["recovery", "reinstated"],
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_the_account_is_named_before_or_after_the_command(
    arguments: list[str], is_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen(chosen: argparse.Namespace) -> None:
        raise CloudError(f"{chosen.environment} {chosen.prefix}")

    monkeypatch.setattr(maintenance, "chosen_place", seen)
    place = ["--environment", "live", "--prefix", "lrs-other"]
    said = io.StringIO()
    with redirect_stderr(said):
        assert maintenance.main([*place, *arguments] if is_first else [*arguments, *place]) == 2
    assert said.getvalue() == "live lrs-other\n"


@pytest.mark.req("ACH-10")
def test_recorded_downtime_extends_the_ten_working_days(world: FakeWorld, capsys: pytest.CaptureFixture[str]) -> None:
    assert maintenance.main(["outage", "2026-02-24 08:00", "2026-02-24 12:00"]) == 0
    assert world.outages.since(date(2026, 2, 23)) == [
        (datetime(2026, 2, 24, 8, tzinfo=UTC), datetime(2026, 2, 24, 12, tzinfo=UTC))
    ]
    assert maintenance.main(["outage", "2026-03-02 08:00", "2026-03-12 12:00"]) == 1
    assert [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()] == ["LRS-MW-3", "LRS-MW-14"]
