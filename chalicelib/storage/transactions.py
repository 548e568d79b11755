"""Several items written together, all or none, and the meaning of DynamoDB's reasons against it.

DynamoDB cancels a transaction as a whole and gives a reason for each action. A failed condition is an answer for the
adapter to decide on. After a temporary reason (another transaction, throttling) the transaction is sent again, with
pauses. Any other is a fault of ours, which would only happen again.

botocore gives each call a request token and keeps it when it repeats the call after a lost answer, so that DynamoDB
applies the transaction once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError
from pynamodb.expressions.condition import Condition

from chalicelib.aws import error_code, temporary_failures
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.storage.conditions import InvalidWrite, Patience, is_part_temporary
from chalicelib.storage.tables import Item

_CANCELLED: Final = "TransactionCanceledException"
_NOTHING_AGAINST: Final = "None"
_CONDITION: Final = "ConditionalCheckFailed"

Stopped = dict[int, dict[str, Any]]
"""The actions whose condition is not met, by number from 0, each with the stored item in DynamoDB's JSON, which is
empty if there is none.
"""


class Put(NamedTuple):
    """Write an item, replacing any existing one, or only if a condition is met."""

    item: Item
    condition: Condition | None = None


class Delete(NamedTuple):
    """Delete the item with the keys of this one."""

    item: Item


def transact(place: str, patience: Patience, actions: Sequence[Put | Delete]) -> Stopped:
    """Carry out all the actions, or none: empty if they took effect. Raises TemporaryFailure, InvalidWrite."""
    client = actions[0].item.client()
    sent = [_wire(action) for action in actions]
    code = ""
    for _ in patience.rounds():
        reasons = _reasons(place, client, sent)
        against = {str(reason.get("Code")) for reason in reasons} - {_NOTHING_AGAINST}
        faults = sorted(code for code in against if code != _CONDITION and not is_part_temporary(code))
        if faults:
            raise InvalidWrite(faults[0])
        if _CONDITION in against:
            return {
                number: dict(reason.get("Item") or {})
                for number, reason in enumerate(reasons)
                if reason.get("Code") == _CONDITION
            }
        if not against:
            return {}
        code = min(against)
    raise TemporaryFailure(f"{place}: {code}")


def _wire(action: Put | Delete) -> dict[str, Any]:
    if isinstance(action, Delete):
        return {"Delete": action.item.get_delete_kwargs_from_instance()}
    conditional = {} if action.condition is None else {"return_values_on_condition_failure": "ALL_OLD"}
    return {"Put": action.item.get_save_kwargs_from_instance(action.condition, **conditional)}


def _reasons(place: str, client: Any, sent: list[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The reason against each action; empty if they took effect."""
    try:
        with temporary_failures(place):
            client.transact_write_items(TransactItems=sent)
    except ClientError as error:
        if error_code(error) != _CANCELLED:
            raise
        reasons: Any = error.response.get("CancellationReasons", ())
        if all(reason.get("Code") == _NOTHING_AGAINST for reason in reasons):
            raise
        return reasons
    return ()
