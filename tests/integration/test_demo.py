"""`make run` and `make demo` as users run them: as separate processes, over the whole service."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from queue import Empty, Queue
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from bench.crashes import PROGRAMS, children
from local.samples.world import mixed_file

pytestmark = pytest.mark.xdist_group("demo")
"""One service for the whole module, whichever worker has it."""

ROOT = Path(__file__).parents[2]
PLACES = ("--port", "0", "--portal-port", "0", "--cloud-port", "0")
KEYS = {"job_id", "status", "counts", "seconds", "output_path", "error_path"}


class Ended(NamedTuple):
    status: int
    said: str
    reported: str

    @property
    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.said.splitlines()[-1])
        return found


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("LRS_", "AWS_"))}


def demo(state: Path, *arguments: str) -> Ended:
    command = [sys.executable, "-m", "local.commands.demo", "--state", str(state), *PLACES, *arguments]
    ended = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=240, check=False
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


class Running:
    """`make run` in its own process."""

    def __init__(self, state: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "local.commands.run", "--state", str(state), *PLACES, *arguments]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: Queue[str] = Queue()
        self.said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as output:
            for line in output:
                self.lines.put(line)
        self.lines.put("")

    def until(self, text: str) -> str:
        """The output up to the line with this text."""
        while text not in self.said:
            try:
                line = self.lines.get(timeout=240)
            except Empty:
                line = ""
            assert line, self.said
            self.said += line
        return self.said

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """The exit status, once the process has ended and its output has been read."""
        status = self.process.wait(60)
        self._reader.join(60)
        return status


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="module")
def service(state: Path) -> Iterator[Running]:
    running = Running(state, "--records", "120")
    try:
        running.until("Press Ctrl-C to stop it.")
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()


@pytest.mark.req("ACH-06", "ACH-07")
def test_run_processes_a_job_and_shows_where_everything_is(service: Running) -> None:
    assert "Successful in" in service.said
    assert "all as expected" in service.said
    assert "The service is running: http://127.0.0.1:" in service.said
    assert "Submitted files of a college and an awarding organisation, and raised a challenge" in service.said
    assert "Sample organisations, each with the client id and secret of its system:" in service.said


@pytest.mark.req("IDM-01")
def test_the_people_that_run_prints_can_sign_in_to_the_portal(service: Running) -> None:
    entered = re.search(r"People who can sign in at http://(\S+), all with the password (\S+) :", service.said)
    name = re.search(r"(\w+) +QCF User", service.said)
    assert entered is not None
    assert name is not None
    with urllib.request.urlopen(f"http://{entered[1]}/sign-in", timeout=60) as page:
        token = re.search(r'name="csrf_token" value="([^"]*)"', page.read().decode())
        cookie = page.headers["Set-Cookie"].partition(";")[0]
    assert token is not None
    fields = {"csrf_token": token[1], "user_name": name[1], "password": entered[2]}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    with closing(HTTPConnection(entered[1])) as portal:
        portal.request("POST", "/sign-in", urlencode(fields), headers)
        answer = portal.getresponse()
        answer.read()
        assert (answer.status, answer.getheader("Location")) == (303, "/")


def test_run_prints_no_log_lines(service: Running) -> None:
    assert '{"level":' not in service.said


@pytest.mark.req("VLD-01", "IDM-11")
def test_the_requests_that_run_prints_succeed_when_pasted(service: Running, state: Path) -> None:
    printed = [line.strip() for line in service.said.splitlines()]
    ask = ["--state", str(state), "token"]
    given = subprocess.run(
        [sys.executable, "-m", "local.commands.credentials", *ask],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    requests = [shlex.split(line) for line in printed if line.startswith("curl ")]
    assert len(requests) == 3
    for request in requests:
        headers = dict(one.split(": ") for one in request if ": " in one and not one.startswith("{"))
        body = next((one.encode() for one in request if one.startswith("{")), None)
        headers["Authorization"] = f"Bearer {given.stdout.strip()}"
        with urllib.request.urlopen(urllib.request.Request(request[-1], body, headers)) as answer:
            assert answer.status == 200
            assert json.load(answer).get("returnCode", "VRC001") == "VRC001"


@pytest.mark.req("ACH-06", "ACH-07", "SLA-03")
@pytest.mark.parametrize("channel", ["drop", "api"])
def test_a_generated_file_is_processed_through_either_channel(service: Running, state: Path, channel: str) -> None:
    ended = demo(state, "--channel", channel, "--records", "150", "--json")
    assert ended.status == 0, ended.reported
    assert set(ended.summary) == KEYS
    assert ended.said.count("\n") == 1
    assert ended.summary["status"] == "Successful"
    assert sum(ended.summary["counts"].values()) == 150
    output, errors = Path(ended.summary["output_path"]), Path(ended.summary["error_path"])
    assert len(output.read_text("utf-8-sig").splitlines()) == 151
    assert ended.summary["counts"]["refused"] == len(errors.read_text("utf-8-sig").splitlines()) - 1
    mail = (output.parent / "mail.txt").read_text("utf-8")
    assert ended.summary["job_id"] in mail


@pytest.mark.req("ACH-06")
@pytest.mark.parametrize("channel", ["drop", "api"])
def test_a_refused_file_is_reported_with_every_reason_and_fails(
    service: Running, state: Path, tmp_path: Path, channel: str
) -> None:
    data, _ = mixed_file(3)
    path = tmp_path / "QCF_90000051_20260101_001.csv"
    path.write_bytes(data.replace(b'"RecordCount"', b'"RecordsCount"'))
    ended = demo(state, "--channel", channel, "--file", str(path), "--json")
    assert ended.status == 1
    assert ended.summary["status"] == "Failed"
    assert sum(ended.summary["counts"].values()) == 0
    assert ended.summary["output_path"] is None
    assert "ACB008" in ended.reported
    assert "line 1" in ended.reported


@pytest.mark.req("ACH-06")
def test_a_form_refuses_a_file_that_is_not_a_batch_before_it_is_sent(
    service: Running, state: Path, tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG")
    ended = demo(state, "--channel", "api", "--file", str(path))
    assert ended.status == 1
    assert "ACB002 filename" in ended.reported


def test_a_missing_file_or_unknown_organisation_is_a_mistake_in_the_command(service: Running, state: Path) -> None:
    assert demo(state, "--file", str(state / "none.csv")).status == 2
    assert demo(state, "--ukprn", "12345678").status == 2
    assert demo(state, "--channel", "post").status == 2


def test_a_second_start_reports_that_one_is_running(service: Running, state: Path) -> None:
    second = Running(state)
    assert "already running" in second.until("already running")
    assert second.ended() == 0


def test_a_stop_is_clean_and_the_next_start_continues_from_there(service: Running, state: Path) -> None:
    assert service.stop() == 0
    assert not (state / "cloud.json").exists()
    assert not (state / "service.json").exists()
    ended = demo(state, "--channel", "api", "--records", "20", "--json")
    assert ended.status == 0, ended.reported
    assert "Seeded" not in ended.reported
    assert not (state / "cloud.json").exists()


def test_run_ends_with_an_error_when_its_emulator_dies(state: Path) -> None:
    """The state is that of the tests before, so that nothing is seeded again."""
    running = Running(state, "--records", "0")
    try:
        running.until("Press Ctrl-C to stop it.")
        (emulator,) = (child for child, program in children(running.process.pid) if PROGRAMS["emulator"] in program)
        os.kill(emulator, signal.SIGKILL)
        assert running.ended() == 1
        said = running.said + "".join(running.lines.queue)
        assert "The local cloud has ended" in said
        assert "What was stored in the last minute may be lost." in said
    finally:
        running.process.kill()
        running.process.wait()
