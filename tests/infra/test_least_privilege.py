"""A function's role allows what the function was seen to call, and nothing else.

`tests/integration/test_grants.py` holds the grants of `infra/stack.json` equal to the calls of every function.
Here IAM, simulated, allows each granted call, and refuses the same action on anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.grants import Grant
from infra.check.policies import allows
from infra.check.state import State, statements_of
from local.emulated.stack import load_stack, physical_name

PREFIX = "lrs-live"
STACK = load_stack()
SERVICES = {"buckets": "s3", "queues": "sqs", "secrets": "secretsmanager", "tables": "dynamodb"}


def _statements(evaluated: State, name: str) -> list[dict[str, Any]]:
    """The statements of a function's role, with those that a table's own policy adds."""
    roles = evaluated.by("arn", "iam_role")
    role = roles[evaluated.by("function_name", "lambda_function")[physical_name(PREFIX, name)]["role"]]["name"]
    own = [one for policy, statements in evaluated.policies() if policy == role for one in statements]
    denied = [one for policy in evaluated.of("dynamodb_resource_policy") for one in statements_of(policy["policy"])]
    return own + denied


def _arns(evaluated: State) -> dict[tuple[str, str], str]:
    """The ARN of everything that can be granted, by its section and name."""
    kinds = (
        ("tables", STACK.tables, "dynamodb_table", "name"),
        ("buckets", STACK.buckets, "s3_bucket", "bucket"),
        ("queues", STACK.queues, "sqs_queue", "name"),
        ("secrets", STACK.secrets, "secretsmanager_secret", "name"),
    )
    return {
        (section, name): evaluated.by(attribute, kind)[physical_name(PREFIX, name)]["arn"]
        for section, names, kind, attribute in kinds
        for name in names
    }


def _calls(grant: Grant, arn: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The calls that a grant stands for: action, resource, context."""
    part = grant.resource.partition("/")[2]
    for action in grant.actions:
        if action == "ListBucketVersions":
            yield f"s3:{action}", arn, {"s3:prefix": part.replace("*", "a")}
        elif part.startswith("keys/"):
            key = part.removeprefix("keys/").replace("*", "a")
            yield f"dynamodb:{action}", arn, {"dynamodb:LeadingKeys": key}
        else:
            place = f"{arn}/{part.replace('*', 'a')}" if part else arn
            yield f"{SERVICES[grant.kind]}:{action}", place, {}


def _granted(name: str) -> list[Grant]:
    return [grant for grant in STACK.functions[name].grants if grant.kind in SERVICES]


@pytest.mark.req("SEC-01", "SEC-03")
@pytest.mark.parametrize("name", STACK.functions)
def test_every_call_that_the_function_makes_is_allowed(name: str, evaluated: State) -> None:
    statements, arns = _statements(evaluated, name), _arns(evaluated)
    calls = [call for grant in _granted(name) for call in _calls(grant, arns[grant.kind, grant.name])]
    assert [call for call in calls if not allows(statements, *call)] == []


@pytest.mark.req("SEC-01", "SEC-03")
@pytest.mark.parametrize("name", STACK.functions)
def test_every_call_of_another_function_is_refused_unless_it_is_its_own_too(name: str, evaluated: State) -> None:
    """Every action of any function, on every table, index, bucket, prefix, queue and secret that is described."""
    statements, arns = _statements(evaluated, name), _arns(evaluated)
    own = {_key(call) for grant in _granted(name) for call in _calls(grant, arns[grant.kind, grant.name])}
    own |= {_key(call) for call in _of_triggers(name, arns)}
    every = {
        _key(call): call
        for other in STACK.functions
        for grant in _granted(other)
        for kind, place in arns
        if kind == grant.kind
        for call in _calls(grant, arns[kind, place])
    }
    allowed = {key for key, call in every.items() if allows(statements, *call)}
    covered = {key for key in allowed if _covered(key, name, arns)}
    assert allowed - own - covered == set()


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize("name", STACK.functions)
def test_nothing_is_allowed_on_data_besides_the_grants(name: str, evaluated: State) -> None:
    """Actions on tables and objects by name, whatever their resource."""
    allowed = {
        action
        for one in _statements(evaluated, name)
        if one["Effect"] == "Allow"
        for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
        if action.startswith(("dynamodb:", "s3:", "secretsmanager:", "sqs:"))
    }
    granted = {f"{SERVICES[grant.kind]}:{action}" for grant in _granted(name) for action in grant.actions}
    assert allowed - granted <= TRIGGERS


TRIGGERS = {
    "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
    "s3:ListBucket", "s3:PutObject", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
    "sqs:SendMessage",
}  # fmt: skip
"""What Lambda does with a function's role to read its source and to keep what fails."""


def _key(call: tuple[str, str, dict[str, str]]) -> tuple[str, str, str]:
    action, resource, context = call
    return action, resource, context.get("s3:prefix") or context.get("dynamodb:LeadingKeys", "")


def _of_triggers(name: str, arns: dict[tuple[str, str], str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    for source in STACK.queue_mappings():
        if source.function.name == name:
            for action in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage"):
                yield f"sqs:{action}", arns["queues", source.queue], {}
    for mapping in STACK.stream_mappings():
        if mapping.function.name == name:
            yield "s3:ListBucket", arns["buckets", mapping.failure_bucket], {}


def _covered(key: tuple[str, str, str], name: str, arns: dict[tuple[str, str], str]) -> bool:
    """Whether a wider grant covers a call: a whole bucket's versions, a prefix above, every item of a table."""
    action, resource, prefix = key
    for grant in _granted(name):
        arn, part = arns[grant.kind, grant.name], grant.resource.partition("/")[2]
        if action.partition(":")[2] not in grant.actions:
            continue
        if action == "s3:ListBucketVersions" and resource == arn and prefix.startswith(part.rstrip("*")):
            return True
        if grant.kind == "tables" and not part and resource == arn:
            return True
        if part.endswith("*") and resource.startswith(f"{arn}/{part.rstrip('*')}"):
            return True
    return False
