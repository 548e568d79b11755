"""The reports after a restore may name learners, and have names that organisations chose."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.commands.restore import STEPS
from local.commands.restored_files import Finding, end_lost, findings, write_report
from tests.builders.achievements import csv_file, record, world_with
from tests.builders.jobs import Pipeline, at_call
from tests.fakes import START

pytestmark = [pytest.mark.req("SLA-07"), pytest.mark.req("SEC-01")]

ORGANISATION = "90000051"
NOTHING: Any = SimpleNamespace(
    table=str,
    client=lambda _: SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **_: ())),
    lines=lambda *_: iter(()),
)
"""A cloud whose audit log is empty, and the log of functions that have written nothing."""


@pytest.mark.parametrize("call", ["jobs.open_jobs", "files.versions", "jobs.read"])
def test_a_file_that_arrives_while_a_resume_is_repeated_is_not_taken_for_lost(call: str) -> None:
    world = world_with()
    steps = Pipeline(world)
    at_call(world, call, lambda: steps.take(csv_file([record()])))
    found, _ = findings(NOTHING, world.services(), NOTHING, START)
    assert end_lost(world.services(), found) == 0
    (job,) = world.jobs.held.values()
    assert not job.status.is_end


def test_a_name_is_never_a_formula(tmp_path: Path) -> None:
    named = ['=HYPERLINK("https://example.org")', "+1", "@x", "awards.csv"]
    (path,) = write_report(tmp_path, [Finding(ORGANISATION, "to be sent again", name, "") for name in named])
    with path.open(encoding="utf-8", newline="") as file:
        found = [row["name"] for row in csv.DictReader(file)]
    assert found == ['\'=HYPERLINK("https://example.org")', "'+1", "'@x", "awards.csv"]


def test_a_report_is_readable_by_its_owner_only_also_when_it_is_written_again(tmp_path: Path) -> None:
    held = tmp_path / f"after-restore-{ORGANISATION}.csv"
    held.write_text("")
    held.chmod(0o644)
    (path,) = write_report(tmp_path, [Finding(ORGANISATION, "to be sent again", "awards.csv", "")])
    assert path == held
    assert path.stat().st_mode & 0o777 == 0o600


def test_reports_are_never_committed() -> None:
    assert "report" in STEPS
    ignored = (Path(__file__).resolve().parents[2] / ".gitignore").read_text("utf-8").splitlines()
    assert "/after-restore/" in ignored
