"""Calls of strangers: without a token or with a wrong secret (SEC-01, IDM-11).

There may be very many at once. Each is counted before its response, for its source and minute; once the minute is over,
one entry of the audit log has the count. Calls beyond the pace of a source are not counted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from chalicelib.domain.callers import Caller, Channel
from chalicelib.domain.looks import LookAction, LookOutcome
from chalicelib.ports.clock import Clock
from chalicelib.ports.identity import RefusedCall, RefusedCallCounts, RefusedCalls
from chalicelib.services.looks import EntryKey, Look, Looks, credential_subject

OVER: Final = timedelta(minutes=2)
"""When a minute is recorded: our clocks differ, and a call may be counted late."""
LOOKED_BACK: Final = 60
"""Minutes that are looked at again, in case a run was left out."""
_SHARDS: Final = 16


class RefusedCallLog:
    """Counts refused calls, and records the counts."""

    def __init__(self, counts: RefusedCallCounts, looks: Looks, clock: Clock) -> None:
        self._counts = counts
        self._looks = looks
        self._clock = clock

    def count(self, call: RefusedCall) -> None:
        """Count a call. Raises TemporaryFailure, so that no call is answered that is not counted."""
        self._counts.count(call, self._clock())

    def record(self) -> int:
        """Record the minutes that are over; returns how many entries were made. Repeating it changes nothing."""
        last, recorded = self._clock() - OVER, 0
        for minutes in range(LOOKED_BACK):
            for counted in self._counts.of_minute(last - timedelta(minutes=minutes)):
                self._looks.record(_caller(counted), [_look(counted)])
                self._counts.forget(counted)
                recorded += 1
        return recorded


def _caller(counted: RefusedCalls) -> Caller:
    return Caller(counted.ukprn, counted.credential_id, "", frozenset(), Channel.WEBSERVICE, "")


def _look(counted: RefusedCalls) -> Look:
    """The entry of a count: under its credential, otherwise spread over the partitions of its day."""
    stranger = f"REFUSED#{counted.minute.date().isoformat()}#{sum(counted.source.encode()) % _SHARDS:x}"
    detail = {
        "source": counted.source,
        "count": str(counted.calls),
        "reason": " ".join(counted.reasons),
        "route": " ".join(counted.routes),
    }
    return Look(
        LookAction.CALL_MADE,
        credential_subject(counted.credential_id) if counted.credential_id else stranger,
        LookOutcome.REFUSED,
        detail,
        EntryKey(counted.minute, counted.source),
    )
