"""Requests that may be sent twice: ``Idempotency-Key`` on what creates (SLA-08).

A caller that does not know whether its request has arrived sends it again with the same key, and is given the first
answer again; nothing is made twice. A key belongs to one caller, one route and one body. Only answers of success are
kept: a refusal has changed nothing, so that the next request with its key is decided anew.
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
from chalicelib.web.http.problems import RETRY_SECONDS, Problem
from chalicelib.web.http.requests import Malformed

KEPT = timedelta(hours=24)
"""How long an answer is repeated."""
LEASE = timedelta(seconds=60)
"""How long a request has for its first answer: longer than a function may run."""
FIELD = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
"""A header of answers that were given before."""

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")


class IdempotencyServices(Protocol):
    """The services, as far as they are needed here."""

    @property
    def answers(self) -> Answers: ...
    @property
    def clock(self) -> Clock: ...


class Answer(NamedTuple):
    """An answer as it goes out, without what is each request's own."""

    status: int
    headers: Mapping[str, str]
    body: str


class Asked(NamedTuple):
    """One request, as far as it decides whether another is the same."""

    caller: Caller
    method: str
    path: str
    """As it was sent, with the values in it."""
    body: bytes

    def key(self, given: str) -> str:
        """The digest of a key together with who gave it, and for what."""
        return _digest(self.caller.ukprn, self.caller.user, self.method, self.path, given)

    @property
    def content(self) -> str:
        """The digest of what was sent."""
        return hashlib.sha256(self.body).hexdigest()


def answered(services: IdempotencyServices, given: Sequence[str], asked: Asked, work: Callable[[], Answer]) -> Answer:
    """The answer of ``work``, or the one that it gave to the same request before; ``given`` are the keys sent.

    Raises :class:`Malformed` for a key that is not of its form, :class:`Problem` 422 for a key that came with another
    body, 409 with Retry-After while the first request is being answered, and whatever ``work`` raises.
    """
    if not given:
        return work()
    if len(given) > 1:
        raise Malformed(failure("LRS-REQ-3", FIELD))
    if not _KEY.fullmatch(given[0]):
        raise Malformed(failure("LRS-REQ-6", FIELD, allowed="16 to 64 letters, digits, hyphens and underscores"))
    key, content, now = asked.key(given[0]), asked.content, services.clock()
    known = services.answers.begin(key, content, now, now + LEASE)
    if known is None:
        return _first(services, key, content, work)
    if known.request != content:
        raise Problem(problems.REFUSED, failure("LRS-REQ-17", FIELD))
    if not known.answer:
        raise Problem(problems.NOT_NOW, failure("LRS-REQ-18", FIELD), headers={"Retry-After": str(RETRY_SECONDS)})
    status, headers, body = json.loads(known.answer)
    return Answer(status, {**headers, REPLAYED: "true"}, body)


def _first(services: IdempotencyServices, key: str, content: str, work: Callable[[], Answer]) -> Answer:
    try:
        answer = work()
    except Exception:
        with suppress(TemporaryFailure):  # then it is free again when its lease is over
            services.answers.release(key, content)
        raise
    kept = json.dumps([answer.status, dict(answer.headers), answer.body], ensure_ascii=False, separators=(",", ":"))
    try:
        services.answers.keep(key, content, kept, services.clock() + KEPT)
    except TemporaryFailure as error:
        # What was asked for has been done: whoever asked is told so, and loses only the repetition.
        observability.log(Code.TRY_AGAIN, kind=type(error).__name__, place="answers.keep")
    return answer


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
