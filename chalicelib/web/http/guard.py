"""Who is calling, and whether they may: the one place where credentials are read (IDM-11, SEC-01, SLA-08).

A caller sends ``Authorization: Bearer <token>`` with a token of ``POST /oauth2/token``. A refused caller only sees the
kind of problem; the reason is in the audit log before the response, without secret or token.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import NamedTuple, Protocol
from urllib.parse import unquote_plus

from chalicelib import observability
from chalicelib.domain.access import Capability, is_allowed
from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.credentials import Refusal
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.throttles import PaceClass, pace_class
from chalicelib.observability import Metric
from chalicelib.ports.identity import RefusedCall
from chalicelib.services.looks import Looks, credential_subject
from chalicelib.services.refused_calls import RefusedCallLog
from chalicelib.services.throttles import Throttles
from chalicelib.services.tokens import NotAdmitted, Tokens
from chalicelib.web.http.problems import NOT_ALLOWED, NOT_AUTHENTICATED, TOO_MANY, Problem, ProblemKind

REALM = 'realm="learning-records"'
TOKEN_PATH = "/oauth2/token"  # noqa: S105 - the path for tokens, not a token

# The b68token of RFC 6750; short enough to be checked without a limit.
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{22,4096}=*)", re.IGNORECASE)
_BASIC = re.compile(r"basic +([A-Za-z0-9+/]{4,1024}={0,2})", re.IGNORECASE)

OF_KNOWN_CALLERS: frozenset[Refusal] = frozenset(
    {
        Refusal.ORGANISATION_UNKNOWN,
        Refusal.ORGANISATION_SUSPENDED,
        Refusal.CERTIFICATE_MISSING,
        Refusal.CERTIFICATE_UNKNOWN,
        Refusal.CAPABILITY_NOT_HELD,
        Refusal.SCOPE_NOT_HELD,
    }
)
"""Refusals of a known caller."""


class Presented(NamedTuple):
    """The request's evidence of its caller, and its route."""

    authorization: Sequence[str] = ()
    """Every Authorization header."""
    certificate: str = ""
    """SHA-256 of the client certificate, in hexadecimal; empty for none."""
    route: str = ""
    correlation_id: str = ""
    source: str = ""
    """Where it comes from, as :func:`source_of` names it."""


class GuardServices(Protocol):
    """The services that the guard needs."""

    @property
    def tokens(self) -> Tokens: ...
    @property
    def throttles(self) -> Throttles: ...
    @property
    def refused_calls(self) -> RefusedCallLog: ...
    @property
    def looks(self) -> Looks: ...


def admit(services: GuardServices, presented: Presented, needed: Capability) -> Caller:
    """The caller, if the one token sent gives the capability needed.

    Raises :class:`Problem`: 401 without a token in force of a credential in force; 403 WSEC0006 if the organisation is
    unknown or suspended, its certificate is wrong, or the token does not have the capability, which is named then; 429
    if the credential calls too often.
    """
    if needed is Capability.PUBLIC:
        return anyone(presented)
    try:
        caller = services.tokens.caller(
            _token(presented.authorization), presented.certificate, Channel.WEBSERVICE, presented.correlation_id
        )
        require_pace(services, caller.credential_id, pace_class(needed))
        _require(caller, needed)
    except NotAdmitted as refused:
        if refused.refusal is not Refusal.CAPABILITY_NOT_HELD:  # that call has been counted for its credential
            require_source_pace(services, presented)
        record_refusal(services, refused, presented)
        raise _problem(refused.refusal, needed) from None
    return caller


def source_of(address: str) -> str:
    """The name under which calls from an address are counted: of IPv6 the network of 64 bits, since whoever has one of
    its addresses has them all.
    """
    try:
        known = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or IPv6Network((known, 64), strict=False))
    return str(known)


def anyone(presented: Presented) -> Caller:
    """The caller of a public route."""
    return Caller("", "", "", frozenset(), Channel.WEBSERVICE, presented.correlation_id)


def require_pace(services: GuardServices, credential_id: str, kind: PaceClass) -> None:
    """Count a call of a credential; raises Problem 429 with Retry-After if there are too many."""
    seconds = services.throttles.wait(credential_id, kind)
    if seconds:
        observability.measure(Metric.CALLERS_THROTTLED)
        raise Problem(TOO_MANY, failure("LRS-REQ-16"), headers={"Retry-After": str(seconds)})


def require_source_pace(services: GuardServices, presented: Presented) -> None:
    """Count a call of its source; raises Problem 429 with Retry-After if there are too many."""
    require_pace(services, presented.source, PaceClass.SOURCES)


def client_of(authorization: Sequence[str], members: Mapping[str, str]) -> tuple[str, str]:
    """The client id and secret of a request for a token, which must be sent in exactly one way (RFC 6749 2.3.1).

    ``members`` are those of the form. Raises :class:`NotAdmitted` if they are sent in no way or several.
    """
    in_form = members.get("client_id", ""), members.get("client_secret", "")
    if not authorization:
        if not all(in_form):
            raise NotAdmitted(Refusal.NO_TOKEN)
        return in_form
    match = _BASIC.fullmatch(authorization[0].strip()) if len(authorization) == 1 else None
    if match is None or in_form[1]:
        raise NotAdmitted(Refusal.TOKEN_MALFORMED)
    try:
        client_id, separator, secret = b64decode(match[1], validate=True).decode("utf-8").partition(":")
    except ValueError:
        raise NotAdmitted(Refusal.TOKEN_MALFORMED) from None
    named = unquote_plus(client_id), unquote_plus(secret)
    if not separator or not all(named) or in_form[0] not in ("", named[0]):
        raise NotAdmitted(Refusal.TOKEN_MALFORMED)
    return named


def record_refusal(services: GuardServices, refused: NotAdmitted, presented: Presented) -> None:
    """Add a refused attempt to the audit log; one of a stranger is counted, and recorded with its minute. Raises an
    error if this fails, so that there is no response without it.
    """
    reason, named = refused.refusal.value, (refused.ukprn, refused.credential_id)
    if refused.refusal in OF_KNOWN_CALLERS:
        caller = anyone(presented)._replace(ukprn=refused.ukprn, user=refused.credential_id)
        subject = credential_subject(refused.credential_id)
        services.looks.at(
            caller, LookAction.CALL_MADE, subject, LookOutcome.REFUSED, route=presented.route, reason=reason
        )
    else:
        services.refused_calls.count(RefusedCall(presented.source, reason, presented.route, *named))
    observability.measure(Metric.CALLERS_REFUSED)


def _require(caller: Caller, needed: Capability) -> None:
    if not is_allowed(caller.capabilities, needed):
        raise NotAdmitted(Refusal.CAPABILITY_NOT_HELD, caller.ukprn, caller.credential_id)


def _token(authorization: Sequence[str]) -> str:
    if not authorization:
        raise NotAdmitted(Refusal.NO_TOKEN)
    match = _BEARER.fullmatch(authorization[0].strip()) if len(authorization) == 1 else None
    if match is None:
        raise NotAdmitted(Refusal.TOKEN_MALFORMED)
    return match[1]


def _problem(refusal: Refusal, needed: Capability) -> Problem:
    if refusal is Refusal.NO_TOKEN:
        # RFC 6750 3.1: no error attribute when no credential was sent.
        return _challenge(NOT_AUTHENTICATED, failure("WSEC0005"), f"Bearer {REALM}")
    if refusal is Refusal.CAPABILITY_NOT_HELD:
        challenge = f'Bearer {REALM}, error="insufficient_scope", scope="{needed}"'
        return _challenge(NOT_ALLOWED, failure("WSEC0006", reason="scope", scope=needed), challenge)
    if refusal in OF_KNOWN_CALLERS:
        return Problem(NOT_ALLOWED, failure("WSEC0006"))
    return _challenge(NOT_AUTHENTICATED, failure("WSEC0005"), f'Bearer {REALM}, error="invalid_token"')


def _challenge(kind: ProblemKind, reason: Failure, challenge: str) -> Problem:
    return Problem(kind, reason, headers={"WWW-Authenticate": challenge})
