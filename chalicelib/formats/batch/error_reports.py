"""The error report of a job: its failed records and their reasons, in pages of which each can be read alone (ACH-07).

One object: first the index, one line of JSON whose length the job knows; then the failed records in the order of the
file, then the places of each reason. Every entry is a line, and the index says where each hundredth begins. So whatever
is shown of a report costs two reads, of the index and of what is shown. Records contain learners' data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from chalicelib.domain.failures import Failure
from chalicelib.domain.packed import failures_from
from chalicelib.domain.results import FAILED, RecordResult
from chalicelib.formats.batch.files import BatchFile
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.records import Record

ON_A_PAGE: Final = 100
MOST_RULES: Final = 100
"""Reasons that are told apart by their details; of more, those of the same code and field are one."""


class FailedRecord(NamedTuple):
    """A record that failed, as submitted."""

    number: int
    line: int
    row: int
    """As a spreadsheet counts rows; 0 in XML."""
    values: tuple[str, ...]
    """In the order of the current version of the layout."""
    failures: tuple[Failure, ...]
    """Why it failed; fields have the names of the existing interface."""


class Instance(NamedTuple):
    """A record for which a reason holds."""

    number: int
    line: int
    row: int
    value: str


class Lines(NamedTuple):
    """Where the lines of a list are."""

    total: int
    starts: tuple[int, ...]
    """Of every page, in bytes from the end of the index; the last is the end of the list."""

    def extent(self, page: int) -> tuple[int, int]:
        """Of a page, from 1. Raises IndexError for one that there is not."""
        if not 0 < page < len(self.starts):
            raise IndexError(page)
        return self.starts[page - 1], self.starts[page]


class Rule(NamedTuple):
    """A reason with the records for which it holds."""

    why: Failure
    lines: Lines


class ReportIndex(NamedTuple):
    """What a report has, and where."""

    version: str
    """Of the layout of the file."""
    columns: Mapping[str, int]
    """The numbers of the columns of a CSV file by its headings, from 1."""
    records: Lines
    firsts: tuple[int, ...]
    """The number of the first record on every page."""
    rules: tuple[Rule, ...]
    """Those that hold for most records first."""

    def page_of(self, number: int) -> int:
        """The page on which a record would be; 0 if it is before the first."""
        return sum(first <= number for first in self.firsts)


def write_report(
    batch: BatchFile, results: Mapping[int, RecordResult], layout: Layout, present: Layout
) -> tuple[bytes, int]:
    """The report of a file in a layout whose current version is ``present``, and the length of its index."""
    failed = [record for record in batch.records if results[record.number].outcome in FAILED]
    body = _Body()
    entries = [_entry(record, results[record.number], batch, layout, present) for record in failed]
    records = body.add(entries)
    rules = _rules(entries, present)
    index = {
        "version": layout.version,
        "columns": batch.reading.columns if batch.reading else {},
        "records": records,
        "firsts": [entry.number for entry in entries[::ON_A_PAGE]],
        "rules": [(why, body.add(instances)) for why, instances in rules],
    }
    head = json.dumps(index, separators=(",", ":")).encode() + b"\n"
    return head + b"".join(body.lines), len(head)


def read_index(head: bytes) -> ReportIndex:
    """The index of a report."""
    index = json.loads(head)
    return ReportIndex(
        index["version"],
        index["columns"],
        _lines(index["records"]),
        tuple(index["firsts"]),
        tuple(Rule(failures_from([why])[0], _lines(lines)) for why, lines in index["rules"]),
    )


def read_failed(data: bytes) -> list[FailedRecord]:
    """The failed records of a page."""
    return [
        FailedRecord(number, line, row, tuple(values), failures_from(failures))
        for number, line, row, values, failures in map(json.loads, data.splitlines())
    ]


def read_instances(data: bytes) -> list[Instance]:
    """The records of a page of a reason."""
    return [Instance(*json.loads(line)) for line in data.splitlines()]


class _Body:
    """The lines after the index."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self._size = 0

    def add(self, entries: Sequence[Any]) -> Lines:
        """Add a list."""
        starts = []
        for place, entry in enumerate(entries):
            if place % ON_A_PAGE == 0:
                starts.append(self._size)
            # In ASCII, so that no other character ends a line.
            line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
            self.lines.append(line)
            self._size += len(line)
        return Lines(len(entries), (*starts, self._size))


def _entry(record: Record, result: RecordResult, batch: BatchFile, layout: Layout, present: Layout) -> FailedRecord:
    values = present.in_order(record.values, layout)
    width = len(present.record)
    values = (*values[:width], *[""] * (width - len(values)))
    row = batch.reading.row_of(record.number) if batch.reading and batch.reading.columns else 0
    reasons = tuple(why for why in result.failures if why.refuses)
    return FailedRecord(record.number, record.line, row, values, reasons)


def _rules(entries: Iterable[FailedRecord], present: Layout) -> list[tuple[Failure, list[Instance]]]:
    """Every reason with its records, the most frequent first."""
    places = {field.wire: place for place, field in enumerate(present.record)}
    found: dict[tuple[str, str, Any], tuple[Failure, list[Instance]]] = {}
    for number, line, row, values, failures in entries:
        for why in failures:
            key: tuple[str, str, Any] = (why.code, why.field, why.detail)
            if key not in found and len(found) >= MOST_RULES:
                key = (why.code, why.field, None)
            place = places.get(why.field)
            instance = Instance(number, line, row, "" if place is None else values[place])
            found.setdefault(key, (why._replace(line=0, column=0), []))[1].append(instance)
    return sorted(found.values(), key=lambda rule: -len(rule[1]))


def _lines(packed: Sequence[Any]) -> Lines:
    total, starts = packed
    return Lines(total, tuple(starts))
