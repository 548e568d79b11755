"""The evaluated state, kept until something that it follows from changes: making it takes some seconds."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Final

from infra.check.stages import EVALUATED, evaluated
from infra.check.terraform import REPOSITORY

FOLDER: Final = REPOSITORY / ".local" / "infra"


def kept_state(root: Path) -> list[dict[str, Any]]:
    """The resources of the environment that is evaluated. Raises `TerraformError`."""
    place = place_of_state(root)
    if not place.exists():
        keep_state(root, evaluated(root))
    resources: list[dict[str, Any]] = json.loads(place.read_text("utf-8"))["resources"]
    return resources


def keep_state(root: Path, resources: list[dict[str, Any]]) -> None:
    """Keep a state in place of any other."""
    place = place_of_state(root)
    place.parent.mkdir(parents=True, exist_ok=True)
    for other in place.parent.glob(f"{EVALUATED}-*.json"):
        other.unlink(missing_ok=True)
    unfinished = place.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps({"resources": resources}, indent=1, sort_keys=True), "utf-8")
    unfinished.replace(place)


def place_of_state(root: Path) -> Path:
    """Where the state is kept, named by everything that it follows from."""
    digest = hashlib.sha256()
    for path in sorted(path for path in root.parent.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        digest.update(str(path.relative_to(root.parent)).encode() + path.read_bytes())
    return FOLDER / f"{EVALUATED}-{digest.hexdigest()[:16]}.json"
