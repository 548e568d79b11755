"""Registrations that found possible matches and wait for a person's decision (ULN-05).

Until it is decided nothing is on the register. The organisation that asked decides: the learner is one of those found
(*use*), the learner is new (*register*), or the registration was a mistake (*drop*). A decision to register goes
through the step *registering*, which names the ULN drawn, so that whoever goes on after a crash gives no second one.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.domain.learners import LearnerDetails


class PendingState(StrEnum):
    """How far a decision is."""

    WAITING = "WAITING"
    REGISTERING = "REGISTERING"
    """Decided as new; the learner is being written under the ULN that the match names."""
    USED = "USED"
    """Decided: the learner is on the register with the ULN that the match names."""
    REGISTERED = "REGISTERED"
    """Decided: registered as new with the ULN that the match names."""
    DROPPED = "DROPPED"

    @property
    def is_end(self) -> bool:
        return self in _ENDS


_ENDS: Final = frozenset({PendingState.USED, PendingState.REGISTERED, PendingState.DROPPED})


class PendingReason(StrEnum):
    """Why a registration waits."""

    POSSIBLE_MATCHES = "POSSIBLE_MATCHES"
    TOO_MANY_MATCHES = "TOO_MANY_MATCHES"
    """More learners are possible than may be listed."""


class PendingMatch(NamedTuple):
    """One registration that waits, or waited, for a decision."""

    pending_id: str
    ukprn: str
    """The organisation whose registration it is."""
    user: str
    channel: str
    raised_at: datetime
    reason: PendingReason
    details: LearnerDetails
    candidates: tuple[str, ...]
    """ULNs of the learners found, the likeliest first; none where they were too many."""
    mis_identifier: str = ""
    job_id: str = ""
    """The batch job that brought it, if one did."""
    state: PendingState = PendingState.WAITING
    uln: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    revision: int = 0
