"""Cold starts of fresh interpreters, as ratios to ``import boto3``.

Where valgrind is installed, instructions are counted, which no other work on the machine can change. Elsewhere CPU time
is measured, the least of interleaved rounds; it varies by a third from one run to the next.

Functions only load much of what they need at the first event, so their imports alone look too good. So we also measure
the start with everything built that the function uses and, for the web service, the whole first request of each family,
compared with a bare program that makes the same clients and calls. Every module is compiled beforehand, as in the
package.
"""

from __future__ import annotations

import os
import pickle
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from bench import first_requests
from bench.handlers import staged
from bench.tape import least
from local.emulated.stack import environment, load_stack

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5
COMPILED = Path(gettempdir()) / "lrs-bench-compiled"
"""Where the measured interpreters find compiled modules after the first round."""

BUILDS = {
    "functions.apply_chunk": "batch_apply",
    "functions.finish_batch": "batch_finish",
    "functions.record_audit": "audit",
    "functions.record_refusals": "refused_calls",
    "functions.send_notice": "notices",
    "functions.split_batch": "batch_split",
    "functions.watch_jobs": "batch_watch",
}
"""The use case that each function serves, by its name in ``bootstrap.Services``."""


def modules() -> list[str]:
    """The modules of the functions in the description of the cloud."""
    return sorted({function.handler.rsplit(".", 1)[0] for function in load_stack().functions.values()})


def import_seconds(statement: str) -> float:
    """CPU seconds of a fresh interpreter that runs a statement."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(sys.executable, "-c", statement)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def import_instructions(statement: str) -> float:
    """Instructions of a fresh interpreter that runs a statement, counted by valgrind."""
    valgrind = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}")
    counted = re.search(r"Collected : ([0-9]+)", run(*valgrind, sys.executable, "-c", statement))
    if counted is None:
        raise RuntimeError("valgrind reports no count of instructions")
    return float(counted[1])


def run(*command: str) -> str:
    """Run a program with the environment of the functions; returns what it printed as errors."""
    environment = {**os.environ, **environment_of_functions(), "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    environment["PYTHONPYCACHEPREFIX"] = str(COMPILED)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(command, check=False, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stderr


def environment_of_functions() -> dict[str, str]:
    """The variables that the functions read."""
    return environment(load_stack(), "bench", "http://127.0.0.1:9")


def bench() -> list[tuple[str, float, float | None]]:
    """Rows of (what, ratio, target); parts built at the first event are shown without a target."""
    with TemporaryDirectory() as folder:
        return [*_functions(), *_first_requests(Path(folder))]


def _functions() -> list[tuple[str, float, float | None]]:
    names = modules()
    statements = {f"cold import of {name}": f"import {name}" for name in names}
    for name in names:
        if name in BUILDS:
            # The operator's lists are not read, so that building makes no calls.
            build = f"import {name}, os; from chalicelib import bootstrap as b, reference"
            build += f"; b.services(os.environ, lists=reference.lists()).{BUILDS[name]}"
            statements[f"cold start of {name}, built"] = build
    return [
        (f"{what} / import boto3", ratio, 2.0 if what.startswith("cold import") else None)
        for what, ratio in zip(statements, ratios(*statements.values()), strict=True)
    ]


def _first_requests(folder: Path) -> list[tuple[str, float, float | None]]:
    statement = "from bench import first_requests as f; f.{}({!r})"
    statements: dict[str, list[str]] = {}
    for name, recording in _recordings():
        path = folder / f"{len(statements)}.pickle"
        path.write_bytes(pickle.dumps(recording))
        statements[name] = [statement.format(how, str(path)) for how in ("serve", "load", "call")]
    found = ratios(*chain(*statements.values()))
    rows: list[tuple[str, float, float | None]] = []
    for name, served, loaded, calls in zip(statements, found[::3], found[1::3], found[2::3], strict=True):
        rows += [
            (f"first request, {name}, with the start / import boto3", served, None),
            (f"first request, {name}, after the start / import boto3", served - loaded, 1.5),
            (f"first request, {name}, our part / import boto3", served - calls, 1.5),
        ]
    return rows


def _recordings() -> Iterator[tuple[str, first_requests.Recording]]:
    """Every operation of ``bench.handlers``, sent as the first of its container."""
    with staged() as stage, first_requests.silence():
        for operation in stage.operations:
            if operation.name:
                yield operation.name, first_requests.record(operation.event, stage.services)
            else:
                stage.app(operation.event, None)


def ratios(*statements: str) -> list[float]:
    """The cost of each statement in a fresh interpreter, minus that of an empty one, as a ratio to ``import boto3``."""
    measured = ["import sys", "import boto3", *statements]
    if shutil.which("valgrind"):
        for statement in measured:  # compiles its modules, which is not what is measured
            import_seconds(statement)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            bare, boto3, *costs = pool.map(import_instructions, measured)
    else:
        bare, boto3, *costs = least(ROUNDS, *[lambda one=one: import_seconds(one) for one in measured])
    return [(cost - bare) / (boto3 - bare) for cost in costs]
