"""Stored achievements: read 100 per call, written 25 per call, each with its own condition.

In a batch of PartiQL statements an insert of an existing key, and an update of another revision, fail individually, so
a batch needs neither an earlier read nor a transaction. A call that was repeated after a lost answer reports our own
earlier write as failed: the caller reads the item and finds its own version in the history.

Versions that no longer fit into an achievement's item are written to a page before it. A page repeats what is stored:
if the write of the achievement then fails, nothing is lost, and a reader passes over versions that it has seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Final

from pynamodb.expressions.condition import Condition

from chalicelib.aws import temporary_failures
from chalicelib.domain.achievements import Achievement, Key, Version
from chalicelib.ports.errors import Conflict
from chalicelib.storage import keys
from chalicelib.storage.achievement_items import (
    AchievementItem,
    Attributes,
    VersionPageItem,
    achievement_item,
    achievement_of,
    apart,
    attributes,
    numbered_versions,
)
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import Models
from chalicelib.storage.wire import key_of, read_items, run_statements

_PAGES: Final = 25
"""Pages of versions read in one call: about a hundred versions."""


class AchievementTable:
    """The achievements of the register table."""

    MODELS: ClassVar[Models] = {"register": (AchievementItem, VersionPageItem)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        table = AchievementItem.table()
        names = ", ".join(f"'{name}': ?" for name in ("pk", "sk", *Attributes._fields))
        self._insert = f'INSERT INTO "{table}" VALUE {{{names}}}'
        self._insert_page = f"""INSERT INTO "{table}" VALUE {{'pk': ?, 'sk': ?, 'versions': ?}}"""
        changes = " ".join(f'SET "{name}"=?' for name in Attributes._fields)
        self._update = f'UPDATE "{table}" {changes} WHERE pk=? AND sk=? AND revision=?'

    def read(self, wanted: Iterable[Key]) -> dict[Key, Achievement]:
        """The achievements that exist, strongly consistently. Raises TemporaryFailure."""
        unread = [keys.achievement(key) for key in dict.fromkeys(wanted)]
        items = read_items("achievements.read", self._patience, AchievementItem, unread, consistent=True)
        found = (achievement_of(AchievementItem.of(item)) for item in items)
        return {achievement.key: achievement for achievement in found}

    def backwards(self, achievement: Achievement) -> Iterator[Version]:
        """Every version, newest first. Raises TemporaryFailure during iteration, as do the next two."""
        yield from reversed(achievement.history)
        left = achievement.earlier
        if not left:
            return
        for page in self._pages(achievement.key, VersionPageItem.sk <= _place(achievement.key, left), newest=True):
            for number, version in reversed(numbered_versions(page)):
                if number == left:
                    yield version
                    left -= 1

    def forwards(self, achievement: Achievement, after: int = 0) -> Iterator[tuple[int, Version]]:
        """The versions after one, with their numbers, oldest first."""
        key, seen = achievement.key, after
        if seen < achievement.earlier:
            places = VersionPageItem.sk.between(_place(key, seen + 1), _place(key, achievement.earlier))
            for page in self._pages(key, places):
                for number, version in numbered_versions(page):
                    if number > seen:
                        yield number, version
                        seen = number
        latest = enumerate(achievement.history, achievement.earlier + 1)
        yield from ((number, version) for number, version in latest if number > seen)

    def _pages(self, key: Key, places: Condition, *, newest: bool = False) -> Iterator[VersionPageItem]:
        with temporary_failures("achievements.versions"):
            yield from VersionPageItem.query(
                keys.earlier_versions(key),
                places,
                consistent_read=True,
                scan_index_forward=not newest,
                page_size=_PAGES,
            )

    def of_learner(self, uln: str, after: Key | None, count: int) -> Iterator[Achievement]:
        """A learner's achievements by reference and award date, starting after ``after``; strongly consistent.

        They are read ``count`` at a time; another call is only made when more are needed.
        """
        pk, first, last = keys.achievements_of(uln)
        start = key_of(keys.achievement(after)) if after is not None else None
        with temporary_failures("achievements.of_learner"):
            for item in AchievementItem.query(
                pk,
                AchievementItem.sk.between(first, last),
                consistent_read=True,
                last_evaluated_key=start,
                page_size=count,
            ):
                yield achievement_of(item)

    def write_all(self, achievements: Sequence[Achievement]) -> list[bool]:
        """Write the next version of each. Raises TemporaryFailure, InvalidWrite; ValueError for equal keys."""
        if len({achievement.key for achievement in achievements}) != len(achievements):
            raise ValueError("the keys of a batch must be distinct")
        statements, pages = [], []
        for kept, page in map(apart, achievements):
            statements.append(self._statement(kept))
            if page is not None:
                pages.append(self._page_statement(page))
        run_statements("achievements.write_all", self._patience, VersionPageItem, pages)
        return run_statements("achievements.write_all", self._patience, AchievementItem, statements)

    def write(self, achievement: Achievement) -> None:
        """Write the next version. Raises Conflict, TemporaryFailure."""
        kept, page = apart(achievement)
        if page is not None:
            page.put("achievements.write", page.absent())
        item = achievement_item(kept)
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

    def _page_statement(self, page: VersionPageItem) -> dict[str, Any]:
        stored = page.serialize()
        return {"Statement": self._insert_page, "Parameters": [stored[name] for name in ("pk", "sk", "versions")]}


def _place(key: Key, number: int) -> str:
    return keys.version_page(key, number).sk
