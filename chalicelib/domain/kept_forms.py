"""Forms that came when the session of their sender was over, kept until that person has signed in again (IDM-08)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

KEPT_FOR: Final = timedelta(hours=1)
MOST_BYTES: Final = 65_536
"""Of a form that is kept, as UTF-8."""
_SECRET: Final = re.compile("password|answer|secret", re.IGNORECASE)
"""In the names of fields that are never kept."""


class KeptForm(NamedTuple):
    """What somebody entered, and where."""

    ukprn: str
    user_id: str
    path: str
    entered: Mapping[str, Sequence[str]]


def is_secret(name: str) -> bool:
    """Whether a field with this name is never kept."""
    return _SECRET.search(name) is not None


def without_secrets(entered: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """What may be kept of a form; nothing of one that is too large."""
    kept = {name: tuple(values) for name, values in entered.items() if not is_secret(name)}
    size = sum(len(text.encode()) for name, values in kept.items() for text in (name, *values))
    return kept if size <= MOST_BYTES else {}


def digest_of(key: str) -> str:
    """The digest under which a form is kept: whoever reads the table does not learn the key that opens it."""
    return hashlib.sha256(key.encode()).hexdigest()
