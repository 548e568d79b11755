"""Batch files for tests, valid unless a test changes them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from xml.sax.saxutils import escape

from chalicelib.domain.uln import mint
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Layout

UKPRN = "10000055"
FILENAME = f"QCF_{UKPRN}_20261122_001"

HEADER = {
    "FileVersion": "1A",
    "FileName": FILENAME + ".CSV",
    "OrganisationRef": "A12345",
    "UKPRN": UKPRN,
    "SubmissionType": "FINAL",
}

VALID = {
    "MISIdentifier": "MIS-1",
    "ULN": "1000000019",
    "FamilyName": "O'Neill",
    "GivenName": "Mary Ann",
    "DateOfBirth": "2001-02-28",
    "Gender": "2",
    "LearnerPostcode": "AB1 2DE",
    "UnitOrQualificationReferenceNumber": "600/0055/7",
    "AchievementAwardDate": "2026-11-02",
    "Grade": "Pass",
    "LanguageForAssessment": "ENG",
    "ProviderUKPRN": "10000020",
    "Action": "1",
    "ActionDate": "",
    "ActionReason": "",
}

Row = dict[str, str]
XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


def record(**changes: str) -> Row:
    """The values of a valid record, with changes."""
    return VALID | changes


def values(**changes: str) -> tuple[str, ...]:
    """The same in the order of the layout."""
    return tuple(record(**changes).values())


def records(count: int) -> list[Row]:
    """That many valid records of different learners."""
    numbers = iter(range(100_000_000, 900_000_000, 44_447))
    return [record(ULN=mint(lambda _: next(numbers)), MISIdentifier=f"MIS-{place + 1}") for place in range(count)]


def header(count: int, **changes: str) -> Row:
    return HEADER | {"RecordCount": str(count)} | changes


def rows(entries: Sequence[Mapping[str, str]], **changes: str) -> list[list[str]]:
    """Headings and rows of a CSV file."""
    return table(ACHIEVEMENTS, header(len(entries), **changes), entries)


def csv_file(entries: Sequence[Mapping[str, str]] | None = None, **changes: str) -> bytes:
    """A CSV file of records, with changes to its header."""
    return csv_text(rows([VALID] if entries is None else entries, **changes)).encode()


def xml_text(entries: Sequence[Mapping[str, str]] | None = None, **changes: str) -> str:
    found = [VALID] if entries is None else entries
    return xml_of(ACHIEVEMENTS, header(len(found), **changes), found)


def xml_file(entries: Sequence[Mapping[str, str]] | None = None, **changes: str) -> bytes:
    """An XML file of records, with changes to its header."""
    return XML_DECLARATION + xml_text(entries, **changes).encode()


# Any layout.


def table(layout: Layout, first: Mapping[str, str], entries: Iterable[Mapping[str, str]]) -> list[list[str]]:
    """Headings and rows of a CSV file with this header on its first row; values that an entry lacks are empty."""
    made = [list(layout.names)]
    for place, entry in enumerate(entries):
        beside = [first.get(name, "") if place == 0 else "" for name in layout.header_names]
        more = [value for name, value in entry.items() if name not in layout.record_names]
        made.append([*beside, *(entry.get(name, "") for name in layout.record_names), *more])
    return made


def csv_text(cells: Iterable[Sequence[str]], *, line_end: str = "\r\n", quoting: int = csv.QUOTE_ALL) -> str:
    out = StringIO(newline="")
    csv.writer(out, quoting=quoting, lineterminator=line_end).writerows(cells)  # type: ignore[arg-type]
    return out.getvalue()


def xml_of(layout: Layout, first: Mapping[str, str], entries: Iterable[Mapping[str, str]]) -> str:
    """The same as XML, without its declaration."""
    body = "".join(f"  <{layout.element}>{xml_elements(entry)}</{layout.element}>\n" for entry in entries)
    return f"<{layout.root}>\n  {xml_elements(first)}\n{body}</{layout.root}>\n"


def xml_elements(entry: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in entry.items())
