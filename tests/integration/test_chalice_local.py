"""``chalice local`` shows the routes, with and without the emulated cloud of ``make run``."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chalicelib.grants import needs
from local.emulated.chalice_config import ROOT, TARGET, render

CHALICE = Path(sys.executable).with_name("chalice")


def test_chalices_settings_are_those_of_the_description() -> None:
    assert TARGET.read_text("utf-8") == render(), "python -m local.emulated.chalice_config writes it"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where ``chalice local`` serves the routes: on a free port."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("LRS_", "AWS_"))}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-u", str(CHALICE), "local", "--port", str(port), "--no-autoreload"]
    process = subprocess.Popen(command, cwd=ROOT, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        serving = re.search(r"http://\S+", process.stdout.readline())
        assert serving is not None
        yield serving[0]
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("path", "content"), [("/health", '"ok"'), ("/v1/openapi.json", '"3.1'), ("/developers", "<h1")]
)
def test_public_routes_answer_without_a_cloud(address: str, path: str, content: str) -> None:
    with closing(urllib.request.urlopen(f"{address}{path}", timeout=30)) as answer:
        assert answer.status == 200
        assert content in answer.read().decode()


def test_the_stage_has_every_variable_of_the_web_service() -> None:
    variables = json.loads(TARGET.read_text("utf-8"))["stages"]["dev"]["environment_variables"]
    assert set(needs("api")) <= variables.keys()
