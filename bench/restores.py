"""The first request after a restore from a snapshot (SnapStart), compared with the second.

A fresh interpreter loads the entry point as Lambda does for a snapshot, runs the hooks before it and after a restore,
and serves recorded requests. The clock moves between the first and the second, and the second has another token, so
that both read again what a container remembers of a caller. Connections are left out: AWS's responses are recorded.

Lines of Python are counted for every request, each in a copy of the process after the restore, and instructions where
valgrind is installed.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
import traceback
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
from bench.imports import run
from bench.tape import Answer, Tape
from bench.warm_requests import inside, instructions

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.bootstrap import Services

TARGET = 1.02
"""A container remembers some values that it has checked, such as dates and codes: those cost only their first time."""
MORE = {"record of 20 events": 1.12}
"""The targets of requests that find much, of which a rehearsal finds nothing."""
INSTRUCTIONS_TARGET = 1.5
"""Python makes fast what has run twice, and some of a request only runs when a learner is found."""
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
    with _silence():
        once = _Container(recording).ready(recording)
        for _ in range(before):
            once()
        inside(once, 1)


def lines(path: str) -> None:
    """Print the lines of Python in the first and in the second of each recorded request, as JSON to the errors."""
    recordings: dict[str, Restored] = pickle.loads(Path(path).read_bytes())
    found: dict[str, list[int]] = {}
    with _silence():
        made = _Container(next(iter(recordings.values())))
        for name, recording in recordings.items():
            found[name] = _in_a_copy(lambda recording=recording: _lines_of(made.ready(recording)))
    sys.stderr.write(json.dumps(found))


def _lines_of(once: Callable[[], object]) -> list[int]:
    tool, events, counted = sys.monitoring.PROFILER_ID, sys.monitoring.events, [0]

    def line(*_: object) -> None:
        counted[0] += 1

    sys.monitoring.use_tool_id(tool, "lines")
    sys.monitoring.register_callback(tool, events.LINE, line)
    found = []
    for _ in range(2):
        counted[0] = 0
        sys.monitoring.set_events(tool, events.LINE)
        once()
        sys.monitoring.set_events(tool, 0)
        found.append(counted[0])
    return found


def _in_a_copy(count: Callable[[], list[int]]) -> list[int]:
    """What this counts in a copy of the process, as Lambda starts each container from the same snapshot."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, json.dumps(count()).encode())
        except Exception:  # noqa: BLE001 - the parent has its own end
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    found: list[int] = json.loads(text)
    return found


@contextmanager
def _silence() -> Iterator[None]:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        yield


class _Container:
    """A container after a restore, for recorded requests."""

    def __init__(self, recording: Restored) -> None:
        self._tape = Tape()
        self._tape.answers = recording.answers
        self._now = recording.moment
        self._made = container(recording.environ, lambda: self._now, self._use, Unlimited())
        self._app = _restored(self._made)

    def _use(self, _: str, client: Any) -> None:
        self._tape.play(client)

    def ready(self, recording: Restored) -> Callable[[], None]:
        """A call that serves the request. Raises RuntimeError for a different response or different calls."""
        event, self._tape.answers = recording.event, recording.answers

        def once() -> None:
            self._tape.start_at(recording.first)
            answer = answered(self._app, self._made, event)
            if answer["statusCode"] != recording.status or not self._tape.is_at_end:
                raise RuntimeError(f"{answer['statusCode']}: {answer['body']}")
            self._now += BETWEEN
            self._made.token_keys._verified.clear()  # noqa: SLF001 - as for another token
            for part in ("known_names", "personal_records"):
                vars(self._made).pop(part)  # names are remembered for longer than the keys of tokens
                getattr(self._made, part)

        return once


def recorded() -> dict[str, Restored]:
    """Every request, by its name."""
    found: dict[str, Restored] = {}
    with staged() as stage:
        for operation in stage.operations:
            if operation.name:
                found[operation.name] = record(operation.event, stage.services)
            else:
                stage.app(operation.event, None)
    return found


def counts(recordings: Mapping[str, Restored], folder: Path) -> dict[str, tuple[int, int]]:
    """The lines of the first and of the second of each request."""
    path = folder / "restored.pickle"
    path.write_bytes(pickle.dumps(dict(recordings)))
    printed = run(sys.executable, "-c", f"from bench.restores import lines; lines({str(path)!r})")
    return {name: (first, second) for name, (first, second) in json.loads(printed).items()}


def bench() -> Iterator[tuple[str, float, float | None]]:
    """Rows of (what, ratio, target); instructions where valgrind is installed."""
    with TemporaryDirectory() as name:
        folder, recordings = Path(name), recorded()
        for what, (one, two) in counts(recordings, folder).items():
            yield f"lines of the first request after a restore, {what} / second", one / two, MORE.get(what, TARGET)
        for number, (what, recording) in enumerate(recordings.items() if shutil.which("valgrind") else ()):
            path = folder / f"{number}.pickle"
            path.write_bytes(pickle.dumps(recording))
            cost = [instructions(which, str(path), __name__, 1) for which in ("first", "second")]
            yield f"first request after a restore, {what} / second", cost[0] / cost[1], INSTRUCTIONS_TARGET
