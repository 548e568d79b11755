"""The index of people: learners of a date of birth with such a name, or of a postcode and a year or day (ULN-02).

Entries are items in a table, not in a secondary index, so that a search reads them strongly consistently and finds
everyone it must before a ULN is allocated. An entry contains what is needed for the judgement: a search makes as many
queries as it has keys, at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, ClassVar, Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.aws import temporary_failures
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.search import BY_POSTCODE, Block, SearchKey
from chalicelib.ports.learners import Candidates, Seen, SeenBlocks
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.learner_items import card_of, profile_of_card
from chalicelib.storage.tables import Item, Models, VersionedItem
from chalicelib.storage.texts import JsonText
from chalicelib.storage.wire import read_items

MOST_OF_A_KEY: Final = 500
"""Most entries read for one key: more than any combination of a birthday and a name has, except for made-up
birthdays.
"""
_AT_ONCE: Final = 4
_LATEST: Final = 3
"""How many of a block's latest learners its item has: more than are registered while a transaction becomes readable."""


class SearchEntryItem(Item):
    """A search entry, ``D#<birthday>#<sound or ends>`` or ``P#<postcode>#<year or day>`` / ``<uln>``."""

    card = JsonText()


class IdentityLockItem(Item):
    """An identity lock, ``SAME#<keyed digest of the five mandatory details>`` / ``LOCK``."""

    uln = UnicodeAttribute()


class BlockItem(VersionedItem):
    """A block of search entries, ``D#<birthday>`` or ``P#<postcode>`` / ``BLOCK``; each registration in it makes the
    next revision.
    """

    latest = JsonText()


def search_entry(key: SearchKey, profile: LearnerProfile) -> SearchEntryItem:
    """The entry of a learner under a search key."""
    return SearchEntryItem(*keys.entry(key, profile.uln), card=card_of(profile))


def next_block(block: Block, seen: Seen, profile: LearnerProfile) -> BlockItem:
    """A block with one more learner than was seen."""
    latest = (profile, *seen.latest)[:_LATEST]
    return BlockItem(*keys.block(*block), revision=seen.version + 1, latest=[card_of(one) for one in latest])


class PersonIndexTable:
    """The table ``person_index``."""

    MODELS: ClassVar[Models] = {"person_index": (SearchEntryItem, BlockItem)}

    def __init__(self, patience: Patience, most: int = MOST_OF_A_KEY) -> None:
        self._patience = patience
        self._most = most

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        """Kept as long as the container: a search waits for the slowest query instead of for all of them in turn."""
        return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="person-index")

    def candidates(self, keys: Iterable[SearchKey]) -> Candidates:
        """The learners under any of the keys, each once; strongly consistent. Raises TemporaryFailure."""
        wanted = list(dict.fromkeys(keys))
        SearchEntryItem.client()  # before threads share it
        answers = list(self._threads.map(self._of_key, wanted)) if len(wanted) > 1 else map(self._of_key, wanted)
        found: dict[str, LearnerProfile] = {}
        complete = True
        for key, (cards, whole) in zip(wanted, answers, strict=True):
            # A hall or a prison may have more of one year. They have entries under their birthdays as well, so only one
            # whose birthday has a slip may be missed; otherwise nobody could be registered there.
            complete = complete and (whole or key.kind == BY_POSTCODE)
            found.update({profile.uln: profile for profile in map(profile_of_card, cards)})
        return Candidates(tuple(found.values()), complete)

    def blocks(self, wanted: Iterable[Block]) -> SeenBlocks:
        """See the port. Raises TemporaryFailure."""
        blocks = list(wanted)
        sought = [keys.block(*block) for block in blocks]
        found = read_items("person_index.blocks", self._patience, BlockItem, sought, consistent=True)
        held = {Block(*keys.block_of(item.pk)): item for item in map(BlockItem.of, found)}
        return {block: _seen(held[block]) if block in held else Seen() for block in blocks}

    def _of_key(self, key: SearchKey) -> tuple[list[Any], bool]:
        """The cards with one key, and whether these are all."""
        with temporary_failures("person_index.candidates"):
            found = SearchEntryItem.query(
                keys.entries(key), consistent_read=True, limit=self._most + 1, attributes_to_get=["card"]
            )
            cards = [item.card for item in found]
        return cards[: self._most], len(cards) <= self._most


def _seen(item: BlockItem) -> Seen:
    return Seen(int(item.revision), tuple(map(profile_of_card, item.latest)))
