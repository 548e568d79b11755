"""Downtime that nobody planned, recorded by the people who run the service (ACH-10, C10 7)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.callers import Caller
from chalicelib.domain.looks import LookAction
from chalicelib.domain.maintenance import outage_failures
from chalicelib.domain.refusals import Refused
from chalicelib.domain.working_time import OUTAGE_DAYS, Period
from chalicelib.ports.clock import Clock
from chalicelib.ports.levels import Outages
from chalicelib.services.looks import Looks


class Downtime:
    """Records outages, which extend the ten working days for submitting awards."""

    def __init__(self, outages: Outages, looks: Looks, clock: Clock) -> None:
        self._outages = outages
        self._looks = looks
        self._clock = clock

    def recorded(self) -> list[Period]:
        """The periods of the days that downtime can still be recorded for, merged, emergency maintenance among them;
        latest first.
        """
        return self._outages.since((self._clock() - OUTAGE_DAYS).date())[::-1]

    def check(self, start: datetime, end: datetime) -> None:
        """Whether a period can be recorded. Raises Refused with every reason against it."""
        reasons = outage_failures(start, end, self._clock())
        if reasons:
            raise Refused(*reasons)

    def record(self, caller: Caller, start: datetime, end: datetime) -> None:
        """Record a period in which the service was not available, unless it is recorded as such already.

        Raises Refused as :meth:`check`.
        """
        self.check(start, end)
        if (start, end) in self.recorded():
            return
        subject = f"OUTAGE#{start.isoformat()}"
        self._looks.at(caller, LookAction.OUTAGE_RECORDED, subject, end=end.isoformat())
        self._outages.record(start, end)
