"""Alarms are silent in agreed maintenance: the mute rules follow from the maintenance schedule (SLA-05).

A rule's name says which window, in which version, and which alarms it mutes: so a rule is made once, replaced when
either changes, and deleted when it is over. Emergency maintenance is downtime, and mutes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.domain.maintenance import Environment, Window
from chalicelib.ports.alarms import Alarms, MuteRule
from chalicelib.ports.clock import Clock
from chalicelib.ports.levels import Schedules

MOST: Final = 100
"""The most alarms of a rule, by CloudWatch's limit."""
AHEAD: Final = timedelta(days=2)
"""How long before a window its rules are made; alarms that are made later are muted at the next run."""
_MINUTE: Final = timedelta(minutes=1)


class Muted(NamedTuple):
    """What a run did."""

    made: int
    deleted: int


class AlarmMutes:
    """Makes and deletes the rules that the schedule needs."""

    def __init__(self, schedules: Schedules, alarms: Alarms, clock: Clock, environment: Environment) -> None:
        self._schedules = schedules
        self._alarms = alarms
        self._clock = clock
        self._environment = environment

    def run(self) -> Muted:
        """Raises TemporaryFailure; what is missing then is made in the next run."""
        now = self._clock()
        windows = [one for one in self._schedules.read().windows if self._is_muted(one, now)]
        wanted = {rule.name: rule for rule in _rules(windows, self._alarms.notifying() if windows else [], now)}
        held = self._alarms.mute_rules()
        missing = [rule for name, rule in wanted.items() if name not in held]
        for rule in missing:
            self._alarms.mute(rule)
        # Only then: in between, an alarm that is raised would notify.
        over = [name for name in held if name not in wanted]
        self._alarms.unmute(over)
        return Muted(len(missing), len(over))

    def _is_muted(self, window: Window, now: datetime) -> bool:
        is_ours = window.environment is self._environment and window.counts_as_agreed
        return is_ours and window.start - AHEAD <= now < window.end


def _rules(windows: Sequence[Window], alarms: Sequence[str], now: datetime) -> Iterator[MuteRule]:
    """The rules of these windows; one that has begun mutes from the next minute, since a rule begins in the future."""
    soon = now.replace(second=0, microsecond=0) + _MINUTE
    for window in windows:
        start = max(window.start, soon)
        for first in range(0, len(alarms) if start < window.end else 0, MOST):
            part = tuple(alarms[first : first + MOST])
            digest = hashlib.sha256("\n".join(part).encode()).hexdigest()[:12]
            yield MuteRule(f"{window.window_id}-{window.revision}-{digest}", start, window.end, part)
