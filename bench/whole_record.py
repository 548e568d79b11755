"""A record of a file with everything: its part of split, apply and finish, and of the audit stream.

Beside it is a floor that our own choices hardly move: as many of the cheapest calls through our client as there are
round trips, and the rules alone, from the bytes of the file to what would be written. Instructions are counted by
valgrind, in fresh interpreters that play back what AWS answered, with the log as in the cloud.
"""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench import audit
from bench.first_requests import silence
from bench.parse import decided
from bench.path import SERVICES, prepared, process, repeatable
from bench.tape import Answer, Tape
from bench.warm_requests import Warm, inside, instructions
from chalicelib import bootstrap
from chalicelib.ports.messages import Delivered
from local.samples.world import mixed_file

COUNTED = 2_000
"""Records of the file that is counted."""
MILLIONS = 1.0
"""The most million instructions of a record."""


class Recorded(NamedTuple):
    """The calls of one file, for another interpreter."""

    environ: dict[str, str]
    moment: datetime
    delivered: Delivered
    answers: list[Answer]


def serve(path: str) -> None:
    """Process a recorded file inside the C library, where valgrind counts."""
    kept: Recorded = pickle.loads(Path(path).read_bytes())
    tape = Tape(kept.answers)
    made = bootstrap.services(kept.environ)
    for service in SERVICES:
        tape.play(made.clients[service])

    def once() -> None:
        tape.rewind()
        process(repeatable(made, made, kept.moment), kept.delivered)

    with silence():
        once()
        inside(once, 1)


def rules(path: str) -> None:
    """Only read, check and decide the same records, likewise; ``path`` is the file's."""
    decide = decided(Path(path).read_bytes(), "bench.csv")
    decide()
    inside(decide, 1)


def bench() -> Iterator[tuple[str, float, float | None]]:
    """Rows of (what, value, target), where valgrind can count."""
    if not shutil.which("valgrind"):
        return
    moment = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    tape = Tape()
    with TemporaryDirectory() as folder, prepared(COUNTED) as ready:
        path, warm, file = (str(Path(folder) / name) for name in ("path", "warm", "file"))
        environ = dict(ready.services.environ)
        Path(file).write_bytes(mixed_file(COUNTED)[0])
        for service in SERVICES:
            tape.record(ready.services.clients[service])
        process(repeatable(ready.services, ready.services, moment), ready.delivered)
        Path(path).write_bytes(pickle.dumps(Recorded(environ, moment, ready.delivered, tape.answers)))
        Path(warm).write_bytes(pickle.dumps(Warm([], {}, 200, environ, moment, 0, [])))
        whole = instructions("serve", path, __name__, COUNTED)
        decide = instructions("rules", file, __name__, COUNTED)
        get = instructions("read", warm)
    streamed = audit.million_instructions()
    trips = len(tape.answers) / COUNTED + audit.CALLS / audit.BATCH
    floor = trips * get + decide
    yield "batch record with its audit stream, million instructions", whole + streamed, MILLIONS
    yield f"the same / ({trips:.3f} × GetItem + rules alone)", (whole + streamed) / floor, None
