"""Texts that are kept for a short time and read by nobody but us: encrypted, and bound to their place."""

from __future__ import annotations

import hashlib
import hmac
import os
import zlib
from typing import Final

_NONCE_BYTES: Final = 12
_LABEL: Final = b"answers"


class Unsealable(Exception):
    """What is no text of ours for this place: another key, another place, or altered."""


class Sealing:
    """Seals with AES-256-GCM under a key derived from a secret that is also used elsewhere, of 32 bytes at least."""

    def __init__(self, secret: bytes) -> None:
        # The library is imported where the first text is sealed: most requests carry no idempotency key.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        self._cipher = AESGCM(hmac.new(secret, _LABEL, hashlib.sha256).digest())

    def seal(self, text: str, place: str) -> bytes:
        """The text, compressed and encrypted, to be opened at this place only."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, zlib.compress(text.encode()), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """The text; raises Unsealable."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return zlib.decompress(self._cipher.decrypt(nonce, body, place.encode())).decode()
        except (InvalidTag, ValueError):
            raise Unsealable from None
