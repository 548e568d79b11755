"""The output file of an achievement batch: written, and read again to list its records (ACH-07, ACH-08).

Only the service writes to the results bucket, so files have exactly this format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Final, NamedTuple

from chalicelib.domain.results import RecordResult
from chalicelib.formats.batch.files import BatchFile
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.result_files import (
    EXPLANATION_COLUMNS,
    Answer,
    answer_in,
    explained,
    read_rows,
    write_rows,
)

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


class AchievementOutput(NamedTuple):
    """One line of an output file: the record as submitted, and the answer to it."""

    number: int
    mis_identifier: str
    uln: str
    aim_reference: str
    award_date: str
    action: str
    return_code: str
    master_uln: str
    late: bool
    answer: Answer


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


def read_output(data: bytes, format: str) -> Iterator[AchievementOutput]:  # noqa: A002 - the word of the house
    """Every record of an output file, in the order of the submitted file. Raises KeyError for any other file."""
    return (_record(row) for row in read_rows(data, format, _ELEMENT))


def _record(row: Mapping[str, str]) -> AchievementOutput:
    return AchievementOutput(
        number=int(row["RecordNumber"]),
        mis_identifier=row["MISIdentifier"],
        uln=row["ULN"],
        aim_reference=row["UnitOrQualificationReferenceNumber"],
        award_date=row["AchievementAwardDate"],
        action=row["Action"],
        return_code=row["ReturnCode"],
        master_uln=row["MasterULN"],
        late=row["Late"] == "Y",
        answer=answer_in(row),
    )
