"""How the service is now, for everybody (SLA-05)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib.domain.maintenance import REMEMBERED, Condition, Environment, Window, WindowKind, window_at
from chalicelib.domain.recoveries import Recovery
from chalicelib.ports.clock import Clock
from chalicelib.ports.levels import RecoveryStore
from chalicelib.services.maintenance import MaintenanceSchedule


class EnvironmentStatus(NamedTuple):
    """An environment now."""

    environment: Environment
    condition: Condition
    window: Window | None
    """The maintenance for which it is closed."""
    windows: Sequence[Window]
    """Those to come, and of the last 90 days; by their start."""


class ServiceStatus:
    """What the public status page says. Anyone may ask, and as often, so what it reads is remembered."""

    def __init__(
        self, schedule: MaintenanceSchedule, recoveries: RecoveryStore, clock: Clock, environment: Environment
    ) -> None:
        """``environment`` is our own: recoveries are its."""
        self._schedule = schedule
        self._recoveries = recoveries
        self._clock = clock
        self._environment = environment
        self._held: tuple[datetime, list[Recovery]] | None = None

    def now(self) -> list[EnvironmentStatus]:
        """Each environment. Raises TemporaryFailure."""
        now, listed = self._clock(), self._schedule.listed()
        found = []
        for environment in Environment:
            window = window_at(listed, environment, now)
            own = [one for one in listed if one.environment is environment]
            found.append(EnvironmentStatus(environment, self._condition(environment, window, now), window, own))
        return found

    def _condition(self, environment: Environment, window: Window | None, now: datetime) -> Condition:
        if environment is self._environment and any(one.reinstated_at is None for one in self._known(now)):
            return Condition.RECOVERY
        if window is None:
            return Condition.OPEN
        return Condition.EMERGENCY if window.kind is WindowKind.EMERGENCY else Condition.MAINTENANCE

    def _known(self, now: datetime) -> list[Recovery]:
        held = self._held
        if held is None or not timedelta() <= now - held[0] < REMEMBERED:
            held = self._held = now, self._recoveries.all()
        return held[1]
