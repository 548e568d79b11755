"""Rate limits, so that no caller uses up the service: calls are counted for each credential and class (SLA-08).

Counting every call would cost a write for every call. Instead, a container takes calls from the shared bucket in lots:
one at first, then, while it uses them up in time, twice as many each time, up to a tenth of the bucket. What is left of
a lot when its time is over is lost. So the limit holds across all containers: every call was counted, at most five
seconds before it was made, and a busy caller costs one write for many calls.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.throttles import Pace, PaceClass
from chalicelib.ports.clock import Clock
from chalicelib.ports.identity import Paces

LOT_LASTS = timedelta(seconds=5)
LARGEST_LOT = 0.1
"""The largest lot, as a part of the bucket."""
LOTS_KEPT = 1_000
"""The most callers that a container remembers; beyond that it forgets them all, and each loses part of a lot."""


class TooManyTries(Exception):
    """Too many tries for one account, or from one address; ``seconds`` is after how long another is possible."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(slots=True)
class Lot:
    """Calls that this container has taken and not used yet."""

    left: int
    size: int
    until: datetime


class Throttles:
    """Counts calls; one for each container."""

    def __init__(self, paces: Paces, allowed: Mapping[PaceClass, Pace], clock: Clock) -> None:
        self._paces = paces
        self._allowed = allowed
        self._clock = clock
        self._lots: dict[str, Lot] = {}

    def wait(self, credential_id: str, kind: PaceClass) -> int:
        """Count a call: 0 if it may proceed, otherwise the seconds after which the caller should try again."""
        name, now = f"{credential_id}.{kind}", self._clock()
        lot = self._lots.get(name)
        if lot is not None and lot.left and now < lot.until:
            lot.left -= 1
            return 0
        return self._next_lot(name, self._allowed[kind], now, lot)

    def _next_lot(self, name: str, pace: Pace, now: datetime, lot: Lot | None) -> int:
        used_in_time = lot is not None and not lot.left and now < lot.until
        size = min(lot.size * 2, int(pace.burst * LARGEST_LOT)) if lot is not None and used_in_time else 1
        size = max(size, 1)
        wait = self._paces.take(name, pace, size, now).wait
        if wait and size > 1:
            size = 1
            wait = self._paces.take(name, pace, size, now).wait
        if len(self._lots) >= LOTS_KEPT:
            self._lots.clear()
        if wait:
            self._lots.pop(name, None)
            return math.ceil(wait / 1000)
        self._lots[name] = Lot(size - 1, size, now + LOT_LASTS)
        return 0
