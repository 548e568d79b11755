"""Keys of the index of people and of pending matches, in both directions; see :mod:`chalicelib.storage.keys`.

Digests stand where a value would say whose details they are.
"""

from __future__ import annotations

import re
from typing import Final

from chalicelib.domain.search import SearchKey
from chalicelib.storage.keys import SEPARATOR, ItemKey, UnknownKey

LOCK: Final = "LOCK"
PENDING: Final = "PENDING"
WAITING: Final = "WAITING"

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def entries(key: SearchKey) -> str:
    """The partition of everyone under a search key."""
    return _joined(*key)


def entry(key: SearchKey, uln: str) -> ItemKey:
    """A learner's entry under a search key."""
    return ItemKey(entries(key), _joined(uln))


def entry_of(pk: str, sk: str) -> tuple[SearchKey, str]:
    """The search key and the ULN; raises :class:`UnknownKey`."""
    parts = pk.split(SEPARATOR)
    if len(parts) != 3 or not sk:
        raise UnknownKey
    return SearchKey(*parts), sk


def identity_lock(digest: str) -> ItemKey:
    """What lets one learner only have the same mandatory details, by the digest of them in hexadecimal."""
    return ItemKey(_joined("SAME", _sound(digest)), LOCK)


def pending(pending_id: str) -> ItemKey:
    """The item of a pending match."""
    return ItemKey(_joined(PENDING, pending_id), PENDING)


def pending_of(pk: str) -> str:
    """The id of the pending match; raises :class:`UnknownKey`."""
    word, _, pending_id = pk.partition(SEPARATOR)
    if word != PENDING or not pending_id:
        raise UnknownKey
    return pending_id


def waiting(ukprn: str, digest: str) -> ItemKey:
    """What lets an organisation have one pending match only for the same mandatory details."""
    return ItemKey(_joined(WAITING, ukprn, _sound(digest)), WAITING)


def pending_queue(ukprn: str) -> str:
    """The partition of the index by queue: an organisation's pending matches that wait."""
    return _joined(PENDING, ukprn)


def _joined(*parts: str) -> str:
    for part in parts:
        if not part or SEPARATOR in part:
            raise ValueError("a value of the key is empty or contains the separator")
    return SEPARATOR.join(parts)


def _sound(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise ValueError("not a SHA-256 in hexadecimal")
    return digest
