"""Stored achievements: read 100 a call, inserted 25 a call, changed by one conditional write each.

An insert of an existing key fails alone (PartiQL), so a batch of lone creates needs neither a read before nor a
transaction. A call that was repeated after a lost answer reports our own earlier insert as existing: the caller reads
the item and finds itself in its history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from chalicelib.aws import Reaching
from chalicelib.domain.achievements import Achievement, Key
from chalicelib.services.ports import Conflict, TemporaryFailure
from chalicelib.storage import keys
from chalicelib.storage.achievement_items import Attributes, achievement_of, attributes
from chalicelib.storage.batches import key_of, read_items
from chalicelib.storage.conditions import DUPLICATE, Patience, condition_failed, statement_passes
from chalicelib.storage.tables import AchievementItem

INSERT_BATCH: Final = 25


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

    def read(self, wanted: Iterable[Key]) -> dict[Key, Achievement]:
        """Strongly consistent; those that exist. Raises TemporaryFailure."""
        unread = [key_of(keys.achievement(key)) for key in dict.fromkeys(wanted)]
        found: dict[Key, Achievement] = {}
        for item in read_items(self._table, self._client(), self._patience, unread, {"ConsistentRead": True}):
            achievement = achievement_of(item)
            found[achievement.key] = achievement
        return found

    def insert(self, achievements: Sequence[Achievement]) -> list[bool]:
        """Insert each unless its key exists. Raises TemporaryFailure, StatementRefused; ValueError for equal keys."""
        statements = [self._statement(achievement) for achievement in achievements]
        if len({achievement.key for achievement in achievements}) != len(statements):
            raise ValueError("the keys of an insert must be distinct")
        inserted = [False] * len(statements)
        for start in range(0, len(statements), INSERT_BATCH):
            places = list(range(start, min(start + INSERT_BATCH, len(statements))))
            self._insert_batch(statements, places, inserted)
        return inserted

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
        *texts, late, revision = (*keys.achievement(achievement.key), *attributes(achievement))
        parameters: list[dict[str, Any]] = [{"S": text} for text in texts]
        parameters += ({"BOOL": late}, {"N": str(revision)})
        return {"Statement": self._insert, "Parameters": parameters}

    def _insert_batch(self, statements: list[dict[str, Any]], places: list[int], inserted: list[bool]) -> None:
        """Insert the statements at ``places`` and mark in ``inserted`` those that took effect."""
        code = ""
        for _ in self._patience.rounds():
            with Reaching("achievements.insert"):
                answer = self._client().batch_execute_statement(Statements=[statements[place] for place in places])
            again: list[int] = []
            for place, response in zip(places, answer["Responses"], strict=True):
                error = response.get("Error")
                if error is None:
                    inserted[place] = True
                elif error["Code"] != DUPLICATE:
                    code = error["Code"]
                    if not statement_passes(code):
                        raise StatementRefused(code)
                    again.append(place)
            if not again:
                return
            places = again
        raise TemporaryFailure(f"achievements.insert: {code}")
