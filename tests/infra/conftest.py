"""The evaluated state of the infrastructure, and the same with faults planted in its code."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from infra.check.accepted import unaccepted
from infra.check.kept import Kept, key_of_code
from infra.check.rules import broken
from infra.check.scanners import trivy
from infra.check.stages import EVALUATED, kept_state
from infra.check.state import State, resources_of
from infra.check.terraform import PYTHON, ROOT, Terraform, copied, environments_of, terraform
from infra.check.values import faults_in_values
from tests.infra.faults import FAULTS, IN_ONE_PLAN, plant
from tests.infra.granted import STACK, differences

MISSING = "No Terraform here. Run: make .venv-infra/.installed"


@pytest.fixture(scope="session")
def installed() -> None:
    if not PYTHON.exists():
        pytest.skip(MISSING)


@pytest.fixture(scope="session")
def state(installed: None) -> list[dict[str, Any]]:
    """The resources of the live environment, evaluated."""
    return kept_state(ROOT)


@pytest.fixture(scope="session")
def evaluated(state: list[dict[str, Any]]) -> State:
    return State(state)


@pytest.fixture(scope="session")
def worker(installed: None) -> Iterator[Terraform]:
    with terraform(ROOT) as running:
        yield running


class Findings(NamedTuple):
    """What the stages found in code with every fault that Terraform itself accepts."""

    values: list[str]
    rules: list[str]
    grants: list[str]
    trivy: list[str]


@pytest.fixture(scope="session")
def findings(installed: None) -> Findings:
    with copied(ROOT) as copy:
        key = key_of_code(
            copy, *(Path(__file__).with_name(name) for name in ("conftest.py", "faults.py", "granted.py"))
        )
        return Findings(*Kept().made("planted", key, partial(_found, copy)))


def _found(copy: Path) -> list[list[str]]:
    for fault in FAULTS:
        if fault.stage in IN_ONE_PLAN:
            plant(copy, fault)
    with terraform(copy) as worker, tempfile.TemporaryDirectory() as folder:
        worker.init(copy)
        plan = Path(folder) / "plan"
        planned = resources_of(worker.plan(copy, environments_of(copy)[EVALUATED], plan))
        applied = resources_of(worker.apply(copy, plan))
    state = State(applied)
    return [
        list(faults_in_values(planned)),
        broken(state),
        [one for function in STACK["functions"] for one in differences(state, function)],
        list(unaccepted(trivy(copy), "AWS-")),
    ]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [one for outcome in ("passed", "failed") for one in terminalreporter.stats.get(outcome, ())]
    caught = {name: stages for one in reports for name, stages in one.user_properties if isinstance(stages, list)}
    if caught:
        terminalreporter.section("planted faults and what caught them")
        for fault in FAULTS:
            if fault.name in caught:
                terminalreporter.write_line(f"{fault.name:<62} {', '.join(caught[fault.name]) or 'NOTHING'}")
