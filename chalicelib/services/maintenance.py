"""The maintenance schedule: entering, changing and cancelling windows (SLA-05, C15 6).

A window that takes core hours is announced at once, by email to every organisation (AO18 2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from chalicelib.domain.callers import Caller
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.looks import LookAction
from chalicelib.domain.maintenance import (
    REMEMBERED,
    Environment,
    KeyDates,
    Terms,
    Window,
    WindowKind,
    cancelled,
    change_failures,
    closed_failure,
    core_hours_in,
    ended_in_force,
    key_dates_in,
    leaves_schedule,
    window_failures,
)
from chalicelib.domain.refusals import Refused
from chalicelib.ports.clock import Clock, NewId
from chalicelib.ports.errors import Conflict, TemporaryFailure
from chalicelib.ports.levels import Schedule, Schedules
from chalicelib.ports.messages import Queues
from chalicelib.services.looks import Looks, maintenance_subject

LISTED: Final = timedelta(days=90)
"""How long a window is listed after its end."""
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class MaintenancePorts:
    """The ports that the schedule uses."""

    schedules: Schedules
    looks: Looks
    queues: Queues
    clock: Clock
    new_id: NewId
    bank_holidays: frozenset[date]
    key_dates: Sequence[tuple[date, date, str]]


class Order(NamedTuple):
    """The details of a window. In a change, None leaves one as it is."""

    kind: WindowKind | None = None
    start: datetime | None = None
    end: datetime | None = None
    reason: str | None = None
    agreed_with: str | None = None


class Entered(NamedTuple):
    """A window that was entered or changed, with notices about it."""

    window: Window
    notices: Sequence[Failure] = ()


class MaintenanceSchedule:
    """The maintenance windows of all environments. Each method may raise TemporaryFailure."""

    def __init__(self, ports: MaintenancePorts, environment: Environment) -> None:
        """``environment`` is our own: only its windows are announced by email."""
        self._ports = ports
        self._environment = environment
        self._key_dates = [KeyDates(*dates) for dates in ports.key_dates]
        self._held: tuple[datetime, list[Window]] | None = None

    def listed(self) -> list[Window]:
        """The windows to come and those of the last 90 days, by their start; cancelled ones until their end.

        Anyone may ask, and as often, so they are remembered as long as the schedule is elsewhere.
        """
        now = self._ports.clock()
        windows = (one for one in self._remembered(now) if one.end > now - LISTED)
        return sorted(
            (one for one in windows if not (one.is_cancelled and one.end <= now)),
            key=lambda one: (one.start, one.window_id),
        )

    def get(self, window_id: str) -> Window:
        """One window that ended in the last 90 days or has not. Raises Refused (LRS-MW-8).

        One that may still change is read each time; the others, and any other name, anyone may ask for as often.
        """
        found = self._ports.schedules.read(consistent=False).window(window_id)
        return found or self._among(self._remembered(self._ports.clock()), window_id)

    def key_dates_in(self, window: Window) -> list[str]:
        """The names of the key dates that a window touches."""
        return [dates.name for dates in key_dates_in(window, self._key_dates)]

    def enter(self, caller: Caller, environment: Environment, order: Order) -> Entered:
        """Enter a window; the same again is the window that there is. ``order`` is complete but for ``agreed_with``.

        Raises Refused with every reason against it.
        """
        now = self._ports.clock()
        assert order.kind is not None
        assert order.start is not None
        assert order.end is not None
        window = Window(
            window_id=f"MW-{self._ports.new_id()}",
            environment=environment,
            kind=order.kind,
            start=order.start,
            end=order.end,
            reason=order.reason or "",
            agreed_with=order.agreed_with or "",
            announced_at=now,
            changed_at=now,
        )

        def enter(schedule: Schedule) -> Entered:
            same = next((one for one in schedule.windows if _is_same(one, window)), None)
            return Entered(same or window, [] if same else window_failures(window, schedule.windows, self._terms(now)))

        return self._written(caller, LookAction.MAINTENANCE_ENTERED, enter)

    def change(self, caller: Caller, window_id: str, revision: int, order: Order) -> Entered:
        """Change a window, if it still has the revision. The same again, which has the next one, is announced again.

        Raises Refused: LRS-MW-8 (unknown), LRS-REQ-13 (changed since), LRS-MW-9 (ended or cancelled), or every reason
        against the change.
        """
        now = self._ports.clock()
        changes = {name: value for name, value in order._asdict().items() if value is not None}

        def change(schedule: Schedule) -> Entered:
            held = self._found(schedule, window_id)
            against = closed_failure(held, now)
            is_next = against is None and held.revision == revision + 1
            if is_next and ended_in_force(replace(held, **changes), held, now) == held:
                return Entered(held)
            _require_revision(held, revision)
            if against is not None:
                raise Refused(against)
            if all(getattr(held, name) == value for name, value in changes.items()):
                return Entered(held)
            asked = replace(held, **changes, changed_at=now, revision=revision + 1)
            window = ended_in_force(asked, held, now)
            return Entered(window, change_failures(window, held, schedule.windows, self._terms(now)))

        return self._written(caller, LookAction.MAINTENANCE_CHANGED, change)

    def cancel(self, caller: Caller, window_id: str, revision: int) -> Window:
        """Cancel a window that has not begun. Raises Refused: LRS-MW-8, LRS-REQ-13, LRS-MW-9.

        The same again is announced again.
        """

        def cancel(schedule: Schedule) -> Entered:
            held = self._found(schedule, window_id)
            if held.is_cancelled and held.revision == revision + 1:
                return Entered(held)
            _require_revision(held, revision)
            found = cancelled(held, self._ports.clock())
            if isinstance(found, Failure):
                raise Refused(found)
            return Entered(found)

        return self._written(caller, LookAction.MAINTENANCE_CANCELLED, cancel).window

    def _terms(self, now: datetime) -> Terms:
        return Terms(now, self._ports.bank_holidays, self._key_dates)

    def _written(self, caller: Caller, action: LookAction, decide: Callable[[Schedule], Entered]) -> Entered:
        """Decide on the schedule as it is, store the result, and decide again if somebody else was faster.

        What is not a change is announced again all the same: the first time, the message may have been lost.
        """
        for _ in range(_TRIES):
            schedule, now = self._ports.schedules.read(), self._ports.clock()
            over = [one for one in schedule.windows if leaves_schedule(one, now)]
            left = tuple(one for one in schedule.windows if one not in over)
            # Without those that are over: else a schedule that is full of them would stay so.
            found = decide(Schedule(left, schedule.revision))
            if any(reason.refuses for reason in found.notices):
                raise Refused(*found.notices)
            window_id = found.window.window_id
            held = schedule.window(window_id)
            if found.window != held:
                others = tuple(one for one in left if one.window_id != window_id)
                revision = str(found.window.revision)
                self._ports.looks.at(caller, action, maintenance_subject(window_id), revision=revision)
                try:
                    self._ports.schedules.save(Schedule((*others, found.window), schedule.revision + 1), over)
                except Conflict:
                    continue
                self._held = None
            self._announce(found.window, held)
            return found
        raise TemporaryFailure("maintenance: the schedule keeps changing")

    def _remembered(self, now: datetime) -> list[Window]:
        """The windows to come and those of the last 90 days, as long as the schedule is remembered elsewhere."""
        held = self._held
        if held is None or not timedelta() <= now - held[0] < REMEMBERED:
            held = self._held = now, self._ports.schedules.since(now - LISTED, consistent=False)
        return held[1]

    def _among(self, windows: Sequence[Window], window_id: str) -> Window:
        found = next((one for one in windows if one.window_id == window_id), None)
        if found is None:
            raise Refused(failure("LRS-MW-8"))
        return found

    def _found(self, schedule: Schedule, window_id: str) -> Window:
        found = schedule.window(window_id)
        return found or self._among(self._ports.schedules.since(self._ports.clock() - LISTED), window_id)

    def _announce(self, window: Window, held: Window | None) -> None:
        """Have organisations sent an email about a window of ours that takes core hours, or did before the change."""
        taken = (core_hours_in(one, self._ports.bank_holidays) for one in (window, held) if one is not None)
        if window.environment is self._environment and any(taken):
            self._ports.queues.send("notices", [{"maintenance": window.window_id}])


def _require_revision(window: Window, revision: int) -> None:
    if window.revision != revision:
        raise Refused(failure("LRS-REQ-13"))


def _is_same(one: Window, other: Window) -> bool:
    """Whether two windows differ in nothing but their names and when they were entered."""
    named = replace(one, window_id=other.window_id, revision=other.revision)
    return replace(named, announced_at=other.announced_at, changed_at=other.changed_at) == other
