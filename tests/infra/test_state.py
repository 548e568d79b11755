"""The evaluated state keeps to our rules, and is the cloud that `infra/stack.json` describes."""

from __future__ import annotations

import pytest

from infra.check.rules import RULES
from infra.check.state import State, first
from local.emulated.stack import load_stack, physical_name

PREFIX = "lrs-live"


@pytest.mark.req("SEC-01", "SEC-03")
@pytest.mark.parametrize("rule", RULES)
def test_the_state_keeps_to_the_rule(rule: str, evaluated: State) -> None:
    assert list(RULES[rule](evaluated)) == []


def test_every_function_gets_exactly_the_variables_that_its_code_reads(evaluated: State) -> None:
    functions = evaluated.by("function_name", "lambda_function")
    described = load_stack().functions
    given = {name: first(functions[physical_name(PREFIX, name)]["environment"])["variables"] for name in described}
    missing = {name: lacking for name, one in described.items() if (lacking := set(one.environment) - set(given[name]))}
    assert missing == {}


def test_everything_that_is_described_exists_under_its_name(evaluated: State) -> None:
    stack = load_stack()
    for kind, attribute, names in (
        ("dynamodb_table", "name", stack.tables),
        ("sqs_queue", "name", stack.queues),
        ("s3_bucket", "bucket", stack.buckets),
        ("secretsmanager_secret", "name", stack.secrets),
        ("lambda_function", "function_name", stack.functions),
    ):
        assert {physical_name(PREFIX, name) for name in names} <= set(evaluated.by(attribute, kind))
