"""Schedules that call functions at a fixed rate, as EventBridge does."""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from local.emulated.stack import ACCOUNT, REGION, Schedule
from local.lambda_runtime.invocation import InvocationError, Workers

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

_LOGGER = logging.getLogger(__name__)


class Schedules:
    """Calls each scheduled function at its time.

    The first call comes one interval after `start`. `every` overrides intervals by schedule name, in seconds. A call
    that fails is logged; the next one is made at its usual time.
    """

    def __init__(
        self,
        schedules: Sequence[Schedule],
        workers: Workers,
        *,
        start: datetime,
        every: Mapping[str, float] | None = None,
    ) -> None:
        self._schedules = {schedule.name: schedule for schedule in schedules}
        self._workers = workers
        self._every = {name: timedelta(seconds=one.every_seconds) for name, one in self._schedules.items()}
        self._every |= {name: timedelta(seconds=seconds) for name, seconds in (every or {}).items()}
        self._due = {name: start + self._every[name] for name in self._schedules}

    def tick(self, now: datetime) -> list[str]:
        """Call the functions due at `now` (aware UTC), once however late, and return their names."""
        due = [name for name, moment in self._due.items() if moment <= now]
        for name in due:
            self._due[name] = now + self._every[name]
            self.call(name, now)
        return due

    def call(self, name: str, now: datetime) -> None:
        """Call one scheduled function at once."""
        schedule = self._schedules[name]
        try:
            self._workers.invoke(schedule.function, scheduled_event(name, now))
        except InvocationError as error:
            _LOGGER.warning("%s failed on its schedule: %s", schedule.function.name, error)

    def run(self, stop: threading.Event, clock: Callable[[], datetime]) -> None:
        """Tick once a second until `stop` is set."""
        while not stop.wait(1.0):
            self.tick(clock())


def scheduled_event(name: str, now: datetime) -> dict[str, Any]:
    """The event EventBridge sends for a rule of this name."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"],
        "detail": {},
    }
