"""The learner register, for matching."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from chalicelib.domain.learners import LearnerProfile
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.learner_items import LearnerItem, card_of, profile_of_card
from chalicelib.storage.tables import Models
from chalicelib.storage.texts import decode
from chalicelib.storage.wire import read_items, write_items


class LearnerTable:
    """The learners of the register table."""

    MODELS: ClassVar[Models] = {"register": (LearnerItem,)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def profiles(self, ulns: Iterable[str], *, consistent: bool = False) -> dict[str, LearnerProfile]:
        """The profiles of the ULNs that exist; by default eventually consistent. Raises TemporaryFailure."""
        wanted = [keys.learner(uln) for uln in dict.fromkeys(ulns)]
        items = read_items("learners.profiles", self._patience, LearnerItem, wanted, consistent=consistent, only="card")
        profiles = (profile_of_card(decode(item["card"]["S"])) for item in items)
        return {profile.uln: profile for profile in profiles}

    def load(self, profiles: Iterable[LearnerProfile]) -> None:
        """Write learners, replacing existing ones: for filling a register, never for changing a learner."""
        items = {
            profile.uln: LearnerItem(*keys.learner(profile.uln), card=card_of(profile), status=profile.status)
            for profile in profiles
        }
        write_items("learners.load", self._patience, list(items.values()))
