"""Disaster recovery against its clock: from invoked to reinstated within eight service hours (SLA-07, C15 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.working_time import service_hours_after, service_hours_between

WITHIN: Final = timedelta(hours=8)
"""The service hours within which the service is reinstated."""


class RecoveryState(StrEnum):
    """Where a recovery stands against its clock."""

    RUNNING = "running"
    OVERDUE = "overdue"
    """Still running, after more than eight service hours."""
    IN_TIME = "inTime"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Recovery:
    """One time that the recovery procedure was invoked."""

    invoked_at: datetime
    reason: str
    reinstated_at: datetime | None = None

    def has(self, moment: datetime) -> bool:
        """Whether a moment is in it, once it has ended; its end is not, unless it ended at once."""
        end = self.reinstated_at
        return end is not None and (moment == self.invoked_at or self.invoked_at <= moment < end)

    def due(self, holidays: frozenset[date]) -> datetime:
        """When eight service hours are over."""
        return service_hours_after(self.invoked_at, WITHIN, holidays)

    def used(self, now: datetime, holidays: frozenset[date]) -> timedelta:
        """The service hours until it was reinstated, or until now."""
        return service_hours_between(self.invoked_at, self.reinstated_at or now, holidays)

    def state(self, now: datetime, holidays: frozenset[date]) -> RecoveryState:
        """Where it stands."""
        is_over = self.used(now, holidays) > WITHIN
        if self.reinstated_at is None:
            return RecoveryState.OVERDUE if is_over else RecoveryState.RUNNING
        return RecoveryState.LATE if is_over else RecoveryState.IN_TIME

    def clocked(self, now: datetime, holidays: frozenset[date]) -> Clocked:
        """With its clock."""
        return Clocked(self, self.due(holidays), self.used(now, holidays), self.state(now, holidays))


class Clocked(NamedTuple):
    """A recovery and its clock."""

    recovery: Recovery
    due: datetime
    used: timedelta
    """Service hours."""
    state: RecoveryState


def clocked_between(
    held: Iterable[Recovery], start: datetime, end: datetime, now: datetime, holidays: frozenset[date]
) -> list[Clocked]:
    """Those whose clock ran at some time between two others, newest first."""
    running = (one for one in held if one.invoked_at < end and (one.reinstated_at or now) >= start)
    return [one.clocked(now, holidays) for one in newest_first(running)]


def newest_first(held: Iterable[Recovery]) -> list[Recovery]:
    """Recoveries by when they were invoked."""
    return sorted(held, key=lambda one: one.invoked_at, reverse=True)


def with_recovery(held: list[Recovery], recovery: Recovery) -> list[Recovery] | None:
    """The recoveries with one that begins or ends, by their start; None if another runs, or it cannot end like this.

    At most one runs, and one that has ended does not change.
    """
    if recovery in held:
        return held
    others = [one for one in held if one != replace(recovery, reinstated_at=None)]
    is_second = recovery.reinstated_at is None and any(one.reinstated_at is None for one in others)
    if is_second or any(one.invoked_at == recovery.invoked_at for one in others):
        return None
    return sorted([*others, recovery], key=lambda one: one.invoked_at)


def invocation_failures(held: list[Recovery], at: datetime, now: datetime) -> list[Failure]:
    """Every reason against invoking the procedure at that time."""
    found = []
    if at > now:
        found.append(failure("LRS-DR-3", "invoked"))
    if any(one.reinstated_at is None for one in held):
        found.append(failure("LRS-DR-1"))
    if any(one.has(at) for one in held):
        found.append(failure("LRS-DR-5", "invoked"))
    return found


def reinstatement_failures(running: Recovery | None, at: datetime, now: datetime) -> list[Failure]:
    """Every reason against saying that the service was reinstated at that time."""
    found = []
    if running is None:
        found.append(failure("LRS-DR-2"))
    elif at < running.invoked_at:
        found.append(failure("LRS-DR-4", "reinstated"))
    if at > now:
        found.append(failure("LRS-DR-3", "reinstated"))
    return found
