"""Whether the service is closed for maintenance (SLA-05): the schedule, remembered for some seconds.

A window that was entered before then takes effect to the second. What is entered, changed or cancelled is in force
everywhere within :data:`chalicelib.domain.maintenance.REMEMBERED`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.domain.maintenance import REMEMBERED, Environment, Window, window_at
from chalicelib.ports.clock import Clock
from chalicelib.ports.levels import Schedule, Schedules


class Closures:
    """The maintenance window in which the service is now."""

    def __init__(self, schedules: Schedules, clock: Clock, environment: Environment) -> None:
        self._schedules = schedules
        self._clock = clock
        self._environment = environment
        self._held: tuple[datetime, Schedule] | None = None

    def now(self) -> tuple[Window, timedelta] | None:
        """The window in which the service is closed, and how long it will still be. Raises TemporaryFailure."""
        asked_at = self._clock()
        window = window_at(self._schedule(asked_at).windows, self._environment, asked_at)
        return None if window is None else (window, window.end - asked_at)

    def _schedule(self, asked_at: datetime) -> Schedule:
        held = self._held
        # Counted from before the read. A clock that was set back must not make anything last longer.
        if held is None or not timedelta() <= asked_at - held[0] < REMEMBERED:
            held = self._held = asked_at, self._schedules.read(consistent=False)
        return held[1]
