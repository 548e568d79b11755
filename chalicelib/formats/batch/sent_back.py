"""Error files that come back: of which job, and which of its records, by the columns that the reader skips (ACH-07).

Whoever corrects an error file in a spreadsheet leaves the reasons beside the records. They say nothing about what a
record is worth, so a file without them, or with other ones, is read in the same way; they only tell which record of
which job was corrected, and why it had failed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from io import BytesIO, StringIO
from typing import Final
from xml.etree.ElementTree import ParseError, iterparse

from chalicelib.domain.jobs import Corrected
from chalicelib.domain.results import FAILED, RecordResult
from chalicelib.formats.batch.layouts import BETWEEN, REASON_CODES, REASON_JOB, Layout
from chalicelib.formats.batch.recognition import XML

_JOB_ID: Final = re.compile(r"[A-Z0-9]{2,64}")


def job_named_in(data: bytes, format: str, layout: Layout) -> str:  # noqa: A002 - the word used everywhere
    """The job whose error file this was, by its first record that names one; empty if none does.

    The file is one that was read without a reason against it.
    """
    named = (cells.get(REASON_JOB, "").strip() for cells in _records(data, format, layout))
    return next((job_id for job_id in named if _JOB_ID.fullmatch(job_id)), "")


def corrected(
    data: bytes,
    format: str,  # noqa: A002 - the word used everywhere
    layout: Layout,
    job_id: str,
    results: Mapping[int, RecordResult],
) -> Corrected:
    """What became of the records of a job that came back in this file."""
    fixed = still = new = 0
    for number, cells in enumerate(_records(data, format, layout), 1):
        if cells.get(REASON_JOB, "").strip() != job_id or number not in results:
            continue
        result = results[number]
        before = {code.strip() for code in cells.get(REASON_CODES, "").split(BETWEEN.strip())}
        if result.outcome not in FAILED:
            fixed += 1
        elif before & {why.code for why in result.failures if why.refuses}:
            still += 1
        else:
            new += 1
    return Corrected(fixed, still, new)


def _records(data: bytes, format: str, layout: Layout) -> Iterator[Mapping[str, str]]:  # noqa: A002 - the same
    """The columns of each record, in the order of the file; nothing of a file that was never an error file."""
    if REASON_JOB.encode() not in data:
        return iter(())
    return _of_xml(data, layout) if format == XML else _of_csv(data)


def _of_csv(data: bytes) -> Iterator[Mapping[str, str]]:
    # The names and values that are wanted are in ASCII, whatever the encoding of the others is.
    text = data.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").decode("utf-8", errors="replace")
    rows = (row for row in csv.reader(StringIO(text, newline="\n")) if any(row))
    try:
        names = [name.strip() for name in next(rows, ())]
        if REASON_JOB in names:
            yield from (dict(zip(names, row, strict=False)) for row in rows)
    except csv.Error:
        return


def _of_xml(data: bytes, layout: Layout) -> Iterator[Mapping[str, str]]:
    # The file has been read without a reason against it, so it declares no type of document and is not deep.
    try:
        for _, found in iterparse(BytesIO(data)):  # noqa: S314 - see above
            if found.tag == layout.element:
                yield {part.tag: part.text or "" for part in found}
                found.clear()
    except ParseError:
        return
