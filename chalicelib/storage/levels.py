"""Times when the service was not available, and its maintenance schedule (ACH-10, SLA-01, SLA-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.aws import temporary_failures
from chalicelib.domain.maintenance import Environment, Window, WindowKind, unavailable_periods
from chalicelib.domain.recoveries import Recovery, with_recovery
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


class RecoveriesItem(VersionedItem):
    """Every recovery from disaster, ``RECOVERY`` / ``ALL`` (SLA-07)."""

    recoveries = JsonText(LONG)


class RecoveryTable:
    """The recoveries in the levels table: one item, so no two can be invoked at once."""

    MODELS: ClassVar[Models] = {"levels": (RecoveriesItem,)}

    def all(self) -> list[Recovery]:
        """Every recovery, by its start."""
        return self._read("recoveries.all")[0]

    def save(self, recovery: Recovery) -> None:
        """Store one that begins or ends. Raises Conflict if another runs, or it has ended at another time."""
        held, revision = self._read("recoveries.save")
        kept = with_recovery(held, recovery)
        if kept == held:
            return
        if kept is None:
            raise Conflict
        item = RecoveriesItem(*keys.recoveries(), recoveries=[asdict(one) for one in kept], revision=revision + 1)
        # A write that botocore repeated after a lost answer meets its own revision.
        if not item.put("recoveries.save", item.follows()) and recovery not in self.all():
            raise Conflict

    def _read(self, place: str) -> tuple[list[Recovery], int]:
        item = RecoveriesItem.find(place, keys.recoveries())
        return ([_recovery_of(one) for one in item.recoveries], int(item.revision)) if item else ([], 0)


def _recovery_of(stored: Mapping[str, Any]) -> Recovery:
    ended = stored["reinstated_at"]
    return Recovery(
        datetime.fromisoformat(stored["invoked_at"]), stored["reason"], datetime.fromisoformat(ended) if ended else None
    )


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
