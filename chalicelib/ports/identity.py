"""What the use cases of callers' identity need of the world outside; the errors are those of ``ports``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.domain.credentials import Credential
from chalicelib.domain.throttles import Pace, Taken
from chalicelib.ports.accounts import Organisation

NewSecret = Callable[[], str]
"""A new secret that nobody can guess: 256 bits at least, of letters, digits, hyphen and underscore."""


class Holder(NamedTuple):
    """A credential and its organisation, as far as they exist."""

    organisation: Organisation | None
    credential: Credential | None


class Claims(NamedTuple):
    """What a token says, in the words of RFC 9068. Times in seconds since 1970."""

    issuer: str
    audience: str
    client_id: str
    """The credential; ``sub`` is the same."""
    ukprn: str
    scope: str
    token_id: str
    issued_at: int
    expires_at: int
    certificate: str = ""
    """Fingerprint of the client certificate that it was given to, in hexadecimal; empty for none (RFC 8705)."""


class TokenMalformed(Exception):
    """A text that is no token of ours, by its form."""


class TokenNotGenuine(Exception):
    """A token that none of our keys has signed, or that says what we never say."""


class CredentialStore(Protocol):
    """Credentials of all organisations."""

    def create(self, credential: Credential) -> None:
        """Raises Conflict when there is one of that id."""
        ...

    def holder(self, credential_id: str) -> Holder:
        """Both, strongly consistent, in one call: a revocation or suspension holds from the next request on."""
        ...

    def of_organisation(self, ukprn: str) -> list[Credential]:
        """All that an organisation has or had, strongly consistent, oldest first."""
        ...

    def revoke(self, credential_id: str, at: datetime, by: str) -> bool:
        """For good; False when there is none, or it was revoked before."""
        ...

    def expire(self, credential_id: str, at: datetime) -> bool:
        """End it at that time unless it ends sooner; False when there is none, or it ends sooner."""
        ...

    def used(self, credential_id: str, at: datetime) -> None:
        """Keep when it was last used; never raises for one that is gone."""
        ...


class TokenSigner(Protocol):
    """The keys of tokens."""

    def sign(self, claims: Claims) -> str:
        """A token, signed with the newest key that every container knows."""
        ...

    def verify(self, token: str) -> Claims:
        """What a token says, if one of our keys has signed it; its times are for the caller to judge.

        Raises TokenMalformed or TokenNotGenuine, which carry nothing of the token.
        """
        ...

    def public_keys(self) -> list[Mapping[str, str]]:
        """The public halves of the keys in force, as JSON Web Keys (RFC 7517)."""
        ...


class Paces(Protocol):
    """The buckets of all callers."""

    def take(self, name: str, pace: Pace, calls: int, now: datetime) -> Taken:
        """Take calls out of the bucket of that name, or none of them; callers at the same time never take one twice."""
        ...


class Remembered(NamedTuple):
    """What is known of an idempotency key."""

    request: str
    """Digest of the request that it first came with."""
    answer: str
    """The answer that was given; empty while there is none yet."""


class Answers(Protocol):
    """Answers to requests that carry an idempotency key."""

    def begin(self, key: str, request: str, now: datetime, lease_until: datetime) -> Remembered | None:
        """Take the key for this request: None when it is ours to answer, else what is known of it.

        A key that was taken and not answered is free again when its lease is over, to the same request alone.
        """
        ...

    def keep(self, key: str, request: str, answer: str, keep_until: datetime) -> None:
        """Keep the answer of a request whose key was taken."""
        ...

    def release(self, key: str, request: str) -> None:
        """Give back a key that was taken, so that the next request with it is answered anew."""
        ...
