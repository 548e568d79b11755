"""What each awarding organisation submitted in time and late, by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol

from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.timeliness import Counts


class DayCounts(NamedTuple):
    """An organisation's counts of a day."""

    ukprn: str
    name: str
    day: date
    counts: Counts


class TimelinessStore(Protocol):
    """The counts of all organisations."""

    def record(self, days: Sequence[DayCounts]) -> None:
        """Store counts of different days, replacing any existing ones."""
        ...

    def of_month(self, month: Month, ukprn: str = "") -> list[DayCounts]:
        """The counts of a month, of one organisation or of all, by UKPRN and day."""
        ...
