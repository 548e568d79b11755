"""What is agreed for each function of the catalogue, and its routes: ``infra/service_levels.json``, packaged with the
code.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

LEVELS_FILE: Final = Path(__file__).resolve().parents[2] / "infra" / "service_levels.json"


@cache
def described_levels() -> dict[str, Any]:
    """The content of the file."""
    found: dict[str, Any] = json.loads(LEVELS_FILE.read_bytes())
    return found
