"""The checks, one by one, for a terminal: `python -m infra.check validate`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from infra.check.state import resources_of
from infra.check.terraform import ROOT, TerraformError, copied, environments_of, modules_of, terraform


def formatted(root: Path) -> str:
    """Check the format of every file."""
    with terraform(root) as worker:
        worker.run(root, "fmt", "-check", "-diff", "-recursive").checked()
    return "formatted"


def initialised(root: Path) -> str:
    """Install the modules of every folder."""
    with terraform(root) as worker, copied(root) as copy:
        folders = modules_of(copy)
        for folder in folders:
            worker.init(folder)
    return f"{len(folders)} folders"


def validated(root: Path) -> str:
    """Validate every folder against the schema of the provider."""
    with terraform(root) as worker, copied(root) as copy:
        folders = modules_of(copy)
        for folder in folders:
            worker.init(folder)
            worker.run(folder, "validate").checked()
    return f"{len(folders)} folders"


def tested(root: Path) -> str:
    """Run the tests of every folder that has some."""
    with terraform(root) as worker, copied(root) as copy:
        lines = []
        for folder in [folder for folder in modules_of(copy) if any(folder.glob("tests/*.tftest.hcl"))]:
            worker.init(folder)
            lines.append(f"{folder.name}: {worker.run(folder, 'test').checked().splitlines()[-1]}")
    return "\n".join(lines) or "no tests"


def planned(root: Path) -> str:
    """Plan every environment."""
    with terraform(root) as worker, copied(root) as copy, tempfile.TemporaryDirectory() as folder:
        worker.init(copy)
        lines = []
        for name, variables in environments_of(copy).items():
            resources = resources_of(worker.plan(copy, variables, Path(folder) / f"{name}.plan"))
            lines.append(f"{name}: {len(resources)} resources")
    return "\n".join(lines)


def applied(root: Path, environment: str, out: Path | None) -> str:
    """Apply one environment to a state, after which another plan must be empty."""
    with terraform(root) as worker, copied(root) as copy, tempfile.TemporaryDirectory() as folder:
        worker.init(copy)
        environments = environments_of(copy)
        variables = environments.get(environment, next(iter(environments.values())))
        plan = Path(folder) / "plan"
        worker.plan(copy, variables, plan)
        state = worker.apply(copy, plan)
        if changes := worker.changes(copy, variables):
            raise TerraformError(f"A second plan is not empty:\n{changes}")
    resources = resources_of(state)
    if out:
        out.write_text(json.dumps({"resources": resources}, indent=1, sort_keys=True), "utf-8")
    return f"{len(resources)} resources, second plan empty"


COMMANDS: Final[dict[str, Callable[[Path], str]]] = {
    "fmt": formatted,
    "init": initialised,
    "validate": validated,
    "test": tested,
    "plan": planned,
}


def main(arguments: list[str]) -> int:
    """Run one command; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.check", description=__doc__)
    parser.add_argument("command", choices=[*COMMANDS, "apply"])
    parser.add_argument("--root", type=Path, default=ROOT, help="the root module (default: infra/terraform)")
    parser.add_argument("--environment", default="dev", help="whose variables apply uses")
    parser.add_argument("--out", type=Path, help="where apply writes the state")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    try:
        if options.command == "apply":
            print(applied(root, options.environment, options.out))
        else:
            print(COMMANDS[options.command](root))
    except TerraformError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
