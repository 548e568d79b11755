"""The first request after a restore from a snapshot (SnapStart), compared with the second.

A fresh interpreter loads the entry point as Lambda does for a snapshot, runs the hooks before it and after a restore,
and serves recorded requests. The clock moves between the first and the second, and the second has another token, so
that both read again what a container remembers of a caller. Connections are left out: AWS's responses are recorded.

Lines of Python are counted for a request of every route, each in a copy of the process after the restore; for the most
used routes also instructions, where valgrind is installed.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from bench.first_requests import answered, container, require_same, silence, started, use_compiled
from bench.handlers import REGISTERING, Stage, Unlimited, issued, staged
from bench.imports import run
from bench.path import UKPRN
from bench.tape import Answer, Tape
from bench.warm_requests import COLLECTED, collected, inside
from chalicelib import bootstrap
from chalicelib.domain.access import is_allowed
from chalicelib.ports.accounts import Organisation
from chalicelib.snapshots import FOR_A_SNAPSHOT, INITIALISATION
from chalicelib.web.http.rehearsal import sample_event
from chalicelib.web.rest.table import routes

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.bootstrap import Services

TARGET = 1.02
"""A container remembers some values that it has checked, such as dates and codes: those cost only their first time."""
INSTRUCTIONS_TARGET = 1.05
"""Python makes fast what has run twice, and some of a rehearsal runs less: it finds nothing."""
BETWEEN = {"app": timedelta(minutes=2), "portal": timedelta(seconds=50)}
"""Longer than a container remembers a caller or the maintenance windows, shorter than the keys of tokens or than after
what time a session is stored again.
"""
CREATE = "create"
"""A new achievement; the request of the route is about one that exists."""
MOST_USED = (CREATE, "verify_learner", "find_by_uln", "view_record", "list_achievement_batches", "give_token")
REHEARSALS = {"app": "chalicelib.web.http.rehearsal.rehearse", "portal": "chalicelib.web.portal.rehearsal.rehearse"}
SECONDS = 300
"""After how long a copy of the process is ended, whatever it waits for."""
DESK = "90000099"
"""UKPRN of the service desk."""


class Restored(NamedTuple):
    """A request, and the responses of AWS to the start, the hooks and the request."""

    event: Mapping[str, Any]
    status: int
    environ: Mapping[str, str]
    moment: datetime
    first: int
    """Responses before the request."""
    answers: list[Answer]
    surface: str = "app"
    """The name of the entry point."""


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
    runtime = Runtime()
    sys.modules[runtime.__name__] = runtime
    try:
        with patch.dict(os.environ, {INITIALISATION: FOR_A_SNAPSHOT}):
            yield runtime
    finally:
        del sys.modules[runtime.__name__]


def _container(environ: Mapping[str, str], clock: Callable[[], datetime], use: Callable[[str, Any], None]) -> Services:
    made = container(environ, clock, use, Unlimited())
    vars(made)["draw"] = lambda below: below // 2  # the calls of a registration depend on it
    vars(made.person_index)["_threads"] = SimpleNamespace(map=map)  # a copy of a process has no threads but one
    return made


def _restored(made: Services, surface: str) -> Any:
    """The entry point after a restore, with these services in its container."""
    with for_a_snapshot() as runtime, patch.dict(bootstrap._container, services=made):  # noqa: SLF001
        app = started(made, surface)
        runtime.run()
    return app


def instructions(path: str) -> None:
    """Serve the first and the second of each recorded request inside the C library, each in a copy of the process.

    Prints the copies as JSON to the errors, where valgrind prints the count of each.
    """
    recordings: dict[str, Restored] = pickle.loads(Path(path).read_bytes())
    copies: dict[int, tuple[str, int]] = {}
    use_compiled(path)
    with silence():
        made = _Container(next(iter(recordings.values())))
        for name, recording in recordings.items():
            for before in range(2):
                copies[_copy(partial(_counted, made, recording, before))] = (name, before)
    sys.stderr.write(f"\n{json.dumps(copies)}\n")


def _counted(made: _Container, recording: Restored, before: int) -> None:
    once = made.ready(recording)
    for _ in range(before):
        once()
    inside(once, 1)


def lines(path: str) -> None:
    """Print the lines of Python in the first and in the second of each recorded request, as JSON to the errors."""
    recordings: dict[str, Restored] = pickle.loads(Path(path).read_bytes())
    found: dict[str, list[int]] = {}
    use_compiled(path)
    with silence(), patch("chalicelib.web.http.rehearsal.TIMES", 1):  # how fast they run changes no number of lines
        made = _Container(next(iter(recordings.values())))
        for name, recording in recordings.items():
            found[name] = _in_a_copy(partial(_lines_of, made, recording))
    sys.stderr.write(json.dumps(found))


def _lines_of(made: _Container, recording: Restored) -> list[int]:
    if sys.version_info >= (3, 12):
        once = made.ready(recording)
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
    raise RuntimeError("lines can be counted with Python 3.12 or later")


def _in_a_copy(count: Callable[[], list[int]]) -> list[int]:
    """What this counts in a copy of the process, as Lambda starts each container from the same snapshot."""
    reading, writing = os.pipe()
    _copy(lambda: os.write(writing, json.dumps(count()).encode()))
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    found: list[int] = json.loads(text)
    return found


def _copy(work: Callable[[], object]) -> int:
    """Do this in a copy of the process, and wait for its end; returns its number."""
    child = os.fork()
    if not child:
        signal.alarm(SECONDS)
        try:
            work()
        except Exception:  # noqa: BLE001 - the parent has its own end
            traceback.print_exc()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    return child


class _Container:
    """A container after a restore, for recorded requests."""

    def __init__(self, recording: Restored) -> None:
        self._tape = Tape(recording.answers)
        self._now = recording.moment
        self._made = _container(recording.environ, lambda: self._now, self._use)
        self._app = _restored(self._made, recording.surface)

    def _use(self, _: str, client: Any) -> None:
        self._tape.play(client)

    def ready(self, recording: Restored) -> Callable[[], None]:
        """A call that serves the request. Raises RuntimeError for a different response or different calls."""
        self._tape.answers = recording.answers

        def once() -> None:
            self._tape.start_at(recording.first)
            require_same(answered(self._app, self._made, recording.event), recording, self._tape)
            self._now += BETWEEN[recording.surface]
            self._made.token_keys._verified.clear()  # noqa: SLF001 - as for another token
            vars(self._made.digests).pop("_key", None)  # no snapshot has it: each container reads it once
            for part in ("known_names", "personal_records"):
                vars(self._made).pop(part)  # names are remembered for longer than the keys of tokens
                getattr(self._made, part)

        return once


def recorded() -> dict[str, Restored]:
    """A request of every route, by its name, as the first after a restore."""
    with staged() as stage:
        return record(stage.services, _events(stage))


def record(
    services: Services, events: Iterable[tuple[str, Mapping[str, Any]]], surface: str = "app"
) -> dict[str, Restored]:
    """These requests, by name, each as the first after a restore."""
    found: dict[str, Restored] = {}
    with silence():
        services.complete()  # binds every table before those do whose calls are recorded
        tape, moment, environ = Tape(), services.clock(), services.environ
        made = _container(environ, lambda: moment, lambda _, client: tape.record(client))
        with patch(REHEARSALS[surface], return_value=()):  # it makes no calls
            app = _restored(made, surface)
        start = [*tape.answers]
        for name, event in events:
            tape.answers.clear()
            made.token_keys._verified.clear()  # noqa: SLF001 - of the request before
            again = bootstrap.services(environ, **made.adapters())  # use cases that remember nothing of it either
            status = answered(app, again, event)["statusCode"]
            answers = [*start, *tape.answers]
            found[name] = Restored(event, status, dict(environ), moment, len(start), answers, surface)
    return found


def _events(stage: Stage) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """An achievement that is created, then a request of every route about that one, its learner and a batch."""
    known: dict[str, object] = {"ukprn": UKPRN}
    for operation in stage.operations:
        if operation.name == CREATE:
            yield operation.name, operation.event
        elif not operation.name:
            made = json.loads(stage.app(operation.event, None)["body"])["achievement"]
            known["achievementId"] = made["achievementId"]
        known |= {**(operation.body or {}), **operation.values}
    desk = Organisation(DESK, "A desk", "DESK01", frozenset(), False, False, "active", "desk@example.org")
    stage.services.accounts.put(desk._replace(is_service_desk=True))
    credentials = [issued(stage.services, ukprn) for ukprn in (UKPRN, REGISTERING, DESK)]
    known |= {"client_id": credentials[0].credential.credential_id, "client_secret": credentials[0].secret}
    for route in routes():
        granted = (one.credential for one in credentials if is_allowed(one.credential.scopes, route.capability))
        yield route.name, sample_event(route, stage.services.tokens.grant(next(granted)).token, known)


def counts(recordings: Mapping[str, Restored], folder: Path) -> dict[str, tuple[int, int]]:
    """The lines of the first and of the second of each request."""
    path = folder / "restored.pickle"
    path.write_bytes(pickle.dumps(dict(recordings)))
    printed = run(sys.executable, "-c", f"from bench.restores import lines; lines({str(path)!r})")
    return {name: (first, second) for name, (first, second) in json.loads(printed).items()}


def instruction_counts(recordings: Mapping[str, Restored], folder: Path) -> dict[str, tuple[int, int]]:
    """The instructions of the first and of the second of each request, counted by valgrind."""
    path = folder / "restored.pickle"
    path.write_bytes(pickle.dumps(dict(recordings)))
    printed = collected(f"from bench.restores import instructions; instructions({str(path)!r})")
    of_copies = {int(number): int(count) for number, count in COLLECTED.findall(printed)}
    copies = json.loads(next(line for line in printed.splitlines() if line.startswith("{")))
    found = {(name, before): of_copies[int(number)] for number, (name, before) in copies.items()}
    return {name: (found[name, 0], found[name, 1]) for name in recordings}


def bench() -> Iterator[tuple[str, float, float | None]]:
    """Rows of (what, ratio, target); of the most used, instructions where valgrind is installed."""
    with TemporaryDirectory() as name:
        folder, recordings = Path(name), recorded()
        for what, (one, two) in counts(recordings, folder).items():
            yield f"lines of the first request after a restore, {what} / second", one / two, TARGET
        used = {what: recordings[what] for what in MOST_USED}
        found = instruction_counts(used, folder) if shutil.which("valgrind") else {}
        for what, (one, two) in found.items():
            yield f"first request after a restore, {what} / second", one / two, INSTRUCTIONS_TARGET
