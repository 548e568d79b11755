"""What is known of callers for a short time: how many calls they have left, and answers to repeated requests.

Everything in the sessions table goes by itself: ``ends`` is its time to live. DynamoDB removes an item up to days after
that, so that every reader looks at the time too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from chalicelib.aws import Reaching, error_code
from chalicelib.domain.throttles import Pace, Taken, interval, take
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.identity import Remembered
from chalicelib.storage import keys
from chalicelib.storage.batches import Item, key_of
from chalicelib.storage.conditions import CONDITION_FAILED
from chalicelib.storage.keys import ItemKey
from chalicelib.storage.sealing import Sealing, Unsealable

_TRIES: Final = 6
_REMEMBERED: Final = 10_000
_UNANSWERED: Final = timedelta(days=1)

_FULL: Final = "attribute_not_exists(full_at) OR full_at <= :now"
_FILLING: Final = "full_at > :now AND full_at <= :latest"
_MINE_AGAIN: Final = "asked = :request AND attribute_not_exists(answer) AND lease <= :now"
_FREE: Final = f"attribute_not_exists(pk) OR ends <= :now OR ({_MINE_AGAIN})"


class _Table:
    """Conditional writes that answer with the item as it is when their condition does not hold."""

    def __init__(self, table: str, client: Callable[[], Any]) -> None:
        self._table = table
        self._client = client

    def _update(self, place: str, key: ItemKey, change: str, condition: str, values: Mapping[str, Item]) -> Item | None:
        """None when it was written, else the item as it is, which may be empty."""
        used = {name: value for name, value in values.items() if name in change or name in condition}
        with Reaching(place):
            try:
                self._client().update_item(
                    TableName=self._table,
                    Key=key_of(key),
                    UpdateExpression=change,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=used,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                if error_code(error) != CONDITION_FAILED:
                    raise
                found: Any = error.response.get("Item")
                return self._read(key) if found is None else dict(found)
        return None

    def _read(self, key: ItemKey) -> Item:
        answer = self._client().get_item(TableName=self._table, Key=key_of(key), ConsistentRead=True)
        found: Item = answer.get("Item", {})
        return found


class PaceTable(_Table):
    """The buckets in the sessions table. ``client`` gives botocore's client of DynamoDB."""

    def __init__(self, table: str, client: Callable[[], Any]) -> None:
        super().__init__(table, client)
        self._seen: dict[str, int] = {}

    def take(self, name: str, pace: Pace, calls: int, now: datetime) -> Taken:
        """Take calls out of a bucket, or none of them; one write, unless others take out of it at the same time.

        A write that botocore repeats after a lost answer takes twice, which errs on the caller's side of nothing: the
        limit holds. Raises TemporaryFailure.
        """
        moment = int(now.timestamp() * 1000)
        seen = self._seen.get(name, 0)
        for _ in range(_TRIES):
            wanted = take(seen, moment, pace, calls)
            if wanted.wait:
                # A bucket's time only ever grows: what refuses the calls as last seen, refuses them now.
                return self._remember(name, wanted)
            found = self._write(name, pace, calls, moment, is_full=seen <= moment)
            if found is None:
                return self._remember(name, wanted)
            seen = int(found["full_at"]["N"]) if "full_at" in found else 0
        raise TemporaryFailure("paces.take: overtaken")

    def _write(self, name: str, pace: Pace, calls: int, moment: int, *, is_full: bool) -> Item | None:
        flow, depth = interval(pace, calls), interval(pace, pace.burst)
        values = {
            ":now": _number(moment),
            ":after": _number(moment + flow),
            ":flow": _number(flow),
            ":latest": _number(moment + depth - flow),
            ":ends": _number((moment + depth) // 1000 + 60),
        }
        change = f"SET full_at = {':after' if is_full else 'full_at + :flow'}, ends = :ends"
        return self._update("paces.take", keys.pace(name), change, _FULL if is_full else _FILLING, values)

    def _remember(self, name: str, taken: Taken) -> Taken:
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen[name] = taken.full_at
        return taken


class AnswerTable(_Table):
    """Answers to requests with an idempotency key, in the sessions table, sealed: they may hold learners' data."""

    def __init__(self, table: str, client: Callable[[], Any], sealing: Callable[[], Sealing]) -> None:
        super().__init__(table, client)
        self._sealing = sealing

    def begin(self, key: str, request: str, now: datetime, lease_until: datetime) -> Remembered | None:
        """Take the key for this request: None when it is ours to answer, else what is known of it."""
        values: dict[str, Item] = {
            ":request": {"S": request},
            ":now": _seconds(now),
            ":lease": _seconds(lease_until),
            ":ends": _seconds(now + _UNANSWERED),
        }
        change = "SET asked = :request, lease = :lease, ends = :ends REMOVE answer"
        found = self._update("answers.begin", keys.answer(key), change, _FREE, values)
        if found is None:
            return None
        return Remembered(found.get("asked", {}).get("S", ""), self._opened(key, found))

    def keep(self, key: str, request: str, answer: str, keep_until: datetime) -> None:
        """Keep the answer of a request whose key was taken; nothing happens when another has it by now."""
        sealed = self._sealing().seal(answer, key)
        values: dict[str, Item] = {
            ":request": {"S": request}, ":answer": {"B": sealed}, ":ends": _seconds(keep_until)
        }  # fmt: skip
        self._update("answers.keep", keys.answer(key), "SET answer = :answer, ends = :ends", "asked = :request", values)

    def release(self, key: str, request: str) -> None:
        """Give back a key that was taken and not answered; nothing happens when another has it by now."""
        with Reaching("answers.release"):
            try:
                self._client().delete_item(
                    TableName=self._table,
                    Key=key_of(keys.answer(key)),
                    ConditionExpression="asked = :request AND attribute_not_exists(answer)",
                    ExpressionAttributeValues={":request": {"S": request}},
                )
            except ClientError as error:
                if error_code(error) != CONDITION_FAILED:
                    raise

    def _opened(self, key: str, found: Item) -> str:
        if "answer" not in found:
            return ""
        try:
            return self._sealing().open(bytes(found["answer"]["B"]), key)
        except Unsealable:
            # Sealed with a key that has been replaced: as if it were not answered yet, until its time is over.
            return ""


def _number(value: int) -> Item:
    return {"N": str(value)}


def _seconds(moment: datetime) -> Item:
    return _number(int(moment.timestamp()))
