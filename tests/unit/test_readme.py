"""What the README shows is what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

from local.commands import screenshots
from local.commands.run import first_requests
from local.commands.service import WEB_PORT

README = Path(__file__).parents[2] / "README.md"


def test_the_first_requests_are_those_that_run_prints() -> None:
    shown = re.search(r"<!-- first requests: begin -->\n```\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    printed = [line.strip() for line in first_requests(f"http://127.0.0.1:{WEB_PORT}") if line.startswith("  ")]
    assert shown[1].splitlines() == printed


def test_the_pictures_are_those_that_the_command_takes() -> None:
    source = Path(screenshots.__file__).read_text("utf-8")
    taken = sorted(f"docs/images/{name}.png" for name in re.findall(r'picture\("([\w-]+)"\)', source))
    kept = sorted(
        path.relative_to(README.parent).as_posix() for path in README.parent.joinpath("docs/images").iterdir()
    )
    assert taken == kept == sorted(set(re.findall(r"docs/images/[\w-]+\.png", README.read_text("utf-8"))))
