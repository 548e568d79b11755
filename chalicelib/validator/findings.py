"""The entries of a report, the same for text, JSON and HTML."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from chalicelib.domain.failures import Failure
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.recognition import CSV
from chalicelib.formats.words.messages import remedy, sentence
from chalicelib.validator.checks import Report

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
    """The character of the line, for reasons about the file; 0 if there is none."""
    cell: str
    """The cell as a spreadsheet names it, such as ``L14``, for values of a CSV record."""
    field: str
    message: str
    action: str


def findings(report: Report) -> Iterator[Finding]:
    """Reasons about the file first, then those about each record in the order of the file."""
    for reason in report.failures:
        yield _finding(reason, 0, reason.line, "")
    for record in report.records:
        for reason in record.failures:
            cell = _cell(report.layout, reason.field, record.number) if report.format == CSV else ""
            yield _finding(reason, record.number, reason.line or record.line, cell)


def shortened(report: Report) -> tuple[list[Finding], dict[str, int]]:
    """Every error, the first notices of each code, and the number of notices left out for each code."""
    shown: list[Finding] = []
    notices: Counter[str] = Counter()
    for finding in findings(report):
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


def _finding(reason: Failure, record: int, line: int, cell: str) -> Finding:
    return Finding(
        reason.code,
        reason.family.value,
        reason.refuses,
        record,
        line,
        reason.column,
        cell,
        reason.field,
        sentence(reason),
        remedy(reason),
    )


def _cell(layout: Layout, field: str, number: int) -> str:
    """The cell in a spreadsheet, where a record is one row below the headings, whatever line breaks its values have."""
    if field not in layout.names:
        return ""
    place, letters = layout.names.index(field) + 1, ""
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{number + 1}"
