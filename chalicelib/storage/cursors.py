"""Page tokens: where a list continues, sealed so that a token can neither be forged nor used elsewhere.

A token contains its expiry and a position in the list, and a message authentication code for both and for the scope:
the organisation and the query. It is signed, not encrypted; positions contain keys of jobs, never of learners.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Final

from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import BadCursor

LIFETIME: Final = timedelta(hours=1)
_SEAL_BYTES: Final = 32


class Cursors:
    """Seals and opens page tokens with one key of at least 32 bytes."""

    def __init__(self, key: bytes, clock: Clock, lifetime: timedelta = LIFETIME) -> None:
        self._key = key
        self._clock = clock
        self._lifetime = lifetime

    def lasting(self, lifetime: timedelta) -> Cursors:
        """Seals with the same key whose tokens are valid for this long."""
        return Cursors(self._key, self._clock, lifetime)

    def seal(self, scope: tuple[str, ...], place: str) -> str:
        """A token for this position in the list of this scope; letters, digits, hyphen and underscore."""
        expiry = int((self._clock() + self._lifetime).timestamp())
        body = json.dumps([expiry, place], separators=(",", ":")).encode()
        return urlsafe_b64encode(self._seal(scope, body) + body).rstrip(b"=").decode("ascii")

    def open(self, scope: tuple[str, ...], token: str) -> str:
        """The position; raises BadCursor for a token that was not sealed for this scope, or has expired."""
        try:
            sealed = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except ValueError as fault:
            raise BadCursor from fault
        seal, body = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(scope, body)):
            raise BadCursor
        expiry, place = json.loads(body)
        if datetime.fromtimestamp(expiry, UTC) <= self._clock():
            raise BadCursor
        return str(place)

    def _seal(self, scope: tuple[str, ...], body: bytes) -> bytes:
        return hmac.new(self._key, json.dumps(scope).encode() + b"\0" + body, hashlib.sha256).digest()
