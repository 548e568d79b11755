"""Check batch files before they are sent: ``python -m chalicelib.validator FILE…``.

The report goes to standard output or to the file of ``--output``, progress and problems to standard error. Exit status
0: every file is valid; 1: errors were found; 2: wrong arguments, or a file that cannot be read; 130: interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from glob import glob
from pathlib import Path
from typing import TextIO

from chalicelib import VERSION
from chalicelib.formats.batch.checks import Expectations, Progress, Report, check_file
from chalicelib.formats.batch.layout_choice import LAYOUTS
from chalicelib.formats.batch.layouts import Layout
from chalicelib.reference import Lists, Sources, install
from chalicelib.validator.html_report import html_report
from chalicelib.validator.reports import json_report, text_report

VALID, ERRORS, USAGE, INTERRUPTED = 0, 1, 2, 130

_BAR = 30

_LAYOUTS = {f"{layout.name}-{layout.version}": layout for layout in LAYOUTS}
"""Every layout by name and version; the name alone means the current version."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the validator; the exit status."""
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        print("Stopped before the end. No report was written.", file=sys.stderr)
        return INTERRUPTED


def _run(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    options.files = _expanded(options.files)
    read = [*options.files, options.prohibited_words, options.prohibited_postcodes]
    if options.output and any(_same(options.output, path) for path in read if path):
        parser.error(f"--output would overwrite {options.output}, which is to be read")
    try:
        _take_lists(options)
    except (OSError, ValueError) as wrong:
        parser.error(f"cannot use a list: {getattr(wrong, 'strerror', None) or wrong}")
    today = options.as_of or datetime.now(UTC).astimezone().date()
    expected = Expectations(today, options.ukprn, options.organisation_ref, options.encoding)
    reports = _reports(options, expected)
    if reports:
        text = _written(reports, options, expected.today)
        try:
            _put(text, options.output)
        except BrokenPipeError:
            # The reader of the report has closed the pipe; writing the rest must not fail at exit either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as wrong:
            print(f"cannot write {options.output}: {wrong.strerror or wrong}", file=sys.stderr)
            return USAGE
    if len(reports) < len(options.files):
        return USAGE
    return VALID if all(report.valid for report in reports) else ERRORS


def _reports(options: argparse.Namespace, expected: Expectations) -> list[Report]:
    """A report for each file that can be read; the others are named on standard error."""
    names = Counter(path.name.casefold() for path in options.files)
    reports: list[Report] = []
    for path in options.files:
        try:
            report = _checked(path, expected, options.layout, quiet=options.quiet)
        except OSError as wrong:
            print(f"cannot read {path}: {wrong.strerror or wrong}", file=sys.stderr)
            continue
        report.path = str(path) if names[path.name.casefold()] > 1 else ""
        reports.append(report)
    return reports


def _expanded(paths: Iterable[Path]) -> list[Path]:
    """The paths with wildcards that the shell has left, as on Windows, replaced by the files; each file once."""
    found: list[Path] = []
    for path in paths:
        matches = [] if path.exists() else [Path(name) for name in sorted(glob(str(path)))]  # noqa: PTH207 - with absolute patterns
        found += [one for one in matches or [path] if not any(_same(one, other) for other in found)]
    return found


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one.absolute() == other.absolute()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lrs-validator",
        description="Check achievement, learner and verification files (CSV or XML) before you send them. "
        "Nothing leaves this computer.",
        epilog="Exit status: 0 every file is valid, 1 errors were found, 2 wrong arguments or an unreadable file, "
        "130 interrupted.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a .csv or .xml file")
    parser.add_argument(
        "--layout",
        type=_layout,
        metavar="LAYOUT",
        help=f"the layout, if the headings do not show the right one: {', '.join(_LAYOUTS)}",
    )
    parser.add_argument("--format", choices=("text", "json", "html"), default="text", help="format of the report")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the report to this file, do not show it")
    parser.add_argument("--ukprn", type=_ukprn, default="", help="your UKPRN, to compare with the one in the file")
    parser.add_argument(
        "--organisation-ref", default="", metavar="REF", help="your organisation reference, to compare with the file's"
    )
    parser.add_argument(
        "--encoding",
        choices=("utf-8", "windows-1252"),
        default="",
        help="encoding of CSV files, as declared to the service; by default UTF-8",
    )
    for name in ("--prohibited-words", "--prohibited-postcodes"):
        parser.add_argument(name, type=Path, metavar="LIST", help="the service's list, one entry per line")
    parser.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD", help="check as on this day, not as today")
    parser.add_argument("--quiet", action="store_true", help="no progress, and only the summary in the text report")
    parser.add_argument("--all", action="store_true", help="a line for each error and notice, not for each group")
    version = f"%(prog)s {VERSION}, layouts {', '.join(_LAYOUTS)}"
    parser.add_argument("--version", action="version", version=version)
    return parser


def _layout(text: str) -> Layout:
    found = _LAYOUTS.get(text) or next((layout for layout in LAYOUTS if layout.name == text), None)
    if found is None:
        raise argparse.ArgumentTypeError(f"the layouts are {', '.join(_LAYOUTS)}")
    return found


def _take_lists(options: argparse.Namespace) -> None:
    """Check with the lists from the service's operator instead of the packaged samples."""
    sources = Sources(options.prohibited_words, options.prohibited_postcodes)
    held = Lists(sources)
    held.check()
    install(held if sources != Sources() else None)


def _ukprn(text: str) -> str:
    if not text or (len(text) == 8 and text.isascii() and text.isdigit()):
        return text
    raise argparse.ArgumentTypeError("a UKPRN must be eight digits")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a date must be in the format YYYY-MM-DD") from None


def _checked(path: Path, expected: Expectations, layout: Layout | None, *, quiet: bool) -> Report:
    if quiet or not sys.stderr.isatty():
        return check_file(path, expected, layout=layout)
    bar = _bar(path.name, path.stat().st_size, sys.stderr)
    try:
        return check_file(path, expected, layout=layout, progress=bar)
    finally:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()


def _bar(name: str, size: int, out: TextIO) -> Progress:
    """A progress bar on one line of the terminal."""

    def show(done: int) -> None:
        share = min(done / size, 1.0) if size else 1.0
        filled = round(share * _BAR)
        out.write(f"\r\033[K{name[:40]} [{'#' * filled}{' ' * (_BAR - filled)}] {share:4.0%}")
        out.flush()

    return show


def _written(reports: Sequence[Report], options: argparse.Namespace, today: date) -> str:
    if options.format == "json":
        return json_report(reports, today)
    if options.format == "html":
        return html_report(reports, today)
    return text_report(reports, summary_only=options.quiet, every=options.all)


def _put(text: str, output: Path | None) -> None:
    if output is not None:
        output.write_text(text, encoding="utf-8")
        return
    # A terminal or pipe of another encoding gets replacement characters, not a traceback.
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode(sys.stdout.encoding or "utf-8", errors="replace"))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
