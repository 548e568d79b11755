"""Stored achievements: read 100 per call, written 25 per call, each with its own condition.

In a batch of PartiQL statements an insert of an existing key, and an update of another revision, fail individually, so
a batch needs neither an earlier read nor a transaction. A call that was repeated after a lost answer reports our own
earlier write as failed: the caller reads the item and finds its own version in the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from chalicelib.aws import temporary_failures
from chalicelib.domain.achievements import Achievement, Key
from chalicelib.ports.errors import Conflict
from chalicelib.storage import keys
from chalicelib.storage.achievement_items import (
    AchievementItem,
    Attributes,
    achievement_item,
    achievement_of,
    attributes,
)
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import Models
from chalicelib.storage.wire import key_of, read_items, run_statements


class AchievementTable:
    """The achievements of the register table."""

    MODELS: ClassVar[Models] = {"register": (AchievementItem,)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        table = AchievementItem.table()
        names = ", ".join(f"'{name}': ?" for name in ("pk", "sk", *Attributes._fields))
        self._insert = f'INSERT INTO "{table}" VALUE {{{names}}}'
        changes = " ".join(f'SET "{name}"=?' for name in Attributes._fields)
        self._update = f'UPDATE "{table}" {changes} WHERE pk=? AND sk=? AND revision=?'

    def read(self, wanted: Iterable[Key]) -> dict[Key, Achievement]:
        """The achievements that exist, strongly consistently. Raises TemporaryFailure."""
        unread = [keys.achievement(key) for key in dict.fromkeys(wanted)]
        items = read_items("achievements.read", self._patience, AchievementItem, unread, consistent=True)
        found = (achievement_of(AchievementItem.of(item)) for item in items)
        return {achievement.key: achievement for achievement in found}

    def of_learner(self, uln: str, after: Key | None = None) -> Iterator[Achievement]:
        """A learner's achievements by reference and award date, starting after ``after``; strongly consistent.

        Raises TemporaryFailure during iteration; another call is only made when more are needed.
        """
        pk, first, last = keys.achievements_of(uln)
        start = key_of(keys.achievement(after)) if after is not None else None
        with temporary_failures("achievements.of_learner"):
            for item in AchievementItem.query(
                pk, AchievementItem.sk.between(first, last), consistent_read=True, last_evaluated_key=start
            ):
                yield achievement_of(item)

    def write_all(self, achievements: Sequence[Achievement]) -> list[bool]:
        """Write the next version of each. Raises TemporaryFailure, InvalidWrite; ValueError for equal keys."""
        statements = [self._statement(achievement) for achievement in achievements]
        if len({achievement.key for achievement in achievements}) != len(statements):
            raise ValueError("the keys of a batch must be distinct")
        return run_statements("achievements.write_all", self._patience, AchievementItem, statements)

    def write(self, achievement: Achievement) -> None:
        """Write the next version. Raises Conflict, TemporaryFailure."""
        item = achievement_item(achievement)
        if not item.put("achievements.write", item.follows()):
            raise Conflict

    def _statement(self, achievement: Achievement) -> dict[str, Any]:
        pk, sk = keys.achievement(achievement.key)
        key = [{"S": pk}, {"S": sk}]
        values = attributes(achievement).parameters()
        if achievement.revision == 1:
            return {"Statement": self._insert, "Parameters": [*key, *values]}
        seen = {"N": str(achievement.revision - 1)}
        return {"Statement": self._update, "Parameters": [*values, *key, seen]}
