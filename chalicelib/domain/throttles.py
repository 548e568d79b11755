"""How often a caller may call: one token bucket for each credential and class of capability (SLA-08).

The bucket is stored as one number, the time at which it will be full again (the generic cell rate algorithm): a call
moves that time forward by the interval of one call, and is refused while it is further ahead than the bucket is deep.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from chalicelib.domain.access import Capability


class Pace(NamedTuple):
    """How fast a bucket fills, and how deep it is."""

    rate: float
    """Calls per second, in the long run."""
    burst: int
    """Calls at once, after a pause."""


class PaceClass(StrEnum):
    """Capabilities whose calls are counted together; each class has its own pace in the settings."""

    TOKENS = "tokens"
    """Requests for tokens: one token is valid for many calls."""
    BATCHES = "batches"
    """Files, each of up to thousands of records, and their results."""
    SOURCES = "sources"
    """Requests for tokens and calls that are refused before their credential is counted, by where they come from."""
    SIGN_INS = "sign_ins"
    """Passwords and secret answers that are entered for one user name, whether or not somebody has it."""
    SINGLE = "single"
    """Calls about one learner or one achievement."""


class Taken(NamedTuple):
    """The result of taking calls out of a bucket."""

    full_at: int
    """When the bucket is full again, in milliseconds since 1970."""
    wait: int
    """Milliseconds after which the same calls can be taken; 0 if they have been."""


def pace_class(needed: Capability) -> PaceClass:
    """The class in which a capability's calls are counted."""
    return PaceClass.BATCHES if needed.partition(":")[0].endswith("-batches") else PaceClass.SINGLE


def interval(pace: Pace, calls: int) -> int:
    """Milliseconds in which this number of calls flows back into the bucket."""
    return round(calls * 1000 / pace.rate)


def take(full_at: int, now: int, pace: Pace, calls: int = 1) -> Taken:
    """Take calls out of a bucket that is full at ``full_at`` (0 for one that nobody has used). Times as in Taken."""
    after = max(full_at, now) + interval(pace, calls)
    wait = after - now - interval(pace, pace.burst)
    return Taken(full_at, wait) if wait > 0 else Taken(after, 0)
