"""Worker processes for handlers: as many at once as the machine can use, each killed at its function's time limit."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

from local.invocation import InvocationError
from local.stack import Function

_ROOT = Path(__file__).resolve().parent.parent


class ProcessWorkers:
    """A pool of `size` worker processes that any function may use, one invocation at a time each.

    `environment` is what the functions read; `log` receives every line they print. A worker whose function overruns its
    time limit is killed and replaced, as Lambda does; so is one that dies.
    """

    def __init__(
        self, environment: Mapping[str, str], *, size: int | None = None, log: Callable[[str], None] = print
    ) -> None:
        self.size = size or max(2, os.cpu_count() or 2)
        self._environment = os.environ | dict(environment) | {"PYTHONUNBUFFERED": "1", "LRS_LOCAL_WORKER": "1"}
        self._log = log
        self._lock = threading.Lock()
        self._closed = False
        self._workers: set[_Worker] = set()
        # Last in, first out keeps the warm ones warm. None is a place for a worker not yet started.
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(self.size):
            self._idle.put(None)

    def invoke(self, function: Function, event: Any) -> Any:
        """Call the function in a free worker, waiting for one. Raises `InvocationError`."""
        worker = self._idle.get()
        try:
            if worker is None or not worker.alive:
                worker = self._start_worker()
            return worker.invoke(function, event)
        finally:
            self._idle.put(worker if worker and worker.alive else None)

    def warm(self, functions: list[Function]) -> None:
        """Start every worker and let it import these functions, in the background."""
        for _ in range(self.size):
            threading.Thread(target=self._warm_one, args=(functions,), name="warm", daemon=True).start()

    def close(self) -> None:
        """Kill every worker; invocations under way fail with `Runtime.ExitError`."""
        with self._lock:
            self._closed = True
            workers, self._workers = self._workers, set()
        for worker in workers:
            worker.kill()
        for idle in self._take_all_idle():
            if idle:
                idle.discard()
            self._idle.put(None)

    def _take_all_idle(self) -> list[_Worker | None]:
        taken = []
        with suppress(queue.Empty):
            while True:
                taken.append(self._idle.get_nowait())
        return taken

    def _warm_one(self, functions: list[Function]) -> None:
        worker = self._idle.get()
        try:
            worker = worker or self._start_worker()
            for function in functions:
                worker.invoke(function, None)
        except InvocationError:
            pass  # a function that cannot be imported says so when it is called
        finally:
            self._idle.put(worker if worker and worker.alive else None)

    def _start_worker(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise InvocationError("Runtime.ExitError", "the workers have been stopped")
            self._workers = {worker for worker in self._workers if worker.alive}
            worker = _Worker(self._environment, self._log)
            self._workers.add(worker)
            return worker


class _Worker:
    def __init__(self, environment: Mapping[str, str], log: Callable[[str], None]) -> None:
        self._connection, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.worker", str(theirs.fileno())],
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
        """Kill, and let go of the connection; only for the thread that holds the worker."""
        self.kill()
        self._connection.close()

    def _read_log(self, log: Callable[[str], None]) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                log(line.decode("utf-8", "replace").rstrip("\n"))
