"""Each organisation's submissions by day: written from the register's stream, read a page at a time (ACH-08).

A day of an organisation is spread over a few partitions, so that its largest file is far below the limit of one
partition; a reader merges them by time. The first change of a group identifies its item. The stream repeats a batch
unchanged or in parts, never in larger ones: a part that begins where the whole began replaces it, and the others get
their own items, so that no change is lost or listed twice.
"""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import ClassVar, Final

from chalicelib.aws import temporary_failures
from chalicelib.domain.working_time import london_day
from chalicelib.ports.achievements import SubmittedChange
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.submission_items import SubmissionItem, packed, unpacked
from chalicelib.storage.tables import Models
from chalicelib.storage.wire import write_items

SHARDS: Final = 4
"""Partitions of an organisation's day. A reader queries all of them, so more of them would make pages more
expensive.
"""

GROUP: Final = 100
"""Most changes in an item."""

_READ: Final = 8
"""Items read from a partition in one call."""


class SubmissionTable:
    """The submissions table."""

    MODELS: ClassVar[Models] = {"submissions": (SubmissionItem,)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def record(self, changes: Sequence[tuple[str, SubmittedChange]]) -> None:
        """Store changes, each with the id of its event. Raises TemporaryFailure; then all may be passed again."""
        groups: dict[tuple[str, date], list[tuple[str, SubmittedChange]]] = {}
        days: dict[str, date] = {}  # a file's changes share a few times
        for event_id, change in changes:
            day = days.get(change.at) or days.setdefault(change.at, london_day(datetime.fromisoformat(change.at)))
            groups.setdefault((change.organisation, day), []).append((event_id, change))
        items = []
        for (ukprn, day), group in groups.items():
            for start in range(0, len(group), GROUP):
                part = group[start : start + GROUP]
                event_id, first = part[0]
                key = keys.submissions(ukprn, day, shard_of(event_id), first.at, event_id)
                items.append(SubmissionItem(*key, changes=packed([change for _, change in part])))
        write_items("submissions.record", self._patience, items)

    def of_day(self, ukprn: str, day: date, after: str = "") -> Iterator[tuple[str, SubmittedChange]]:
        """An organisation's changes of a day with their positions, groups by the time of their first change.

        A position is the sort key of the group and the number of the change in it.
        """
        seen, _, number = after.rpartition("/")
        shards = (self._items(keys.submissions_of_day(ukprn, day, shard), seen) for shard in range(SHARDS))
        for item in heapq.merge(*shards, key=lambda item: item.sk):
            began = keys.submissions_began(item.sk)
            skipped = int(number) + 1 if item.sk == seen else 0
            for place, change in enumerate(unpacked(item.changes, ukprn, began)[skipped:], skipped):
                yield f"{item.sk}/{place}", change

    def _items(self, partition: str, start: str) -> Iterator[SubmissionItem]:
        condition = SubmissionItem.sk >= start if start else None
        with temporary_failures("submissions.of_day"):
            yield from SubmissionItem.query(partition, condition, page_size=_READ)


def shard_of(event_id: str) -> int:
    """The partition of a group that begins with this event."""
    return zlib.crc32(event_id.encode()) % SHARDS
