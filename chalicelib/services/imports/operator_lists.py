"""The operator's own reference lists, stored as objects in the catalogue bucket (VLD-02).

If a list does not exist, the packaged one is used. The packaged prohibited words and postcodes are only samples, so
their use is logged. So is a list of bank holidays that ends within a year, since awards would then be marked late too
early.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from chalicelib.ports.files import Files
from chalicelib.ports.journal import Journal
from chalicelib.reference import Lists, Sources

BUCKET: Final = "catalogue"

HOLIDAYS: Final = "bank-holidays.csv"

LISTS: Final[Mapping[str, str]] = {
    "prohibited-words.txt": "prohibited_text",
    "prohibited-postcodes.txt": "prohibited_postcodes",
    "given-name-synonyms.csv": "synonyms",
    HOLIDAYS: "bank_holidays",
    "key-dates.csv": "key_dates",
}
"""Each list's object, and its source."""

SAMPLED: Final = ("prohibited-words.txt", "prohibited-postcodes.txt")
"""Lists of which only a sample is packaged."""

WARNED_BEFORE: Final = timedelta(days=365)
"""How long before the last bank holiday of the list this is logged."""

_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


def stored_versions(files: Files, prefix: str) -> Mapping[str, str]:
    """The current versions of the operator's lists under the prefix, by name. Raises TemporaryFailure."""
    stored = {found.key.removeprefix(prefix): found.version for found in files.objects(BUCKET, prefix, _EVER)}
    return {name: stored[name] for name in LISTS if name in stored}


def read_sources(files: Files, prefix: str, stored: Mapping[str, str], journal: Journal) -> Sources:
    """These versions of the operator's lists. Raises ValueError for one that is not UTF-8, and TemporaryFailure."""
    texts = {LISTS[name]: text_of(name, files.read(BUCKET, prefix + name, stored[name])) for name in stored}
    for name in SAMPLED:
        if LISTS[name] not in texts:
            journal.list_missing(name)
    return Sources(**texts)


def check_end(lists: Lists, today: date, journal: Journal) -> None:
    """Log when the bank holidays in force end within a year."""
    if max(lists.bank_holidays) - today < WARNED_BEFORE:
        journal.list_ends(HOLIDAYS)


_BYTES_OF_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_OTHER_FILES: Final = {
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a workbook or another archive",
    b"{\\rtf": "a text with formatting",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"<?xml": "an XML file",
}
"""How files begin that are taken for a list by mistake."""


def text_of(name: str, data: bytes) -> str:
    """The text of a list's file. Raises ValueError naming the line that is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        raise ValueError(f"{name}, line {line}: not UTF-8") from None


def check_list(name: str, data: bytes) -> None:
    """Raises ValueError with the line if the file is not such a list, and KeyError for an unknown name."""
    begun = data.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for beginning, other in _OTHER_FILES.items():
        if begun.startswith(beginning.lower()):
            raise ValueError(f"{name} is {other}, not a list")
    if unseen := _BYTES_OF_NO_TEXT.search(data):
        line = data.count(b"\n", 0, unseen.start()) + 1
        raise ValueError(f"{name}, line {line}: a control character")
    Lists(Sources(**{LISTS[name]: text_of(name, data)})).check()
