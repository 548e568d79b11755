"""What can go wrong with the world outside, as the use cases see it.

An adapter raises :class:`TemporaryFailure` for trouble that passes (throttling, time-outs, the network): the caller
lets it through, and the queue delivers again.
"""

from __future__ import annotations


class TemporaryFailure(Exception):
    """The world outside could not do it now; the same call may succeed later. Carries no learner data."""


class Conflict(Exception):
    """What was to be changed has changed since it was read: read again and decide again."""


class Missing(Exception):
    """The object asked for does not exist."""


class BadCursor(Exception):
    """A page token that is not one of ours, belongs to another listing, or has expired."""


class TooLarge(Exception):
    """The object is larger than the caller allows; ``size`` in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size
