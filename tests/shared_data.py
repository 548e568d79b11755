"""Where the reference data lies that some tests measure themselves by; it is no part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PLACE = Path(os.environ.get("LRS_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
"""Beside the project's own folder, unless the environment names another place."""


def shared_data() -> Path:
    """The folder of reference data; skips the test, and says so, where there is none."""
    if not PLACE.is_dir():
        pytest.skip(f"REFERENCE DATA ABSENT: {PLACE} is not there, so this test proves nothing today")
    return PLACE
