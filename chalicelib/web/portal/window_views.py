"""Maintenance windows as pages and feeds show them (SLA-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.domain.maintenance import Environment, Window, WindowKind, WindowState
from chalicelib.services.maintenance import MaintenanceSchedule
from chalicelib.web.portal import statuses
from chalicelib.web.portal.texts import marked as _

ENVIRONMENTS: Final[Mapping[Environment, str]] = {
    Environment.LIVE: _("Live service"),
    Environment.COMPATIBILITY: _("Compatibility environment for developers"),
}
SHORT: Final[Mapping[Environment, str]] = {
    Environment.LIVE: _("Live"),
    Environment.COMPATIBILITY: _("Compatibility"),
}
KINDS: Final[Mapping[WindowKind, str]] = {
    WindowKind.PLANNED: _("Planned"),
    WindowKind.AGREED: _("Planned and agreed"),
    WindowKind.EMERGENCY: _("Emergency"),
}


@dataclass(frozen=True, slots=True)
class WindowShown:
    """A window as it is shown."""

    window: Window
    state: WindowState
    key_dates: Sequence[str]

    @property
    def status(self) -> statuses.Shown:
        return statuses.shown(self.state)

    @property
    def environment(self) -> str:
        return SHORT[self.window.environment]

    @property
    def kind(self) -> str:
        return KINDS[self.window.kind]

    @property
    def is_scheduled(self) -> bool:
        return self.state is WindowState.SCHEDULED

    @property
    def is_to_come(self) -> bool:
        """Whether its end is."""
        return self.state in (WindowState.SCHEDULED, WindowState.IN_PROGRESS)


def shown(schedule: MaintenanceSchedule, window: Window, now: datetime) -> WindowShown:
    """A window, with the key dates that it touches."""
    return WindowShown(window, window.state(now), schedule.key_dates_in(window))


def parted(schedule: MaintenanceSchedule, windows: Sequence[Window], now: datetime) -> tuple[list[WindowShown], ...]:
    """Those whose end is to come, by their start, also cancelled ones; and the others, latest first."""
    every = [shown(schedule, one, now) for one in windows]
    return [one for one in every if one.window.end > now], [one for one in reversed(every) if one.window.end <= now]
