"""Stored achievements: read 100 a call, written 25 a call, each on its own condition.

In a batch of PartiQL statements an insert of an existing key, and an update of another revision, fail alone, so that a
batch needs neither a read before nor a transaction. A call that was repeated after a lost answer reports our own
earlier write as failed: the caller reads the item and finds itself in its history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from chalicelib.aws import Reaching
from chalicelib.domain.achievements import Achievement, Key
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.storage import keys
from chalicelib.storage.achievement_items import Attributes, achievement_of, attributes
from chalicelib.storage.batches import key_of, read_items
from chalicelib.storage.conditions import OVERTAKEN, Patience, condition_failed, statement_passes
from chalicelib.storage.tables import AchievementItem

WRITE_BATCH: Final = 25


class StatementRefused(Exception):
    """DynamoDB refused one statement for a reason that is ours to mend; the text is its code."""


class AchievementTable:
    """The achievements of the register table. ``client`` gives the DynamoDB client of botocore."""

    def __init__(self, table: str, client: Callable[[], Any], patience: Patience) -> None:
        self._table = table
        self._client = client
        self._patience = patience
        names = ", ".join(f"'{name}': ?" for name in ("pk", "sk", *Attributes._fields))
        self._insert = f'INSERT INTO "{table}" VALUE {{{names}}}'
        changes = " ".join(f'SET "{name}"=?' for name in Attributes._fields)
        self._update = f'UPDATE "{table}" {changes} WHERE pk=? AND sk=? AND revision=?'

    def read(self, wanted: Iterable[Key]) -> dict[Key, Achievement]:
        """Strongly consistent; those that exist. Raises TemporaryFailure."""
        unread = [key_of(keys.achievement(key)) for key in dict.fromkeys(wanted)]
        found: dict[Key, Achievement] = {}
        for item in read_items(self._table, self._client(), self._patience, unread, {"ConsistentRead": True}):
            achievement = achievement_of(item)
            found[achievement.key] = achievement
        return found

    def of_learner(self, uln: str, after: Key | None = None) -> Iterator[Achievement]:
        """A learner's achievements by reference and award date, those behind ``after``; strongly consistent.

        Raises TemporaryFailure while it is walked through; a further call is made only when one is asked for more.
        """
        pk, first, last = keys.achievements_of(uln)
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":first": {"S": first}, ":last": {"S": last}},
            "ConsistentRead": True,
        }
        if after is not None:
            request["ExclusiveStartKey"] = key_of(keys.achievement(after))
        while True:
            with Reaching("achievements.of_learner"):
                answer = self._client().query(**request)
            yield from map(achievement_of, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def write_all(self, achievements: Sequence[Achievement]) -> list[bool]:
        """Write each one version on. Raises TemporaryFailure, StatementRefused; ValueError for equal keys."""
        statements = [self._statement(achievement) for achievement in achievements]
        if len({achievement.key for achievement in achievements}) != len(statements):
            raise ValueError("the keys of a batch must be distinct")
        written = [False] * len(statements)
        for start in range(0, len(statements), WRITE_BATCH):
            places = list(range(start, min(start + WRITE_BATCH, len(statements))))
            self._write_batch(statements, places, written)
        return written

    def write(self, achievement: Achievement) -> None:
        """Write one version on. Raises Conflict, TemporaryFailure."""
        pk, sk = keys.achievement(achievement.key)
        item = AchievementItem(pk, sk, **attributes(achievement)._asdict())
        first = achievement.revision == 1
        unseen: Condition = AchievementItem.pk.does_not_exist()
        condition = unseen if first else AchievementItem.revision == achievement.revision - 1
        try:
            with Reaching("achievements.write"):
                item.save(condition)
        except PutError as error:
            if condition_failed(error):
                raise Conflict from None
            raise

    def _statement(self, achievement: Achievement) -> dict[str, Any]:
        *texts, late, revision = attributes(achievement)
        values: list[dict[str, Any]] = [{"S": text} for text in texts]
        values += ({"BOOL": late}, {"N": str(revision)})
        pk, sk = keys.achievement(achievement.key)
        if achievement.revision == 1:
            return {"Statement": self._insert, "Parameters": [{"S": pk}, {"S": sk}, *values]}
        seen = {"N": str(achievement.revision - 1)}
        return {"Statement": self._update, "Parameters": [*values, {"S": pk}, {"S": sk}, seen]}

    def _write_batch(self, statements: list[dict[str, Any]], places: list[int], written: list[bool]) -> None:
        """Run the statements at ``places`` and mark in ``written`` those that took effect."""
        code = ""
        for _ in self._patience.rounds():
            with Reaching("achievements.write_all"):
                answer = self._client().batch_execute_statement(Statements=[statements[place] for place in places])
            again: list[int] = []
            for place, response in zip(places, answer["Responses"], strict=True):
                error = response.get("Error")
                if error is None:
                    written[place] = True
                elif error["Code"] not in OVERTAKEN:
                    code = error["Code"]
                    if not statement_passes(code):
                        raise StatementRefused(code)
                    again.append(place)
            if not again:
                return
            places = again
        raise TemporaryFailure(f"achievements.write_all: {code}")
