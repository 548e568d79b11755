"""The report as one HTML page: no scripts, nothing loaded from elsewhere, readable by assistive technology and in
print.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from html import escape as escape_html

from chalicelib.formats.batch.checks import Report
from chalicelib.formats.batch.findings import Finding, by_code, findings, shortened, verdict
from chalicelib.validator.reports import NOT_CHECKED

escape = partial(escape_html, quote=False)
"""No value is put into an attribute."""

ROWS_SHOWN = 5_000
"""Errors and notices listed for one file; with more, the page would be slow to open."""

_STYLE = """
:root { color-scheme: light; }
body { font-family: Arial, Helvetica, sans-serif; font-size: 1rem; line-height: 1.5; color: #0b0c0c; background: #fff;
  max-width: 75rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 2rem; } h2 { font-size: 1.5rem; overflow-wrap: anywhere; }
.verdict { border-left: 0.4rem solid #00703c; padding: 0.5rem 1rem; font-weight: bold; }
.verdict.errors { border-left-color: #d4351c; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
caption { text-align: left; font-weight: bold; padding: 0.25rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 1rem 0.4rem 0; border-bottom: 1px solid #b1b4b6; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td:nth-child(5) { overflow-wrap: anywhere; }
@media print { body { font-size: 10pt; max-width: none; } tr { break-inside: avoid; } }
"""


def html_report(reports: Sequence[Report], today: date) -> str:
    """The whole report as one self-contained page."""
    errors = any(not report.valid for report in reports)
    title = f"{'Errors found: ' if errors else ''}Batch file check"
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="robots" content="noindex">',
        f"<title>{title}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<h1>{title}</h1>",
        f"<p>Checked as on {today.isoformat()}.</p>",
    ]
    for report in reports:
        parts += _file(report)
    parts += [f"<p>{escape(NOT_CHECKED)}</p>", "</main>", "</body>", "</html>"]
    return "\n".join(parts) + "\n"


def _file(report: Report) -> Iterator[str]:
    shown, left_out = shortened(findings(report))
    state = "" if report.valid else " errors"
    yield "<section>"
    yield f"<h2>{escape(report.shown)}</h2>"
    yield f'<p class="verdict{state}">{escape(verdict(report))}</p>'
    yield f"<p>{escape(report.layout.title)}, version {escape(report.layout.version)}, {report.size:,} bytes.</p>"
    if shown:
        yield from _summary(report)
        yield from _details(shown)
    for code, count in left_out.items():
        yield f"<p>{count:,} more {escape(code)} notices are not listed.</p>"
    yield "</section>"


def _summary(report: Report) -> Iterator[str]:
    yield '<div class="scroll">'
    yield "<table>"
    yield "<caption>Errors and notices by code</caption>"
    yield (
        '<thead><tr><th scope="col">Code</th><th scope="col" class="number">Number</th>'
        '<th scope="col">Example</th></tr></thead>'
    )
    yield "<tbody>"
    for code, count, words in by_code(report):
        yield (f'<tr><th scope="row">{escape(code)}</th><td class="number">{count:,}</td><td>{escape(words)}</td></tr>')
    yield "</tbody></table></div>"


def _details(shown: Sequence[Finding]) -> Iterator[str]:
    yield '<div class="scroll">'
    yield "<table>"
    yield "<caption>Every error and notice, in the order of the file</caption>"
    columns = ("Record", "Line", "Cell", "Kind", "Field", "Code", "What is wrong", "What to do")
    heads = "".join(f'<th scope="col">{column}</th>' for column in columns)
    yield f"<thead><tr>{heads}</tr></thead>"
    yield "<tbody>"
    for finding in shown[:ROWS_SHOWN]:
        place = str(finding.line or "")
        if finding.column and not finding.cell:
            place += f", character {finding.column}"
        cells = (
            place,
            finding.cell,
            "Error" if finding.refuses else "Notice",
            finding.field,
            finding.code,
            finding.message,
            finding.action,
        )
        record = str(finding.record) if finding.record else "File"
        yield f'<tr><th scope="row">{record}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
    yield "</tbody></table></div>"
    if len(shown) > ROWS_SHOWN:
        yield f"<p>{len(shown) - ROWS_SHOWN:,} more are not listed here. The JSON report lists them all.</p>"
