"""Who is calling, and whether they may: the one place where a web-service key is read (IDM-11, SEC-01).

A caller sends ``Authorization: Bearer <key>``. Only the SHA-256 of a key is stored and it is looked up by that digest,
so that no secret is ever compared here and the time an answer takes tells nothing of any key. Keys are long and random,
which is why a plain digest is enough.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.access import Capability, is_allowed
from chalicelib.domain.failures import failure
from chalicelib.services.ports import Accounts, Caller
from chalicelib.web.problems import NOT_ALLOWED, NOT_AUTHENTICATED, Problem

ANYONE = Caller(ukprn="", user="", email="", capabilities=frozenset())
"""The caller of a public route."""

# The b68token of RFC 6750; at least 128 bits, and short enough to be hashed without thought.
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{22,512}=*)", re.IGNORECASE)


class HasAccounts(Protocol):
    """The services, as far as the guard needs them."""

    @property
    def accounts(self) -> Accounts: ...


def admit(services: HasAccounts, authorization: Sequence[str], needed: Capability) -> Caller:
    """The caller, when the one Authorization header sent admits what is needed.

    Raises :class:`Problem`: 401 without a live key; 403 WSEC0006 when the organisation is unknown or suspended, or when
    the key does not hold the capability.
    """
    if needed is Capability.PUBLIC:
        return ANYONE
    caller = _holder(services.accounts, authorization)
    organisation = services.accounts.organisation(caller.ukprn)
    if organisation is None or organisation.status != "active" or not is_allowed(caller.capabilities, needed):
        raise Problem(NOT_ALLOWED, failure("WSEC0006"))
    return caller


def key_digest(key: str) -> str:
    """What is stored of a key: its SHA-256 in hexadecimal."""
    return hashlib.sha256(key.encode()).hexdigest()


def _holder(accounts: Accounts, authorization: Sequence[str]) -> Caller:
    if not authorization:
        # RFC 6750 3.1: no error attribute when no credential was sent.
        raise _not_authenticated('Bearer realm="learning-records"')
    match = _BEARER.fullmatch(authorization[0].strip()) if len(authorization) == 1 else None
    caller = accounts.caller(key_digest(match[1])) if match else None
    if caller is None:
        raise _not_authenticated('Bearer realm="learning-records", error="invalid_token"')
    return caller


def _not_authenticated(challenge: str) -> Problem:
    return Problem(NOT_AUTHENTICATED, failure("WSEC0005"), headers={"WWW-Authenticate": challenge})
