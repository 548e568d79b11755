"""Maintenance windows: when the service is closed, which of them are agreed, and what a change must respect (SLA-05).

Planned maintenance is outside core hours, unless the awarding organisations have agreed to it; neither counts as
unavailability. Emergency maintenance does, and extends the ten working days for submitting awards (C15 6, C10 6, 7).
So planned windows are entered before they begin and never become longer once they have begun: work that takes longer is
emergency maintenance, in a window of its own.

Times are aware and in UTC, to the minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.values import has_disguise, has_unseen
from chalicelib.domain.working_time import (
    OUTAGE_DAYS,
    Period,
    london_day,
    merged_periods,
    service_hours_between,
    uk_time,
)

LONGEST: Final = timedelta(days=7)
"""The longest window; also within the 15 days for which CloudWatch mutes an alarm."""
EMERGENCY_NOTICE: Final = timedelta(hours=24)
"""An emergency is what must be fixed within 24 hours (C15 6), so its window begins within that time. It may be entered
up to 24 hours after it began.
"""
LONGEST_REASON: Final = 300
"""Characters of a reason, and of who has agreed."""
MOST: Final = 100
"""Windows of the schedule from which only emergencies are entered, for which there is always room then."""
KEPT: Final = timedelta(days=2)
"""How long a window stays in the schedule after its end, or after it was cancelled: an emergency that is entered late
must not overlap it, and organisations are told of a cancellation.
"""
REMEMBERED: Final = timedelta(seconds=30)
"""How long a container may remember the schedule."""
IN_FORCE: Final = REMEMBERED + timedelta(seconds=5)
"""Within which a change of the schedule is in force everywhere, also if a read is a little late or clocks differ. So a
window is taken to begin this much earlier, and one that is ended early ends this much later: a request that is
refused because of maintenance always falls in its window.
"""
_MINUTE: Final = timedelta(minutes=1)


class WindowKind(StrEnum):
    """The three kinds of maintenance (C15 6)."""

    PLANNED = "planned"
    """Outside core hours."""
    AGREED = "agreed"
    """Planned with the agreement of the awarding organisations, so it may be in core hours."""
    EMERGENCY = "emergency"
    """A fix that cannot wait. It counts as unavailability."""


class Environment(StrEnum):
    """The environments with a maintenance schedule."""

    LIVE = "live"
    COMPATIBILITY = "compatibility"
    """Where registered developers test, with invented learners (HLP-03)."""


class Condition(StrEnum):
    """How an environment is."""

    OPEN = "open"
    MAINTENANCE = "maintenance"
    """Closed for planned maintenance."""
    EMERGENCY = "emergency"
    """Closed for emergency maintenance."""
    RECOVERY = "recovery"
    """Being recovered from disaster."""

    @property
    def is_open(self) -> bool:
        return self is Condition.OPEN


class WindowState(StrEnum):
    """Where a window is in its life."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "inProgress"
    ENDED = "ended"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A period in which an environment is closed for maintenance."""

    window_id: str
    environment: Environment
    kind: WindowKind
    start: datetime
    end: datetime
    reason: str
    """What is done, for everyone to read."""
    agreed_with: str = ""
    """Who has agreed to maintenance in core hours, and when."""
    announced_at: datetime
    changed_at: datetime
    """Also when it was cancelled."""
    is_cancelled: bool = False
    revision: int = 1

    @property
    def period(self) -> Period:
        return self.start, self.end

    @property
    def counts_as_agreed(self) -> bool:
        """Whether its time does not count towards availability."""
        return self.kind is not WindowKind.EMERGENCY and not self.is_cancelled

    @property
    def is_unavailability(self) -> bool:
        """Whether its time extends the ten working days for submitting awards (ACH-10)."""
        return self.kind is WindowKind.EMERGENCY and not self.is_cancelled

    def state(self, now: datetime) -> WindowState:
        """Where it is in its life."""
        if self.is_cancelled:
            return WindowState.CANCELLED
        if now < self.start:
            return WindowState.SCHEDULED
        return WindowState.IN_PROGRESS if now < self.end else WindowState.ENDED

    def is_open_at(self, moment: datetime) -> bool:
        """Whether the environment is closed then."""
        return not self.is_cancelled and self.start <= moment < self.end


class KeyDates(NamedTuple):
    """A period that matters to awarding organisations, such as the week of results."""

    first: date
    last: date
    name: str


class Terms(NamedTuple):
    """What a window is judged by."""

    now: datetime
    bank_holidays: frozenset[date]
    key_dates: Sequence[KeyDates] = ()


def excluded_periods(windows: Iterable[Window]) -> list[Period]:
    """The times of agreed maintenance, which do not count towards availability: in order, merged."""
    return merged_periods(window.period for window in windows if window.counts_as_agreed)


def unavailable_periods(windows: Iterable[Window]) -> list[Period]:
    """The times of emergency maintenance: in order, merged."""
    return merged_periods(window.period for window in windows if window.is_unavailability)


def window_at(windows: Iterable[Window], environment: Environment, moment: datetime) -> Window | None:
    """The window in which an environment is at a moment; windows of one environment never overlap."""
    return next((one for one in windows if one.environment is environment and one.is_open_at(moment)), None)


def leaves_schedule(window: Window, now: datetime) -> bool:
    """Whether a window is over, or cancelled, for so long that it leaves the schedule. It does not change any more."""
    return (window.changed_at if window.is_cancelled else window.end) <= now - KEPT


def has_begun(window: Window, now: datetime) -> bool:
    """Whether a window has begun, or will have when a change is in force everywhere."""
    return window.start <= now + IN_FORCE


def ended_in_force(window: Window, held: Window, now: datetime) -> Window:
    """A window as it was asked for in place of another; one that has begun ends only when its end is in force
    everywhere, at a whole minute.
    """
    if not has_begun(held, now) or not _minute_of(now) <= window.end < held.end:
        return window
    known = now + IN_FORCE
    earliest = _minute_of(known) + (timedelta() if _is_whole_minute(known) else _MINUTE)
    return replace(window, end=min(held.end, max(window.end, earliest)))


def core_hours_in(window: Window, bank_holidays: frozenset[date]) -> timedelta:
    """The core hours that it takes: 08:00 to 18:00, Monday to Friday, except bank holidays."""
    return service_hours_between(window.start, window.end, bank_holidays)


def key_dates_in(window: Window, key_dates: Iterable[KeyDates]) -> list[KeyDates]:
    """The key dates of awarding organisations that it touches."""
    first, last = london_day(window.start), london_day(window.end - timedelta(microseconds=1))
    return [one for one in key_dates if one.first <= last and first <= one.last]


def window_failures(window: Window, others: Iterable[Window], terms: Terms) -> list[Failure]:
    """Every reason against a new window, and notices of key dates."""
    found = _start_failures(window, terms)
    others = list(others)
    if window.kind is not WindowKind.EMERGENCY and len(others) >= MOST:
        found.append(failure("LRS-MW-16", limit=MOST))
    return [*found, *_schedule_failures(window, others, terms)]


def _start_failures(window: Window, terms: Terms) -> list[Failure]:
    found = _form_failures(window)
    if window.kind is WindowKind.EMERGENCY:
        if abs(window.start - terms.now) > EMERGENCY_NOTICE:
            found.append(failure("LRS-MW-7", "start", limit=_hours(EMERGENCY_NOTICE)))
    elif window.start < terms.now:
        found.append(failure("LRS-MW-2", "start"))
    return found


def change_failures(window: Window, held: Window, others: Iterable[Window], terms: Terms) -> list[Failure]:
    """Every reason against changing a window that has not ended into another, and notices of key dates."""
    if not has_begun(held, terms.now):
        return [*_start_failures(window, terms), *_schedule_failures(window, others, terms)]
    found = _form_failures(window)
    if window.start != held.start:
        found.append(failure("LRS-MW-10", "start", reason="begun"))
    if window.kind is not held.kind:
        found.append(failure("LRS-MW-10", "kind", reason="begun"))
    if window.end > held.end and held.kind is not WindowKind.EMERGENCY:
        found.append(failure("LRS-MW-10", "end", reason="longer"))
    if window.end < min(_minute_of(terms.now), held.end):
        found.append(failure("LRS-MW-10", "end", reason="past"))
    return [*found, *_schedule_failures(window, others, terms)]


def closed_failure(window: Window, now: datetime) -> Failure | None:
    """Why a window cannot be changed any more."""
    if window.is_cancelled:
        return failure("LRS-MW-9", reason="cancelled")
    return failure("LRS-MW-9") if window.end <= now else None


def cancelled(window: Window, now: datetime) -> Window | Failure:
    """The window, cancelled, or the reason against it."""
    against = closed_failure(window, now)
    if against is None and has_begun(window, now):
        against = failure("LRS-MW-9", reason="begun")
    return against or replace(window, is_cancelled=True, changed_at=now, revision=window.revision + 1)


def outage_failures(start: datetime, end: datetime, now: datetime) -> list[Failure]:
    """Every reason against recording a period as downtime."""
    found = _span_failures(start, end)
    if end > now:
        found.append(failure("LRS-MW-14", "end"))
    if start < now - OUTAGE_DAYS:
        found.append(failure("LRS-MW-15", "start", limit=OUTAGE_DAYS.days))
    return found


def _span_failures(start: datetime, end: datetime) -> list[Failure]:
    if end <= start:
        return [failure("LRS-MW-1", "end")]
    return [failure("LRS-MW-3", "end", limit=LONGEST.days)] if end - start > LONGEST else []


def _form_failures(window: Window) -> list[Failure]:
    found = _span_failures(window.start, window.end)
    found += [failure("LRS-MW-12", name) for name in ("start", "end") if not _is_whole_minute(getattr(window, name))]
    if window.kind is WindowKind.AGREED and not window.agreed_with:
        found.append(failure("LRS-MW-6", "agreedWith"))
    for name, text in (("reason", window.reason), ("agreedWith", window.agreed_with)):
        if len(text) > LONGEST_REASON:
            found.append(failure("LRS-REQ-5", name, limit=LONGEST_REASON))
        if has_unseen(text) or has_disguise(text):
            found.append(failure("LRS-REQ-6", name, allowed="made up of visible characters"))
    return found


def _schedule_failures(window: Window, others: Iterable[Window], terms: Terms) -> list[Failure]:
    """What the other windows, the hours and the key dates have against it."""
    if window.end <= window.start:
        return []
    found = [
        failure("LRS-MW-4", "start", other=_shown(other))
        for other in others
        if other.environment is window.environment
        and other.window_id != window.window_id
        and not other.is_cancelled
        and other.start < window.end
        and window.start < other.end
    ]
    if window.kind is WindowKind.PLANNED and core_hours_in(window, terms.bank_holidays):
        found.append(failure("LRS-MW-5", "kind"))
    if window.kind is not WindowKind.EMERGENCY:
        found += [failure("LRS-MW-11", "start", name=dates.name) for dates in key_dates_in(window, terms.key_dates)]
    return found


def _minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _is_whole_minute(moment: datetime) -> bool:
    return moment == _minute_of(moment)


def _hours(span: timedelta) -> int:
    return span // timedelta(hours=1)


def _shown(window: Window) -> str:
    return f"{uk_time(window.start)} to {uk_time(window.end)}"
