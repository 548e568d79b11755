"""The index of people: who has a name of this sound and this date of birth, or lives at this postcode (ULN-02).

Entries are items of a table and no secondary index, so that a search reads them strongly consistent and finds whom it
must before a ULN is given. An entry carries what judgement needs: a search is as many queries as it has keys, at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, Final

from chalicelib.aws import Reaching
from chalicelib.domain.learners import LearnerProfile, unpack
from chalicelib.domain.search import SearchKey
from chalicelib.ports.learners import Candidates
from chalicelib.storage import person_keys

MOST_OF_A_KEY: Final = 500
"""Entries of one key that are read: more than any pair of a birthday and a name has, but for made-up birthdays."""
_AT_ONCE: Final = 4


class PersonIndexTable:
    """The table ``person_index``. ``client`` gives the DynamoDB client of botocore."""

    def __init__(self, table: str, client: Callable[[], Any], most: int = MOST_OF_A_KEY) -> None:
        self._table = table
        self._client = client
        self._most = most

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        """Kept as long as the container: a search waits for the slowest query instead of for all in turn."""
        return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="person-index")

    def candidates(self, keys: Iterable[SearchKey]) -> Candidates:
        """The learners under any of the keys, each once; strongly consistent. Raises TemporaryFailure."""
        wanted = list(dict.fromkeys(keys))
        self._client()  # before threads share it
        answers = list(self._threads.map(self._of_key, wanted)) if len(wanted) > 1 else map(self._of_key, wanted)
        found: dict[str, LearnerProfile] = {}
        complete = True
        for cards, whole in answers:
            complete = complete and whole
            found.update({profile.uln: profile for profile in map(unpack, cards)})
        return Candidates(tuple(found.values()), complete)

    def _of_key(self, key: SearchKey) -> tuple[list[str], bool]:
        """The cards under one key, and whether these are all."""
        with Reaching("person_index.candidates"):
            answer = self._client().query(
                TableName=self._table,
                KeyConditionExpression="pk = :key",
                ExpressionAttributeValues={":key": {"S": person_keys.entries(key)}},
                ProjectionExpression="card",
                ConsistentRead=True,
                Limit=self._most + 1,
            )
        cards = [item["card"]["S"] for item in answer["Items"]]
        return cards[: self._most], len(cards) <= self._most and "LastEvaluatedKey" not in answer
