"""The checks for a terminal: `python -m infra.check` runs all of them, `python -m infra.check validate` one."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from infra.check import stages
from infra.check.kept import Kept
from infra.check.terraform import ROOT, TerraformError, copied, environments_of, modules_of, terraform


def _formatted(root: Path) -> str:
    with terraform(root) as worker:
        return stages.formatted(worker, root)


def _initialised(root: Path) -> str:
    with terraform(root) as worker, copied(root) as copy:
        return "".join(worker.init(folder) for folder in modules_of(copy))


def _validated(root: Path) -> str:
    with terraform(root) as worker, copied(root) as copy:
        return _each(copy, modules_of(copy), partial(stages.validated, worker))


def _tested(root: Path) -> str:
    with terraform(root) as worker, copied(root) as copy:
        return _each(copy, stages.with_tests(copy), partial(stages.tested, worker))


def _each(copy: Path, folders: Iterable[Path], check: Callable[[Path], str]) -> str:
    return "\n".join(f"{folder.relative_to(copy)}: {check(folder)}" for folder in folders)


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


def _chain(root: Path, *, fresh: bool) -> int:
    started = time.monotonic()
    failed = []
    for stage in stages.chain(root, Kept(fresh=fresh)):
        mark = "ok    " if stage.passed else "FAILED"
        print(f"{mark} {stage.seconds:6.1f} s  {stage.name}: {stage.said if stage.passed else 'see below'}", flush=True)
        if not stage.passed:
            failed.append(stage)
    print(f"       {time.monotonic() - started:6.1f} s  in all", flush=True)
    for stage in failed:
        command = stage.name.split()[0]
        alone = f" (alone: .venv-infra/bin/python -m infra.check {command})" if command in COMMANDS else ""
        print(f"\n== {stage.name}{alone}\n{stage.said}", file=sys.stderr)
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    """Run one command, or the whole chain; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.check", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["all", *COMMANDS, "apply"], default="all")
    parser.add_argument("--root", type=Path, default=ROOT, help="the root module (default: infra/terraform)")
    parser.add_argument("--environment", default=stages.EVALUATED, help="whose variables apply uses")
    parser.add_argument("--out", type=Path, default=Path("state.json"), help="where apply writes the state")
    parser.add_argument("--fresh", action="store_true", help="run every check, also those whose code is as before")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    if options.command == "all":
        return _chain(root, fresh=options.fresh)
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
