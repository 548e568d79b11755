"""Result files: every record with its result, and the failed records to correct and send back (ACH-06, ACH-07).

A CSV file gets CSV results, an XML file XML ones. The *output file* has one line for every submitted record; its
columns are in ``achievement_results`` and ``learner_results``. The *error file* holds the failed records as submitted,
in the submitted layout, followed by the reasons, in columns or elements that the reader skips: once corrected, it can
be sent back. A file refused as a whole gets a *rejection* with every reason and its position.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from io import BytesIO, TextIOWrapper
from typing import BinaryIO, Final, NamedTuple, Protocol
from xml.etree.ElementTree import iterparse

from chalicelib.domain.failures import FAMILIES, Failure, Family
from chalicelib.domain.results import FAILED, LATE, RecordResult
from chalicelib.formats.batch.csv_files import MISSING, unguard, write_csv
from chalicelib.formats.batch.files import BatchFile
from chalicelib.formats.batch.layouts import BETWEEN, REASONS, Layout
from chalicelib.formats.batch.recognition import XML
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.xml_files import closing, element, escape, opening
from chalicelib.formats.words.messages import remedy, sentence

EXPLANATION_COLUMNS: Final = ("ErrorFamily", "ErrorCodes", "FieldNames", "Messages", "Notices")
"""The columns of an output file for the reasons and notices of a record."""

REJECTION_COLUMNS: Final = ("FileName", "Line", "Column", "Code", "Field", "Message", "Action")
"""The rejection: one line for each reason."""

LOST: Final = "RemoveWhenCorrected"
"""In an XML error file, the last element of a record that had something that the layout has no place for. As the layout
does not have it either, the record is refused again while it is there.
"""


def write_errors(
    batch: BatchFile, results: Mapping[int, RecordResult], layout: Layout, job_id: str, out: BinaryIO
) -> None:
    """Write the error file of a batch: the failed records, as submitted, with the reasons, the corrected number of
    records, and the job, by which it is known when it comes back.
    """
    failed = [record for record in batch.records if results[record.number].outcome in FAILED]
    reasons = {
        record.number: _reasons(record, layout.in_its_words(results[record.number].failures), job_id)
        for record in failed
    }
    header = {**batch.header, layout.count_field: str(len(failed))}
    if batch.format == XML:
        _write_xml_errors(failed, reasons, header, layout, out)
    else:
        write_csv(out, layout.names + REASONS, _error_rows(failed, reasons, header, layout))


def write_rows(
    out: BinaryIO,
    format: str,  # noqa: A002 - the word used everywhere
    root: str,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
) -> None:
    """Write rows as a result file, CSV or XML; ``root`` and ``name`` are those of the XML elements."""
    if format == XML:
        _write_xml(out, root, name, columns, rows)
    else:
        write_csv(out, columns, rows)


def write_rejection(failures: Iterable[Failure], filename: str, format: str) -> bytes:  # noqa: A002 - the word used everywhere
    """The rejection of a file as a whole, in its own format: every reason, with its line and column if it has any."""
    rows = [
        (filename, _number(why.line), _number(why.column), why.code, why.field, sentence(why), remedy(why))
        for why in failures
    ]
    out = BytesIO()
    write_rows(out, format, "BatchRejection", "Reason", REJECTION_COLUMNS, rows)
    return out.getvalue()


# --- Rows -----------------------------------------------------------------------------------------------------------


def _error_rows(
    failed: Sequence[Record], reasons: Mapping[int, tuple[str, ...]], header: Mapping[str, str], layout: Layout
) -> Iterator[Sequence[str]]:
    """Failed records with the header on the first. If a record has too many values, the extra ones follow the reasons;
    if it has too few, the missing cells are marked, since an empty cell would be a value.
    """
    first = [header.get(name, "") for name in layout.header_names]
    others = [""] * len(first)
    width = len(layout.record)
    for record in failed:
        values = record.values
        yield (
            *(first if record is failed[0] else others),
            *values[:width],
            *[MISSING] * (width - len(values)),
            *reasons[record.number],
            *values[width:],
        )


def _reasons(record: Record, failures: tuple[Failure, ...], job_id: str) -> tuple[str, ...]:
    """The values of ``layouts.REASONS``."""
    return (str(record.number), str(record.line), *explained(failures)[:4], job_id)


class OutputRecord(Protocol):
    """One line of an output file."""

    @property
    def number(self) -> int:
        """The record's number in the submitted file, from 1."""
        ...


class Answer(NamedTuple):
    """The columns of an output file that every kind has."""

    outcome: str
    error_codes: tuple[str, ...]
    error_fields: tuple[str, ...]
    messages: str
    notices: str


def answer_in(row: Mapping[str, str]) -> Answer:
    """The answer in a row of an output file. Raises KeyError for any other file."""
    codes = row["ErrorCodes"]
    # A single reason that is about no field has an empty name.
    fields = tuple(row["FieldNames"].split(BETWEEN)) if codes else ()
    return Answer(row["Outcome"], _parts(codes), fields, row["Messages"], row["Notices"])


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split(BETWEEN)) if text else ()


def read_rows(data: bytes, format: str, name: str) -> Iterator[Mapping[str, str]]:  # noqa: A002 - the word used everywhere
    """The rows of one of our result files, by column; ``name`` is that of the XML elements."""
    return _read_xml(data, name) if format == XML else _read_csv(data)


def _read_csv(data: bytes) -> Iterator[Mapping[str, str]]:
    with TextIOWrapper(BytesIO(data), encoding="utf-8-sig", newline="") as text:
        for row in csv.DictReader(text):
            yield {name: unguard(value) for name, value in row.items()}


def _read_xml(data: bytes, name: str) -> Iterator[Mapping[str, str]]:
    for _, found in iterparse(BytesIO(data)):  # noqa: S314 - the file is our own
        if found.tag == name:
            yield {part.tag: part.text or "" for part in found}
            found.clear()


class Explanation(NamedTuple):
    """The reasons and notices of one record, as shown in the files."""

    families: str
    codes: str
    fields: str
    messages: str
    notices: str
    late: str


@lru_cache(maxsize=4096)
def explained(failures: tuple[Failure, ...]) -> Explanation:
    """Records of a file often fail for the same reasons, so their explanation is cached."""
    reasons = [why for why in failures if FAMILIES[why.code] is not Family.NOTICE]
    notices = [why for why in failures if FAMILIES[why.code] is Family.NOTICE]
    return Explanation(
        BETWEEN.join(dict.fromkeys(FAMILIES[why.code].value for why in reasons)),
        BETWEEN.join(why.code for why in reasons),
        BETWEEN.join(why.field for why in reasons),
        " ".join(f"{sentence(why)} {remedy(why)}" for why in reasons),
        " ".join(f"{why.code}: {sentence(why)}" for why in notices),
        "Y" if any(why.code == LATE for why in notices) else "N",
    )


def _number(place: int) -> str:
    return str(place) if place else ""


# --- XML ------------------------------------------------------------------------------------------------------------


def _write_xml(out: BinaryIO, root: str, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n'.encode())
    out.writelines(row.encode() for row in _xml_rows(name, columns, rows))
    out.write(f"</{root}>\n".encode())


def _xml_rows(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Each row as an element; the whole row is searched for characters to escape, since few rows have any."""
    form = f"  <{name}>" + "".join(f"<{column}>%s</{column}>" for column in columns) + f"</{name}>\n"
    for row in rows:
        text = "\n".join(row)
        yield form % (tuple(row) if escape(text) is text else tuple(map(escape, row)))


def _write_xml_errors(
    failed: Sequence[Record],
    reasons: Mapping[int, tuple[str, ...]],
    header: Mapping[str, str],
    layout: Layout,
    out: BinaryIO,
) -> None:
    lines = [opening(layout)]
    lines += [f"  {element(name, header.get(name, ''))}\n" for name in layout.header_names]
    columns = layout.record_names + REASONS
    for record in failed:
        row = (*record.values, *reasons[record.number])
        if any(why.code == "ACF010" for why in record.failures):
            lines += _xml_rows(layout.element, (*columns, LOST), [(*row, "")])
        else:
            lines += _xml_rows(layout.element, columns, [row])
    lines.append(closing(layout))
    out.writelines(line.encode() for line in lines)
