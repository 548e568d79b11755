"""The chain: every check in turn, those that do not depend on each other side by side."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from infra.check.accepted import ACCEPTED, Finding, unaccepted
from infra.check.kept import Kept, key_of_code, key_of_environment, key_of_folder
from infra.check.scanners import CHECKOV, ScannerError, checkov, trivy
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


def with_tests(root: Path) -> list[Path]:
    """The folders that have tests."""
    return [folder for folder in modules_of(root) if any(folder.glob("tests/*.tftest.hcl"))]


def formatted(worker: Terraform, folder: Path) -> str:
    """Check the format of every file."""
    worker.run(folder, "fmt", "-check", "-diff", "-recursive").checked()
    return "every file"


def validated(worker: Terraform, folder: Path) -> str:
    """Validate a folder against the schema of the provider."""
    worker.init(folder)
    worker.run(folder, "validate").checked()
    return "valid"


def tested(worker: Terraform, folder: Path) -> str:
    """Run the tests of a folder."""
    worker.init(folder)
    return worker.run(folder, "test").checked().splitlines()[-1]


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


def kept_state(root: Path) -> list[dict[str, Any]]:
    """The resources of the environment that is evaluated. Raises `TerraformError`."""
    with copied(root) as copy:
        key = key_of_environment(copy, EVALUATED)
        found: list[dict[str, Any]] = Kept().made(EVALUATED, key, lambda: evaluated(copy))
    return found


def chain(root: Path, kept: Kept) -> Iterator[Stage]:
    """Run every check whose result is not kept; each as soon as it has ended."""
    ended: SimpleQueue[Stage | None] = SimpleQueue()

    def run(line: Callable[[Path, Kept], Iterator[Stage]]) -> None:
        try:
            with copied(root) as copy:
                for stage in line(copy, kept):
                    ended.put(stage)
        finally:
            ended.put(None)

    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(run, line) for line in (_code, _state, _scans)]
        for _ in runs:
            yield from iter(ended.get, None)
        for one in runs:
            one.result()


def checked(kept: Kept, name: str, key: str, check: Callable[[], str]) -> Stage:
    """Run a check, unless it passed with the same code before."""
    started = time.monotonic()
    said = kept.found(name, key)
    if said is not None:
        return Stage(name, 0, f"{said} (as before)", passed=True)
    try:
        said, passed = check(), True
        kept.keep(name, key, said)
    except (Found, TerraformError, ScannerError) as error:
        said, passed = str(error), False
    return Stage(name, time.monotonic() - started, said, passed)


class _Workshop:
    """A worker and a folder for plans, made when the first check needs them."""

    def __init__(self, copy: Path, stack: ExitStack) -> None:
        self.copy = copy
        self._stack = stack

    @cached_property
    def worker(self) -> Terraform:
        return self._stack.enter_context(terraform(self.copy))

    @cached_property
    def plans(self) -> Path:
        return Path(self._stack.enter_context(tempfile.TemporaryDirectory()))

    def plan(self, environment: str) -> str:
        self.worker.init(self.copy)
        return planned(self.worker, self.copy, environment, self.plans / environment)


def _code(copy: Path, kept: Kept) -> Iterator[Stage]:
    with ExitStack() as stack:
        shop = _Workshop(copy, stack)
        yield checked(kept, "fmt", key_of_code(copy), lambda: formatted(shop.worker, copy))
        for check, named, folders in ((validated, "validate", modules_of(copy)), (tested, "test", with_tests(copy))):
            for folder in folders:
                name = f"{named} {folder.relative_to(copy)}".removesuffix(" .")
                one = partial(_in_folder, check, shop, folder)
                yield checked(kept, name, key_of_folder(copy, folder), one)
        for name in environments_of(copy):
            if name != EVALUATED:
                yield checked(kept, f"plan {name}, values", key_of_environment(copy, name), partial(shop.plan, name))


def _in_folder(check: Callable[[Terraform, Path], str], shop: _Workshop, folder: Path) -> str:
    return check(shop.worker, folder)


def _state(copy: Path, kept: Kept) -> Iterator[Stage]:
    key = key_of_environment(copy, EVALUATED)
    with kept.locked(EVALUATED), ExitStack() as stack:
        shop = _Workshop(copy, stack)

        def state() -> str:
            plan = shop.plans / EVALUATED
            if not plan.exists():
                shop.plan(EVALUATED)
            resources = applied(shop.worker, copy, EVALUATED, plan)
            kept.keep(EVALUATED, key, resources)
            return f"{len(resources)} resources, second plan empty"

        first = checked(kept, f"plan {EVALUATED}, values", key, partial(shop.plan, EVALUATED))
        yield first
        if first.passed:
            yield checked(kept, f"apply {EVALUATED}, plan again", key, state)


def _scans(copy: Path, kept: Kept) -> Iterator[Stage]:
    key = key_of_code(copy)
    yield checked(kept, "trivy", key, lambda: _accepted(trivy(copy), "AWS-"))
    if CHECKOV.exists():
        yield checked(kept, "checkov", key, lambda: _accepted(checkov(copy), "CKV"))
    else:
        yield Stage("checkov", 0, "left out: make .venv-checkov/.installed installs it", passed=True)


def _accepted(found: list[Finding], prefix: str) -> str:
    if left := list(unaccepted(found, prefix)):
        raise Found("\n".join(left))
    accepted = sum(one.checks[0].startswith(prefix) for one in ACCEPTED)
    return f"{len(found)} findings, accepted for {accepted} reasons"
