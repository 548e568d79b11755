"""The registered developers as CSV, to write to them about changes of interfaces (HLP-03, C15 8)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from chalicelib.domain.developers import Developer
from chalicelib.formats.batch.csv_files import guard

HEADINGS: Final = ("Company", "Contact", "EmailAddress", "Interface", "Purpose", "UKPRN", "Registered", "RegisteredBy")


def csv_of(developers: Iterable[Developer]) -> str:
    """The text of the file; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(HEADINGS)
    for one in developers:
        day = one.registered_at.date().isoformat()
        cells = (
            one.company,
            one.contact,
            one.email_address,
            one.interface,
            one.purpose,
            one.ukprn,
            day,
            one.registered_by,
        )
        lines.writerow(map(guard, cells))
    return out.getvalue()
