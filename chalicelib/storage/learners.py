"""The learner register, as matching sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from chalicelib.domain.learners import LearnerProfile, pack, unpack
from chalicelib.storage import keys
from chalicelib.storage.batches import key_of, read_items, write_items
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import LearnerItem

_CARD: Final = {"ProjectionExpression": "card"}
_CARD_CONSISTENT: Final = {**_CARD, "ConsistentRead": True}


class LearnerTable:
    """The learners of the register table. ``client`` gives the DynamoDB client of botocore."""

    def __init__(self, table: str, client: Callable[[], Any], patience: Patience) -> None:
        self._table = table
        self._client = client
        self._patience = patience

    def profiles(self, ulns: Iterable[str], *, consistent: bool = False) -> dict[str, LearnerProfile]:
        """The profiles of those ULNs that exist; eventually consistent unless asked for. Raises TemporaryFailure."""
        wanted = [key_of(keys.learner(uln)) for uln in dict.fromkeys(ulns)]
        options = _CARD_CONSISTENT if consistent else _CARD
        profiles = (
            unpack(item["card"]["S"])
            for item in read_items(self._table, self._client(), self._patience, wanted, options)
        )
        return {profile.uln: profile for profile in profiles}

    def load(self, profiles: Iterable[LearnerProfile]) -> None:
        """Put learners over whatever is there: for filling a register, never for changing a learner."""
        items = {
            profile.uln: LearnerItem(*keys.learner(profile.uln), card=pack(profile), status=profile.status).serialize()
            for profile in profiles
        }
        write_items(self._table, self._client(), self._patience, list(items.values()))
