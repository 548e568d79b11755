"""Credentials of organisations' systems, and why a caller is refused (IDM-11).

An organisation has several credentials at a time: one for each of its systems, and while one is being replaced, the old
and the new. A credential is a public id and a secret; only the digest of the secret is stored. Its scopes are
capabilities of ``domain.access``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LIFETIME = timedelta(days=365)
"""How long a credential is valid by default."""
OVERLAP = timedelta(days=7)
"""The longest time for which a credential stays valid beside its successor."""
USE_RECORDED_EVERY = timedelta(hours=1)
"""The last use of a credential is accurate to within this time: greater accuracy would cost a write for every token."""
NAME_CHARACTERS = 80
MOST = 20
"""Most credentials in force for one organisation."""

_ID = re.compile(r"([0-9]{8})-([A-Za-z0-9_-]{8,48})", re.ASCII)
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")


class CredentialState(StrEnum):
    """The state of a credential."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Refusal(StrEnum):
    """Why a caller was refused, for the audit log only: callers never see which reason it was."""

    NO_TOKEN = "no-token"  # noqa: S105 - a word, not a secret
    TOKEN_MALFORMED = "token-malformed"  # noqa: S105
    TOKEN_NOT_GENUINE = "token-not-genuine"  # noqa: S105
    TOKEN_EXPIRED = "token-expired"  # noqa: S105
    CLIENT_UNKNOWN = "client-unknown"
    SECRET_WRONG = "secret-wrong"  # noqa: S105
    CREDENTIAL_REVOKED = "credential-revoked"
    CREDENTIAL_EXPIRED = "credential-expired"
    ORGANISATION_UNKNOWN = "organisation-unknown"
    ORGANISATION_SUSPENDED = "organisation-suspended"
    CERTIFICATE_MISSING = "certificate-missing"
    CERTIFICATE_UNKNOWN = "certificate-unknown"
    SCOPE_NOT_HELD = "scope-not-held"
    CAPABILITY_NOT_HELD = "capability-not-held"


@dataclass(frozen=True, slots=True)
class Credential:
    """One credential of one organisation's system."""

    credential_id: str
    """The client id of OAuth: ``<ukprn>-<random>``. Public, and never reused."""
    ukprn: str
    name: str
    """Its name, such as that of the system that uses it; shown as the user in jobs and in the audit log."""
    secret_digest: str
    """SHA-256 of the secret in hexadecimal; the secret itself was shown once and is not stored."""
    scopes: frozenset[str]
    """The capabilities that it may use, as texts."""
    created_at: datetime
    created_by: str
    expires_at: datetime
    email: str = ""
    """Where emails about its jobs are sent; empty for the organisation's address."""
    replaces: str = ""
    """The id of the credential that it replaces."""
    revoked_at: datetime | None = None
    revoked_by: str = ""
    last_used_at: datetime | None = None

    def state(self, now: datetime) -> CredentialState:
        """Its state at a time."""
        if self.revoked_at is not None:
            return CredentialState.REVOKED
        return CredentialState.EXPIRED if self.expires_at <= now else CredentialState.ACTIVE

    def refusal(self, now: datetime) -> Refusal | None:
        """Why it cannot be used at a time; None while it is active."""
        return _REFUSALS.get(self.state(now))

    def use_is_due(self, now: datetime) -> bool:
        """Whether this use has to be recorded."""
        return self.last_used_at is None or self.last_used_at + USE_RECORDED_EVERY <= now


_REFUSALS = {
    CredentialState.REVOKED: Refusal.CREDENTIAL_REVOKED,
    CredentialState.EXPIRED: Refusal.CREDENTIAL_EXPIRED,
}


def organisation_of(credential_id: str) -> str:
    """The UKPRN in an id; empty for any text that is not an id."""
    match = _ID.fullmatch(credential_id)
    return match[1] if match else ""


def requested_scopes(scope: str) -> frozenset[str] | None:
    """The scopes in a scope parameter (RFC 6749 3.3); None if it is malformed."""
    return frozenset(scope.split(" ")) if _SCOPE.fullmatch(scope) else None


def scope_text(scopes: Iterable[str]) -> str:
    """Scopes as one text, each once, in order."""
    return " ".join(sorted(set(scopes)))


def certificate_refusal(presented: str, registered: frozenset[str], *, required: bool) -> Refusal | None:
    """Why a client certificate, given by its fingerprint, is refused; ``presented`` is empty if there was none.

    If the organisation has registered certificates, the one presented must be one of them. If certificates are
    required, a registered one must be presented.
    """
    if presented in registered:
        return None
    if not presented:
        return Refusal.CERTIFICATE_MISSING if required else None
    return Refusal.CERTIFICATE_UNKNOWN if registered or required else None
