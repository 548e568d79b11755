"""How an achievement is named in an address: its key, in characters that need no escaping (ACH-02, ACH-08).

An id is the ULN, the aim reference without obliques and the award date, with dots between:
``1000000019.L6168832.2026-02-20``. Each achievement has one id and each id one achievement, so nothing need be stored
to find it. A ULN may stand in an address; a learner's details never do.
"""

from __future__ import annotations

import re
from datetime import date

from chalicelib.domain.achievements import Key
from chalicelib.domain.aims import parse_aim_reference
from chalicelib.domain.failures import Failure
from chalicelib.domain.uln import parse_uln

PATTERN = r"[1-9][0-9]{9}\.[0-9A-Z]{2,8}\.[0-9]{4}-[0-9]{2}-[0-9]{2}"
"""The form of every id, as a regular expression."""

LONGEST = 30
"""Characters of the longest id."""

_ID = re.compile(PATTERN, re.ASCII)


def achievement_id(key: Key) -> str:
    """The id of an achievement."""
    return f"{key.uln}.{key.aim_reference.replace('/', '')}.{key.award_date.isoformat()}"


def key_of_id(text: str) -> Key | None:
    """The achievement that an id names; None for a text that is the id of none."""
    if not _ID.fullmatch(text):
        return None
    number, reference, awarded = text.split(".")
    uln, aim = parse_uln(number), parse_aim_reference(reference)
    if isinstance(uln, Failure) or isinstance(aim, Failure):
        return None
    try:
        return Key(uln, aim, date.fromisoformat(awarded))
    except ValueError:
        return None
