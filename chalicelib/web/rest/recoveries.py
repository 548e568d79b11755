"""How long does a recovery take? (SLA-07)

When disaster recovery is invoked, the service is reinstated within eight service hours: 8am to 6pm, Monday to Friday,
except bank holidays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from chalicelib.domain.maintenance import LONGEST_REASON
from chalicelib.domain.recoveries import WITHIN, Clocked, RecoveryState
from chalicelib.web.http import problems
from chalicelib.web.http.requests import Moment, NoRequest, Text
from chalicelib.web.http.responses import About
from chalicelib.web.http.routes import Call, Reply
from chalicelib.web.rest.table import RECOVERIES, route

_HOUR: Final = timedelta(hours=1)
_REASON: Final = Text(maximum=LONGEST_REASON, minimum=1, example="Loss of the region")


@dataclass(frozen=True)
class Invocation:
    """Disaster recovery is invoked."""

    reason: Annotated[str, _REASON]
    """What has happened."""
    invoked: Annotated[datetime | None, Moment("2026-07-07T08:30:00Z")] = None
    """When; by default now."""


@dataclass(frozen=True)
class EndOfRecovery:
    """The service is reinstated."""

    reinstated: Annotated[datetime | None, Moment("2026-07-07T11:30:00Z")] = None
    """When; by default now."""


@dataclass(frozen=True)
class RecoveryDocument:
    """A recovery and its clock."""

    invoked: datetime
    reason: Annotated[str, About(example=_REASON.example)]
    due: datetime
    """When the agreed service hours are over."""
    reinstated: datetime | None
    service_hours: Annotated[float, About(example=2.5)]
    """Service hours from its invocation until it was reinstated, or until now."""
    agreed_service_hours: Annotated[float, About(example=8.0)]
    state: RecoveryState


@dataclass(frozen=True)
class RecoveriesDocument:
    """Every recovery."""

    recoveries: tuple[RecoveryDocument, ...]
    """Newest first."""
    links: Mapping[str, str]


@route(NoRequest, answers={200: RecoveriesDocument})
def list_recoveries(call: Call, request: NoRequest) -> Reply:
    """List recoveries with their clocks."""
    found = tuple(map(recovery_document, call.services.recoveries.listed()))
    return Reply(RecoveriesDocument(found, {"self": RECOVERIES}))


@route(Invocation, answers={201: RecoveryDocument}, refusals=(problems.NOT_NOW, problems.REFUSED))
def invoke_recovery(call: Call, request: Invocation) -> Reply:
    """Record that disaster recovery is invoked: its clock starts."""
    return Reply(recovery_document(call.services.recoveries.invoke(call.caller, request.reason, request.invoked)), 201)


@route(EndOfRecovery, answers={200: RecoveryDocument}, refusals=(problems.NOT_NOW, problems.REFUSED))
def reinstate_service(call: Call, request: EndOfRecovery) -> Reply:
    """Record that the service is reinstated: the clock stops."""
    return Reply(recovery_document(call.services.recoveries.reinstate(call.caller, request.reinstated)))


def recovery_document(one: Clocked) -> RecoveryDocument:
    """A recovery as it is shown."""
    recovery = one.recovery
    return RecoveryDocument(
        invoked=recovery.invoked_at,
        reason=recovery.reason,
        due=one.due,
        reinstated=recovery.reinstated_at,
        service_hours=round(one.used / _HOUR, 2),
        agreed_service_hours=WITHIN / _HOUR,
        state=one.state,
    )


ROUTES = (list_recoveries, invoke_recovery, reinstate_service)
