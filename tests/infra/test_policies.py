"""What the policies of the functions' roles allow is what `infra/stack.json` grants, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from infra.check.policies import allows
from infra.check.state import State, first, statements_of
from tests.infra.granted import STACK, arns_of, differences, policies_of


@pytest.fixture(scope="module")
def policies(evaluated: State) -> dict[str, list[dict[str, Any]]]:
    """The statements of the role of each function."""
    return policies_of(evaluated)


@pytest.mark.req("SEC-01", "SEC-03")
@pytest.mark.parametrize("function", sorted(STACK["functions"]))
def test_a_role_allows_what_its_function_is_granted_and_nothing_else(function: str, evaluated: State) -> None:
    assert list(differences(evaluated, function)) == []


@pytest.mark.req("SEC-01", "SEC-03")
def test_a_batch_may_name_items_of_granted_keys_alone(
    policies: Mapping[str, list[dict[str, Any]]], evaluated: State
) -> None:
    call = policies["report_levels"], "dynamodb:BatchWriteItem", arns_of(evaluated)["tables", "levels"]
    assert allows(*call, {"dynamodb:LeadingKeys": ["HOURS#2026-10", "HOURS#2026-11"]})
    assert not allows(*call, {"dynamodb:LeadingKeys": ["HOURS#2026-10", "MAINTENANCE"]})
    assert not allows(*call), "no key would be any key"


@pytest.mark.req("SEC-01")
def test_nobody_may_change_the_audit_log(evaluated: State, policies: Mapping[str, list[dict[str, Any]]]) -> None:
    (audit,) = (one for one in evaluated.of("dynamodb_table") if one["name"].endswith("-audit"))
    (policy,) = (
        one["policy"] for one in evaluated.of("dynamodb_resource_policy") if one["resource_arn"] == audit["arn"]
    )
    of_an_administrator = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    for statements in (*policies.values(), of_an_administrator):
        for action in ("BatchWriteItem", "DeleteItem", "PartiQLDelete", "PartiQLUpdate", "PutItem", "UpdateItem"):
            assert not allows([*statements, *statements_of(policy)], f"dynamodb:{action}", audit["arn"])
    assert allows([*of_an_administrator, *statements_of(policy)], "dynamodb:PartiQLInsert", audit["arn"])


@pytest.mark.req("SEC-03")
def test_a_function_uses_a_key_only_through_the_service_that_has_the_data(
    policies: Mapping[str, list[dict[str, Any]]], evaluated: State
) -> None:
    own = {one["kms_key_arn"] for one in evaluated.of("lambda_function")}
    for statements in policies.values():
        for one in statements:
            if str(one["Action"]).count("kms:") and one["Resource"] not in own:
                assert "kms:ViaService" in one["Condition"]["StringEquals"]


@pytest.mark.req("SEC-01")
def test_functions_with_a_schedule_run_alone(evaluated: State) -> None:
    functions = {one["handler"]: one for one in evaluated.of("lambda_function")}
    for schedule in STACK["schedules"].values():
        function = functions[STACK["functions"][schedule["function"]]["handler"]]
        assert function["reserved_concurrent_executions"] == 1
        assert first(function["logging_config"])["log_group"] == f"/aws/lambda/{function['function_name']}"
