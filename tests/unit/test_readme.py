"""What the README shows is what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

from local.commands.run import first_requests
from local.commands.service import WEB_PORT

README = Path(__file__).parents[2] / "README.md"


def test_the_first_requests_are_those_that_run_prints() -> None:
    shown = re.search(r"<!-- first requests: begin -->\n```\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    printed = [line.strip() for line in first_requests(f"http://127.0.0.1:{WEB_PORT}") if line.startswith("  ")]
    assert shown[1].splitlines() == printed
