"""How long the event sources wait."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Seconds and limits.

    `concurrency` caps the invocations of one queue's function at once, below the description's own limit, for a machine
    with few processors. A failed message becomes visible again after `retry_seconds`, doubled at every further failure
    but never later than the queue's own time-out; None leaves it to that time-out, as in the cloud (minutes). Doubling
    matters: a crashed function may leave a lease behind, and its message must not use up its receives before the lease
    expires. `retry_pause_seconds` is the first pause before a stream's batch is tried again; it doubles up to
    `longest_pause_seconds`.
    """

    concurrency: int = 2
    wait_seconds: int = 1
    retry_seconds: int | None = 5
    stream_poll_seconds: float = 0.25
    retry_pause_seconds: float = 0.25
    longest_pause_seconds: float = 5.0
    error_pause_seconds: float = 1.0

    def visibility(self, receives: int, most: int) -> int | None:
        """Seconds until a message that failed for the `receives`th time is visible again; None to leave it
        unchanged.
        """
        return None if self.retry_seconds is None else min(self.retry_seconds * 2 ** (receives - 1), most)

    def pause(self, attempt: int) -> float:
        """Seconds before attempt number `attempt` (from 1)."""
        return float(min(self.retry_pause_seconds * 2 ** (attempt - 1), self.longest_pause_seconds))


AT_ONCE = Pace(wait_seconds=0, retry_seconds=0, stream_poll_seconds=0.0, retry_pause_seconds=0.0)
"""For tests: everything is retried at once."""
