"""Downtime that nobody planned, recorded by the people who run the service (ACH-10, C10 7)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.looks import LookAction
from chalicelib.domain.maintenance import outage_failures
from chalicelib.domain.refusals import Refused
from chalicelib.ports.clock import Clock
from chalicelib.ports.levels import Outages
from chalicelib.services.looks import Looks


class Downtime:
    """Records outages, which extend the ten working days for submitting awards."""

    def __init__(self, outages: Outages, looks: Looks, clock: Clock) -> None:
        self._outages = outages
        self._looks = looks
        self._clock = clock

    def record(self, caller: Caller, start: datetime, end: datetime) -> None:
        """Record a period in which the service was not available. Raises Refused with every reason against it."""
        reasons = outage_failures(start, end, self._clock())
        if reasons:
            raise Refused(*reasons)
        subject = f"OUTAGE#{start.isoformat()}"
        self._looks.at(caller, LookAction.OUTAGE_RECORDED, subject, end=end.isoformat())
        self._outages.record(start, end)
