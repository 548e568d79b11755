"""Time and randomness."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Now, aware, in UTC."""


NewId = Callable[[], str]
"""A new random identifier, letters, digits, hyphen and underscore only."""
