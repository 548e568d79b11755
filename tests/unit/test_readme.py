"""What the README shows is what the commands print."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from local.commands import run, screenshots
from local.commands.run import first_requests
from local.commands.service import WEB_PORT, Ports
from local.emulated.cloud import STATE

README = Path(__file__).parents[2] / "README.md"


def test_the_first_requests_are_those_that_run_prints() -> None:
    shown = re.search(r"<!-- first requests: begin -->\n```\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    printed = [line.strip() for line in first_requests(f"http://127.0.0.1:{WEB_PORT}") if line.startswith("  ")]
    assert shown[1].splitlines() == printed


def test_every_command_that_run_prints_finds_a_service_with_another_state_and_other_ports(tmp_path: Path) -> None:
    state = tmp_path / "a state"
    service: Any = SimpleNamespace(
        address="http://127.0.0.1:8001",
        portal_address="http://127.0.0.1:8081",
        cloud=SimpleNamespace(endpoint="http://127.0.0.1:4777"),
        services=SimpleNamespace(clock=lambda: datetime(2026, 11, 27, tzinfo=UTC)),
        state=state,
        ports=Ports(4777, 8001, 8081),
        lists=None,
    )
    told = run.summary(service)
    commands = re.findall(r"make \w+(?: \w+=(?:\"[^\"]*\"|[^\s,\"]+))*|\.venv/bin/python -m [^()]*", told)
    assert len(commands) == 8
    for command in commands:
        words = shlex.split(command.replace('ARGS="', "").replace('"', ""))
        if "local.emulated.mailbox" in words:
            assert words[-2:] == ["--endpoint", "http://127.0.0.1:4777"]
        else:
            assert words[words.index("--state") + 1] == str(state), command
    again = run.start_again(service)
    assert again == f"""make run ARGS="--state '{state}' --cloud-port 4777 --port 8001 --portal-port 8081\""""
    service.state, service.ports = STATE, Ports()
    assert not re.findall(r"--(?:state|endpoint)|ARGS", run.summary(service))
    assert run.start_again(service) == "make run"


def test_the_pictures_are_those_that_the_command_takes() -> None:
    source = Path(screenshots.__file__).read_text("utf-8")
    taken = sorted(f"docs/images/{name}.png" for name in re.findall(r'picture\("([\w-]+)"\)', source))
    kept = sorted(
        path.relative_to(README.parent).as_posix() for path in README.parent.joinpath("docs/images").iterdir()
    )
    assert taken == kept == sorted(set(re.findall(r"docs/images/[\w-]+\.png", README.read_text("utf-8"))))
