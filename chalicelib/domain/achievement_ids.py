"""How an achievement is identified in an address: its key, in characters that need no escaping (ACH-02, ACH-08).

An id is the ULN, the aim reference without slashes and the award date, with dots between:
``1000000019.L6168832.2026-02-20``. Each achievement has one id and each id one achievement, so nothing has to be stored
to find it. An address may contain a ULN, but never a learner's details.
"""

from __future__ import annotations

import re
from datetime import date

from chalicelib.domain.achievements import Key
from chalicelib.domain.aims import parse_aim_reference
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import Kind
from chalicelib.domain.uln import parse_uln
from chalicelib.domain.values import PATTERNS

PATTERN = PATTERNS[Kind.ULN] + r"\.[0-9A-Z]{2,8}\.[0-9]{4}-[0-9]{2}-[0-9]{2}"
"""The format of every id, as a regular expression."""

LONGEST = 30
"""Length of the longest id, in characters."""

_ID = re.compile(PATTERN, re.ASCII)


def achievement_id(key: Key) -> str:
    """The id of an achievement."""
    return f"{key.uln}.{key.aim_reference.replace('/', '')}.{key.award_date.isoformat()}"


def key_of_id(text: str) -> Key | None:
    """The achievement with this id; None if the text is not an id."""
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
