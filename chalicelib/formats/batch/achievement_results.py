"""The output file of an achievement batch: written, and read again to list its records (ACH-07, ACH-08).

Only the service writes to the results bucket, so files have exactly this format.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO, TextIOWrapper
from typing import BinaryIO, Final, NamedTuple
from xml.etree.ElementTree import iterparse

from chalicelib.domain.results import RecordResult
from chalicelib.formats.batch.csv_files import unguard
from chalicelib.formats.batch.files import BatchFile
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.recognition import XML
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.result_files import BETWEEN, EXPLANATION_COLUMNS, explained, write_rows

_SUBMITTED: Final = (
    "MISIdentifier",
    "ULN",
    "UnitOrQualificationReferenceNumber",
    "AchievementAwardDate",
    "Action",
)
OUTPUT_COLUMNS: Final = (
    "RecordNumber",
    "LineNumber",
    *_SUBMITTED,
    "Outcome",
    "ReturnCode",
    "MasterULN",
    "Late",
    *EXPLANATION_COLUMNS,
)
"""The output file: MISIdentifier to Action as submitted, then the service's answer."""

_ELEMENT: Final = "Result"
_NOTHING: Final = explained(())


class OutputRecord(NamedTuple):
    """One line of an output file: the record as submitted, and the answer to it."""

    number: int
    line: int
    """Line of the submitted file; 0 if unknown."""
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


def write_output(batch: BatchFile, results: Mapping[int, RecordResult], layout: Layout, out: BinaryIO) -> None:
    """Write the output file of a batch: every record, its outcome, its reasons and notices, as UTF-8.

    Raises KeyError for a record without a result.
    """
    rows = _rows(batch.records, results, layout)
    write_rows(out, batch.format, "AchievementBatchResults", _ELEMENT, OUTPUT_COLUMNS, rows)


def _rows(records: Sequence[Record], results: Mapping[int, RecordResult], layout: Layout) -> Iterator[Sequence[str]]:
    mis, uln, aim, award, action = (layout.record_names.index(name) for name in _SUBMITTED)
    width = len(layout.record)
    for record in records:
        number, line, values, _ = record
        _, outcome, return_code, master_uln, failures, *_ = results[number]
        families, codes, fields, messages, notices, late = explained(failures) if failures else _NOTHING
        if len(values) < width:
            values = (*values, *[""] * (width - len(values)))
        yield (
            str(number), str(line), values[mis], values[uln], values[aim], values[award], values[action],
            outcome.value, return_code, master_uln, late, families, codes, fields, messages, notices,
        )  # fmt: skip


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
        if element.tag == _ELEMENT:
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
    return tuple(text.split(BETWEEN)) if text else ()
