"""A learner as an item of the register, and back.

``card`` is what verification reads; ``details`` has of the other details those that are not empty, ``provenance`` who
made the learner and the version, and ``indexed`` under which sounds and which lock the learner stands in the index of
people: what is to be taken away from there when the details change is what was once put there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from chalicelib.domain.fields import Kind
from chalicelib.domain.learner_fields import DETAILS
from chalicelib.domain.learners import Learner, LearnerDetails, learner_of, pack, profile_of, unpack
from chalicelib.storage import keys
from chalicelib.storage.batches import Item, key_of

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_ON_CARD: Final = frozenset(
    {"given_name", "family_name", "preferred_given_name", "previous_family_name", "family_name_at_age_16"}
    | {"date_of_birth", "gender", "last_known_post_code"}
)
_DATES: Final = frozenset(field.name for field in DETAILS if field.kind is Kind.DATE)
_TIMES: Final = ("created_date", "last_updated_date")
_LISTS: Final = ("linked_ulns", "batch_records")
_BY: Final = (
    *("registered_by", "created_via_channel", "last_updated_by", "last_updated_user", "last_updated_via_channel"),
    "last_updated_action",
)


class Indexed(NamedTuple):
    """Where a learner stands in the index of people."""

    lock: str
    """The digest of the identity lock that is the learner's; empty where another learner has it."""
    sounds: tuple[str, ...]


def learner_item(learner: Learner, indexed: Indexed) -> Item:
    """The item of a learner."""
    return {
        **key_of(keys.learner(learner.uln)),
        "card": {"S": pack(profile_of(learner))},
        "status": {"S": learner.status},
        "revision": {"N": str(learner.version_number)},
        "details": {"S": details_text(learner.details, without=_ON_CARD)},
        "provenance": {"S": _provenance(learner)},
        "indexed": {"S": _encode([indexed.lock, *indexed.sounds])},
    }


def learner_of_item(item: Mapping[str, Any]) -> Learner:
    """The learner in an item; one that was loaded in bulk has no more than the card."""
    learner = learner_of(unpack(item["card"]["S"]))._replace(version_number=int(item["revision"]["N"]))
    if "details" in item:
        carded = learner.details._replace(verification_type="", ability_to_share="")
        learner = learner._replace(details=details_of(item["details"]["S"], carded))
    if "provenance" not in item:
        return learner
    told: dict[str, Any] = json.loads(item["provenance"]["S"])
    told |= {name: datetime.fromisoformat(told[name]) for name in _TIMES if name in told}
    told |= {name: tuple(told[name]) for name in _LISTS if name in told}
    return learner._replace(**told)


def indexed_of(item: Mapping[str, Any]) -> Indexed | None:
    """Where the learner of an item stands in the index; None for one that was loaded in bulk."""
    if "indexed" not in item:
        return None
    lock, *sounds = json.loads(item["indexed"]["S"])
    return Indexed(lock, tuple(sounds))


def details_text(details: LearnerDetails, without: frozenset[str] = frozenset()) -> str:
    """Those details that are not empty, as one JSON object."""
    told = {name: value for name, value in details._asdict().items() if value and name not in without}
    return _encode({name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()})


def details_of(text: str, base: LearnerDetails) -> LearnerDetails:
    """The details of a text over ``base``."""
    told: dict[str, Any] = json.loads(text)
    told |= {name: date.fromisoformat(told[name]) for name in _DATES if name in told}
    return base._replace(**told)


def _provenance(learner: Learner) -> str:
    told: dict[str, Any] = {name: value for name in _BY if (value := getattr(learner, name))}
    told |= {name: value.isoformat() for name in _TIMES if (value := getattr(learner, name))}
    told |= {name: value for name in _LISTS if (value := getattr(learner, name))}
    return _encode(told)
