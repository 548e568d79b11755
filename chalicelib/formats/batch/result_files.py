"""Result files: what became of every record, and the failed records to correct and send back (ACH-06, ACH-07).

A CSV file gets CSV results, an XML file XML ones. The *output file* has one line for every submitted record. The
*error file* holds the records that were not processed, as they were submitted, in the submitted layout, and behind
each the reasons, in columns or elements that the reader passes over: once corrected, it is sent back as it is. A file
refused as a whole gets a *rejection* with every reason and its place.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from io import TextIOWrapper
from typing import BinaryIO, NamedTuple

from chalicelib.domain.failures import FAMILIES, Failure, Family
from chalicelib.domain.results import FAILED, LATE, RecordResult
from chalicelib.formats.batch.csv_files import csv_bytes, guard
from chalicelib.formats.batch.files import BatchFile
from chalicelib.formats.batch.layouts import REASONS, Layout
from chalicelib.formats.batch.recognition import XML
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.xml_files import closing, element, escape, opening
from chalicelib.formats.words.messages import remedy, sentence

OUTPUT_COLUMNS = (
    "RecordNumber",
    "LineNumber",
    "MISIdentifier",
    "ULN",
    "UnitOrQualificationReferenceNumber",
    "AchievementAwardDate",
    "Action",
    "Outcome",
    "ReturnCode",
    "MasterULN",
    "Late",
    "ErrorFamily",
    "ErrorCodes",
    "FieldNames",
    "Messages",
    "Notices",
)
"""The output file: from MISIdentifier to Action as submitted, the rest is the service's answer."""

REJECTION_COLUMNS = ("FileName", "Line", "Column", "Code", "Field", "Message", "Action")
"""The rejection: one line for each reason."""

_SUBMITTED = OUTPUT_COLUMNS[2:7]
_BETWEEN = "; "
_BOM = "\ufeff"


def write_output(batch: BatchFile, results: Mapping[int, RecordResult], layout: Layout, out: BinaryIO) -> None:
    """Write the output file of a batch: every record, its outcome, its reasons and notices, as UTF-8.

    Raises KeyError for a record without a result: each must have its answer.
    """
    rows = _output_rows(batch.records, results, layout)
    write_rows(out, batch.format, "AchievementBatchResults", "Result", OUTPUT_COLUMNS, rows)


def write_errors(batch: BatchFile, results: Mapping[int, RecordResult], layout: Layout, out: BinaryIO) -> None:
    """Write the error file of a batch: the failed records, as submitted, with the reasons and their own count."""
    failed = [record for record in batch.records if results[record.number].outcome in FAILED]
    failures = {record.number: layout.in_its_words(results[record.number].failures) for record in failed}
    header = {**batch.header, layout.count_field: str(len(failed))}
    if batch.format == XML:
        _write_xml_errors(failed, failures, header, layout, out)
    else:
        _write_csv(out, layout.names + REASONS, _error_rows(failed, failures, header, layout))


def write_rows(
    out: BinaryIO,
    form: str,
    root: str,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
) -> None:
    """Write rows as a result file, CSV or XML; ``root`` and ``name`` are those of the XML elements."""
    if form == XML:
        _write_xml(out, root, name, columns, rows)
    else:
        _write_csv(out, columns, rows)


def write_rejection(failures: Iterable[Failure], filename: str, format: str) -> bytes:  # noqa: A002 - the word of the house
    """The rejection of a file as a whole, in its own format: every reason, with its line and column where it has
    them.
    """
    rows = [
        (filename, _number(why.line), _number(why.column), why.code, why.field, sentence(why), remedy(why))
        for why in failures
    ]
    if format == XML:
        body = "".join(_xml_rows("Reason", REJECTION_COLUMNS, rows))
        return (f'<?xml version="1.0" encoding="UTF-8"?>\n<BatchRejection>\n{body}</BatchRejection>\n').encode()
    return csv_bytes([REJECTION_COLUMNS, *([guard(cell) for cell in row] for row in rows)])


# --- Rows -----------------------------------------------------------------------------------------------------------


class Told(NamedTuple):
    """The reasons of one record, put together as the files have them."""

    families: str
    codes: str
    fields: str
    messages: str
    notices: str
    late: str


_NOTHING_TOLD = Told("", "", "", "", "", "N")


def _output_rows(
    records: Sequence[Record], results: Mapping[int, RecordResult], layout: Layout
) -> Iterator[Sequence[str]]:
    mis, uln, aim, award, action = (layout.record_names.index(name) for name in _SUBMITTED)
    width = len(layout.record)
    for record in records:
        number, line, values, _ = record
        _, outcome, return_code, master_uln, failures, *_ = results[number]
        told = told_of(failures) if failures else _NOTHING_TOLD
        if len(values) < width:
            values = (*values, *[""] * (width - len(values)))
        yield (
            str(number), str(line), values[mis], values[uln], values[aim], values[award], values[action],
            outcome.value, return_code, master_uln, told.late,
            told.families, told.codes, told.fields, told.messages, told.notices,
        )  # fmt: skip


def _error_rows(
    failed: Sequence[Record], failures: Mapping[int, tuple[Failure, ...]], header: Mapping[str, str], layout: Layout
) -> Iterator[Sequence[str]]:
    """Failed records with the header on the first; a record with too many values has the surplus behind the reasons."""
    first = [header.get(name, "") for name in layout.header_names]
    others = [""] * len(first)
    width = len(layout.record)
    for record in failed:
        values = record.values
        yield (
            *(first if record is failed[0] else others),
            *values[:width],
            *[""] * (width - len(values)),
            *_reasons(record, failures[record.number]),
            *values[width:],
        )


def _reasons(record: Record, failures: tuple[Failure, ...]) -> tuple[str, ...]:
    """The values of ``layouts.REASONS``."""
    told = told_of(failures)
    return (str(record.number), str(record.line), told.families, told.codes, told.fields, told.messages)


@lru_cache(maxsize=4096)
def told_of(failures: tuple[Failure, ...]) -> Told:
    """Records of a file fail for the same reasons again and again, so what is told of them is remembered."""
    reasons = [why for why in failures if FAMILIES[why.code] is not Family.NOTICE]
    notices = [why for why in failures if FAMILIES[why.code] is Family.NOTICE]
    return Told(
        _BETWEEN.join(dict.fromkeys(FAMILIES[why.code].value for why in reasons)),
        _BETWEEN.join(why.code for why in reasons),
        _BETWEEN.join(why.field for why in reasons),
        " ".join(f"{sentence(why)} {remedy(why)}" for why in reasons),
        " ".join(f"{why.code}: {sentence(why)}" for why in notices),
        "Y" if any(why.code == LATE for why in notices) else "N",
    )


def _number(place: int) -> str:
    return str(place) if place else ""


# --- CSV ------------------------------------------------------------------------------------------------------------


def _write_csv(out: BinaryIO, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = TextIOWrapper(out, encoding="utf-8", errors="replace", newline="", write_through=False)
    text.write(_BOM)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([guard(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()


# --- XML ------------------------------------------------------------------------------------------------------------


def _write_xml(out: BinaryIO, root: str, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n'.encode())
    out.writelines(row.encode() for row in _xml_rows(name, columns, rows))
    out.write(f"</{root}>\n".encode())


def _xml_rows(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Each row as an element; the whole row is looked through for what must be escaped, since few have anything."""
    form = f"  <{name}>" + "".join(f"<{column}>%s</{column}>" for column in columns) + f"</{name}>\n"
    for row in rows:
        text = _UNIT.join(row)
        yield form % (tuple(row) if escape(text) is text else tuple(map(escape, row)))


_UNIT = "\n"


def _write_xml_errors(
    failed: Sequence[Record],
    failures: Mapping[int, tuple[Failure, ...]],
    header: Mapping[str, str],
    layout: Layout,
    out: BinaryIO,
) -> None:
    lines = [opening(layout)]
    lines += [f"  {element(name, header.get(name, ''))}\n" for name in layout.header_names]
    rows = ((*record.values, *_reasons(record, failures[record.number])) for record in failed)
    lines += _xml_rows(layout.element, layout.record_names + REASONS, rows)
    lines.append(closing(layout))
    out.writelines(line.encode() for line in lines)
