"""Every fault that we know how to make is caught, each by the stage that is meant to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from infra.check.stages import EVALUATED
from infra.check.terraform import REPOSITORY, ROOT, Terraform, TerraformError, copied, environments_of
from tests.infra.conftest import Findings
from tests.infra.faults import ELSEWHERE, FAULTS, IN_ONE_PLAN, Fault, plant

REFUSED = [fault for fault in FAULTS if fault.stage in ("fmt", "validate")]
REFUSED_LATER = [fault for fault in FAULTS if fault.stage == "plan"]
ACCEPTED = [fault for fault in FAULTS if fault.stage in IN_ONE_PLAN]

TABLE = REPOSITORY / "docs" / "planted-faults.md"
Records = Callable[[str, object], None]


def _name(fault: Fault) -> str:
    return fault.name


@pytest.mark.parametrize("fault", REFUSED, ids=_name)
def test_terraform_refuses(fault: Fault, worker: Terraform, record_property: Records) -> None:
    with copied(ROOT) as copy:
        folder = plant(copy, fault)
        said = {"fmt": worker.run(folder, "fmt", "-check", "-diff")}
        initialised = worker.run(folder, "init", "-input=false")
        said["validate"] = initialised if initialised.code else worker.run(folder, "validate")
    refused = [stage for stage, found in said.items() if found.code and fault.says in found.output + found.errors]
    record_property(fault.name, refused)
    assert fault.stage in refused


@pytest.fixture(scope="module")
def refusal(worker: Terraform, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the plan of code with every fault says that conditions on variables refuse."""
    with copied(ROOT) as copy:
        for fault in REFUSED_LATER:
            plant(copy, fault)
        worker.init(copy)
        with pytest.raises(TerraformError) as raised:
            worker.plan(copy, environments_of(copy)[EVALUATED], tmp_path_factory.mktemp("refused") / "plan")
    return str(raised.value)


@pytest.mark.parametrize("fault", REFUSED_LATER, ids=_name)
def test_a_condition_on_a_variable_refuses(fault: Fault, refusal: str, record_property: Records) -> None:
    record_property(fault.name, ["plan"] if fault.says in refusal else [])
    assert fault.says in refusal


@pytest.mark.parametrize("fault", ACCEPTED, ids=_name)
def test_what_terraform_accepts_is_caught(fault: Fault, findings: Findings, record_property: Records) -> None:
    caught = [stage for stage in IN_ONE_PLAN if any(fault.says in one for one in getattr(findings, stage))]
    record_property(fault.name, caught)
    assert fault.stage in caught


def test_a_scanner_sees_public_access_too(findings: Findings) -> None:
    assert any("AWS-0087" in one for one in findings.trivy)


def test_everything_that_the_code_as_built_needs_has_a_fault_or_a_test() -> None:
    numbers = {fault.name.partition(":")[0] for fault in FAULTS if fault.name[0].isdigit()}
    assert numbers | ELSEWHERE.keys() == set(map(str, range(1, 18)))
    assert [file for file in ELSEWHERE.values() if not (REPOSITORY / file).exists()] == []


def test_the_documented_table_has_every_fault_and_what_has_to_catch_it() -> None:
    rows = [f"| {fault.name} | {fault.stage} |" for fault in FAULTS]
    rows += [f"| {number}: not of Terraform | `{file}` |" for number, file in ELSEWHERE.items()]
    table = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert table[1:] == rows
