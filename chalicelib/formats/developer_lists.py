"""The registered developers as CSV, to write to them about changes of interfaces (HLP-03, C15 8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from chalicelib.domain.developers import Developer
from chalicelib.formats.batch.csv_files import list_text

HEADINGS: Final = ("Company", "Contact", "EmailAddress", "Interface", "Purpose", "UKPRN", "Registered", "RegisteredBy")


def csv_of(developers: Iterable[Developer]) -> str:
    """The text of the file; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    return list_text(HEADINGS, map(_cells, developers))


def _cells(one: Developer) -> Sequence[str]:
    day = one.registered_at.date().isoformat()
    return (one.company, one.contact, one.email_address, one.interface, one.purpose, one.ukprn, day, one.registered_by)
