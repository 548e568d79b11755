"""The entries of a report, the same for text, JSON and HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from chalicelib.domain.failures import Failure
from chalicelib.formats.batch.checks import Report
from chalicelib.formats.batch.recognition import CSV
from chalicelib.formats.batch.records import Reading
from chalicelib.formats.words.messages import remedy, sentence

NOTICES_SHOWN = 10
"""Notices of one code in reports for people; reports for programs have them all."""


class Finding(NamedTuple):
    """One reason or notice, with its position and its words."""

    code: str
    family: str
    refuses: bool
    record: int
    """0 for the file as a whole."""
    line: int
    """0 if the reason is not about one line."""
    column: int
    """The character of the line, or for headings and header values in CSV the number of the column; 0 if unknown."""
    row: int
    """The row of a CSV file, as a spreadsheet counts rows; 0 for the file as a whole and in XML."""
    cell: str
    """The cell of a CSV file as a spreadsheet names it, such as ``L14``."""
    field: str
    message: str
    action: str


def findings(report: Report) -> Iterator[Finding]:
    """Reasons about the file first, then those about each record in the order of the file."""
    reading = report.reading if report.format == CSV else None
    for reason in report.failures:
        row = _row_of_file_reason(reason, reading) if reading else 0
        yield _finding(reason, 0, reason.line, row, _cell(reason.column, row))
    for record in report.records:
        row = reading.row_of(record.number) if reading else 0
        for reason in record.failures:
            cell = _cell(reading.columns.get(reason.field, 0), row) if reading else ""
            yield _finding(reason, record.number, reason.line or record.line, row, cell)


_OF_HEADINGS: Final = frozenset({"ACB007", "ACB008", "ACB009"})


def _row_of_file_reason(reason: Failure, reading: Reading) -> int:
    """The row of a heading or header value; 0 for other reasons about the file."""
    if reason.code in _OF_HEADINGS:
        return reading.heading_row
    if reason.field not in reading.places:
        return 0
    return reading.row_of(int(dict(reason.detail).get("record", 1)))


class Group(NamedTuple):
    """The same reason for several records."""

    findings: list[Finding]

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def extent(self) -> str:
        """The rows or records, such as ``rows 2–40, 39 records``."""
        if self.first.row:
            return f"rows {_ranges([one.row for one in self.findings])}, {len(self.findings):,} records"
        return f"records {_ranges([one.record for one in self.findings])}"


def grouped(found: Iterable[Finding]) -> list[Group]:
    """The findings in groups of the same words about the same field; fewer than three stay on their own."""
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in found:
        key = (finding.code, finding.field, finding.message, finding.action, finding.record > 0)
        alike.setdefault(key, []).append(finding)
    groups = [Group(part) for same in alike.values() for part in _parts(same)]
    return sorted(groups, key=lambda group: (group.first.record, group.first.line))


def _parts(same: list[Finding]) -> list[list[Finding]]:
    return [same] if len(same) >= _GROUPED and same[0].record else [[one] for one in same]


_GROUPED: Final = 3
_RANGES: Final = 10
"""Ranges of rows that are listed of one group."""


def _ranges(numbers: list[int]) -> str:
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][-1] + 1 == number:
            found[-1][1:] = [number]
        else:
            found.append([number])
    shown = ", ".join("–".join(map(str, one)) for one in found[:_RANGES])
    return shown + (", …" if len(found) > _RANGES else "")


def shortened(found: Iterable[Finding]) -> tuple[list[Finding], dict[str, int]]:
    """Every error, the first notices of each code, and the number of notices left out for each code."""
    shown: list[Finding] = []
    notices: Counter[str] = Counter()
    for finding in found:
        if not finding.refuses:
            notices[finding.code] += 1
        if finding.refuses or notices[finding.code] <= NOTICES_SHOWN:
            shown.append(finding)
    return shown, {code: count - NOTICES_SHOWN for code, count in notices.items() if count > NOTICES_SHOWN}


def by_code(report: Report) -> list[tuple[str, int, str]]:
    """Code, number and first sentence, the most frequent code first."""
    counts: Counter[str] = Counter()
    words: dict[str, str] = {}
    for finding in findings(report):
        counts[finding.code] += 1
        words.setdefault(finding.code, finding.message)
    return [(code, count, words[code]) for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def verdict(report: Report) -> str:
    """The outcome in one sentence."""
    records = f"{report.record_count:,} record{'' if report.record_count == 1 else 's'}"
    if report.refused:
        return "The service would refuse the whole file."
    if report.faulty_records:
        refused = report.faulty_records
        return f"The service would refuse {refused:,} of {records} and process the rest."
    return f"No errors found in {records}."


def _finding(reason: Failure, record: int, line: int, row: int, cell: str) -> Finding:
    return Finding(
        reason.code,
        reason.family.value,
        reason.refuses,
        record,
        line,
        reason.column,
        row,
        cell,
        reason.field,
        sentence(reason),
        remedy(reason),
    )


def _cell(column: int, row: int) -> str:
    """The cell in a spreadsheet; empty without a column or row."""
    letters = ""
    while column and row:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}" if letters else ""
