"""What each awarding organisation submitted in time and late, in the levels table (ACH-10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from pynamodb.attributes import UnicodeAttribute

from chalicelib.aws import temporary_failures
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.timeliness import Counts
from chalicelib.ports.timeliness import DayCounts, Place
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.texts import JsonText
from chalicelib.storage.wire import write_items


class TimelinessItem(Item):
    """What an organisation submitted on a day, ``TIMELINESS#<month>`` / ``<ukprn>#<day>``."""

    name = UnicodeAttribute()
    counts = JsonText()


class TimelinessPlaceItem(Item):
    """How far the count has come, ``COUNTED`` / ``TIMELINESS``."""

    counted = UnicodeAttribute()
    settled = UnicodeAttribute()
    extended = JsonText()


class TimelinessTable:
    """The counts of timeliness in the levels table."""

    MODELS: ClassVar[Models] = {"levels": (TimelinessItem, TimelinessPlaceItem)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def place(self) -> Place | None:
        """How far the count has come."""
        item = TimelinessPlaceItem.find("timeliness.place", keys.timeliness_counted())
        if item is None:
            return None
        extended = {date.fromisoformat(day): date.fromisoformat(since) for day, since in item.extended.items()}
        return Place(date.fromisoformat(item.counted), date.fromisoformat(item.settled), extended)

    def keep_place(self, place: Place) -> None:
        """Keep how far the count has come."""
        item = TimelinessPlaceItem(
            *keys.timeliness_counted(),
            counted=place.counted.isoformat(),
            settled=place.settled.isoformat(),
            extended={day.isoformat(): since.isoformat() for day, since in sorted(place.extended.items())},
        )
        item.put("timeliness.keep_place")

    def record(self, days: Sequence[DayCounts]) -> None:
        """Store counts, replacing any existing ones. Raises TemporaryFailure; then all may be passed again."""
        items = [
            TimelinessItem(*keys.timeliness(one.ukprn, one.day), name=one.name, counts=list(one.counts)) for one in days
        ]
        write_items("timeliness.record", self._patience, items)

    def of_month(self, month: Month, ukprn: str = "") -> list[DayCounts]:
        """The counts of a month, of one organisation or of all."""
        condition = TimelinessItem.sk.startswith(ukprn + keys.SEPARATOR) if ukprn else None
        with temporary_failures("timeliness.of_month"):
            items = list(TimelinessItem.query(keys.timeliness_of_month(str(month)), condition))
        return list(map(_counts_of, items))


def _counts_of(item: TimelinessItem) -> DayCounts:
    ukprn, day = keys.day_of(item.sk)
    return DayCounts(ukprn, item.name, day, Counts(*item.counts))
