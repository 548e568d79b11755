"""What the roles of the functions in an evaluated state allow, compared with what `infra/stack.json` grants."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from chalicelib.grants import STACK_FILE, grants_of
from infra.check.policies import allows
from infra.check.state import State

STACK: Final = json.loads(STACK_FILE.read_bytes())
SERVICES: Final = {"tables": "dynamodb", "buckets": "s3", "queues": "sqs", "secrets": "secretsmanager"}
ACTIONS: Final = {
    "tables": (
        "BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "DeleteTable", "GetItem", "PartiQLDelete",
        "PartiQLInsert", "PartiQLSelect", "PartiQLUpdate", "PutItem", "Query", "Scan", "UpdateItem", "UpdateTable",
    ),
    "buckets": (
        "DeleteObject", "DeleteObjectVersion", "GetObject", "GetObjectTagging", "GetObjectVersion",
        "GetObjectVersionTagging", "ListBucket", "ListBucketVersions", "PutBucketPolicy", "PutObject",
        "PutObjectTagging",
    ),
    "queues": ("DeleteMessage", "GetQueueAttributes", "PurgeQueue", "ReceiveMessage", "SendMessage"),
    "secrets": ("DeleteSecret", "GetSecretValue", "PutSecretValue"),
}  # fmt: skip
"""Those that are granted, and others that would do harm."""


class Call(NamedTuple):
    """A call to AWS: of an action of a kind of resource, on a part of one of them."""

    kind: str
    resource: str
    """As a grant names it, with a name in place of the star: `inbox/drop/any`, `levels/keys/OUTAGE#any`."""
    action: str


def arns_of(evaluated: State) -> dict[tuple[str, str], str]:
    """The ARN of everything that is described."""
    found = {
        "tables": {one["name"]: one["arn"] for one in evaluated.of("dynamodb_table")},
        "buckets": {one["bucket"]: one["arn"] for one in evaluated.of("s3_bucket")},
        "queues": {one["name"]: one["arn"] for one in evaluated.of("sqs_queue")},
        "secrets": {one["name"]: one["arn"] for one in evaluated.of("secretsmanager_secret")},
    }
    prefix = next(name.removesuffix("-register") for name in found["tables"] if name.endswith("-register"))
    return {(kind, name): arns[f"{prefix}-{name}"] for kind, arns in found.items() for name in STACK[kind]}


def policies_of(evaluated: State) -> dict[str, list[dict[str, Any]]]:
    """The statements of the role of each function."""
    of_roles = dict(evaluated.policies())
    described = {one["handler"]: one["role"].rpartition("/")[2] for one in evaluated.of("lambda_function")}
    return {name: of_roles[described[function["handler"]]] for name, function in STACK["functions"].items()}


def _calls() -> Iterator[Call]:
    for kind, actions in ACTIONS.items():
        resources = {resource for name in STACK[kind] for resource in (name, *_parts(kind, name))}
        yield from (Call(kind, resource, action) for resource in sorted(resources) for action in actions)


def _parts(kind: str, name: str) -> Iterator[str]:
    """What any function is granted of a resource, an object or item elsewhere in it, and the indexes of a table."""
    yield from {
        resource.replace("*", "any")
        for function in STACK["functions"].values()
        for resource in function["grants"].get(kind, {})
        if resource.startswith(f"{name}/")
    }
    if kind == "tables":
        yield from (f"{name}/index/{index['name']}" for index in STACK["tables"][name].get("indexes", ()))
        yield f"{name}/keys/ELSEWHERE#any"
    if kind == "buckets":
        yield f"{name}/elsewhere/any"


def _granted(function: str) -> set[Call]:
    """The calls that a function is granted, and those of Lambda that its triggers need."""
    found = {
        Call(grant.kind, grant.resource.replace("*", "any"), action)
        for grant in grants_of(STACK["functions"][function])
        for action in grant.actions
        if grant.kind in ACTIONS
    }
    for mapping in STACK["mappings"]:
        if mapping["function"] == function and "queue" in mapping:
            polled = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
            found |= {Call("queues", mapping["queue"], action) for action in polled}
        if mapping["function"] == function and "failureBucket" in mapping:
            found.add(Call("buckets", mapping["failureBucket"], "ListBucket"))
    return found


def _allowed(statements: list[dict[str, Any]], call: Call, arns: Mapping[tuple[str, str], str]) -> bool:
    name, _, part = call.resource.partition("/")
    whole = arns[call.kind, name]
    resource = f"{whole}/{part}" if part else whole
    context = {}
    if call.action == "ListBucketVersions" and part:
        resource, context = whole, {"s3:prefix": part}
    if part.startswith("keys/"):
        resource, context = whole, {"dynamodb:LeadingKeys": part.removeprefix("keys/")}
    return allows(statements, f"{SERVICES[call.kind]}:{call.action}", resource, context)


def differences(state: State, function: str) -> Iterator[str]:
    """What a function is granted and may not do, and what it may do without a grant."""
    arns, statements = arns_of(state), policies_of(state)[function]
    granted = _granted(function)
    # A grant for a bucket is one for every prefix, and one for a table is for every item.
    expected = granted | {
        call
        for call in _calls()
        if (call.action == "ListBucketVersions" or "/keys/" in call.resource)
        and call._replace(resource=call.resource.partition("/")[0]) in granted
    }
    allowed = {call for call in _calls() if _allowed(statements, call, arns)}
    for call in sorted(expected ^ allowed):
        yield f"{function}: {'may not' if call in expected else 'may'} {call.action} of {call.resource}"
