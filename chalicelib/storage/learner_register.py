"""Learners written together with their search entries and identity lock, each change one transaction (ULN-03, ULN-04).

A ULN is only written if it has never existed: deleted learners are kept, so that no number is allocated twice. The lock
of the five mandatory details is only written if there is none, so that if two callers register a person at once, one
writes and the other finds that ULN in the lock. A new learner also makes the next version of each block that was
searched, so that of two callers who spell the person differently one is overtaken, and searches again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import ClassVar, NamedTuple

from chalicelib.domain import search
from chalicelib.domain.learners import Learner, LearnerProfile, profile_of
from chalicelib.domain.ledgers import LedgerEntry
from chalicelib.domain.search import SearchKey
from chalicelib.ports.errors import Conflict
from chalicelib.ports.learners import AlreadyRegistered, Created, Overtaken, SeenBlocks, UlnTaken
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.learner_items import (
    Indexed,
    LearnerItem,
    card_of,
    indexed_of,
    learner_item,
    learner_of_item,
    profile_of_card,
)
from chalicelib.storage.ledgers import LedgerItem, transact_with
from chalicelib.storage.person_index import BlockItem, IdentityLockItem, SearchEntryItem, next_block, search_entry
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.transactions import Delete, Put
from chalicelib.storage.wire import read_items, write_items


class IdentityDigests:
    """Digests of the mandatory details, made with a key of the service that is read when first needed."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._key_of = key

    @cached_property
    def _key(self) -> bytes:
        return self._key_of()

    def of(self, profile: LearnerProfile, decision: str = "") -> str:
        """In hexadecimal; with ``decision`` a different one, for a learner with the same details as another."""
        text = "|".join((search.identity_of(profile), decision))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


class _Change(NamedTuple):
    """One learner's write: items to put and keys to delete; the learner's own item comes first."""

    item: LearnerItem
    puts: list[SearchEntryItem]
    gone: list[Item]
    lock: IdentityLockItem | None


class LearnerRegisterTable:
    """The learners of the register table and the index of people."""

    MODELS: ClassVar[Models] = {
        "register": (LearnerItem,),
        "person_index": (SearchEntryItem, IdentityLockItem, BlockItem),
        "sessions": (LedgerItem,),
    }

    def __init__(self, patience: Patience, digests: IdentityDigests) -> None:
        self._patience = patience
        self._digests = digests

    def get(self, uln: str, *, consistent: bool = False) -> Learner | None:
        """The learner, including deleted ones; by default eventually consistent. Raises TemporaryFailure."""
        item = _stored(uln, consistent=consistent)
        return learner_of_item(item) if item else None

    def read(self, ulns: Iterable[str], *, consistent: bool = False) -> dict[str, Learner]:
        """Those that exist, including deleted ones; by default eventually consistent. Raises TemporaryFailure."""
        wanted = [keys.learner(uln) for uln in dict.fromkeys(ulns)]
        found = read_items("learners.read", self._patience, LearnerItem, wanted, consistent=consistent)
        learners = (learner_of_item(LearnerItem.of(item)) for item in found)
        return {learner.uln: learner for learner in learners}

    def create(
        self, learner: Learner, seen: SeenBlocks, decision: str = "", entry: LedgerEntry | None = None
    ) -> Created | AlreadyRegistered | UlnTaken | Overtaken:
        """See the port. Raises TemporaryFailure."""
        profile = profile_of(learner)
        digest = self._digests.of(profile, decision)
        change = self._change(learner, profile, digest, None)
        assert change.lock is not None
        blocks = [next_block(block, was, profile) for block, was in seen.items()]
        actions = [
            Put(change.item, LearnerItem.absent()),
            Put(change.lock, IdentityLockItem.absent()),
            *(Put(block, block.follows()) for block in blocks),
            *_in_index(change),
        ]
        stopped = transact_with("learners.write", self._patience, actions, entry)
        if not stopped:
            return Created()
        if 1 in stopped:
            return AlreadyRegistered(IdentityLockItem.of(stopped[1]).uln)
        return UlnTaken() if stopped.keys() == {0} else Overtaken()

    def update(self, *learners: Learner, entry: LedgerEntry | None = None) -> None:
        """Write the next version of each, all or none. Raises Conflict, TemporaryFailure."""
        stored = [_stored(learner.uln, consistent=True) for learner in learners]
        for item, learner in zip(stored, learners, strict=True):
            if item is None or int(item.revision) != learner.version_number - 1:
                raise Conflict
        actions = self._writes(learners, stored, with_locks=True)
        stopped = transact_with("learners.write", self._patience, actions, entry)
        if any(number >= len(learners) for number in stopped):
            # Another learner now has these details: they keep their lock, and the change is made without one.
            actions = self._writes(learners, stored, with_locks=False)
            stopped = transact_with("learners.write", self._patience, actions, entry)
        if stopped:
            raise Conflict

    def load(self, learners: Iterable[Learner]) -> None:
        """Write learners with entries and locks, replacing existing ones: for filling a register, never for a
        change.
        """
        own: list[LearnerItem] = []
        shared: dict[tuple[str, str], Item] = {}
        for learner in learners:
            profile = profile_of(learner)
            change = self._change(learner, profile, self._digests.of(profile), None)
            own.append(change.item)
            items: list[Item] = [*change.puts, *([change.lock] if change.lock else [])]
            shared.update({(item.pk, item.sk): item for item in items})
        write_items("learners.load", self._patience, own)
        write_items("learners.load", self._patience, list(shared.values()))

    # --- Parts --------------------------------------------------------------------------------------------------------

    def _change(self, learner: Learner, profile: LearnerProfile, digest: str, stored: LearnerItem | None) -> _Change:
        """What to write if the register has ``stored`` and the lock should be that of ``digest``."""
        wanted = search.entry_keys(profile)
        sounds = tuple(dict.fromkeys(key.sound for key in wanted if key.kind == search.BY_BIRTH))
        before, held = _standing(stored) if stored else ((), "")
        digest = digest if wanted or not stored else ""
        unchanged = stored is not None and stored.card == card_of(profile)
        put = () if unchanged and set(before) == set(wanted) else wanted
        gone: list[Item] = [SearchEntryItem(*keys.entry(key, learner.uln)) for key in before if key not in wanted]
        if held and held != digest:
            gone.append(IdentityLockItem(*keys.identity_lock(held)))
        takes = bool(digest) and digest != held
        return _Change(
            learner_item(learner, Indexed(digest, sounds)),
            [search_entry(key, profile) for key in put],
            gone,
            IdentityLockItem(*keys.identity_lock(digest), uln=learner.uln) if takes else None,
        )

    def _writes(
        self, learners: Sequence[Learner], stored: Sequence[LearnerItem | None], *, with_locks: bool
    ) -> list[Put | Delete]:
        """The actions of one transaction, the learners' own items first."""
        own: list[Put | Delete] = []
        rest: list[Put | Delete] = []
        for learner, item in zip(learners, stored, strict=True):
            assert item is not None
            profile = profile_of(learner)
            digest = self._digest_after(profile, item, with_locks=with_locks)
            change = self._change(learner, profile, digest, item)
            own.append(Put(change.item, change.item.follows()))
            if change.lock:
                rest.append(Put(change.lock, IdentityLockItem.absent()))
            rest += _in_index(change)
        return [*own, *rest]

    def _digest_after(self, profile: LearnerProfile, stored: LearnerItem, *, with_locks: bool) -> str:
        """The lock for a changed learner: the current one if the mandatory details are the same."""
        _, held = _standing(stored)
        if search.identity_of(profile_of_card(stored.card)) == search.identity_of(profile):
            return held
        return self._digests.of(profile) if with_locks else ""


def _stored(uln: str, *, consistent: bool) -> LearnerItem | None:
    return LearnerItem.find("learners.get", keys.learner(uln), consistent=consistent)


def _in_index(change: _Change) -> list[Put | Delete]:
    return [*map(Put, change.puts), *map(Delete, change.gone)]


def _standing(stored: LearnerItem) -> tuple[tuple[SearchKey, ...], str]:
    """The entries of a stored learner, and the digest of the lock; for one that was bulk-loaded, those that follow from
    the rules.
    """
    profile = profile_of_card(stored.card)
    indexed = indexed_of(stored)
    if indexed is None:
        return search.entry_keys(profile), ""
    return search.keys_under(indexed.sounds, profile.date_of_birth, profile.postcode), indexed.lock
