"""What each awarding organisation submitted in time and late, by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple, Protocol

from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.timeliness import Counts, Terms
from chalicelib.domain.working_time import OUTAGE_DAYS

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
    """Counted for the last time, unless its extension changes."""
    extended: Mapping[date, date] = {}
    """Of settled days that were counted with an extension: the earliest award date that was in time."""

    @classmethod
    def before(cls, day: date) -> Place:
        """Where nothing is counted from a day on."""
        return cls(day - _DAY, day - _DAY)

    def after(self, terms: Terms, *, is_settled: bool) -> Place:
        """The place after a day was counted by these terms. Days that are not settled are counted in order."""
        counted = max(self.counted, terms.day)
        if not is_settled:
            return self._replace(counted=counted)
        oldest = terms.day - OUTAGE_DAYS
        extended = {day: since for day, since in self.extended.items() if day >= oldest and day != terms.day}
        if terms.is_extended:
            extended[terms.day] = terms.extended
        return Place(counted, max(self.settled, terms.day), extended)

    def is_as_counted(self, terms: Terms) -> bool:
        """Whether a settled day was counted by these terms."""
        return terms.extended == self.extended.get(terms.day, terms.plain)


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
