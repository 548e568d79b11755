"""The state that Terraform gives, made once for a session."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKED = ROOT / ".local" / "infra" / "state.json"
"""Where `make infra-check` leaves the state."""
TERRAFORM = ROOT / ".venv-infra" / "bin" / "python"


def _is_fresh(file: Path) -> bool:
    """Whether a state was made after everything that it follows from."""
    sources = [path for kind in ("*.tf", "*.tfvars", "*.json") for path in (ROOT / "infra").rglob(kind)]
    return file.exists() and file.stat().st_mtime > max(path.stat().st_mtime for path in sources)


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The resources of the live environment, evaluated; `LRS_INFRA_STATE` names a file that already has them."""
    file = Path(os.environ.get("LRS_INFRA_STATE", CHECKED))
    if "LRS_INFRA_STATE" not in os.environ and not _is_fresh(file):
        if not TERRAFORM.exists():
            pytest.skip("Terraform is not installed: make infra-check installs it and runs these tests")
        file = tmp_path_factory.mktemp("infra") / "state.json"
        subprocess.run([TERRAFORM, "-m", "infra.check", "apply", "--out", file], cwd=ROOT, check=True)
    resources: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["resources"]
    return resources
