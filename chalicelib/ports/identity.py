"""What the use cases of callers' identity need from outside."""

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
    """A credential and its organisation, if they exist."""

    organisation: Organisation | None
    credential: Credential | None


class Claims(NamedTuple):
    """The claims of a token, with the names of RFC 9068. Times are in seconds since 1970."""

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
    """Fingerprint of the client certificate to which it was issued, in hexadecimal; empty if there is none (RFC
    8705).
    """


class TokenMalformed(Exception):
    """A text that is not in the format of our tokens."""


class TokenNotGenuine(Exception):
    """A token that was not signed by one of our keys, or has claims that we never make."""


class CredentialStore(Protocol):
    """Credentials of all organisations."""

    def create(self, credential: Credential) -> None:
        """Raises Conflict if the id already exists."""
        ...

    def holder(self, credential_id: str) -> Holder:
        """Both, strongly consistently, in one call."""
        ...

    def of_organisation(self, ukprn: str) -> list[Credential]:
        """All credentials an organisation has or had, strongly consistently, oldest first."""
        ...

    def revoke(self, credential_id: str, at: datetime, by: str) -> bool:
        """Permanently; False if there is none, or it is already revoked."""
        ...

    def expire(self, credential_id: str, at: datetime) -> bool:
        """End it at that time unless it ends sooner; False if there is none, or it ends sooner."""
        ...

    def used(self, credential_id: str, at: datetime) -> None:
        """Store when it was last used; does not raise an error if it no longer exists."""
        ...


class TokenSigner(Protocol):
    """The keys of tokens."""

    def sign(self, claims: Claims) -> str:
        """A token, signed with the newest key that every container knows."""
        ...

    def verify(self, token: str) -> Claims:
        """The claims of a token signed by one of our keys; the caller has to check its times.

        Raises TokenMalformed or TokenNotGenuine, which contain nothing of the token.
        """
        ...

    def public_keys(self) -> list[Mapping[str, str]]:
        """The public halves of the keys in force, as JSON Web Keys (RFC 7517)."""
        ...


class Paces(Protocol):
    """The buckets of all callers."""

    def take(self, name: str, pace: Pace, calls: int, now: datetime) -> Taken:
        """Take all or none of these calls out of the bucket with that name; concurrent callers never take the same
        one.
        """
        ...


class RefusedCall(NamedTuple):
    """A call of a stranger: without a token in force, or with a wrong secret."""

    source: str
    """The address that it came from."""
    reason: str
    route: str
    ukprn: str = ""
    """Of the credential that it named, if there is one."""
    credential_id: str = ""


class RefusedCalls(NamedTuple):
    """The refused calls of one source in one minute, if they named a credential, with that one."""

    source: str
    credential_id: str
    ukprn: str
    minute: datetime
    calls: int
    reasons: tuple[str, ...]
    routes: tuple[str, ...]


class RefusedCallCounts(Protocol):
    """Refused calls that are not in the audit log yet."""

    def count(self, call: RefusedCall, at: datetime) -> None: ...

    def of_minute(self, at: datetime) -> list[RefusedCalls]: ...

    def forget(self, counted: RefusedCalls) -> None:
        """Remove a count that is recorded."""
        ...


class Remembered(NamedTuple):
    """What is known about an idempotency key."""

    request: str
    """Digest of the first request with this key."""
    answer: str
    """The response to it; empty if there is none yet."""


class Answers(Protocol):
    """Responses to requests with an idempotency key."""

    def begin(self, key: str, request: str, now: datetime, lease_until: datetime) -> Remembered | None:
        """Take the key for this request: None if the caller may process it, otherwise what is known about it.

        If there is no response by the end of the lease, the same request may take the key again.
        """
        ...

    def keep(self, key: str, request: str, answer: str, keep_until: datetime) -> None:
        """Store the response to a request whose key was taken."""
        ...

    def release(self, key: str, request: str) -> None:
        """Release a key, so that the next request with it is processed."""
        ...
