"""Trivy and checkov over the Terraform code. What need not hold stands in `accepted.py`, each with its reason."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

from infra.check.accepted import Finding
from infra.check.terraform import PYTHON, REPOSITORY

TRIVY: Final = PYTHON.with_name("trivy")
CHECKOV: Final = REPOSITORY / ".venv-checkov" / "bin" / "python"
_RUN: Final = Path(__file__).with_name("checkov_run.py")


class ScannerError(Exception):
    """A scanner could not run; the text is its own."""


def trivy(root: Path) -> list[Finding]:
    """What trivy finds. Raises `ScannerError`."""
    options = ("--quiet", "--format", "json", "--skip-check-update", "--skip-version-check", "--disable-telemetry")
    report = _reported([str(TRIVY), "config", *options, str(root)])
    return [
        Finding(
            found["ID"],
            found["CauseMetadata"].get("Resource", ""),
            f"{file['Target']}:{found['CauseMetadata'].get('StartLine', 0)}",
            found["Message"],
        )
        for file in report.get("Results") or ()
        for found in file.get("Misconfigurations") or ()
        if found["Status"] == "FAIL"
    ]


def checkov(root: Path) -> list[Finding]:
    """What checkov finds. Raises `ScannerError`."""
    return [
        Finding(one["check"], one["resource"], f"{one['file']}:{one['line']}", one["says"])
        for one in _reported([str(CHECKOV), str(_RUN), str(root)])
    ]


def _reported(command: list[str]) -> Any:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise ScannerError(f"{command[0]} failed:\n{ended.stderr.strip()}")
    return json.loads(ended.stdout)
