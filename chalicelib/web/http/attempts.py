"""Attempts in the audit log that no use case records: refused before it, or answered from an earlier response (SEC-01).

A request whose values are refused never reaches the part of its use case that records looks, and a repeated response
does not reach it at all. Both are recorded here, before the response.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Protocol

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import Failure
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.domain.refusals import Refused
from chalicelib.domain.uln import parse_uln
from chalicelib.services.looks import Looks

_NAMES: Final = frozenset({"uln", "masterUln"})


class AttemptServices(Protocol):
    """The services needed here."""

    @property
    def looks(self) -> Looks: ...


@contextmanager
def refused_attempts(
    services: AttemptServices, caller: Caller, action: LookAction | None, members: Mapping[str, object]
) -> Iterator[None]:
    """Record a refusal that no use case has recorded, for the learners that the request names. Without an action, the
    route has nothing to do with learners.
    """
    try:
        yield
    except Refused as refused:
        if action is not None:
            services.looks.refused(caller, action, ulns_in(members), refused)
        raise


def repeated_answer(
    services: AttemptServices, caller: Caller, action: LookAction | None, members: Mapping[str, object], body: str
) -> None:
    """Record that a response is sent again, for the learners in the request and in the response."""
    if action is not None:
        ulns = ulns_in([members, json.loads(body)])
        services.looks.at_learners(caller, action, ulns, LookOutcome.UNCHANGED, repeated="yes")


def ulns_in(value: object) -> list[str]:
    """Every valid ULN in a request or response, at any depth."""
    if isinstance(value, list):
        return [uln for part in value for uln in ulns_in(part)]
    if not isinstance(value, Mapping):
        return []
    own = (part for name, part in value.items() if name in _NAMES and isinstance(part, str))
    parsed = (parse_uln(part) for part in own)
    return [
        *(uln for uln in parsed if not isinstance(uln, Failure)),
        *(uln for part in value.values() for uln in ulns_in(part)),
    ]
