"""Every fault that we know how to make is caught, each by the stage that is meant to."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.check.stages import EVALUATED
from infra.check.terraform import ROOT, Terraform, TerraformError, copied, environments_of
from tests.infra.conftest import CAUGHT, Findings
from tests.infra.faults import FAULTS, Fault, plant

REFUSED = [fault for fault in FAULTS if fault.stage in ("fmt", "validate")]
REFUSED_LATER = [fault for fault in FAULTS if fault.stage == "plan"]
ACCEPTED = [fault for fault in FAULTS if fault.stage in ("values", "rules")]


def _name(fault: Fault) -> str:
    return fault.name


@pytest.mark.parametrize("fault", REFUSED, ids=_name)
def test_terraform_refuses(fault: Fault, worker: Terraform) -> None:
    with copied(ROOT) as copy:
        folder = plant(copy, fault)
        said = {"fmt": worker.run(folder, "fmt", "-check", "-diff")}
        initialised = worker.run(folder, "init", "-input=false")
        said["validate"] = initialised if initialised.code else worker.run(folder, "validate")
    refused = [stage for stage, found in said.items() if found.code and fault.says in found.output + found.errors]
    CAUGHT[fault.name] = refused
    assert fault.stage in refused


@pytest.mark.parametrize("fault", REFUSED_LATER, ids=_name)
def test_a_condition_on_a_variable_refuses(fault: Fault, worker: Terraform, tmp_path: Path) -> None:
    with copied(ROOT) as copy:
        plant(copy, fault)
        worker.init(copy)
        with pytest.raises(TerraformError, match=fault.says):
            worker.plan(copy, environments_of(copy)[EVALUATED], tmp_path / "plan")
    CAUGHT[fault.name] = ["plan"]


@pytest.mark.parametrize("fault", ACCEPTED, ids=_name)
def test_what_terraform_accepts_is_caught(fault: Fault, findings: Findings) -> None:
    caught = [stage for stage in ("values", "rules") if any(fault.says in one for one in getattr(findings, stage))]
    CAUGHT[fault.name] = caught
    assert fault.stage in caught


def test_a_scanner_sees_public_access_too(findings: Findings) -> None:
    assert any("AWS-0087" in one for one in findings.trivy)
