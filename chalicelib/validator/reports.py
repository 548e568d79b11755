"""Reports as text for a terminal and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

from chalicelib import VERSION
from chalicelib.formats.batch.checks import Report
from chalicelib.formats.batch.findings import Finding, by_code, findings, grouped, shortened, verdict

SCHEMA = 1
"""Number of the JSON report's format; additions do not change it."""

NOT_CHECKED = (
    "Not checked, because it needs the service's registers: whether the learner, the reference and the provider exist "
    "and match the details given, who owns the unit or qualification, its dates and grades, and earlier submissions."
)


def text_report(reports: Sequence[Report], *, summary_only: bool = False, every: bool = False) -> str:
    """One line for each finding or group of equal ones, ``file:line: …`` as compilers do, then a summary for each file.

    With ``every``, each finding has a line of its own.
    """
    lines: list[str] = []
    for report in reports:
        if not summary_only:
            lines += _every_line(report) if every else _grouped_lines(report)
        lines.append(f"{report.shown}: {verdict(report)}")
        if summary_only or len(report.records) > 1:
            lines += [f"  {count:>6,} × {code}  {words}" for code, count, words in by_code(report)]
        lines.append("")
    lines.append(NOT_CHECKED)
    return "\n".join(lines) + "\n"


def _every_line(report: Report) -> Iterator[str]:
    for finding in findings(report):
        yield _line(report.shown, finding, _place(finding))


def _grouped_lines(report: Report) -> Iterator[str]:
    groups = grouped(findings(report))
    single, left_out = shortened(group.first for group in groups if len(group.findings) == 1)
    listed = set(map(id, single))
    for group in groups:
        first = group.first
        if len(group.findings) > 1:
            yield _line(report.shown, first, ", ".join(filter(None, (first.field, group.extent))))
        elif id(first) in listed:
            yield _line(report.shown, first, _place(first))
    for code, count in left_out.items():
        yield f"{report.shown}: notice {code}: {count:,} more"


def _line(filename: str, finding: Finding, place: str) -> str:
    where = filename
    if finding.line:
        where += f":{finding.line}"
        if finding.column and not finding.cell:
            where += f":{finding.column}"
    where += f": {place}" if place else ""
    return f"{where}: {_kind(finding)} {finding.code}: {finding.message} {finding.action}"


def _place(finding: Finding) -> str:
    record = f"record {finding.record}" if finding.record else ""
    return ", ".join(filter(None, (record, f"cell {finding.cell}" if finding.cell else "")))


def _kind(finding: Finding) -> str:
    return "error" if finding.refuses else "notice"


def json_report(reports: Sequence[Report], today: date) -> str:
    """The whole report as one JSON object."""
    document = {
        "schema": SCHEMA,
        "validator": VERSION,
        "as_of": today.isoformat(),
        "valid": all(report.valid for report in reports),
        "not_checked": NOT_CHECKED,
        "files": [_file_document(report) for report in reports],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _file_document(report: Report) -> dict[str, object]:
    found = list(findings(report))
    return {
        "file": report.shown,
        "layout": report.layout.name,
        "layout_version": report.layout.version,
        "format": report.format,
        "bytes": report.size,
        "valid": report.valid,
        "refused_as_a_whole": report.refused,
        "records": report.record_count,
        "records_with_errors": report.faulty_records,
        "errors": [_entry(finding) for finding in found if finding.refuses],
        "notices": [_entry(finding) for finding in found if not finding.refuses],
    }


def _entry(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "family": finding.family,
        "record": finding.record or None,
        "line": finding.line or None,
        "column": finding.column or None,
        "cell": finding.cell or None,
        "field": finding.field or None,
        "message": finding.message,
        "action": finding.action,
    }
