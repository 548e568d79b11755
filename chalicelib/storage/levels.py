"""Times when the service was not available (ACH-10, SLA-01)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from chalicelib.aws import temporary_failures
from chalicelib.ports.clock import Clock
from chalicelib.storage import keys
from chalicelib.storage.tables import Item, Models


class OutageItem(Item):
    """A period when the service was not available, ``OUTAGE#<year>`` / ``<start>``."""

    end = UnicodeAttribute()


class OutageTable:
    """The outages of the levels table."""

    MODELS: ClassVar[Models] = {"levels": (OutageItem,)}

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def since(self, day: date) -> list[tuple[datetime, datetime]]:
        """Periods of unavailability that end after that day (UTC), as (start, end), by their start.

        Also reads the previous year, in case one began then.
        """
        found: list[tuple[datetime, datetime]] = []
        for year in range(day.year - 1, max(day, self._clock().date()).year + 1):
            with temporary_failures("outages.since"):
                found += [
                    (keys.outage_of(item.sk), datetime.fromisoformat(item.end))
                    for item in OutageItem.query(keys.outages_of_year(year))
                ]
        return [window for window in found if window[1].date() > day]

    def record(self, start: datetime, end: datetime) -> None:
        """Record a period, or a later end of a recorded one; times are aware, in UTC."""
        if end <= start:
            raise ValueError("an outage must end after its start")
        OutageItem(*keys.outage(start), end=end.isoformat()).put("outages.record")
