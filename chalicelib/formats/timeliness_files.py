"""The timeliness report as CSV: a line for each organisation and day (ACH-10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final

from chalicelib.domain.timeliness import Counts, Terms
from chalicelib.formats.batch.csv_files import report_text

HEADINGS: Final = (
    "UKPRN",
    "Name",
    "Day",
    "NewInTime",
    "NewInTimeByExtension",
    "NewLate",
    "ChangedInTime",
    "ChangedLate",
    "InTimeFromAwardDate",
    "ExtendedFromAwardDate",
)


def csv_of(days: Iterable[tuple[str, str, date, Counts]], extended: Mapping[date, Terms]) -> str:
    """The text of the file; a cell that a spreadsheet would take for a formula begins with an apostrophe."""

    def rows() -> Iterator[list[object]]:
        for ukprn, name, day, counts in days:
            terms = extended.get(day)
            dates = (terms.plain.isoformat(), terms.extended.isoformat()) if terms else ("", "")
            yield [ukprn, name, day.isoformat(), *counts, *dates]

    return report_text(HEADINGS, rows())
