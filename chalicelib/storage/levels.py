"""When the service was not available (ACH-10, SLA-01)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from chalicelib.aws import Reaching
from chalicelib.ports.clock import Clock
from chalicelib.storage import keys
from chalicelib.storage.tables import Item, Models


class OutageItem(Item):
    """A window in which the service was not available, ``OUTAGE#<year>`` / ``<start>``."""

    end = UnicodeAttribute()


class OutageTable:
    """The outages of the levels table."""

    MODELS: ClassVar[Models] = {"levels": (OutageItem,)}

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def since(self, day: date) -> list[tuple[datetime, datetime]]:
        """Windows of unavailability that end after that day (UTC), as (start, end), by their start.

        Looks from the year before, in case one began in it.
        """
        found: list[tuple[datetime, datetime]] = []
        for year in range(day.year - 1, max(day, self._clock().date()).year + 1):
            with Reaching("outages.since"):
                found += [
                    (keys.outage_of(item.sk), datetime.fromisoformat(item.end))
                    for item in OutageItem.query(keys.outages_of_year(year))
                ]
        return [window for window in found if window[1].date() > day]

    def record(self, start: datetime, end: datetime) -> None:
        """Record a window, or the later end of one that is recorded; times are aware, in UTC."""
        if end <= start:
            raise ValueError("an outage ends after it began")
        OutageItem(*keys.outage(start), end=end.isoformat()).put("outages.record")
