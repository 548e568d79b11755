"""The timeliness report as CSV: a line for each organisation and day (ACH-10)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from chalicelib.domain.timeliness import Counts, Terms
from chalicelib.formats.batch.csv_files import guard

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
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(HEADINGS)
    for ukprn, name, day, counts in days:
        terms = extended.get(day)
        dates = (terms.plain.isoformat(), terms.extended.isoformat()) if terms else ("", "")
        lines.writerow([ukprn, guard(name), day.isoformat(), *counts, *dates])
    return out.getvalue()
