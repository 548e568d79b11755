"""A learner as the register holds them for verification, and the one string in which a register item carries it."""

from __future__ import annotations

import json
from datetime import date
from typing import Final, NamedTuple

DELETED: Final = "0"
ACTIVE: Final = "1"
LINKED: Final = "2"
"""Registered with another ULN too; ``master_uln`` names the one marked as master (AO18 App. C, VRC002)."""


class LearnerProfile(NamedTuple):
    """What verification needs to know of a registered learner; an absent text is the empty string."""

    uln: str
    given_name: str
    family_name: str
    preferred_given_name: str = ""
    previous_family_name: str = ""
    family_name_at_16: str = ""
    date_of_birth: date | None = None
    gender: str = ""
    """``0`` not known, ``1`` male, ``2`` female, ``9`` not specified; empty where nothing is held."""
    postcode: str = ""
    status: str = ACTIVE
    master_uln: str = ""
    restricted: bool = False


def pack(profile: LearnerProfile) -> str:
    """The profile as one compact JSON list: a batch read then parses one attribute a learner instead of twelve."""
    born = profile.date_of_birth
    return json.dumps(
        [*profile[:6], born.isoformat() if born else "", *profile[7:11], int(profile.restricted)],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def unpack(text: str) -> LearnerProfile:
    """The profile that :func:`pack` wrote; raises ValueError or TypeError for any other text."""
    (uln, given, family, preferred, previous, at_16, born, gender, postcode, status, master, restricted) = json.loads(
        text
    )
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
