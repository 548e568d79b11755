"""Where tests find the public reference and trial data, which is outside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared_data() -> Path:
    """The directory in ``LRS_SHARED_DATA``, or else ``../shared/data``; without one the test is skipped."""
    directory = Path(os.environ.get("LRS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if directory.is_dir():
        return directory
    pytest.skip(f"NOT TESTED against public data: {directory} is absent (name it in LRS_SHARED_DATA)")
