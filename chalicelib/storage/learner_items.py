"""A learner as an item of the register, and back.

``card`` is what verification and search read; ``details`` has the other details that are not empty, ``provenance`` who
made the learner and the version, and ``indexed`` the sounds and the lock of the learner in the index of people: when
the details change, exactly the entries that were once written there are removed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, NamedTuple

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.domain.fields import Kind
from chalicelib.domain.learner_fields import DETAILS
from chalicelib.domain.learners import Learner, LearnerDetails, LearnerProfile, learner_of, profile_of
from chalicelib.storage import keys
from chalicelib.storage.tables import VersionedItem
from chalicelib.storage.texts import JsonText

_ON_CARD: Final = frozenset(
    {"given_name", "family_name", "preferred_given_name", "previous_family_name", "family_name_at_age_16"}
    | {"date_of_birth", "gender", "last_known_post_code"}
)
_DATES: Final = frozenset(field.name for field in DETAILS if field.kind is Kind.DATE)
_TIMES: Final = ("created_date", "last_updated_date")
_LISTS: Final = ("linked_ulns",)
_BY: Final = (
    *("registered_by", "created_via_channel", "last_updated_by", "last_updated_user", "last_updated_via_channel"),
    "last_updated_action",
)


class LearnerItem(VersionedItem):
    """A learner of the register, ``ULN#<uln>`` / ``LEARNER``; an item from a bulk load only has the card."""

    card = JsonText()
    status = UnicodeAttribute()
    revision = NumberAttribute(default=1)
    details = JsonText(null=True)
    provenance = JsonText(null=True)
    indexed = JsonText(null=True)


class Indexed(NamedTuple):
    """A learner's keys in the index of people."""

    lock: str
    """The digest of the learner's identity lock; empty if another learner has it."""
    sounds: tuple[str, ...]


def card_of(profile: LearnerProfile) -> list[Any]:
    """The card of a profile: one list, so that a batch parses one attribute for each learner instead of twelve."""
    born = profile.date_of_birth
    return [*profile[:6], born.isoformat() if born else "", *profile[7:11], int(profile.restricted)]


def profile_of_card(card: list[Any]) -> LearnerProfile:
    """The profile of a card; raises ValueError or TypeError for anything else."""
    uln, given, family, preferred, previous, at_16, born, gender, postcode, status, master, restricted = card
    return LearnerProfile(
        uln,
        given,
        family,
        preferred,
        previous,
        at_16,
        date.fromisoformat(born) if born else None,
        gender,
        postcode,
        status,
        master,
        restricted == 1,
    )


def learner_item(learner: Learner, indexed: Indexed) -> LearnerItem:
    """The item of a learner."""
    return LearnerItem(
        *keys.learner(learner.uln),
        card=card_of(profile_of(learner)),
        status=learner.status,
        revision=learner.version_number,
        details=held_details(learner.details, without=_ON_CARD),
        provenance=_provenance(learner),
        indexed=[indexed.lock, *indexed.sounds],
    )


def learner_of_item(item: LearnerItem) -> Learner:
    """The learner in an item; one that was bulk-loaded only has the card."""
    learner = learner_of(profile_of_card(item.card))._replace(version_number=int(item.revision))
    if item.details is not None:
        carded = learner.details._replace(verification_type="", ability_to_share="")
        learner = learner._replace(details=details_of(item.details, carded))
    if item.provenance is None:
        return learner
    provenance: dict[str, Any] = dict(item.provenance)
    provenance |= {name: datetime.fromisoformat(provenance[name]) for name in _TIMES if name in provenance}
    provenance |= {name: tuple(provenance[name]) for name in _LISTS if name in provenance}
    return learner._replace(**provenance)


def indexed_of(item: LearnerItem) -> Indexed | None:
    """The index keys of the learner in an item; None for one that was bulk-loaded."""
    if item.indexed is None:
        return None
    lock, *sounds = item.indexed
    return Indexed(lock, tuple(sounds))


def held_details(details: LearnerDetails, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The details that are not empty, by name."""
    return {name: value for name, value in details._asdict().items() if value and name not in without}


def details_of(held: dict[str, Any], base: LearnerDetails) -> LearnerDetails:
    """The details that were held, over ``base``."""
    return base._replace(**held | {name: date.fromisoformat(held[name]) for name in _DATES if name in held})


def _provenance(learner: Learner) -> dict[str, Any]:
    return {name: value for name in (*_BY, *_TIMES, *_LISTS) if (value := getattr(learner, name))}
