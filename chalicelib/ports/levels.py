"""Times when the service was not available, and its maintenance schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chalicelib.domain.maintenance import Window
from chalicelib.domain.recoveries import Recovery


class Outages(Protocol):
    """Times when the service was not available (ACH-10, SLA-01)."""

    def since(self, day: date) -> list[tuple[datetime, datetime]]:
        """Periods of unavailability that end after that day, as (start, end); emergency maintenance among them."""
        ...

    def record(self, start: datetime, end: datetime) -> None:
        """Record a period, or another end of one; times are aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Schedule:
    """The maintenance windows of all environments that are not over, and those that were lately.

    They are one document, so no two people can add windows that overlap.
    """

    windows: tuple[Window, ...] = ()
    revision: int = 0
    """0 before the first window."""

    def window(self, window_id: str) -> Window | None:
        """The window with this id."""
        return next((one for one in self.windows if one.window_id == window_id), None)


class Schedules(Protocol):
    """The maintenance schedule (SLA-05)."""

    def read(self, *, consistent: bool = True) -> Schedule: ...

    def since(self, moment: datetime, *, consistent: bool = True) -> list[Window]:
        """Every window that ends after a moment, by its end: those of the schedule, and older ones."""
        ...

    def save(self, schedule: Schedule, over: Sequence[Window] = ()) -> None:
        """Store the schedule with its new revision, and windows that leave it because they are over.

        Raises Conflict if the revision is not the one after the stored one.
        """
        ...


class RecoveryStore(Protocol):
    """Recoveries from disaster (SLA-07)."""

    def all(self) -> list[Recovery]: ...

    def save(self, recovery: Recovery) -> None:
        """Store one that begins or ends. Raises Conflict if another runs, or it has ended at another time."""
        ...
