"""Registrations that found possible matches and are waiting for a person's decision (ULN-05).

Nobody is registered until it is decided. The organisation that sent the registration decides: the learner is one of
those found (*use*), the learner is new (*register*), or the registration was a mistake (*drop*). A decision to register
goes through the step *registering*, which stores the ULN drawn, so that no second one is allocated when it is continued
after a crash.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.domain.learners import LearnerDetails


class PendingState(StrEnum):
    """The state of a decision."""

    WAITING = "WAITING"
    REGISTERING = "REGISTERING"
    """Decided as new; the learner is being written with the match's ULN."""
    USED = "USED"
    """Decided: the learner is already registered with the match's ULN."""
    REGISTERED = "REGISTERED"
    """Decided: registered as new with the match's ULN."""
    DROPPED = "DROPPED"

    @property
    def is_end(self) -> bool:
        return self in _ENDS


_ENDS: Final = frozenset({PendingState.USED, PendingState.REGISTERED, PendingState.DROPPED})


class PendingReason(StrEnum):
    """Why a registration is waiting."""

    POSSIBLE_MATCHES = "POSSIBLE_MATCHES"
    TOO_MANY_MATCHES = "TOO_MANY_MATCHES"
    """There are more possible learners than may be listed."""


class PendingMatch(NamedTuple):
    """One registration that is or was waiting for a decision."""

    pending_id: str
    ukprn: str
    """The organisation that sent the registration."""
    user: str
    channel: str
    raised_at: datetime
    reason: PendingReason
    details: LearnerDetails
    candidates: tuple[str, ...]
    """ULNs of the learners found, the most likely first; empty if there were too many."""
    mis_identifier: str = ""
    job_id: str = ""
    """The batch job that submitted it, if any."""
    state: PendingState = PendingState.WAITING
    uln: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    revision: int = 0
