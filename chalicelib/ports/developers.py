"""Where registered developers are kept."""

from __future__ import annotations

from typing import Protocol

from chalicelib.domain.developers import Developer


class DeveloperStore(Protocol):
    """All developers, whose registration has ended too."""

    def all(self) -> list[Developer]:
        """By their ids, strongly consistent."""
        ...

    def save(self, developer: Developer) -> None:
        """Store one, replacing the one with the same id."""
        ...
