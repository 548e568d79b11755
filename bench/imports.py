"""Cold import of each function, as a ratio to ``import boto3``: CPU of fresh interpreters, least of interleaved rounds.

Functions load much of what they need at the first event only, so an import alone flatters them: the start with
everything that the function uses built is measured beside it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from bench.tape import least
from local.emulated.stack import environment, load_stack

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 5


BUILDS = {
    "app": "batch_submit",
    "functions.apply_chunk": "batch_apply",
    "functions.finish_batch": "batch_finish",
    "functions.record_audit": "audit",
    "functions.send_notice": "notices",
    "functions.split_batch": "batch_split",
    "functions.watch_jobs": "batch_watch",
}
"""The use case that each function serves, by its name in ``bootstrap.Services``."""


def modules() -> list[str]:
    """The modules of the functions that the description of the cloud names."""
    return sorted({function.handler.rsplit(".", 1)[0] for function in load_stack().functions.values()})


def import_seconds(statement: str) -> float:
    """CPU seconds of a fresh interpreter that runs a statement."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, **environment_of_functions(), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", statement], check=True, env=environment, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def environment_of_functions() -> dict[str, str]:
    """The variables that the functions read."""
    return environment(load_stack(), "bench", "http://127.0.0.1:9")


def bench() -> list[tuple[str, float, float | None]]:
    """Rows of (what, ratio, target); what is built at the first event is shown without a target."""
    names = modules()
    statements = {f"cold import of {name}": f"import {name}" for name in names}
    for name in names:
        if name in BUILDS:
            # The operator's lists are not read, so that building calls nobody.
            build = f"import {name}, os; from chalicelib import bootstrap as b, reference"
            build += f"; b.services(os.environ, lists=reference.lists()).{BUILDS[name]}"
            statements[f"cold start of {name}, built"] = build
    measured = ["import sys", "import boto3", *statements.values()]
    seconds = least(ROUNDS, *[lambda one=one: import_seconds(one) for one in measured])
    bare = seconds[0]
    boto3 = seconds[1] - bare
    return [
        (f"{what} / import boto3", (total - bare) / boto3, 2.0 if what.startswith("cold import") else None)
        for what, total in zip(statements, seconds[2:], strict=True)
    ]
