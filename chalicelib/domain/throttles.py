"""How often a caller may call: one token bucket for each credential and class of capability (SLA-08).

The bucket is kept as one number, the time at which it will be full again (the generic cell rate algorithm): a call puts
that time on by the interval of one call, and is refused while it lies further ahead than the bucket is deep.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from chalicelib.domain.access import Capability


class Pace(NamedTuple):
    """How fast a bucket fills, and how deep it is."""

    rate: float
    """Calls a second, in the long run."""
    burst: int
    """Calls at once, after a pause."""


class PaceClass(StrEnum):
    """Capabilities whose calls are counted together; each has a pace of its own in the settings."""

    TOKENS = "tokens"
    """Tokens asked for: a token is good for many calls."""
    BATCHES = "batches"
    """Files, each of up to thousands of records, and what comes of them."""
    SINGLE = "single"
    """Calls about one learner or one achievement."""


class Taken(NamedTuple):
    """What became of taking calls out of a bucket."""

    full_at: int
    """When the bucket is full again, in milliseconds since 1970."""
    wait: int
    """Milliseconds after which the same calls can be taken; 0 when they have been."""


def pace_class(needed: Capability) -> PaceClass:
    """With which calls a capability's are counted."""
    return PaceClass.BATCHES if needed.partition(":")[0].endswith("-batches") else PaceClass.SINGLE


def interval(pace: Pace, calls: int) -> int:
    """Milliseconds in which so many calls flow back into the bucket."""
    return round(calls * 1000 / pace.rate)


def take(full_at: int, now: int, pace: Pace, calls: int = 1) -> Taken:
    """Take calls out of a bucket that is full at ``full_at`` (0 for one that nobody has used). Times as in Taken."""
    after = max(full_at, now) + interval(pace, calls)
    wait = after - now - interval(pace, pace.burst)
    return Taken(full_at, wait) if wait > 0 else Taken(after, 0)
