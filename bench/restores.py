"""The first request after a restore from a snapshot (SnapStart), compared with the second, in instructions.

A fresh interpreter loads the entry point as Lambda does for a snapshot, runs the hooks before it and after a restore,
and serves a recorded request. Only one request is counted, the first or the second. The clock moves between them, so
that both read again what a container remembers of a caller.
"""

from __future__ import annotations

import os
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from bench.first_requests import answered, container, started
from bench.handlers import Unlimited, staged
from bench.tape import Answer, Tape
from bench.warm_requests import inside, instructions

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.bootstrap import Services

TARGET = 2.0
"""The forms of an answer, patterns and the metrics of a function are made by its first request alone."""
BETWEEN = timedelta(minutes=2)
"""Longer than a container remembers a caller or the maintenance windows, shorter than the keys of tokens."""


class Restored(NamedTuple):
    """A request, and the responses of AWS to the start, the hooks and the request."""

    event: Mapping[str, Any]
    status: int
    environ: Mapping[str, str]
    moment: datetime
    first: int
    """Responses before the request."""
    answers: list[Answer]


class Runtime(ModuleType):
    """The part of Lambda's runtime that calls hooks."""

    def __init__(self) -> None:
        super().__init__("snapshot_restore_py")
        self.before: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self.after: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def register_before_snapshot(self, hook: Callable[..., object], *given: Any) -> None:
        self.before.append((hook, given))

    def register_after_restore(self, hook: Callable[..., object], *given: Any) -> None:
        self.after.append((hook, given))

    def run(self) -> None:
        """Take a snapshot and start from it."""
        for hook, given in (*reversed(self.before), *self.after):
            hook(*given)


@contextmanager
def for_a_snapshot() -> Iterator[Runtime]:
    """Inside, code is loaded for a snapshot."""
    from chalicelib.snapshots import FOR_A_SNAPSHOT, INITIALISATION  # noqa: PLC0415 - nothing is loaded yet

    runtime = Runtime()
    sys.modules[runtime.__name__] = runtime
    try:
        with patch.dict(os.environ, {INITIALISATION: FOR_A_SNAPSHOT}):
            yield runtime
    finally:
        del sys.modules[runtime.__name__]


def record(event: Mapping[str, Any], services: Services) -> Restored:
    """Serve an event as the first after a restore, with new services like these, and record the calls."""
    tape, moment = Tape(), services.clock()
    made = container(services.environ, lambda: moment, lambda _, client: tape.record(client), Unlimited())
    app = _restored(made)
    first = len(tape.answers)
    answer = answered(app, made, event)
    return Restored(event, answer["statusCode"], dict(services.environ), moment, first, tape.answers)


def _restored(made: Services) -> Any:
    """The entry point after a restore, with these services in its container."""
    from chalicelib import bootstrap  # noqa: PLC0415 - the interpreter that is measured has loaded nothing yet

    with for_a_snapshot() as runtime, patch.dict(bootstrap._container, services=made):  # noqa: SLF001
        app = started(made)
        runtime.run()
    return app


def first(path: str) -> None:
    """Count the first request after a restore."""
    _counted(path, before=0)


def second(path: str) -> None:
    """Count the second."""
    _counted(path, before=1)


def _counted(path: str, before: int) -> None:
    recording: Restored = pickle.loads(Path(path).read_bytes())
    tape = Tape()
    tape.answers = recording.answers
    now = [recording.moment]
    made = container(recording.environ, lambda: now[0], lambda _, client: tape.play(client), Unlimited())

    def once() -> None:
        tape.start_at(recording.first)
        answer = answered(app, made, recording.event)
        if answer["statusCode"] != recording.status or not tape.is_at_end:
            raise RuntimeError(f"{answer['statusCode']}: {answer['body']}")

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        app = _restored(made)
        for _ in range(before):
            once()
            now[0] += BETWEEN
        inside(once, 1)


def bench() -> Iterator[tuple[str, float, float | None]]:
    """Rows of (what, ratio, target), where valgrind is installed."""
    if not shutil.which("valgrind"):
        return
    with TemporaryDirectory() as folder, staged() as stage:
        for number, operation in enumerate(stage.operations):
            if not operation.name:
                stage.app(operation.event, None)
                continue
            path = Path(folder) / f"{number}.pickle"
            path.write_bytes(pickle.dumps(record(operation.event, stage.services)))
            one, two = (instructions(which, str(path), __name__, 1) for which in ("first", "second"))
            yield f"first request after a restore, {operation.name} / second", one / two, TARGET
