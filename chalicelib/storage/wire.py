"""Batches to DynamoDB without botocore's generic serialiser and parser.

DynamoDB's JSON has the very shape of the dictionaries that botocore takes and gives (but for binary values, which
none of our tables holds). Its generic serialiser and parser nonetheless walk every attribute by the service model,
which makes up two thirds of what a batch of many items costs. Handlers of three of botocore's events do the same in
one step of the standard library; signing, retries, checksums, errors and every other handler stay as they are.
``tests/contract`` holds both ways to the same answers.
"""

from __future__ import annotations

import json
from typing import Any, Final

BATCHES: Final = ("BatchExecuteStatement", "BatchGetItem", "BatchWriteItem")
_BODY: Final = "wire_body"


def speed_up(client: Any) -> Any:
    """Make the batches of this DynamoDB client cheap; returns the client."""
    for operation in BATCHES:
        client.meta.events.register(f"provide-client-params.dynamodb.{operation}", _keep_body)
        client.meta.events.register(f"before-call.dynamodb.{operation}", _use_body)
        client.meta.events.register(f"before-parse.dynamodb.{operation}", _parse)
    return client


def _keep_body(params: dict[str, Any], context: dict[str, Any], **_: object) -> dict[str, Any]:
    """Write the body at once; leave to botocore only what the choice of the address looks at, the tables' names."""
    context[_BODY] = json.dumps(params, ensure_ascii=False, separators=(",", ":")).encode()
    tables = params.get("RequestItems")
    return {} if tables is None else {"RequestItems": {table: {} for table in tables}}


def _use_body(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    params["body"] = context.pop(_BODY)


def _parse(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Read a good answer at once and leave nothing to read; an error's answer stays for botocore."""
    if response_dict["status_code"] < 300:
        customized_response_dict.update(json.loads(response_dict["body"]))
        response_dict["body"] = b"{}"
