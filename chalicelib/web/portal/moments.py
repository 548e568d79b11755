"""Dates, times and sizes as pages write them: 22 November 2026, 2:05pm, 12KB; times are those of the United Kingdom."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from markupsafe import Markup

from chalicelib.domain.working_time import LONDON
from chalicelib.formats.words.texts import Translate, said

MOST_SHOWN: Final = 200
"""Characters of a value in a list."""
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
NOON: Final = "midday"
MIDNIGHT: Final = "midnight"
AT: Final = "%(date)s at %(time)s"
SHORT_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MORNING: Final = "%(time)sam"
AFTERNOON: Final = "%(time)spm"
TEXTS: Final = (*MONTHS, *SHORT_MONTHS, NOON, MIDNIGHT, AT, MORNING, AFTERNOON)
"""For the catalogue of texts."""


def day_text(day: date, translate: Translate) -> str:
    """22 November 2026."""
    return f"{day.day} {translate(MONTHS[day.month - 1])} {day.year}"


def month_text(day: date, translate: Translate) -> str:
    """November 2026."""
    return f"{translate(MONTHS[day.month - 1])} {day.year}"


def short_month_text(day: date, translate: Translate) -> str:
    """Nov."""
    return translate(SHORT_MONTHS[day.month - 1])


def time_text(moment: datetime, translate: Translate) -> str:
    """2:05pm, 2pm, midday or midnight. Raises ValueError for a time without a zone."""
    local = _local(moment)
    if local.minute == 0 and local.hour in (0, 12):
        return translate(NOON if local.hour else MIDNIGHT)
    minutes = f":{local.minute:02}" if local.minute else ""
    return translate(AFTERNOON if local.hour >= 12 else MORNING) % {"time": f"{local.hour % 12 or 12}{minutes}"}


def moment_text(moment: datetime, translate: Translate) -> str:
    """22 November 2026 at 2:05pm. Raises ValueError for a time without a zone."""
    parts = {"date": day_text(_local(moment).date(), translate), "time": time_text(moment, translate)}
    return translate(AT) % parts


def value_text(value: str | date | None, translate: Translate) -> str:
    """A value of a record: dates and moments in words, what users entered as it is, nothing for None."""
    if isinstance(value, datetime):
        return moment_text(value, translate)
    return day_text(value, translate) if isinstance(value, date) else said(value or "", translate)


def marked_day(day: date, translate: Translate) -> Markup:
    """The same for people and programs."""
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), day_text(day, translate))


def marked_moment(moment: datetime, translate: Translate) -> Markup:
    """The same for people and programs."""
    iso = _local(moment).isoformat(timespec="seconds")
    return Markup('<time datetime="{}">{}</time>').format(iso, moment_text(moment, translate))


def size_text(size: int) -> str:
    """12KB, 3.4MB; a page never shows single bytes."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))}KB"
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0") + "MB"


def short_text(text: str) -> str:
    """The beginning of a value of a file, which may be of any length: a page of many must stay below what Lambda can
    answer, 6 MB.
    """
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def number_text(number: int) -> str:
    """10,450."""
    return f"{number:,}"


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(LONDON)
