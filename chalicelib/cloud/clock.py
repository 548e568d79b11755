"""The time, and identifiers that nobody can guess."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


def now() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A new random identifier of 144 bits: 25 letters, digits, hyphens and underscores, a letter first."""
    return "I" + secrets.token_urlsafe(18)
