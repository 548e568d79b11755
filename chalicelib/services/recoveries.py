"""Recoveries from disaster, with their clocks (SLA-07)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.recoveries import (
    Clocked,
    Recovery,
    clocked_between,
    invocation_failures,
    newest_first,
    reinstatement_failures,
)
from chalicelib.domain.refusals import Refused
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict
from chalicelib.ports.levels import RecoveryStore
from chalicelib.services.looks import Looks


@dataclass(frozen=True, slots=True)
class RecoveryPorts:
    """The ports that recoveries use."""

    store: RecoveryStore
    looks: Looks
    clock: Clock
    bank_holidays: frozenset[date]


class Recoveries:
    """Recoveries, for the people who run the service."""

    def __init__(self, ports: RecoveryPorts) -> None:
        self._ports = ports

    def listed(self) -> list[Clocked]:
        """Every recovery, newest first."""
        return [self._clocked(one) for one in newest_first(self._ports.store.all())]

    def between(self, start: datetime, end: datetime) -> list[Clocked]:
        """The recoveries whose clock ran at some time between two others, newest first."""
        return clocked_between(self._ports.store.all(), start, end, self._ports.clock(), self._ports.bank_holidays)

    def invoke(self, caller: Caller, reason: str, at: datetime | None = None) -> Clocked:
        """Start the clock. Raises Refused as :meth:`would_invoke`."""
        recovery = self.would_invoke(reason, at).recovery
        return self._saved(caller, LookAction.RECOVERY_INVOKED, recovery, overtaken="LRS-DR-1")

    def would_invoke(self, reason: str, at: datetime | None = None) -> Clocked:
        """The recovery that could be invoked now, with its clock.

        Raises Refused: LRS-DR-1 (one is running), LRS-DR-3 (in the future), LRS-DR-5 (in one that has ended).
        """
        now = self._ports.clock()
        recovery = Recovery(at or now, reason)
        reasons = invocation_failures(self._ports.store.all(), recovery.invoked_at, now)
        if reasons:
            raise Refused(*reasons)
        return self._clocked(recovery)

    def reinstate(self, caller: Caller, at: datetime | None = None) -> Clocked:
        """Stop the clock of the one that is running.

        Raises Refused: LRS-DR-2 (none is running), LRS-DR-3 (in the future), LRS-DR-4 (before it was invoked).
        """
        now = self._ports.clock()
        running = next((one for one in self._ports.store.all() if one.reinstated_at is None), None)
        reasons = reinstatement_failures(running, at or now, now)
        if running is None or reasons:
            raise Refused(*reasons)
        recovery = replace(running, reinstated_at=at or now)
        return self._saved(caller, LookAction.SERVICE_REINSTATED, recovery, overtaken="LRS-DR-2")

    def _saved(self, caller: Caller, action: LookAction, recovery: Recovery, overtaken: str) -> Clocked:
        """Save it. Raises Refused with the code ``overtaken`` if somebody else did so at the same moment."""
        self._ports.looks.at(caller, action, f"RECOVERY#{recovery.invoked_at.isoformat()}")
        try:
            self._ports.store.save(recovery)
        except Conflict:
            raise Refused(failure(overtaken)) from None
        return self._clocked(recovery)

    def _clocked(self, recovery: Recovery) -> Clocked:
        return recovery.clocked(self._ports.clock(), self._ports.bank_holidays)
