"""Access tokens: issued to clients for their secret, and checked to find the caller (IDM-11, RFC 6749 4.4, RFC 9068).

A token is short-lived and names its credential. The credential and its organisation are read every few seconds
(``known_callers``), so that a revocation or suspension ends every token. The token saves checking the secret, and
limits what the call may do.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.access import Capability, grantable
from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.credentials import (
    Credential,
    Refusal,
    certificate_refusal,
    organisation_of,
    requested_scopes,
    scope_text,
)
from chalicelib.ports.accounts import Organisation
from chalicelib.ports.clock import Clock, NewId
from chalicelib.ports.identity import Claims, CredentialStore, Holder, TokenMalformed, TokenNotGenuine, TokenSigner
from chalicelib.services.known_callers import KnownCallers

LEEWAY = timedelta(seconds=30)
"""How far the clocks of our containers may differ."""


class NotAdmitted(Exception):
    """A caller is refused.

    ``ukprn`` and ``credential_id`` are those the caller named, if they exist; never a secret.
    """

    def __init__(self, refusal: Refusal, ukprn: str = "", credential_id: str = "") -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.ukprn = ukprn
        self.credential_id = credential_id


class Grant(NamedTuple):
    """A token for a client."""

    token: str
    scope: str
    expires_in: int
    """Seconds."""
    credential: Credential


@dataclass(frozen=True)
class TokenRules:
    """Settings of the tokens and of the checks of callers."""

    issuer: str
    audience: str
    lifetime: timedelta = timedelta(minutes=15)
    require_certificate: bool = False


class TokenPorts(NamedTuple):
    """The ports that tokens use."""

    credentials: CredentialStore
    known: KnownCallers
    signer: TokenSigner
    clock: Clock
    new_id: NewId


class Tokens:
    """Issues access tokens, and identifies callers by them."""

    def __init__(self, ports: TokenPorts, rules: TokenRules) -> None:
        self._ports = ports
        self._rules = rules

    def client(self, client_id: str, secret: str, certificate: str = "") -> Credential:
        """The credential of an authenticated client, with the scopes that its organisation may still have.

        ``certificate`` is the SHA-256 of the certificate presented, in hexadecimal, or empty. Raises
        :class:`NotAdmitted`.
        """
        if not organisation_of(client_id):
            raise NotAdmitted(Refusal.CLIENT_UNKNOWN)
        holder = self._ports.credentials.holder(client_id)
        # Also compared for a client that does not exist, so that the time taken does not show which ids exist.
        expected = holder.credential.secret_digest if holder.credential else "0" * 64
        is_right = hmac.compare_digest(secret_digest(secret), expected)
        if holder.credential is None:
            raise NotAdmitted(Refusal.CLIENT_UNKNOWN)
        if not is_right:
            raise NotAdmitted(Refusal.SECRET_WRONG, holder.credential.ukprn, client_id)
        organisation, credential = self._live(holder, certificate, self._ports.clock())
        return replace(credential, scopes=credential.scopes & grantable_scopes(organisation))

    def grant(self, credential: Credential, scope: str | None = None, certificate: str = "") -> Grant:
        """A token for an authenticated client, for the requested scopes or all that it has.

        Raises :class:`NotAdmitted` for a scope that is malformed or not held.
        """
        held = credential.scopes
        wanted = held if scope is None else requested_scopes(scope)
        if not wanted or not wanted <= held:
            raise NotAdmitted(Refusal.SCOPE_NOT_HELD, credential.ukprn, credential.credential_id)
        now = self._ports.clock()
        issued = int(now.timestamp())
        lifetime = min(self._rules.lifetime, credential.expires_at - now)
        seconds = int(lifetime.total_seconds())
        claims = Claims(
            issuer=self._rules.issuer,
            audience=self._rules.audience,
            client_id=credential.credential_id,
            ukprn=credential.ukprn,
            scope=scope_text(wanted),
            token_id=self._ports.new_id(),
            issued_at=issued,
            expires_at=issued + seconds,
            certificate=certificate,
        )
        if credential.use_is_due(now):
            self._ports.credentials.used(credential.credential_id, now)
        return Grant(self._ports.signer.sign(claims), claims.scope, seconds, credential)

    def caller(self, token: str, certificate: str, channel: Channel, request_id: str) -> Caller:
        """The caller of a request with this token, and what it may do. Raises :class:`NotAdmitted`."""
        claims = self._claims(token)
        holder = self._ports.known.holder(claims.client_id)
        organisation, credential = self._live(holder, certificate, self._ports.clock())
        if claims.certificate and claims.certificate != certificate:
            refusal = Refusal.CERTIFICATE_UNKNOWN if certificate else Refusal.CERTIFICATE_MISSING
            raise NotAdmitted(refusal, credential.ukprn, credential.credential_id)
        return Caller(
            ukprn=credential.ukprn,
            user=credential.name,
            email=credential.email or organisation.batch_email,
            capabilities=frozenset(claims.scope.split(" ")) & credential.scopes,
            channel=channel,
            request_id=request_id,
            credential_id=credential.credential_id,
        )

    def public_keys(self) -> list[Mapping[str, str]]:
        """The public keys to verify our tokens with, as JSON Web Keys."""
        return self._ports.signer.public_keys()

    def _claims(self, token: str) -> Claims:
        try:
            claims = self._ports.signer.verify(token)
        except TokenMalformed:
            raise NotAdmitted(Refusal.TOKEN_MALFORMED) from None
        except TokenNotGenuine:
            raise NotAdmitted(Refusal.TOKEN_NOT_GENUINE) from None
        rules, now, leeway = self._rules, self._ports.clock().timestamp(), LEEWAY.total_seconds()
        expected = (rules.issuer, rules.audience, organisation_of(claims.client_id))
        ours = claims.ukprn and (claims.issuer, claims.audience, claims.ukprn) == expected
        if not ours or claims.issued_at > now + leeway:
            raise NotAdmitted(Refusal.TOKEN_NOT_GENUINE, claims.ukprn, claims.client_id)
        if claims.expires_at + leeway <= now:
            raise NotAdmitted(Refusal.TOKEN_EXPIRED, claims.ukprn, claims.client_id)
        return claims

    def _live(self, holder: Holder, certificate: str, now: datetime) -> tuple[Organisation, Credential]:
        organisation, credential = holder
        if credential is None:
            raise NotAdmitted(Refusal.CLIENT_UNKNOWN)
        refusal = credential.refusal(now)
        if refusal is None and organisation is None:
            refusal = Refusal.ORGANISATION_UNKNOWN
        if refusal is None and organisation is not None:
            refusal = _of_organisation(organisation, certificate, required=self._rules.require_certificate)
        if refusal is not None or organisation is None:
            raise NotAdmitted(refusal or Refusal.ORGANISATION_UNKNOWN, credential.ukprn, credential.credential_id)
        return organisation, credential


def secret_digest(secret: str) -> str:
    """What is stored of a secret: its SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def grantable_scopes(organisation: Organisation) -> frozenset[str]:
    """The scopes that credentials of this organisation may have."""
    granted = grantable(
        is_awarding_organisation=organisation.is_awarding_organisation,
        is_service_desk=organisation.is_service_desk,
        is_adviser=organisation.is_adviser,
    )
    return frozenset(map(str, granted - {Capability.PUBLIC}))


def _of_organisation(organisation: Organisation, certificate: str, *, required: bool) -> Refusal | None:
    if organisation.status != "active":
        return Refusal.ORGANISATION_SUSPENDED
    return certificate_refusal(certificate, organisation.certificates, required=required)
