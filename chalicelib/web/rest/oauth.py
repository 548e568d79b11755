"""Access tokens for systems: OAuth 2.0 client credentials (IDM-11, RFC 6749 4.4), and the keys that sign them.

Requests, responses and refusals (RFC 6749 5.2) use the names of the standard, so that any OAuth library understands
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from chalicelib.domain.credentials import Refusal
from chalicelib.domain.throttles import PaceClass
from chalicelib.services.tokens import NotAdmitted
from chalicelib.web.http import problems
from chalicelib.web.http.bodies import FORM
from chalicelib.web.http.guard import REALM, client_of, record_refusal, require_pace, require_source_pace
from chalicelib.web.http.problems import Problem
from chalicelib.web.http.requests import NoRequest, Text
from chalicelib.web.http.responses import About
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.table import route

GRANT_TYPE = "client_credentials"
KEYS_SECONDS = 300
"""How long callers may keep the keys: no longer than a new key waits before it signs."""

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_ERRORS: Mapping[int, str] = {
    problems.TOO_MANY.status: "temporarily_unavailable",
    problems.UNAVAILABLE.status: "temporarily_unavailable",
    problems.FAULT.status: "server_error",
}


class TokenError(Problem):
    """A refusal in the words of RFC 6749 5.2."""

    def __init__(self, error: str, status: int = 400, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(problems.INVALID_REQUEST, headers=headers)
        self.error = error
        self.status = status


@dataclass(frozen=True)
class TokenRequest:
    """A request for a token."""

    WIRE_NAMES: ClassVar[Mapping[str, str]] = {
        "grant_type": "grant_type",
        "client_id": "client_id",
        "client_secret": "client_secret",
    }

    grant_type: Annotated[str, Text(maximum=100, example=GRANT_TYPE)] = ""
    """``client_credentials``."""
    scope: Annotated[str, Text(maximum=2000, example="achievement-batches:submit achievement-batches:manage")] = ""
    """Scopes separated by spaces, to get a token with fewer permissions than the credential has."""
    client_id: Annotated[str, Text(maximum=100)] = ""
    """The credential's id, unless you use HTTP Basic authentication."""
    client_secret: Annotated[str, Text(maximum=200)] = ""
    """The credential's secret, unless you use HTTP Basic authentication."""


@dataclass(frozen=True)
class TokenDocument:
    """An access token."""

    WIRE_NAMES: ClassVar[Mapping[str, str]] = {
        "access_token": "access_token",
        "token_type": "token_type",
        "expires_in": "expires_in",
    }

    access_token: Annotated[str, About(example="eyJhbGciOiJFZERTQSIsImtpZCI6ImsxIn0.eyJzdWIiOiIxMDAwMDA1NSJ9.c2lnbmVk")]
    token_type: Annotated[str, About(example="Bearer")]
    expires_in: Annotated[int, About(example=600, minimum=1)]
    """Seconds until the token expires."""
    scope: Annotated[str, About(example="achievement-batches:submit achievement-batches:manage")]
    """The token's scopes, separated by spaces."""


@dataclass(frozen=True)
class TokenRefusal:
    """A refusal in the format of OAuth 2.0 (RFC 6749 5.2)."""

    WIRE_NAMES: ClassVar[Mapping[str, str]] = {"error_description": "error_description"}

    error: Annotated[str, About(example="invalid_client")]
    error_description: Annotated[str, About(example="The client id or secret is wrong.")]


@dataclass(frozen=True)
class TokenKeys:
    """A JSON Web Key Set (RFC 7517)."""

    keys: Annotated[tuple[Mapping[str, str], ...], About(example=[{"kty": "OKP", "crv": "Ed25519", "kid": "k1"}])]


def refuse_token(problem: Problem) -> Reply:
    """A refusal in the format of RFC 6749 5.2. It never says which part of a credential was wrong."""
    error = problem.error if isinstance(problem, TokenError) else _ERRORS.get(problem.kind.status, "invalid_request")
    status = problem.status if isinstance(problem, TokenError) else problem.kind.status
    # The standard has one status for everything that can be wrong with a request.
    status = 400 if error == "invalid_request" else status
    return Reply(TokenRefusal(error, _DESCRIPTIONS[error]), status, {**_NO_STORE, **problem.headers})


_DESCRIPTIONS: Mapping[str, str] = {
    "invalid_request": "A parameter is missing, repeated or malformed, or the body is not a form.",
    "invalid_client": "The client id or secret is wrong, or the credential is not in force.",
    "unauthorized_client": "The organisation or its client certificate does not allow tokens.",
    "unsupported_grant_type": f"The only grant type is {GRANT_TYPE}.",
    "invalid_scope": "The scope is malformed, or goes beyond the scopes of the credential.",
    "temporarily_unavailable": "Try again after the number of seconds in Retry-After.",
    "server_error": "Something went wrong on our side. If it happens again, give the service desk the "
    "X-Correlation-Id.",
}

_OF_CLIENT: frozenset[Refusal] = frozenset(
    {
        Refusal.ORGANISATION_UNKNOWN,
        Refusal.ORGANISATION_SUSPENDED,
        Refusal.CERTIFICATE_MISSING,
        Refusal.CERTIFICATE_UNKNOWN,
    }
)


@route(TokenRequest, answers={200: TokenDocument}, consumes=FORM, refuse=refuse_token,
    refusals=(problems.NOT_AUTHENTICATED, problems.TOO_MANY, problems.UNAVAILABLE),
)  # fmt: skip
def give_token(call: Call, request: TokenRequest) -> Reply:
    """Get an access token.

    Send your credential by HTTP Basic authentication, or as ``client_id`` and ``client_secret`` in the form.
    """
    if not request.grant_type:
        raise TokenError("invalid_request")
    if request.grant_type != GRANT_TYPE:
        raise TokenError("unsupported_grant_type")
    services, presented = call.services, call.presented
    try:
        members = {"client_id": request.client_id, "client_secret": request.client_secret}
        require_source_pace(services, presented)
        client_id, secret = client_of(presented.authorization, members)
        credential = services.tokens.client(client_id, secret, presented.certificate)
        require_pace(services, credential.credential_id, PaceClass.TOKENS)
        grant = services.tokens.grant(credential, request.scope or None, presented.certificate)
    except NotAdmitted as refused:
        record_refusal(services, refused, presented)
        raise _refused(refused.refusal) from None
    document = TokenDocument(grant.token, "Bearer", grant.expires_in, grant.scope)
    return Reply(document, headers=_NO_STORE)


@route(NoRequest, answers={200: TokenKeys}, gives=("Cache-Control",))
def list_token_keys(call: Call, request: NoRequest) -> Reply:
    """Get the public keys of access tokens.

    A JSON Web Key Set (RFC 7517).
    """
    keys = TokenKeys(tuple(call.services.tokens.public_keys()))
    return Reply(keys, headers={"Cache-Control": f"public, max-age={KEYS_SECONDS}"})


def _refused(refusal: Refusal) -> TokenError:
    if refusal is Refusal.SCOPE_NOT_HELD:
        return TokenError("invalid_scope")
    if refusal in _OF_CLIENT:
        return TokenError("unauthorized_client")
    return TokenError("invalid_client", 401, {"WWW-Authenticate": f"Basic {REALM}"})


ROUTES = (give_token, list_token_keys)
