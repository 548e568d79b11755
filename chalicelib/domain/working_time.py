"""Working days and service hours in Europe/London, and the ten working days for submitting an award.

Service hours are 08:00 to 18:00, Monday to Friday, less the bank holidays of England. An achievement must reach the
service within ten working days of its award. If service hours are lost because the service is not available, the ten
days are extended by at least as much (C10 section 7). Awards submitted after that are accepted and marked late
(ACH-10).

Bank holidays are passed in as a set of dates. Times are aware; outages are pairs of start and end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
OPENS: Final = time(8)
CLOSES: Final = time(18)
SERVICE_DAY: Final = timedelta(hours=10)
"""The service hours of one working day."""
OUTAGE_DAYS: Final = timedelta(days=90)
"""How far before a submission lost service hours still count towards its ten working days (ACH-10)."""

SUBMISSION_DAYS: Final = 10
"""Working days after the award in which an achievement must be submitted (C10 section 7)."""

Period = tuple[datetime, datetime]
"""Start and end."""

_DAY: Final = timedelta(days=1)


def london_day(moment: datetime) -> date:
    """The day in Europe/London at an aware time; raises ValueError for a naive one."""
    _aware(moment)
    return moment.astimezone(LONDON).date()


def london_moments(shown: datetime) -> tuple[datetime, ...]:
    """The times, in UTC, at which a clock in London shows a naive date and time.

    One; none in the hour that is left out when the clocks go forward; two in the one that is repeated in autumn.
    """
    folds = (shown.replace(tzinfo=LONDON, fold=fold).astimezone(UTC) for fold in (0, 1))
    return tuple(sorted({one for one in folds if one.astimezone(LONDON).replace(tzinfo=None) == shown}))


def uk_time(moment: datetime) -> str:
    """A time as people in the UK read it: ``5 December 2026, 20:00 GMT``."""
    local = moment.astimezone(LONDON)
    return f"{local.day} {local:%B %Y, %H:%M %Z}"


def uk_time_with_weekday(moment: datetime) -> str:
    """As :func:`uk_time`, after the day of the week."""
    return f"{moment.astimezone(LONDON):%A} {uk_time(moment)}"


def is_working_day(day: date, holidays: frozenset[date]) -> bool:
    """Monday to Friday, except bank holidays."""
    return day.weekday() < 5 and day not in holidays


def service_hours_between(start: datetime, end: datetime, holidays: frozenset[date]) -> timedelta:
    """The service hours between two times; none if the second is not later. Raises ValueError for naive times."""
    return sum((later - earlier for earlier, later in _service_hours(start, end, holidays)), timedelta())


def merged_periods(periods: Iterable[Period]) -> list[Period]:
    """The periods in order, with those that overlap or touch merged."""
    merged: list[Period] = []
    for start, end in sorted(periods):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def service_hours_after(start: datetime, span: timedelta, holidays: frozenset[date]) -> datetime:
    """When a number of service hours after ``start`` is over; outside service hours the clock stands still."""
    day, left = london_day(start), span
    while True:
        end_of_day = datetime.combine(day + _DAY, time(), LONDON).astimezone(UTC)
        for earlier, later in _service_hours(start, end_of_day, holidays):
            if london_day(earlier) == day:
                if left <= later - earlier:
                    return earlier + left
                left -= later - earlier
        day += _DAY
        start = end_of_day


def ten_working_days_before(day: date, holidays: frozenset[date], outages: Iterable[Period] = ()) -> date:
    """The earliest award date that is on time if the achievement is submitted on ``day``; earlier awards are late.

    The day after the award is the first of the ten, the tenth is still on time, and so are the non-working days after
    it, when nobody is expected to submit. Service hours lost within the period extend it: their sum, rounded up to
    whole working days, is added to the ten.
    """
    due = day
    while not is_working_day(due, holidays):
        due -= _DAY
    lost = _lost_by_day(outages, holidays)
    # The award is on time while fewer than ten full days lie between it and the last day for submitting it.
    earliest = due - _DAY
    used, lost_time = 0, timedelta()
    while True:
        if is_working_day(earliest, holidays):
            used += 1
            lost_time += lost.get(earliest, timedelta())
            if used - _whole_days(lost_time) >= SUBMISSION_DAYS:
                return earliest
        earliest -= _DAY


def _whole_days(lost: timedelta) -> int:
    """Service hours as working days, rounded up: the extension is "at least" what was lost."""
    return -(-lost // SERVICE_DAY)


def _lost_by_day(outages: Iterable[Period], holidays: frozenset[date]) -> dict[date, timedelta]:
    """Service hours lost on each day; hours in more than one outage count once."""
    lost: dict[date, timedelta] = {}
    for start, end in merged_periods(outages):
        for earlier, later in _service_hours(start, end, holidays):
            day = london_day(earlier)
            lost[day] = lost.get(day, timedelta()) + (later - earlier)
    return lost


def _service_hours(start: datetime, end: datetime, holidays: frozenset[date]) -> Iterator[Period]:
    """The service hours between two times, in UTC, one period for each day."""
    day, last = london_day(start), london_day(end)
    while day <= last:
        if is_working_day(day, holidays):
            opens = datetime.combine(day, OPENS, LONDON).astimezone(UTC)
            closes = datetime.combine(day, CLOSES, LONDON).astimezone(UTC)
            earlier, later = max(opens, start), min(closes, end)
            if earlier < later:
                yield earlier, later
        day += _DAY


def _aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
