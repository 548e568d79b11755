"""The alarms of the cloud, and the rules that mute them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol


class MuteRule(NamedTuple):
    """A rule that keeps alarms from notifying anybody for a period. They go on being evaluated."""

    name: str
    start: datetime
    end: datetime
    alarms: tuple[str, ...]
    """At most 100 names."""


class Alarms(Protocol):
    """The alarms of this environment that notify somebody, and its mute rules."""

    def notifying(self) -> list[str]:
        """The names of the alarms that notify somebody, in order."""
        ...

    def mute_rules(self) -> list[str]:
        """The names of the rules that were made here and have not been deleted."""
        ...

    def mute(self, rule: MuteRule) -> None: ...

    def unmute(self, names: Sequence[str]) -> None:
        """Delete rules: alarms that are still raised notify then."""
        ...
