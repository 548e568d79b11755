"""Hashes of passwords with argon2id, by argon2-cffi with the parameters it recommends (RFC 9106 4, second option)."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$EDUExSrDx2QtH20Ya+6dDw$WnIP0w4+tYkNs9hT1qzi9PWcnpCIc4+aiXAnz2SGh24"
"""The hash of a text that nobody knows: verified in place of one that does not exist, so that it takes as long."""


class Argon2Hasher:
    """Three passes over 64 MiB with four lanes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

    def hash(self, text: str) -> str:
        """A hash with a salt of its own."""
        return self._hasher.hash(_bytes(text))

    def verify(self, hashed: str, text: str) -> bool:
        """Whether the hash is of this text. Without a hash (empty) it takes as long, and is False."""
        try:
            self._hasher.verify(hashed or NOBODYS, _bytes(text))
        except (VerifyMismatchError, InvalidHashError):
            return False
        return bool(hashed)

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than those in use."""
        return self._hasher.check_needs_rehash(hashed)


def _bytes(text: str) -> bytes:
    """Half of a surrogate pair is no character, but some client may send one."""
    return text.encode("utf-8", "surrogatepass")
