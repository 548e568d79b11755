"""The reports after a restore may name learners, and have names that organisations chose."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from local.commands.restore import STEPS
from local.commands.restored_files import Finding, write_report

pytestmark = [pytest.mark.req("SLA-07"), pytest.mark.req("SEC-01")]

ORGANISATION = "90000051"


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
