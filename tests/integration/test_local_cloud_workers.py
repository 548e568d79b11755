"""Handlers run in their own processes, with Lambda's limits, and none outlives its launcher."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.emulated.stack import Function
from local.lambda_runtime.invocation import InvocationError
from local.lambda_runtime.worker_pool import ProcessWorkers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]


def function(name: str, timeout_seconds: float = 30) -> Function:
    return Function(name, f"tests.local_cloud_handlers.{name}", timeout_seconds, 128, ())  # type: ignore[arg-type]


@pytest.fixture
def lines() -> queue.Queue[str]:
    return queue.Queue()


@pytest.fixture
def workers(lines: queue.Queue[str]) -> Iterator[ProcessWorkers]:
    pool = ProcessWorkers({"LRS_TABLE_REGISTER": "lrs-x-register"}, size=2, log=lines.put)
    yield pool
    pool.close()


def test_a_worker_is_given_the_environment_and_answers_with_json(workers: ProcessWorkers) -> None:
    answer = workers.invoke(function("echo"), {"a": [1, None, "é"]})
    assert answer["event"] == {"a": [1, None, "é"]}
    assert answer["setting"] == "lrs-x-register"
    assert answer["function"] == "echo"
    assert answer["pid"] != os.getpid()
    assert 0 < answer["left"] <= 30_000


def test_a_warm_worker_is_used_again_and_two_calls_at_once_use_two(workers: ProcessWorkers) -> None:
    first, second = (workers.invoke(function("echo"), 1)["pid"] for _ in range(2))
    assert first == second
    with ThreadPoolExecutor(8) as pool:
        pids = {answer["pid"] for answer in pool.map(lambda n: workers.invoke(function("echo"), n), range(40))}
    assert len(pids) <= 2


def test_an_exception_is_reported_by_its_type_and_the_worker_lives_on(
    workers: ProcessWorkers, lines: queue.Queue[str]
) -> None:
    pid = workers.invoke(function("echo"), 1)["pid"]
    with pytest.raises(InvocationError, match="ValueError: refused 7"):
        workers.invoke(function("refuse"), {"number": 7})
    assert workers.invoke(function("echo"), 1)["pid"] == pid
    assert "Traceback" in lines.get(timeout=10)


def test_a_function_that_overruns_its_time_is_killed_and_replaced(workers: ProcessWorkers) -> None:
    pid = workers.invoke(function("echo"), 1)["pid"]
    with pytest.raises(InvocationError) as caught:
        workers.invoke(function("hang", timeout_seconds=0.2), 1)
    assert caught.value.kind == "Sandbox.Timedout"
    assert workers.invoke(function("echo"), 1)["pid"] != pid


def test_a_worker_that_dies_fails_its_invocation_only(workers: ProcessWorkers) -> None:
    with pytest.raises(InvocationError) as caught:
        workers.invoke(function("die"), 1)
    assert caught.value.kind == "Runtime.ExitError"
    assert workers.invoke(function("echo"), 2)["event"] == 2


def test_what_cannot_be_imported_or_answered_is_an_error_of_that_call(workers: ProcessWorkers) -> None:
    with pytest.raises(InvocationError, match="AttributeError"):
        workers.invoke(function("absent"), 1)
    with pytest.raises(InvocationError, match="MarshalError"):
        workers.invoke(function("unspeakable"), 1)


def test_what_a_function_prints_reaches_the_log(workers: ProcessWorkers, lines: queue.Queue[str]) -> None:
    workers.invoke(function("speak"), {"word": "grüezi"})
    assert lines.get(timeout=10) == "said grüezi"


def test_nothing_is_invoked_once_the_workers_are_closed(workers: ProcessWorkers) -> None:
    workers.invoke(function("echo"), 1)
    workers.close()
    with pytest.raises(InvocationError, match="stopped"):
        workers.invoke(function("echo"), 1)


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def launch(script: str, *arguments: str) -> tuple[subprocess.Popen[str], int]:
    """Start a launcher that prints the process id of its child; (launcher, child's id)."""
    launcher = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert launcher.stdout is not None
    return launcher, int(launcher.stdout.readline())


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads process states from /proc")


@needs_proc
def test_a_worker_in_the_middle_of_a_handler_ends_when_its_launcher_is_killed() -> None:
    script = """
import threading
from local.emulated.stack import Function
from local.lambda_runtime.worker_pool import ProcessWorkers
workers = ProcessWorkers({}, size=1)
names = ["echo", "hang"]
echo, hang = (Function(name, f"tests.local_cloud_handlers.{name}", 60, 128, ()) for name in names)
print(workers.invoke(echo, 1)["pid"], flush=True)
workers.invoke(hang, 1)
"""
    launcher, child = launch(script)
    launcher.kill()
    launcher.communicate()
    assert eventually(lambda: gone(child))


@needs_proc
@pytest.mark.emulator
def test_the_emulator_ends_and_keeps_its_state_when_its_launcher_is_killed(tmp_path: Path) -> None:
    script = """
import pathlib, sys, threading
from local.emulated.cloud import LocalCloud
cloud = LocalCloud(state=pathlib.Path(sys.argv[1]), port=0)
cloud.start()
item = {"pk": {"S": "kept"}, "sk": {"S": "kept"}}
cloud.client("dynamodb").put_item(TableName=cloud.table("jobs"), Item=item)
print(cloud.emulator.pid, flush=True)
threading.Event().wait()
"""
    launcher, child = launch(script, str(tmp_path))
    launcher.send_signal(signal.SIGKILL)
    launcher.communicate()
    assert eventually(lambda: gone(child))

    from local.emulated.cloud import LocalCloud

    with LocalCloud(state=tmp_path, port=0) as cloud:
        items: list[Any] = cloud.client("dynamodb").scan(TableName=cloud.table("jobs"))["Items"]
    assert items == [{"pk": {"S": "kept"}, "sk": {"S": "kept"}}]


def test_kept_apart_a_function_is_given_its_own_variables_only() -> None:
    environment = {"LRS_TABLE_REGISTER": "lrs-x-register", "LRS_TABLE_JOBS": "lrs-x-jobs"}
    allowed = Function("allowed", "tests.local_cloud_handlers.echo", 30, 128, ("LRS_TABLE_REGISTER",))
    denied = Function("denied", "tests.local_cloud_handlers.echo", 30, 128, ("LRS_TABLE_JOBS",))
    workers = ProcessWorkers(environment, size=1, apart=True)
    first, second = workers.invoke(allowed, 1), workers.invoke(denied, 1)
    assert (first["setting"], second["setting"]) == ("lrs-x-register", None)
    assert first["pid"] != second["pid"]
    workers.close()


def test_a_function_with_different_settings_has_its_own_workers() -> None:
    environment = {"LRS_TABLE_REGISTER": "shared"}
    same, alike, other = (
        Function(name, "tests.local_cloud_handlers.echo", 30, 128, (), {"LRS_TABLE_REGISTER": value})
        for name, value in (("same", "shared"), ("alike", "shared"), ("other", "own"))
    )
    workers = ProcessWorkers(environment, size=1)
    answers = [workers.invoke(function, 1) for function in (same, alike, other)]
    assert [answer["setting"] for answer in answers] == ["shared", "shared", "own"]
    assert answers[0]["pid"] == answers[1]["pid"] != answers[2]["pid"]
    workers.close()
