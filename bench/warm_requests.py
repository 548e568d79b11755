"""Instructions of a warm request through the Lambda entry point, counted by valgrind, with the mock transport left out.

A request is sent to a new container over the emulator until nothing has to be read for the first time, and AWS's
responses are recorded. A fresh interpreter plays them back; only what runs inside one function of the C library is
counted, so that neither the start of the interpreter nor the first requests are.
"""

from __future__ import annotations

import ctypes
import gc
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from bench.first_requests import answered, container, kept, require_same, silence, started, use_compiled
from bench.tape import Answer, Tape

if TYPE_CHECKING:
    from chalicelib.bootstrap import Services

COUNTED = 10
"""Requests of one measurement."""
COLLECTED = re.compile(r"==([0-9]+)== Collected : ([0-9]+)")
"""What valgrind prints of each process that ends: its number, and its instructions."""
_COUNTING = ("--collect-atstart=no", "--toggle-collect=qsort", "--toggle-collect=qsort_r")


class Warm(NamedTuple):
    """A warm request, what comes before it, and the responses of AWS."""

    before: list[Mapping[str, Any]]
    event: Mapping[str, Any]
    status: int
    environ: Mapping[str, str]
    moment: datetime
    first: int
    """Responses for the requests before it."""
    answers: list[Answer]
    surface: str = "app"
    """The name of its entry point."""

    @property
    def calls(self) -> int:
        """Round trips to AWS."""
        return len(self.answers) - self.first


def record(before: list[Mapping[str, Any]], event: Mapping[str, Any], services: Services, surface: str = "app") -> Warm:
    """Send the requests to a new container of these services."""
    tape = Tape()
    made = container(services.environ, services.clock, lambda _, client: tape.record(client), services.paces)
    app = started(made, surface)
    for earlier in before:
        answered(app, made, earlier)
    first = len(tape.answers)
    answer = answered(app, made, event)
    moment, status = services.clock(), answer["statusCode"]
    return Warm(before, event, status, dict(services.environ), moment, first, tape.answers, surface)


def serve(path: str) -> None:
    """Serve a recorded request COUNTED times inside the C library. Raises RuntimeError for a different response."""
    warm, tape = kept(path, Warm)
    use_compiled(path)
    with silence(), ready(warm, tape) as once:
        inside(once)


@contextmanager
def ready(warm: Warm, tape: Tape) -> Iterator[Callable[[], None]]:
    """Inside, a call serves the request in a warm container. Raises RuntimeError for a different response."""
    from bench.handlers import Unlimited  # noqa: PLC0415 - it imports what would be measured
    from chalicelib import bootstrap  # noqa: PLC0415

    made = container(warm.environ, lambda: warm.moment, lambda _, client: tape.play(client), Unlimited())
    app = started(made, warm.surface)
    for event in (*warm.before, warm.event):
        answered(app, made, event)

    def once() -> None:
        tape.start_at(warm.first)
        require_same(app(warm.event, None), warm, tape)

    with patch.dict(bootstrap._container, services=made):  # noqa: SLF001 - as if its environment had said so
        yield once


def play(path: str) -> None:
    """Only the mock transport of a recorded request, likewise."""
    warm, tape = kept(path, Warm)
    client = SimpleNamespace(_endpoint=SimpleNamespace(http_session=SimpleNamespace()))
    tape.play(client)
    request = SimpleNamespace(url="https://aws")

    def once() -> None:
        tape.start_at(warm.first)
        for _ in range(warm.calls):
            client._endpoint.http_session.send(request)  # noqa: SLF001 - where the tape put itself

    inside(once)


def read(path: str) -> None:
    """One GetItem of an item with fifteen attributes through our client, likewise: the cheapest call that there is."""
    warm, tape = kept(path, Warm)
    item = ",".join(f'"attribute{n}": {{"S": "a value of twenty-two"}}' for n in range(15))
    headers: Any = {"Content-Type": "application/x-amz-json-1.0"}
    tape.answers = [Answer("GetItem", 200, headers, f'{{"Item": {{{item}}}}}'.encode())]
    client = container(warm.environ, lambda: warm.moment, lambda _, client: tape.play(client)).clients["dynamodb"]

    def once() -> None:
        tape.start_at(0)
        client.get_item(TableName="register", Key={"pk": {"S": "ULN#1000000027"}, "sk": {"S": "LEARNER"}})

    once()
    inside(once)


def instructions(what: str, path: str, module: str = __name__, times: int = COUNTED) -> float:
    """Million instructions of :func:`serve`, :func:`play` or :func:`read` for one recorded request.

    Or those of another module's function that calls :func:`inside`, divided by ``times``.
    """
    printed = collected(f"import importlib; importlib.import_module({module!r}).{what}({path!r})")
    counted = COLLECTED.search(printed)
    if counted is None:
        raise RuntimeError("valgrind reports no count of instructions")
    return float(counted[2]) / times / 1_000_000


def collected(statement: str) -> str:
    """What valgrind and a fresh interpreter print when it runs this statement, of which :func:`inside` is counted."""
    from bench.imports import run  # noqa: PLC0415 - it measures what this module records

    tool = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}", *_COUNTING)
    return run(*tool, sys.executable, "-c", statement)


def inside(once: Callable[[], object], times: int = COUNTED) -> None:
    """Call it this many times from inside ``qsort``, where valgrind counts."""
    failed: list[Exception] = []

    def compare(*_items: object) -> int:
        try:
            for _ in range(times):
                once()
        except Exception as error:  # noqa: BLE001 - no exception passes through the C library
            failed.append(error)
        return 0

    gc.collect()
    compared = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(compare)
    ctypes.CDLL(None).qsort(ctypes.create_string_buffer(2), 2, 1, compared)
    if failed:
        raise failed[0]
