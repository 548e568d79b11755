"""Functions that are started and not waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Functions(Protocol):
    """Functions by logical name (``import_register``, ``import_events``)."""

    def start(self, function: str, event: Mapping[str, object]) -> None:
        """Have a function run with this event; nobody hears its answer. Raises :class:`TemporaryFailure`."""
        ...
