"""Reading a job's own output file again: what became of every record, to be listed (ACH-07, ACH-08).

The files are those that ``result_files`` wrote, in CSV or XML; nobody else writes to their bucket.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import BytesIO, TextIOWrapper
from typing import NamedTuple
from xml.etree.ElementTree import iterparse

from chalicelib.formats.batch.csv_files import unguard
from chalicelib.formats.batch.recognition import XML

_BETWEEN = "; "


class OutputRecord(NamedTuple):
    """One line of an output file: the record as submitted, and the answer to it."""

    number: int
    line: int
    """Line of the submitted file; 0 where unknown."""
    mis_identifier: str
    uln: str
    aim_reference: str
    award_date: str
    action: str
    outcome: str
    return_code: str
    master_uln: str
    late: bool
    error_codes: tuple[str, ...]
    error_fields: tuple[str, ...]
    messages: str
    notices: str


def read_output(data: bytes, format: str) -> Iterator[OutputRecord]:  # noqa: A002 - the word of the house
    """Every record of an output file, in the order of the submitted file. Raises KeyError for any other file."""
    rows = _xml_rows(data) if format == XML else _csv_rows(data)
    return (_record(row) for row in rows)


def _csv_rows(data: bytes) -> Iterator[Mapping[str, str]]:
    with TextIOWrapper(BytesIO(data), encoding="utf-8-sig", newline="") as text:
        for row in csv.DictReader(text):
            yield {name: unguard(value) for name, value in row.items()}


def _xml_rows(data: bytes) -> Iterator[Mapping[str, str]]:
    for _, element in iterparse(BytesIO(data)):  # noqa: S314 - the file is our own
        if element.tag == "Result":
            yield {part.tag: part.text or "" for part in element}
            element.clear()


def _record(row: Mapping[str, str]) -> OutputRecord:
    return OutputRecord(
        number=int(row["RecordNumber"]),
        line=int(row["LineNumber"] or 0),
        mis_identifier=row["MISIdentifier"],
        uln=row["ULN"],
        aim_reference=row["UnitOrQualificationReferenceNumber"],
        award_date=row["AchievementAwardDate"],
        action=row["Action"],
        outcome=row["Outcome"],
        return_code=row["ReturnCode"],
        master_uln=row["MasterULN"],
        late=row["Late"] == "Y",
        error_codes=_parts(row["ErrorCodes"]),
        error_fields=_parts(row["FieldNames"]),
        messages=row["Messages"],
        notices=row["Notices"],
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split(_BETWEEN)) if text else ()
