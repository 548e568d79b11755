"""Requests that may be sent twice: ``Idempotency-Key`` for requests that create something (SLA-08).

A caller that does not know whether its request has arrived sends it again with the same key, and gets the first
response again; nothing is created twice. A key belongs to one caller, one route and one body. Only successful responses
are kept: a refusal has changed nothing, so the next request with its key is processed as usual.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple, Protocol

from chalicelib import observability
from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.observability import Code
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.ports.identity import Answers
from chalicelib.web.http import problems
from chalicelib.web.http.bodies import Malformed
from chalicelib.web.http.problems import RETRY_SECONDS, Problem

KEPT = timedelta(hours=24)
"""How long a response is repeated."""
LEASE = timedelta(seconds=60)
"""How long the first request may take: longer than a function may run."""
FIELD = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
"""The header of repeated responses."""

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class IdempotencyServices(Protocol):
    """The services needed here."""

    @property
    def answers(self) -> Answers: ...
    @property
    def clock(self) -> Clock: ...


class KeptAnswer(NamedTuple):
    """A response without the parts that belong to one request."""

    status: int
    headers: Mapping[str, str]
    body: str


class Repeated(NamedTuple):
    """The parts of a request that decide whether another is the same."""

    caller: Caller
    method: str
    path: str
    """As sent, with its values."""
    body: bytes

    def key(self, given: str) -> str:
        """The digest of a key together with its caller and route."""
        return _digest(self.caller.ukprn, self.caller.user, self.method, self.path, given)

    @property
    def content(self) -> str:
        """The digest of the request."""
        return hashlib.sha256(self.body).hexdigest()


def answered(
    services: IdempotencyServices, given: Sequence[str], request: Repeated, work: Callable[[], KeptAnswer]
) -> KeptAnswer:
    """The response of ``work``, or its earlier response to the same request; ``given`` are the keys sent.

    Raises :class:`Malformed` for a malformed key, :class:`Problem` 422 for a key that was used with another body, 409
    with Retry-After while the first request is being processed, and any exception of ``work``.
    """
    if not given:
        return work()
    if len(given) > 1:
        raise Malformed(failure("LRS-REQ-3", FIELD))
    if not _KEY.fullmatch(given[0]):
        raise Malformed(failure("LRS-REQ-6", FIELD, allowed="16 to 64 letters, digits, hyphens and underscores"))
    key, content, now = request.key(given[0]), request.content, services.clock()
    known = services.answers.begin(key, content, now, now + LEASE)
    if known is None:
        return _first(services, key, content, work)
    if known.request != content:
        raise Problem(problems.REFUSED, failure("LRS-REQ-17", FIELD))
    if not known.answer:
        raise Problem(problems.NOT_NOW, failure("LRS-REQ-18", FIELD), headers={"Retry-After": str(RETRY_SECONDS)})
    status, headers, body = json.loads(known.answer)
    return KeptAnswer(status, {**headers, REPLAYED: "true"}, body)


def _first(services: IdempotencyServices, key: str, content: str, work: Callable[[], KeptAnswer]) -> KeptAnswer:
    try:
        answer = work()
    except Exception:
        with suppress(TemporaryFailure):  # then it is free again when its lease expires
            services.answers.release(key, content)
        raise
    kept = json.dumps([answer.status, dict(answer.headers), answer.body], ensure_ascii=False, separators=(",", ":"))
    try:
        services.answers.keep(key, content, kept, services.clock() + KEPT)
    except TemporaryFailure as error:
        # The request has been carried out: the caller gets the response, and only loses the chance to have it repeated.
        observability.log(Code.TRY_AGAIN, kind=type(error).__name__, place="answers.keep")
    return answer


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
