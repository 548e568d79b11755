"""Worker processes for handlers: as many as the machine can use, each killed at its function's time limit."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.lambda_runtime.invocation import InvocationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from local.emulated.stack import Function

_ROOT = Path(__file__).resolve().parents[2]


class ProcessWorkers:
    """Worker processes for any function, `size` invocations at once, one at a time in each.

    `environment` is what the functions read; `log` receives every line they print. A worker whose function exceeds its
    time limit is killed and replaced, as in Lambda; so is one that dies. With `apart`, a worker serves only one
    function and only has the variables described for it: slower, but as strict as the cloud. A function whose settings
    differ from the environment always has its own workers.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        size: int | None = None,
        log: Callable[[str], None] = print,
        apart: bool = False,
    ) -> None:
        self.size = size or max(2, os.cpu_count() or 2)
        self._environment = os.environ | dict(environment) | {"PYTHONUNBUFFERED": "1"}
        self._log = log
        self._apart = apart
        self._places = threading.BoundedSemaphore(self.size)
        self._lock = threading.Lock()
        self._closed = False
        self._idle: dict[str, list[_Worker]] = {}
        self._busy: set[_Worker] = set()

    def invoke(self, function: Function, event: Any) -> Any:
        """Call the function in a free worker, waiting for one. Raises `InvocationError`."""
        with self._places:
            worker = self._take(function)
            try:
                return worker.invoke(function, event)
            finally:
                self._give_back(function, worker)

    def warm(self, functions: Sequence[Function]) -> None:
        """Start workers and let each import these functions, in the background."""
        for _ in range(1 if self._apart else self.size):
            threading.Thread(target=self._warm_one, args=(functions,), name="warm", daemon=True).start()

    def close(self) -> None:
        """Kill every worker; running invocations fail with `Runtime.ExitError`."""
        with self._lock:
            self._closed = True
            idle = [worker for workers in self._idle.values() for worker in workers]
            self._idle.clear()
            busy = set(self._busy)
        for worker in idle:
            worker.discard()
        for worker in busy:
            worker.kill()

    def _warm_one(self, functions: Sequence[Function]) -> None:
        with self._places:
            for function in functions:
                # A function that cannot be imported reports this when it is called.
                with suppress(InvocationError):
                    worker = self._take(function)
                    try:
                        worker.invoke(function, None)
                    finally:
                        self._give_back(function, worker)

    def _take(self, function: Function) -> _Worker:
        """The warmest idle worker, or a new one."""
        with self._lock:
            if self._closed:
                raise InvocationError("Runtime.ExitError", "the workers have been stopped")
            idle = self._idle.setdefault(self._kind(function), [])
            while idle and not idle[-1].alive:
                idle.pop().discard()
            worker = idle.pop() if idle else _Worker(self._variables(function), self._log)
            self._busy.add(worker)
            return worker

    def _give_back(self, function: Function, worker: _Worker) -> None:
        with self._lock:
            self._busy.discard(worker)
            if not self._closed and worker.alive:
                self._idle[self._kind(function)].append(worker)
                return
        worker.discard()

    def _kind(self, function: Function) -> str:
        return function.name if self._apart or not function.settings.items() <= self._environment.items() else ""

    def _variables(self, function: Function) -> dict[str, str]:
        variables = self._environment | dict(function.settings)
        if not self._apart:
            return variables
        return {
            name: value
            for name, value in variables.items()
            if not name.startswith("LRS_") or name in function.environment
        }


class _Worker:
    def __init__(self, environment: Mapping[str, str], log: Callable[[str], None]) -> None:
        self._connection, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.lambda_runtime.worker", str(theirs.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=_ROOT,
            env=dict(environment),
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
        theirs.close()
        threading.Thread(target=self._read_log, args=(log,), name="worker-log", daemon=True).start()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def invoke(self, function: Function, event: Any) -> Any:
        request = {
            "name": function.name,
            "handler": function.handler,
            "memory_megabytes": function.memory_megabytes,
            "timeout_seconds": function.timeout_seconds,
            "event": event,
        }
        try:
            self._connection.send(request)
            if not self._connection.poll(function.timeout_seconds):
                self.discard()
                limit = f"{function.timeout_seconds:.2f}"
                raise InvocationError("Sandbox.Timedout", f"{function.name} timed out after {limit} seconds")
            answer = self._connection.recv()
        except (EOFError, OSError) as error:
            self.discard()
            raise InvocationError("Runtime.ExitError", f"the worker of {function.name} died") from error
        if "value" in answer:
            return answer["value"]
        raise InvocationError(answer["kind"], answer["message"], answer["trace"])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def discard(self) -> None:
        """Kill it and release the connection; only for the thread that holds the worker. May be repeated."""
        self.kill()
        self._connection.close()

    def _read_log(self, log: Callable[[str], None]) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                log(line.decode("utf-8", "replace").rstrip("\n"))
