"""Requests during maintenance are refused before anything else is looked at (SLA-05).

Public routes stay open, so that everyone can see how long it takes, and so do those of service managers, who may have
to end it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Protocol

from chalicelib.domain.access import Capability
from chalicelib.domain.failures import failure
from chalicelib.domain.maintenance import Window, WindowKind
from chalicelib.domain.working_time import uk_time
from chalicelib.services.closures import Closures
from chalicelib.web.http.problems import MAINTENANCE, Problem
from chalicelib.web.http.responses import time_text

OPEN: Final = frozenset({Capability.PUBLIC, Capability.MAINTENANCE_MANAGE, Capability.SERVICE_LEVELS_READ})
"""The capabilities whose routes stay open."""


class OpeningServices(Protocol):
    """The services that say whether the service is open."""

    @property
    def closures(self) -> Closures: ...


def require_open(services: OpeningServices, needed: Capability) -> None:
    """Raise Problem 503 with Retry-After if the service is closed for maintenance."""
    if needed in OPEN:
        return
    closed = services.closures.now()
    if closed is not None:
        raise closed_problem(*closed)


def closed_problem(window: Window, left: timedelta) -> Problem:
    """The refusal of a request in a maintenance window that has this long left."""
    members = {"kind": window.kind.value, "start": time_text(window.start), "end": time_text(window.end)}
    return Problem(
        MAINTENANCE,
        failure("LRS-MW-13", until=uk_time(window.end)),
        headers={"Retry-After": str(max(1, -int(-left.total_seconds() // 1)))},
        members={"maintenance": members},
    )


def is_agreed_closure(problem: Problem) -> bool:
    """Whether it refuses a request during agreed maintenance, which is not a fault of the service."""
    closed = problem.members.get("maintenance")
    return isinstance(closed, dict) and closed["kind"] != WindowKind.EMERGENCY.value
