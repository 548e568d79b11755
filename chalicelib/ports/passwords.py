"""Hashes of passwords and secret answers."""

from __future__ import annotations

from typing import Protocol


class PasswordHasher(Protocol):
    """Makes and verifies hashes that are slow on purpose."""

    def hash(self, text: str) -> str:
        """A hash with a salt of its own."""
        ...

    def verify(self, hashed: str, text: str) -> bool:
        """Whether the hash is of this text. Without a hash (empty) it takes as long, and is False."""
        ...

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than those in use."""
        ...
