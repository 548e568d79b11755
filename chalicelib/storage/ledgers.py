"""The ledgers of chunks, in the table of what expires (ULN-06).

The adapters of learners and of pending matches make their writes and the entry one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pynamodb.attributes import NumberAttribute

from chalicelib.aws import temporary_failures
from chalicelib.domain.ledgers import LedgerEntry
from chalicelib.domain.packed import packed_result, result_from
from chalicelib.domain.results import RecordResult
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.texts import JsonText
from chalicelib.storage.transactions import Delete, Put, Stopped, transact


class LedgerItem(Item):
    """An entry in the ledger of a chunk, ``CHUNK#<job>#<chunk>`` / ``<place>``."""

    results = JsonText()
    ends = NumberAttribute()


class LedgerTable:
    """The ledgers in the sessions table."""

    MODELS: ClassVar[Models] = {"sessions": (LedgerItem,)}

    def read(self, job_id: str, chunk: int) -> list[tuple[RecordResult, ...]]:
        """The results of each entry, in order; strongly consistent. Raises TemporaryFailure."""
        with temporary_failures("ledgers.read"):
            items = list(LedgerItem.query(keys.ledger(job_id, chunk), consistent_read=True))
        return [tuple(map(result_from, item.results)) for item in items]


def transact_with(
    place: str, patience: Patience, actions: Sequence[Put | Delete], entry: LedgerEntry | None
) -> Stopped:
    """Carry out the actions and make the entry, if there is one, or nothing.

    Raises TemporaryFailure also where another delivery has made this entry: the next one will find it.
    """
    if entry is None:
        return transact(place, patience, actions)
    item = LedgerItem(
        *keys.ledger_entry(entry.job_id, entry.chunk, entry.place),
        results=[packed_result(result) for result in entry.results],
        ends=int(entry.ends.timestamp()),
    )
    stopped = transact(place, patience, [*actions, Put(item, item.absent())])
    if len(actions) in stopped:
        raise TemporaryFailure(f"{place}: LedgerEntryExists")
    return stopped
