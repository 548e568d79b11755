"""The ledger of a chunk: what its records have written, entered in the transactions that wrote it (ULN-06).

A record of a learner batch writes a learner or a pending match, and with it an entry that holds the record's result.
So whatever a delivery has done is in the ledger, and the next delivery continues where the ledger ends.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from chalicelib.domain.results import RecordResult


class LedgerEntry(NamedTuple):
    """The results of one write, and of the records before it that wrote nothing and are not in an earlier entry."""

    job_id: str
    chunk: int
    place: int
    """From 0. Each entry follows the one before: two deliveries cannot both write it."""
    results: tuple[RecordResult, ...]
    ends: datetime
    """When it may be removed."""
