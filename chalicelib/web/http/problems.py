"""Failures and exceptions as problem documents (RFC 9457).

A refusal is ``application/problem+json`` with ``type``, ``title``, ``status``, ``detail``, ``instance`` (the
correlation id, for the service desk) and ``errors``, one for each reason: ``{code, field, message, action}``, with the
codes and words of the batch files. Notices about the request, if there are any, are in ``notices``. Neither an
exception's text nor a value that the caller sent is ever repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import camel_case
from chalicelib.domain.refusals import RefusalKind, Refused
from chalicelib.formats.words.messages import remedy, sentence
from chalicelib.ports.errors import BadCursor, Conflict, TemporaryFailure
from chalicelib.web.http.bodies import BodyTooLarge, Malformed, WrongMediaType

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
"""How long callers should wait before they try again after a temporary failure."""


class ProblemKind(NamedTuple):
    """A kind of problem: the last part of its type, its HTTP status, its title."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        return f"urn:learning-records:problem:{self.name}"


INVALID_REQUEST = ProblemKind("invalid-request", 400, "The request is not in the right format")
NOT_AUTHENTICATED = ProblemKind("not-authenticated", 401, "An access token is required")
NOT_ALLOWED = ProblemKind("not-allowed", 403, "You are not allowed to do this")
NOT_FOUND = ProblemKind("not-found", 404, "Not found")
METHOD_NOT_ALLOWED = ProblemKind("method-not-allowed", 405, "Method not allowed")
NOT_ACCEPTABLE = ProblemKind("not-acceptable", 406, "The response is not available in this media type")
NOT_NOW = ProblemKind("not-now", 409, "Not possible in the resource's current state")
STALE = ProblemKind("stale", 412, "The named version is not the current one")
TOO_LARGE = ProblemKind("too-large", 413, "The body is too large")
MEDIA_TYPE_NOT_SUPPORTED = ProblemKind("media-type", 415, "Media type not supported")
REFUSED = ProblemKind("refused", 422, "The request cannot be accepted")
PRECONDITION_REQUIRED = ProblemKind("precondition-required", 428, "If-Match is required")
TOO_MANY = ProblemKind("too-many", 429, "Too many requests")
FAULT = ProblemKind("fault", 500, "Something went wrong on our side")
MAINTENANCE = ProblemKind("maintenance", 503, "Closed for maintenance")
UNAVAILABLE = ProblemKind("unavailable", 503, "Temporarily unavailable")


OF_REFUSAL: Mapping[RefusalKind, ProblemKind] = {
    RefusalKind.INVALID: REFUSED,
    RefusalKind.NOT_ALLOWED: NOT_ALLOWED,
    RefusalKind.NOT_FOUND: NOT_FOUND,
    RefusalKind.NOT_NOW: NOT_NOW,
    RefusalKind.STALE: STALE,
}
"""The kind of problem for each kind of refusal."""

_AWAITED = frozenset({"WSRC0008"})
"""Codes of temporary refusals."""


class Problem(Exception):
    """A refusal on its way to the caller."""

    def __init__(
        self,
        kind: ProblemKind,
        *failures: Failure,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(kind.name)
        self.kind = kind
        self.failures = failures
        self.headers = dict(headers or {})
        self.members = dict(members or {})
        """Additional members of the document (RFC 9457 3.2)."""

    def document(self, correlation_id: str) -> dict[str, object]:
        """The problem document, ready for JSON."""
        reasons = [error_document(reason) for reason in self.failures if reason.refuses]
        notices = [error_document(reason) for reason in self.failures if not reason.refuses]
        return {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": _detail(reasons) or self.kind.title,
            "instance": f"urn:learning-records:request:{correlation_id}",
            "errors": reasons,
            **({"notices": notices} if notices else {}),
            **self.members,
        }


def error_document(reason: Failure) -> dict[str, str]:
    """One reason, with its words."""
    return {
        "code": reason.code,
        "field": reason.field,
        "message": str(sentence(reason)),
        "action": str(remedy(reason)),
    }


def problem_of(error: Exception) -> Problem:
    """The problem for an exception: the entry of its nearest ancestor in the table, or a fault if it has none."""
    for ancestor in type(error).__mro__:
        make = _PROBLEMS.get(ancestor)
        if make is not None:
            return make(error)
    return Problem(FAULT, failure("WSEC0999"))


def _detail(reasons: Sequence[Mapping[str, object]]) -> str:
    if len(reasons) == 1:
        return str(reasons[0]["message"])
    return f"{len(reasons)} reasons; see errors." if reasons else ""


def _unchanged(error: Exception) -> Problem:
    assert isinstance(error, Problem)
    return error


def _with_failures(kind: ProblemKind) -> Callable[[Exception], Problem]:
    return lambda error: Problem(kind, *getattr(error, "failures", ()))


def _refused(error: Exception) -> Problem:
    from chalicelib.web.http.field_forms import in_json  # noqa: PLC0415 - it reads every field, for refusals only

    assert isinstance(error, Refused)
    headers = {"Retry-After": str(RETRY_SECONDS)} if error.codes in _AWAITED else {}
    members = {camel_case(name): value for name, value in error.about.items()}
    return Problem(OF_REFUSAL[error.kind], *map(in_json, error.failures), headers=headers, members=members)


def _bad_cursor(_: Exception) -> Problem:
    return Problem(INVALID_REQUEST, failure("LRS-REQ-6", "cursor", allowed="the cursor of a page from the last hour"))


def _try_again(_: Exception) -> Problem:
    return Problem(UNAVAILABLE, failure("LRS-REQ-11"), headers={"Retry-After": str(RETRY_SECONDS)})


_PROBLEMS: Mapping[type, Callable[[Exception], Problem]] = {
    Problem: _unchanged,
    BodyTooLarge: _with_failures(TOO_LARGE),
    WrongMediaType: _with_failures(MEDIA_TYPE_NOT_SUPPORTED),
    Malformed: _with_failures(INVALID_REQUEST),
    Refused: _refused,
    BadCursor: _bad_cursor,
    TemporaryFailure: _try_again,
    Conflict: _try_again,
}
