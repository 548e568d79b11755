"""Tallies by hour and month, and the monthly reports, in the levels table (SLA-01 to SLA-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any, ClassVar, Final

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.aws import temporary_failures
from chalicelib.domain.failed_hours import FailedHour
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.tallies import FileTally, Row, Tallies, Tally
from chalicelib.ports.tallies import HourTallies, MonthlyReport, MonthTallies
from chalicelib.storage import keys
from chalicelib.storage.conditions import Patience
from chalicelib.storage.tables import Item, Models
from chalicelib.storage.texts import JsonText
from chalicelib.storage.wire import write_items

LONG: Final = 512
"""Characters from which tallies are compressed."""


class HourItem(Item):
    """What was counted in an hour, ``HOURS#<month>`` / ``<hour in UTC>``."""

    tallies = JsonText(LONG)
    excluded = JsonText()


class MonthItem(Item):
    """What was counted in a month, ``MONTHS`` / ``<month>``."""

    tallies = JsonText(LONG)
    counted_until = UnicodeAttribute()
    is_reported = BooleanAttribute(default=False)
    worst = JsonText(LONG)


class PlaceItem(Item):
    """From where counting continues, ``COUNTED`` / ``COUNTED``."""

    until = UnicodeAttribute()


class ReportItem(Item):
    """A monthly report, ``REPORTS`` / ``<month>``."""

    text = UnicodeAttribute()
    csv = UnicodeAttribute()
    is_sent = BooleanAttribute(default=False)
    claimed_until = UnicodeAttribute()


class LevelTable:
    """The part of the levels table with tallies and reports."""

    MODELS: ClassVar[Models] = {"levels": (HourItem, MonthItem, PlaceItem, ReportItem)}

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def put_hours(self, hours: Sequence[HourTallies]) -> None:
        """Store hours in place of what was counted in them before."""
        items = [
            HourItem(*keys.hour(str(Month.of(one.hour)), one.hour), tallies=_stored(one.tallies), excluded=one.excluded)
            for one in hours
        ]
        write_items("levels.put_hours", self._patience, items)

    def hours(self, month: Month) -> list[HourTallies]:
        """The hours of a month, in order."""
        with temporary_failures("levels.hours"):
            return [
                HourTallies(
                    keys.hour_of(item.sk),
                    _read(item.tallies),
                    tuple((start, end) for start, end in item.excluded),
                )
                for item in HourItem.query(keys.hours_of(str(month)), consistent_read=True)
            ]

    def counted_until(self) -> datetime | None:
        """The end of the last hour that was counted when it was over."""
        item = PlaceItem.find("levels.counted_until", keys.counted())
        return datetime.fromisoformat(item.until) if item else None

    def keep_counted_until(self, moment: datetime) -> None:
        """Keep the place from which counting continues."""
        PlaceItem(*keys.counted(), until=moment.isoformat()).put("levels.keep_counted_until")

    def put_month(self, month: MonthTallies) -> None:
        """Store a month in place of what was counted in it before."""
        MonthItem(
            *keys.month(str(month.month)),
            tallies=_stored(month.tallies),
            counted_until=month.counted_until.isoformat(),
            is_reported=month.is_reported,
            worst=[(one.hour.isoformat(), *one.row, one.requests, one.faults) for one in month.worst],
        ).put("levels.put_month")

    def month(self, month: Month) -> MonthTallies | None:
        """A month."""
        item = MonthItem.find("levels.month", keys.month(str(month)))
        return _month(item) if item else None

    def months(self, limit: int) -> list[MonthTallies]:
        """The latest months, newest first."""
        with temporary_failures("levels.months"):
            found = MonthItem.query(keys.MONTHS, limit=limit, scan_index_forward=False, consistent_read=True)
            return [_month(item) for item in found]

    def claim_report(self, report: MonthlyReport, now: datetime, until: datetime) -> bool:
        """Store the report and claim its sending until then."""
        free = (ReportItem.is_sent == False) & (ReportItem.claimed_until < now.isoformat())  # noqa: E712
        item = _report(report, until)
        return item.put("levels.claim_report", ReportItem.absent() | free)

    def report_sent(self, report: MonthlyReport) -> None:
        """Keep that the report was sent."""
        item = _report(report, None)
        item.is_sent = True
        item.put("levels.report_sent")

    def is_report_sent(self, month: Month) -> bool:
        """Whether a month's report was sent."""
        item = ReportItem.find("levels.is_report_sent", keys.report(str(month)))
        return item is not None and bool(item.is_sent)


def _report(report: MonthlyReport, until: datetime | None) -> ReportItem:
    claimed = until.isoformat() if until else ""
    return ReportItem(*keys.report(str(report.month)), text=report.text, csv=report.csv, claimed_until=claimed)


def _month(item: MonthItem) -> MonthTallies:
    until = datetime.fromisoformat(item.counted_until)
    worst = tuple(
        FailedHour(datetime.fromisoformat(hour), Row(function, channel), *numbers)
        for hour, function, channel, *numbers in item.worst
    )
    return MonthTallies(Month.parse(item.sk), _read(item.tallies), until, item.is_reported, worst)


def _stored(tallies: Tallies) -> dict[str, Any]:
    return {
        "rows": [(*row, *astuple(tally)) for row, tally in sorted(tallies.rows.items())],
        "files": {function: astuple(files) for function, files in sorted(tallies.files.items())},
        "measured": tallies.measured,
        "doubled": tallies.doubled,
        "unreadable": tallies.unreadable,
        "unknown": sorted(tallies.unknown),
    }


def _read(stored: dict[str, Any]) -> Tallies:
    return Tallies(
        rows={Row(function, channel): _tally(rest) for function, channel, *rest in stored["rows"]},
        files={function: FileTally(*numbers) for function, numbers in stored["files"].items()},
        measured=stored["measured"],
        doubled=stored["doubled"],
        unreadable=stored["unreadable"],
        unknown=set(stored["unknown"]),
    )


def _tally(stored: list[Any]) -> Tally:
    *numbers, histogram = stored
    tally = Tally(*numbers)
    tally.histogram = {int(bucket): number for bucket, number in histogram.items()}
    return tally
