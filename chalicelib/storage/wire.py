"""The calls to DynamoDB that do not use PynamoDB: batches, statements, and queries that find several kinds of item.

**Batches** of 100 reads and 25 writes; unprocessed parts of a call are sent again. PynamoDB's own batches repeat at
once and without end; these pause, and stop with TemporaryFailure.

**Bytes.** DynamoDB's JSON has the same structure as botocore's dictionaries, except for binary values. botocore's
generic serialiser and parser still process every attribute with the service model, which is two thirds of the cost of a
call with many items. Handlers of four of botocore's events do the same in one step with the standard library; retries,
checksums, errors and every other handler are unchanged, and signatures are the same
(:mod:`chalicelib.storage.signing`). A response that is not JSON, whatever its status, is
a temporary failure once botocore has tried again.
``tests/contract`` checks that both ways give the same results.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.aws import error_code, temporary_failures
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.storage.conditions import CONDITION_FAILED, InvalidWrite, Patience, is_part_temporary
from chalicelib.storage.keys import ItemKey
from chalicelib.storage.signing import sign_at_less_cost
from chalicelib.storage.tables import Item
from chalicelib.storage.texts import encoder

READ_BATCH: Final = 100
WRITE_BATCH: Final = 25
SPED_UP: Final = (
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "UpdateItem",
)

WireItem = dict[str, Any]
"""An item or a key in DynamoDB's JSON."""
_TRANSACTION: Final = "TransactWriteItems"
"""Its request gets its token from botocore; only its response is read here."""

Statement = WireItem | str
"""A PartiQL statement with its parameters, or the JSON text of one."""


def key_of(key: ItemKey) -> WireItem:
    """The key in DynamoDB's JSON."""
    pk, sk = key
    return {"pk": {"S": pk}, "sk": {"S": sk}}


_OVERTAKEN: Final = frozenset({"DuplicateItem", "ConditionalCheckFailed"})
"""Codes of a statement whose key exists, or whose condition is not met."""
_BODY: Final = "wire_body"
_UNREADABLE: Final = "wire_unreadable"
_BINARY: Final = b'"B":'
"""In every response with a binary value, and in some texts."""


def read_items(
    place: str, patience: Patience, model: type[Item], wanted: Sequence[ItemKey], *, consistent: bool, only: str = ""
) -> Iterator[WireItem]:
    """The items of these keys that exist, in any order, or one attribute of each. Raises TemporaryFailure."""
    client, table = model.client(), model.table()
    options = {"ConsistentRead": consistent} | ({"ProjectionExpression": only} if only else {})
    for start in range(0, len(wanted), READ_BATCH):
        keys = [key_of(key) for key in wanted[start : start + READ_BATCH]]
        for found in _batches(place, patience, client, {table: {"Keys": keys, **options}}):
            yield from found.get(table, ())


def read_across(place: str, patience: Patience, wanted: Mapping[type[Item], Sequence[ItemKey]]) -> Iterator[WireItem]:
    """The items of these keys that exist, of several tables, strongly consistent, in any order; up to 100, in one call.

    Each table is named by one of its models. Raises TemporaryFailure.
    """
    client = next(iter(wanted)).client()
    request: dict[str, Any] = {
        model.table(): {"Keys": [key_of(key) for key in keys], "ConsistentRead": True} for model, keys in wanted.items()
    }
    for found in _batches(place, patience, client, request):
        for items in found.values():
            yield from items


def _batches(place: str, patience: Patience, client: Any, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The items that were found, by table; keys that were not processed are sent again."""
    for _ in patience.rounds():
        with temporary_failures(place):
            answer = client.batch_get_item(RequestItems=request)
        yield answer["Responses"]
        request = answer.get("UnprocessedKeys") or {}
        if not request:
            return
    raise TemporaryFailure(f"{place}: keys remain unprocessed")


def write_items(place: str, patience: Patience, items: Sequence[Item]) -> None:
    """Write items to one table, replacing existing ones, where no condition is needed.

    Keys must be distinct. Raises TemporaryFailure.
    """
    for start in range(0, len(items), WRITE_BATCH):
        part = items[start : start + WRITE_BATCH]
        request: dict[str, Any] = {part[0].table(): [{"PutRequest": {"Item": item.serialize()}} for item in part]}
        for _ in patience.rounds():
            with temporary_failures(place):
                answer = part[0].client().batch_write_item(RequestItems=request)
            request = answer.get("UnprocessedItems") or {}
            if not request:
                break
        else:
            raise TemporaryFailure(f"{place}: items remain unprocessed")


def run_statements(place: str, patience: Patience, model: type[Item], statements: Sequence[Statement]) -> list[bool]:
    """Run PartiQL statements, each with its own condition; returns whether each took effect.

    Raises TemporaryFailure, InvalidWrite.
    """
    written = [False] * len(statements)
    for start in range(0, len(statements), WRITE_BATCH):
        places = list(range(start, min(start + WRITE_BATCH, len(statements))))
        _run_batch(place, patience, model.client(), statements, places, written)
    return written


def _run_batch(
    place: str,
    patience: Patience,
    client: Any,
    statements: Sequence[Statement],
    numbers: list[int],
    written: list[bool],
) -> None:
    """Run the statements of these numbers and mark in ``written`` those that took effect."""
    code = ""
    for _ in patience.rounds():
        with temporary_failures(place):
            answer = client.batch_execute_statement(Statements=[statements[number] for number in numbers])
        again: list[int] = []
        for number, response in zip(numbers, answer["Responses"], strict=True):
            error = response.get("Error")
            if error is None:
                written[number] = True
            elif error["Code"] not in _OVERTAKEN:
                code = error["Code"]
                if not is_part_temporary(code):
                    raise InvalidWrite(code)
                again.append(number)
        if not again:
            return
        numbers = again
    raise TemporaryFailure(f"{place}: {code}")


def whole_partition(place: str, model: type[Item], pk: str) -> Iterator[WireItem]:
    """Every item of a partition, of whatever kind, strongly consistent. Raises TemporaryFailure.

    ``model`` is one of the kinds. A model's own query would read all of them as its own kind.
    """
    request: dict[str, Any] = {
        "TableName": model.table(),
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": pk}},
        "ConsistentRead": True,
    }
    while True:
        with temporary_failures(place):
            answer = model.client().query(**request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def scanned_page(place: str, model: type[Item], sk: str, after: str, count: int) -> tuple[list[WireItem], str]:
    """The items with this sort key among the next ``count`` of the table, and where the next page begins; empty after
    the last. Raises TemporaryFailure.
    """
    request: dict[str, Any] = {
        "TableName": model.table(),
        "FilterExpression": "sk = :sk",
        "ExpressionAttributeValues": {":sk": {"S": sk}},
        "Limit": count,
    }
    if after:
        pk, _, begun = after.partition("/")
        request["ExclusiveStartKey"] = key_of(ItemKey(pk, begun))
    with temporary_failures(place):
        answer = model.client().scan(**request)
    last = answer.get("LastEvaluatedKey")
    return answer["Items"], f"{last['pk']['S']}/{last['sk']['S']}" if last else ""


def change_or_see(place: str, item: Item, actions: Sequence[Action], condition: Condition) -> WireItem | None:
    """Change attributes of an item: None if it was done, otherwise the stored item, which is empty if there is none.

    PynamoDB's own ``update`` cannot return the stored item, which would cost another read. Raises TemporaryFailure.
    """
    request = item.get_update_kwargs_from_instance(
        list(actions), condition, return_values_on_condition_failure="ALL_OLD"
    )
    try:
        with temporary_failures(place):
            item.client().update_item(**request)
    except ClientError as error:
        if error_code(error) != CONDITION_FAILED:
            raise
        stored: Any = error.response.get("Item")
        return stored or {}
    return None


# --- bytes -----------------------------------------------------------------------------------------------------------


def speed_up(client: Any) -> Any:
    """Make the calls of this DynamoDB client that read and write items cheap; returns the client.

    Without the rules for endpoints, botocore uses the client's one address, which they find anew for each call.
    """
    client._ruleset_resolver = None  # noqa: SLF001 - as in clients of services that have no rules
    sign_at_less_cost(client)
    for operation in SPED_UP:
        client.meta.events.register(f"provide-client-params.dynamodb.{operation}", _keep_body)
        client.meta.events.register(f"before-call.dynamodb.{operation}", _use_body)
    for operation in (*SPED_UP, _TRANSACTION):
        client.meta.events.register(f"before-parse.dynamodb.{operation}", _parse)
        client.meta.events.register(f"after-call.dynamodb.{operation}", _require_readable)
    return client


def _keep_body(params: dict[str, Any], context: dict[str, Any], **_: object) -> dict[str, Any]:
    """Write the body at once; leave only the tables' names to botocore, which chooses the address by them."""
    statements = params.get("Statements")
    if statements is None:
        text = _encode(params)
    else:
        parts = [one if type(one) is str else _encode(one) for one in statements]
        text = f'{{"Statements":[{",".join(parts)}]}}'
    context[_BODY] = text.encode()
    if "TableName" in params:
        return {"TableName": params["TableName"]}
    tables = params.get("RequestItems")
    return {} if tables is None else {"RequestItems": {table: {} for table in tables}}


def _binary(value: object) -> str:
    if not isinstance(value, bytes):
        raise TypeError(type(value).__name__)
    return b64encode(value).decode("ascii")


_encode: Final = encoder(_binary)


def _use_body(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    params["body"] = context.pop(_BODY)


def _parse(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Read a successful response at once, leaving nothing for botocore; it still reads errors and binary values."""
    if response_dict["status_code"] >= 300:
        return
    body: bytes = response_dict["body"]
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        # botocore compares the checksum and tries again; only the last response is looked at.
        customized_response_dict[_UNREADABLE] = True
        response_dict["body"] = b"{}"
    elif _BINARY not in body:
        customized_response_dict.update(answer)
        response_dict["body"] = b"{}"


def _require_readable(parsed: dict[str, Any], **_: object) -> None:
    """Botocore takes a response that is not JSON for an empty one: an item that exists would be missing."""
    if parsed.get(_UNREADABLE):
        raise ResponseParserError("a successful response was not JSON")
