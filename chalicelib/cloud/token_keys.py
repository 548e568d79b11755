"""The keys of access tokens: a set of Ed25519 keys in a secret, signing and verifying with PyJWT (IDM-11).

The secret is a JSON Web Key Set (RFC 7517, RFC 8037) of private keys, each with its ``kid`` and, in ``iat``, the time
when it was made, in seconds. The newest key signs once every container has read it; an older one verifies until the
last token that it can have signed expires. To rotate the keys, another one is added to the set (``renewed``).
"""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.identity import Claims, TokenMalformed, TokenNotGenuine

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

READ_AGAIN: Final = timedelta(minutes=5)
"""How long a container uses the set before reading it again."""
LOOKS_APART: Final = timedelta(seconds=30)
"""How soon a token with an unknown key makes a container read the set again."""
SIGNS_AFTER: Final = 2 * READ_AGAIN
"""How long a key must have been in the set before it signs; the only key in a set signs at once."""
ALGORITHM: Final = "EdDSA"
TYPE: Final = "at+jwt"
LONGEST: Final = 4_096
"""Longest token, in characters."""

_REQUIRED: Final = ("iss", "aud", "sub", "client_id", "ukprn", "scope", "jti", "iat", "exp")


class KeysUnusable(Exception):
    """The secret is not a set of keys. The exception contains nothing of it."""


TOKENS_KEPT: Final = 1_000
"""Tokens whose signatures a container has verified and need not verify again while their keys are in force."""


class TokenKey(NamedTuple):
    """One key of the set."""

    kid: str
    made_at: int
    """Seconds since 1970."""
    private: Ed25519PrivateKey
    public: Ed25519PublicKey


class TokenKeys:
    """Signs and verifies tokens. ``read`` returns the text of the secret."""

    def __init__(self, read: Callable[[], str], clock: Clock, token_lifetime: timedelta) -> None:
        self._read = read
        self._clock = clock
        self._grace = int(token_lifetime.total_seconds()) + 60
        self._keys: tuple[TokenKey, ...] = ()
        self._read_at = clock()
        self._read_again_at: datetime | None = None
        self._verified: dict[str, tuple[str, Claims]] = {}

    def prepared(self) -> TokenKeys:
        """These keys, read and ready for the first token. Raises TemporaryFailure, KeysUnusable."""
        import jwt  # noqa: F401, PLC0415 - slow, only needed to issue or verify

        self._in_force()
        return self

    def sign(self, claims: Claims) -> str:
        """A token, signed with the newest key that every container knows."""
        import jwt  # noqa: PLC0415 - slow, only needed to issue or verify

        key = self._signing(self._in_force())
        return jwt.encode(_payload(claims), key.private, algorithm=ALGORITHM, headers={"kid": key.kid, "typ": TYPE})

    def verify(self, token: str) -> Claims:
        """The claims of a token signed by one of our keys; the caller has to check its times.

        Raises TokenMalformed or TokenNotGenuine, which contain nothing of the token.
        """
        known = self._verified.get(token)
        if known is not None and self._known(known[0]) is not None:
            return known[1]
        kid, claims = self._looked_at(token)
        if len(self._verified) >= TOKENS_KEPT:
            self._verified.clear()
        self._verified[token] = kid, claims
        return claims

    def _looked_at(self, token: str) -> tuple[str, Claims]:
        """The key's name, and the claims."""
        import jwt  # noqa: PLC0415 - slow, only needed to issue or verify

        if len(token) > LONGEST or not _is_canonical(token):
            raise TokenMalformed
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise TokenMalformed from None
        key = self._known(header.get("kid"))
        if key is None or header.get("typ") != TYPE:
            raise TokenNotGenuine
        # The use case checks the times with its own clock, and the audience with the other claims.
        options = {"require": list(_REQUIRED), **dict.fromkeys(_OURS_TO_CHECK, False)}
        try:
            payload = jwt.decode(token, key.public, algorithms=[ALGORITHM], options=options)  # type: ignore[arg-type]
            return key.kid, _claims(payload)
        except (jwt.InvalidTokenError, ValueError, TypeError, KeyError):
            raise TokenNotGenuine from None

    def public_keys(self) -> list[Mapping[str, str]]:
        """The public halves of the keys in force, as JSON Web Keys (RFC 7517), newest first."""
        return [_public(key) for key in self._in_force()]

    def _in_force(self) -> Sequence[TokenKey]:
        """Newest first."""
        now = self._clock()
        if self._read_again_at is None or now >= self._read_again_at:
            self._look(now)
        signing = self._signing(self._keys)
        since = signing.made_at + int(SIGNS_AFTER.total_seconds())
        is_over = now.timestamp() > since + self._grace
        return [key for key in self._keys if key.made_at >= signing.made_at or not is_over]

    def _known(self, kid: object) -> TokenKey | None:
        """The key in force with that name. For a new name the set is read again, but not every time."""
        found = next((key for key in self._in_force() if key.kid == kid), None)
        if found is None and self._clock() >= self._read_at + LOOKS_APART:
            self._look(self._clock())
            found = next((key for key in self._in_force() if key.kid == kid), None)
        return found

    def _look(self, now: datetime) -> None:
        try:
            self._keys = read_keys(self._read())
        except TemporaryFailure:
            if not self._keys:
                raise
        self._read_at, self._read_again_at = now, now + READ_AGAIN

    def _signing(self, known: Sequence[TokenKey]) -> TokenKey:
        """The newest that has been in the set for long enough, otherwise the oldest."""
        ripe = self._clock().timestamp() - SIGNS_AFTER.total_seconds()
        return next((key for key in known if key.made_at <= ripe), known[-1])


_OURS_TO_CHECK: Final = ("verify_exp", "verify_iat", "verify_nbf", "verify_aud", "verify_iss")


def read_keys(text: str) -> tuple[TokenKey, ...]:
    """The keys of a set, newest first. Raises KeysUnusable."""
    try:
        found = [_key(entry) for entry in json.loads(text)["keys"]]
    except (ValueError, KeyError, TypeError):
        raise KeysUnusable from None
    if not found or len({key.kid for key in found}) != len(found):
        raise KeysUnusable
    return tuple(sorted(found, key=lambda key: key.made_at, reverse=True))


def renewed(text: str, now: datetime, keep: timedelta = timedelta(days=1), *, at_once: bool = False) -> str:
    """The set with a new key added, and without those that were replaced by a newer one longer than ``keep`` ago.

    ``text`` may be empty, for a first set. ``at_once`` removes every other key, which ends all tokens: for a key that
    has been exposed.
    """
    held: list[dict[str, Any]] = [] if at_once or not text.strip() else json.loads(text)["keys"]
    held.sort(key=lambda entry: int(entry["iat"]))
    replaced_since = [*(int(entry["iat"]) for entry in held), int(now.timestamp())][1:]
    limit = now.timestamp() - keep.total_seconds()
    kept = [entry for entry, since in zip(held, replaced_since, strict=True) if since > limit]
    return json.dumps({"keys": [*kept, _new_key(now)]})


def _new_key(now: datetime) -> dict[str, Any]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - slow, only needed here

    seed = secrets.token_bytes(32)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    kid = f"{now:%Y%m%d}-{secrets.token_hex(4)}"
    return {
        "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": ALGORITHM, "kid": kid, "iat": int(now.timestamp()),
        "x": _encoded(public), "d": _encoded(seed),
    }  # fmt: skip


def _key(entry: Mapping[str, Any]) -> TokenKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - slow, only needed here

    if (entry["kty"], entry["crv"]) != ("OKP", "Ed25519"):
        raise ValueError
    private = Ed25519PrivateKey.from_private_bytes(_decoded(entry["d"]))
    return TokenKey(str(entry["kid"]), int(entry["iat"]), private, private.public_key())


def _public(key: TokenKey) -> Mapping[str, str]:
    x = _encoded(key.public.public_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": ALGORITHM, "kid": key.kid, "x": x}


def _payload(claims: Claims) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "iss": claims.issuer,
        "aud": claims.audience,
        "sub": claims.client_id,
        "client_id": claims.client_id,
        "ukprn": claims.ukprn,
        "scope": claims.scope,
        "jti": claims.token_id,
        "iat": claims.issued_at,
        "exp": claims.expires_at,
    }
    if claims.certificate:
        payload["cnf"] = {"x5t#S256": _encoded(bytes.fromhex(claims.certificate))}
    return payload


def _claims(payload: Mapping[str, Any]) -> Claims:
    texts = [payload[name] for name in ("iss", "aud", "client_id", "ukprn", "scope", "jti")]
    times = [payload["iat"], payload["exp"]]
    if not all(isinstance(text, str) for text in texts) or not all(type(time) is int for time in times):
        raise ValueError
    if payload["sub"] != payload["client_id"]:
        raise ValueError
    certificate = _decoded(payload["cnf"]["x5t#S256"]).hex() if "cnf" in payload else ""
    issuer, audience, client_id, ukprn, scope, token_id = texts
    return Claims(issuer, audience, client_id, ukprn, scope, token_id, times[0], times[1], certificate)


def _is_canonical(token: str) -> bool:
    """Whether a token has three parts in base64url, each in the only valid encoding of its bytes, so that no token has
    two spellings.
    """
    parts = token.split(".")
    try:
        return len(parts) == 3 and all(part and _encoded(_decoded(part)) == part for part in parts)
    except ValueError:
        return False


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
