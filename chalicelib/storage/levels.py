"""Times when the service was not available, and its maintenance schedule (ACH-10, SLA-01, SLA-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.aws import temporary_failures
from chalicelib.domain.maintenance import Environment, Window, WindowKind, unavailable_periods
from chalicelib.domain.recoveries import Recovery
from chalicelib.domain.working_time import merged_periods
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict
from chalicelib.ports.levels import Schedule
from chalicelib.storage import keys
from chalicelib.storage.tables import Item, Models, VersionedItem
from chalicelib.storage.texts import JsonText

LONG: Final = 1024
"""Characters from which the schedule is compressed."""
_TIMES: Final = ("start", "end", "announced_at", "changed_at")


class ScheduleItem(VersionedItem):
    """The windows of all environments that are not long over, ``MAINTENANCE`` / ``SCHEDULE`` (SLA-05)."""

    windows = JsonText(LONG)


class PastWindowItem(Item):
    """A window that has left the schedule, ``MAINTENANCE`` / ``OVER#<end>#<window>``."""

    window = JsonText()


class ScheduleTable:
    """The maintenance schedule in the levels table."""

    MODELS: ClassVar[Models] = {"levels": (ScheduleItem, PastWindowItem)}

    def read(self, *, consistent: bool = True) -> Schedule:
        """The schedule; empty before the first window."""
        item = ScheduleItem.find("schedules.read", keys.schedule(), consistent=consistent)
        return Schedule(tuple(map(_window_of, item.windows)), int(item.revision)) if item else Schedule()

    def since(self, moment: datetime, *, consistent: bool = True) -> list[Window]:
        """Every window that ends after a moment."""
        # First the schedule: what leaves it after that is found among the older ones, in a consistent read.
        found = {one.window_id: one for one in self.read(consistent=consistent).windows if one.end > moment}
        with temporary_failures("schedules.since"):
            between = PastWindowItem.sk.between(*keys.windows_over_after(moment))
            for item in PastWindowItem.query(keys.MAINTENANCE, between, consistent_read=True):
                window = _window_of(item.window)
                found[window.window_id] = window
        return sorted(found.values(), key=lambda one: (one.end, one.window_id))

    def save(self, schedule: Schedule, over: Sequence[Window] = ()) -> None:
        """Store the schedule. Raises Conflict if somebody else has changed it."""
        for window in over:
            # Before they leave the schedule. They do not change any more, so this can be repeated.
            key = keys.past_window(window.end, window.window_id)
            PastWindowItem(*key, window=asdict(window)).put("schedules.save_past")
        windows = [asdict(window) for window in schedule.windows]
        item = ScheduleItem(*keys.schedule(), windows=windows, revision=schedule.revision)
        # A write that botocore repeated after a lost answer meets its own revision.
        if not item.put("schedules.save", item.follows()) and self.read() != schedule:
            raise Conflict


class RecoveryItem(Item):
    """A recovery from disaster, ``RECOVERY`` / ``<invoked>`` (SLA-07)."""

    reason = UnicodeAttribute()
    reinstated = UnicodeAttribute(null=True)


class RecoveryTable:
    """The recoveries in the levels table."""

    MODELS: ClassVar[Models] = {"levels": (RecoveryItem,)}

    def all(self) -> list[Recovery]:
        """Every recovery, by its start."""
        with temporary_failures("recoveries.all"):
            items = list(RecoveryItem.query(keys.RECOVERY, consistent_read=True))
        return [Recovery(datetime.fromisoformat(one.sk), one.reason, _moment(one.reinstated)) for one in items]

    def save(self, recovery: Recovery) -> None:
        """Store one, replacing the one with the same start."""
        ended = recovery.reinstated_at
        key = keys.recovery(recovery.invoked_at)
        item = RecoveryItem(*key, reason=recovery.reason, reinstated=ended.isoformat() if ended else None)
        item.put("recoveries.save")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _window_of(stored: Mapping[str, Any]) -> Window:
    times = {name: datetime.fromisoformat(stored[name]) for name in _TIMES}
    kinds = {"kind": WindowKind(stored["kind"]), "environment": Environment(stored["environment"])}
    return Window(**{**stored, **times, **kinds})


class OutageItem(Item):
    """A period when the service was not available, ``OUTAGE#<year>`` / ``<start>``."""

    end = UnicodeAttribute()


class OutageTable:
    """The outages of the levels table, and the emergency maintenance of one environment."""

    MODELS: ClassVar[Models] = {"levels": (OutageItem, ScheduleItem, PastWindowItem)}

    def __init__(self, clock: Clock, environment: Environment) -> None:
        self._clock = clock
        self._environment = environment

    def since(self, day: date) -> list[tuple[datetime, datetime]]:
        """Periods of unavailability that end after that day (UTC), as (start, end), in order and merged.

        Also reads the previous year, in case one began then.
        """
        after = datetime(day.year, day.month, day.day, tzinfo=UTC)
        windows = ScheduleTable().since(after, consistent=False)
        found = unavailable_periods(one for one in windows if one.environment == self._environment)
        for year in range(day.year - 1, max(day, self._clock().date()).year + 1):
            with temporary_failures("outages.since"):
                found += [
                    (keys.outage_of(item.sk), datetime.fromisoformat(item.end))
                    for item in OutageItem.query(keys.outages_of_year(year))
                ]
        return [period for period in merged_periods(found) if period[1].date() > day]

    def record(self, start: datetime, end: datetime) -> None:
        """Record a period, or another end of a recorded one; times are aware, in UTC."""
        if end <= start:
            raise ValueError("an outage must end after its start")
        OutageItem(*keys.outage(start), end=end.isoformat()).put("outages.record")
