"""What each awarding organisation submitted in time and late, by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple, Protocol

from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.timeliness import Counts

_DAY: Final = timedelta(days=1)


class DayCounts(NamedTuple):
    """An organisation's counts of a day."""

    ukprn: str
    name: str
    day: date
    counts: Counts


class Place(NamedTuple):
    """How far the count has come: every day up to these."""

    counted: date
    settled: date
    """Counted for the last time, unless it is extended."""

    @classmethod
    def before(cls, day: date) -> Place:
        """Where nothing is counted from a day on."""
        return cls(day - _DAY, day - _DAY)

    def after(self, day: date, *, is_settled: bool) -> Place:
        """The place after a day was counted; days are counted in order."""
        return Place(max(self.counted, day), max(self.settled, day) if is_settled else self.settled)


class TimelinessStore(Protocol):
    """The counts of all organisations. Every method raises :class:`TemporaryFailure`."""

    def place(self) -> Place | None:
        """How far the count has come; None before the first day."""
        ...

    def keep_place(self, place: Place) -> None:
        """Keep how far the count has come."""
        ...

    def record(self, days: Sequence[DayCounts]) -> None:
        """Store counts of different days, replacing any existing ones."""
        ...

    def of_month(self, month: Month, ukprn: str = "") -> list[DayCounts]:
        """The counts of a month, of one organisation or of all, by UKPRN and day."""
        ...
