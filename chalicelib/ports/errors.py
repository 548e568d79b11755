"""Errors of the ports, as the use cases see them.

An adapter raises :class:`TemporaryFailure` for temporary problems (throttling, time-outs, the network): the caller does
not catch it, and the queue delivers the message again.
"""

from __future__ import annotations


class TemporaryFailure(Exception):
    """It could not be done now; the same call may succeed later. Contains no learner data."""


class MailRefused(TemporaryFailure):
    """The email service does not accept this email or its address. That may change, but not soon."""


class Conflict(Exception):
    """The item has changed since it was read: read it again and decide again."""


class Missing(Exception):
    """The requested object does not exist."""


class BadCursor(Exception):
    """A page token that is not ours, belongs to another list, or has expired."""


class TooLarge(Exception):
    """The object is larger than the caller allows; ``size`` in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size
