"""Batches of whole items, read 100 a call and written 25 a call; what a call leaves undone is tried again.

PynamoDB's own batches try again at once and without end; these pause, and give up with TemporaryFailure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from chalicelib.aws import Reaching
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.storage.conditions import Patience
from chalicelib.storage.keys import ItemKey

READ_BATCH: Final = 100
WRITE_BATCH: Final = 25

Item = dict[str, Any]
"""An item, or a key, as DynamoDB's JSON has it."""


def key_of(key: ItemKey) -> Item:
    """The key as DynamoDB's JSON has it."""
    pk, sk = key
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def read_items(
    table: str, client: Any, patience: Patience, wanted: Sequence[Item], options: dict[str, Any]
) -> Iterator[Item]:
    """The items that exist of those with these keys, in no order; ``options`` as BatchGetItem has them."""
    for start in range(0, len(wanted), READ_BATCH):
        request: dict[str, Any] = {table: {"Keys": wanted[start : start + READ_BATCH], **options}}
        for _ in patience.rounds():
            with Reaching("read"):
                answer = client.batch_get_item(RequestItems=request)
            yield from answer["Responses"].get(table, ())
            request = answer.get("UnprocessedKeys") or {}
            if not request:
                break
        else:
            raise TemporaryFailure("read: keys stay unprocessed")


def write_items(table: str, client: Any, patience: Patience, items: Sequence[Item]) -> None:
    """Put items over whatever is there, so only where a lost condition cannot matter. Keys must be distinct."""
    for start in range(0, len(items), WRITE_BATCH):
        request: dict[str, Any] = {
            table: [{"PutRequest": {"Item": item}} for item in items[start : start + WRITE_BATCH]]
        }
        for _ in patience.rounds():
            with Reaching("write"):
                answer = client.batch_write_item(RequestItems=request)
            request = answer.get("UnprocessedItems") or {}
            if not request:
                break
        else:
            raise TemporaryFailure("write: items stay unprocessed")
