"""Reports as text for a terminal and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

from chalicelib.validator.checks import Report
from chalicelib.validator.findings import Finding, by_code, findings, shortened, verdict

SCHEMA = 1
"""Number of the JSON report's format; additions do not change it."""

NOT_CHECKED = (
    "Not checked, because it needs the service's registers: whether the learner, the reference and the provider exist "
    "and match the details given, who owns the unit or qualification, its dates and grades, and earlier submissions."
)


def text_report(reports: Sequence[Report], *, summary_only: bool = False) -> str:
    """One line for each finding, ``file:line: …`` as compilers do, then a summary for each file."""
    lines: list[str] = []
    for report in reports:
        if not summary_only:
            lines += _text_lines(report)
        lines.append(f"{report.filename}: {verdict(report)}")
        if summary_only or len(report.records) > 1:
            lines += [f"  {count:>6,} × {code}  {words}" for code, count, words in by_code(report)]
        lines.append("")
    lines.append(NOT_CHECKED)
    return "\n".join(lines) + "\n"


def _text_lines(report: Report) -> Iterator[str]:
    shown, left_out = shortened(report)
    for finding in shown:
        yield f"{_place(report.filename, finding)}: {_kind(finding)} {finding.code}: {finding.message} {finding.action}"
    for code, count in left_out.items():
        yield f"{report.filename}: notice {code}: {count:,} more"


def _place(filename: str, finding: Finding) -> str:
    place = filename
    if finding.line:
        place += f":{finding.line}"
        if finding.column:
            place += f":{finding.column}"
    if finding.record:
        place += f": record {finding.record}"
        if finding.cell:
            place += f", cell {finding.cell}"
    return place


def _kind(finding: Finding) -> str:
    return "error" if finding.refuses else "notice"


def json_report(reports: Sequence[Report], today: date) -> str:
    """The whole report as one JSON object."""
    document = {
        "schema": SCHEMA,
        "as_of": today.isoformat(),
        "valid": all(report.valid for report in reports),
        "not_checked": NOT_CHECKED,
        "files": [_file_document(report) for report in reports],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _file_document(report: Report) -> dict[str, object]:
    found = list(findings(report))
    return {
        "file": report.filename,
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
