"""Credentials of an organisation's systems: issue, replace, revoke, list (IDM-11).

Every change is in the audit log before the response. A secret is shown once, in the response that issues it.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.credentials import (
    LIFETIME,
    MOST,
    NAME_CHARACTERS,
    OVERLAP,
    Credential,
    CredentialState,
    organisation_of,
    scope_text,
)
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.refusals import Refused
from chalicelib.ports.accounts import Accounts, Organisation
from chalicelib.ports.clock import Clock, NewId
from chalicelib.ports.errors import Conflict
from chalicelib.ports.identity import CredentialStore, NewSecret
from chalicelib.services.looks import Looks, credential_subject
from chalicelib.services.tokens import grantable_scopes, secret_digest


class Issued(NamedTuple):
    """A new credential, and its secret, to be shown once."""

    credential: Credential
    secret: str


class CredentialPorts(NamedTuple):
    """The ports that credentials use."""

    credentials: CredentialStore
    accounts: Accounts
    looks: Looks
    clock: Clock
    new_id: NewId
    new_secret: NewSecret


class Order(NamedTuple):
    """What is wanted of a new credential."""

    name: str
    scopes: frozenset[str]
    lifetime: timedelta = LIFETIME
    email: str = ""
    once: str = ""
    """What tells this order from every other: given again, it issues nothing."""


class Credentials:
    """Manages credentials for the people responsible for them."""

    def __init__(self, ports: CredentialPorts) -> None:
        self._ports = ports

    def issue(self, caller: Caller, ukprn: str, order: Order) -> Issued:
        """Issue a new credential. Raises Refused when the organisation cannot have it."""
        organisation = self._ports.accounts.organisation(ukprn)
        reasons = _reasons(organisation, order)
        if organisation is None or reasons:
            raise Refused(*reasons)
        self._refuse_one_too_many(ukprn)
        return self._issued(caller, ukprn, order)

    def rotate(self, caller: Caller, credential_id: str, overlap: timedelta = OVERLAP, once: str = "") -> Issued:
        """A successor with the same name and scopes; the old one remains valid for ``overlap``, at most 7 days.

        While both are valid, both count towards the limit. Raises Refused when there is no such active credential, or
        if the organisation would have too many. The same order again issues nothing, but ends the old one in time if
        that was interrupted.
        """
        now = self._ports.clock()
        old = self.get(credential_id)
        if old is None or old.state(now) is not CredentialState.ACTIVE:
            raise Refused(failure("LRS-CRED-2"))
        organisation = self._ports.accounts.organisation(old.ukprn)
        scopes = old.scopes & grantable_scopes(organisation) if organisation else frozenset[str]()
        order = Order(old.name, scopes, old.expires_at - old.created_at, old.email, once)
        reasons = _reasons(organisation, order)
        if reasons:
            raise Refused(*reasons)
        overlap = min(max(overlap, timedelta()), OVERLAP)
        issued_before = self.get(_id_of(old.ukprn, once)) if once else None
        if issued_before is not None and issued_before.replaces == credential_id:
            self._ports.credentials.expire(credential_id, issued_before.created_at + overlap)
            raise Refused(failure("LRS-CRED-3"))
        ends = now + overlap
        self._refuse_one_too_many(old.ukprn, but="" if ends > now else credential_id)
        issued = self._issued(caller, old.ukprn, order, replaces=credential_id)
        self._ports.credentials.expire(credential_id, ends)
        return issued

    def revoke(self, caller: Caller, credential_id: str) -> bool:
        """End a credential and all its tokens at once, permanently; False if there was no such active credential."""
        if not organisation_of(credential_id):
            return False
        self._look(caller, LookAction.CREDENTIAL_REVOKED, credential_id)
        return self._ports.credentials.revoke(credential_id, self._ports.clock(), caller.user)

    def get(self, credential_id: str) -> Credential | None:
        """One credential, in whatever state."""
        return self._ports.credentials.holder(credential_id).credential if organisation_of(credential_id) else None

    def of_organisation(self, ukprn: str) -> list[Credential]:
        """All credentials that an organisation has or had, oldest first, with the hour each was last used."""
        return self._ports.credentials.of_organisation(ukprn)

    def own(self, caller: Caller, credential_id: str) -> Credential:
        """A credential of the caller's organisation. Raises Refused (LRS-CRED-2)."""
        found = self.get(credential_id) if organisation_of(credential_id) == caller.ukprn else None
        if found is None:
            raise Refused(failure("LRS-CRED-2"))
        return found

    def _refuse_one_too_many(self, ukprn: str, but: str = "") -> None:
        """Raise Refused if the organisation has as many active credentials as it may have, one not counted."""
        now, held = self._ports.clock(), self._ports.credentials.of_organisation(ukprn)
        active = [one for one in held if one.state(now) is CredentialState.ACTIVE and one.credential_id != but]
        if len(active) >= MOST:
            raise Refused(failure("LRS-CRED-1", limit=MOST))

    def _issued(self, caller: Caller, ukprn: str, order: Order, replaces: str = "") -> Issued:
        now, secret = self._ports.clock(), self._ports.new_secret()
        credential = Credential(
            credential_id=_id_of(ukprn, order.once) if order.once else f"{ukprn}-{self._ports.new_id()}",
            ukprn=ukprn,
            name=order.name.strip(),
            secret_digest=secret_digest(secret),
            scopes=order.scopes,
            created_at=now,
            created_by=caller.user,
            expires_at=now + order.lifetime,
            email=order.email,
            replaces=replaces,
        )
        detail = {"scopes": scope_text(order.scopes), "replaces": replaces}
        action = LookAction.CREDENTIAL_REPLACED if replaces else LookAction.CREDENTIAL_ISSUED
        self._look(caller, action, credential.credential_id, **detail)
        try:
            self._ports.credentials.create(credential)
        except Conflict:
            raise Refused(failure("LRS-CRED-3")) from None
        return Issued(credential, secret)

    def _look(self, caller: Caller, action: LookAction, credential_id: str, **detail: str) -> None:
        organisation = organisation_of(credential_id)
        self._ports.looks.at(caller, action, credential_subject(credential_id), of=organisation, **detail)


def _id_of(ukprn: str, once: str) -> str:
    return f"{ukprn}-{hashlib.sha256(once.encode()).hexdigest()[:24]}"


def _reasons(organisation: Organisation | None, order: Order) -> list[Failure]:
    if organisation is None:
        return [failure("WSEC0003")]
    reasons = []
    if organisation.status != "active":
        reasons.append(failure("WSEC0006"))
    name = order.name.strip()
    if not name:
        reasons.append(failure("LRS-REQ-1", "name"))
    if len(name) > NAME_CHARACTERS or not name.isprintable():
        reasons.append(failure("LRS-REQ-5", "name", limit=NAME_CHARACTERS))
    granted = grantable_scopes(organisation)
    if not order.scopes:
        reasons.append(failure("LRS-REQ-1", "scopes"))
    elif not order.scopes <= granted:
        reasons.append(failure("LRS-REQ-6", "scopes", reason="several", allowed=scope_text(granted)))
    if not timedelta() < order.lifetime <= LIFETIME:
        reasons.append(failure("LRS-REQ-6", "lifetime", reason="days", limit=LIFETIME.days))
    return reasons
