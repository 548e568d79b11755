"""The chain: every check in turn, those that do not depend on each other side by side."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from infra.check.scanners import CHECKOV, SKIPPED, checkov, trivy
from infra.check.state import resources_of
from infra.check.terraform import Terraform, TerraformError, copied, environments_of, modules_of, terraform
from infra.check.values import faults_in_values

EVALUATED: Final = "live"
"""The environment that is applied to a state. It is the one with everything on."""


class Found(Exception):
    """A check found something; the text says what and where."""


@dataclass(frozen=True)
class Stage:
    """A check that has ended."""

    name: str
    seconds: float
    said: str
    passed: bool


def formatted(worker: Terraform, root: Path) -> str:
    """Check the format of every file."""
    worker.run(root, "fmt", "-check", "-diff", "-recursive").checked()
    return "every file"


def validated(worker: Terraform, copy: Path) -> str:
    """Validate every folder against the schema of the provider."""
    folders = modules_of(copy)
    for folder in folders:
        worker.init(folder)
        worker.run(folder, "validate").checked()
    return f"{len(folders)} folders"


def tested(worker: Terraform, copy: Path) -> str:
    """Run the tests of every folder that has some."""
    folders = [folder for folder in modules_of(copy) if any(folder.glob("tests/*.tftest.hcl"))]
    results = [worker.run(folder, "test").checked().splitlines()[-1] for folder in folders]
    passed = sum(int(result.split()[1]) for result in results)
    return f"{passed} in {len(folders)} folders"


def planned(worker: Terraform, copy: Path, environment: str, plan: Path) -> str:
    """Plan one environment, and compare the values with AWS's models."""
    resources = resources_of(worker.plan(copy, environments_of(copy)[environment], plan))
    if found := list(faults_in_values(resources)):
        raise Found("\n".join(found))
    return f"{len(resources)} resources"


def applied(worker: Terraform, copy: Path, environment: str, plan: Path) -> list[dict[str, Any]]:
    """The resources of the state after a plan was applied. Another plan must be empty."""
    resources = resources_of(worker.apply(copy, plan))
    worker.check_nothing_changes(copy, environments_of(copy)[environment])
    return resources


def evaluated(root: Path, environment: str = EVALUATED) -> list[dict[str, Any]]:
    """The resources of one environment, applied to a state."""
    with terraform(root) as worker, copied(root) as copy, tempfile.TemporaryDirectory() as folder:
        worker.init(copy)
        plan = Path(folder) / "plan"
        worker.plan(copy, environments_of(copy)[environment], plan)
        return resources_of(worker.apply(copy, plan))


def chain(root: Path, keep: Callable[[list[dict[str, Any]]], None]) -> Iterator[Stage]:
    """Run every check; `keep` is given the resources of the evaluated state."""
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(list, run) for run in (_code(root), _state(root, keep), _scans(root))]
        for run in runs:
            yield from run.result()


def _timed(name: str, check: Callable[[], str]) -> Stage:
    started = time.monotonic()
    try:
        said, passed = check(), True
    except (Found, TerraformError) as error:
        said, passed = str(error), False
    return Stage(name, time.monotonic() - started, said, passed)


def _code(root: Path) -> Iterator[Stage]:
    with terraform(root) as worker, copied(root) as copy, tempfile.TemporaryDirectory() as folder:
        yield _timed("fmt", lambda: formatted(worker, root))
        yield _timed("init, validate", lambda: validated(worker, copy))
        yield _timed("test", lambda: tested(worker, copy))
        for name in environments_of(copy):
            if name != EVALUATED:
                check = partial(planned, worker, copy, name, Path(folder) / name)
                yield _timed(f"plan {name}, values", check)


def _state(root: Path, keep: Callable[[list[dict[str, Any]]], None]) -> Iterator[Stage]:
    with terraform(root) as worker, copied(root) as copy, tempfile.TemporaryDirectory() as folder:
        worker.init(copy)
        plan = Path(folder) / "plan"
        yield _timed(f"plan {EVALUATED}, values", lambda: planned(worker, copy, EVALUATED, plan))

        def state() -> str:
            resources = applied(worker, copy, EVALUATED, plan)
            keep(resources)
            return f"{len(resources)} resources, second plan empty"

        if plan.exists():
            yield _timed(f"apply {EVALUATED}, plan again", state)


def _scans(root: Path) -> Iterator[Stage]:
    yield _timed("trivy", lambda: _nothing(trivy(root)))
    if CHECKOV.exists():
        yield _timed("checkov", lambda: _nothing(checkov(root)))
    else:
        yield Stage("checkov", 0, "left out: make .venv-checkov/.installed installs it", passed=True)


def _nothing(found: list[str]) -> str:
    if found:
        raise Found("\n".join(found))
    return f"nothing; {len(SKIPPED)} checks skipped with reasons"
