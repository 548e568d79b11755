"""The checks for a terminal: `python -m infra.check` runs all of them, `python -m infra.check validate` one."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from infra.check import stages
from infra.check.kept import keep_state
from infra.check.terraform import ROOT, TerraformError, copied, environments_of, modules_of, terraform


def _formatted(root: Path) -> str:
    with terraform(root) as worker:
        return stages.formatted(worker, root)


def _initialised(root: Path) -> str:
    with terraform(root) as worker, copied(root) as copy:
        return "".join(worker.init(folder) for folder in modules_of(copy))


def _validated(root: Path) -> str:
    with terraform(root) as worker, copied(root) as copy:
        return stages.validated(worker, copy)


def _tested(root: Path) -> str:
    with terraform(root) as worker, copied(root) as copy:
        for folder in modules_of(copy):
            worker.init(folder)
        return stages.tested(worker, copy)


def _planned(root: Path) -> str:
    with terraform(root) as worker, copied(root) as copy, tempfile.TemporaryDirectory() as folder:
        worker.init(copy)
        names = environments_of(copy)
        return "\n".join(f"{name}: {stages.planned(worker, copy, name, Path(folder) / name)}" for name in names)


COMMANDS: Final[dict[str, Callable[[Path], str]]] = {
    "fmt": _formatted,
    "init": _initialised,
    "validate": _validated,
    "test": _tested,
    "plan": _planned,
}


def _chain(root: Path) -> int:
    started = time.monotonic()
    found = list(stages.chain(root, partial(keep_state, root)))
    for stage in found:
        mark = "ok    " if stage.passed else "FAILED"
        print(f"{mark} {stage.seconds:6.1f} s  {stage.name}: {stage.said.splitlines()[0] if stage.passed else ''}")
    for stage in found:
        if not stage.passed:
            print(f"\n== {stage.name}\n{stage.said}", file=sys.stderr)
    print(f"       {time.monotonic() - started:6.1f} s  in all")
    return 0 if all(stage.passed for stage in found) else 1


def main(arguments: list[str]) -> int:
    """Run one command, or the whole chain; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.check", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["all", *COMMANDS, "apply"], default="all")
    parser.add_argument("--root", type=Path, default=ROOT, help="the root module (default: infra/terraform)")
    parser.add_argument("--environment", default=stages.EVALUATED, help="whose variables apply uses")
    parser.add_argument("--out", type=Path, default=Path("state.json"), help="where apply writes the state")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    if options.command == "all":
        return _chain(root)
    try:
        if options.command == "apply":
            resources = stages.evaluated(root, options.environment)
            options.out.write_text(json.dumps({"resources": resources}, indent=1, sort_keys=True), "utf-8")
            print(f"{len(resources)} resources in {options.out}")
        else:
            print(COMMANDS[options.command](root))
    except (stages.Found, TerraformError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
