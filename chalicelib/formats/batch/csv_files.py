"""CSV batch files: reading and writing (RFC 4180 with the first-row header block of the existing batch files).

The reader accepts UTF-8 with or without byte order mark, or the declared Windows-1252; line ends CR LF or LF; quoted
values with line breaks, commas and doubled quotation marks. It never raises because of a file's content.

A spreadsheet treats a cell that begins with ``=``, ``+``, ``-`` or ``@`` as a formula. The writer puts an apostrophe
before such a value, and before one that begins like this after apostrophes. The reader removes exactly that apostrophe,
so values are read as they were before writing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from io import StringIO, TextIOWrapper
from itertools import chain
from typing import BinaryIO, Protocol

from chalicelib.domain.failures import failure
from chalicelib.formats.batch.headings import Headings, read_headings
from chalicelib.formats.batch.records import CHUNK_BYTES, LONGEST_VALUE, MANY, Reading, Record, Source

WINDOWS_1252 = "windows-1252"
"""The only encoding other than UTF-8 that can be declared."""

_SURPLUS_KEPT = 20
"""How many extra values are kept of a record that has too many."""

LONGEST_LINE = 4_000_000
"""Bytes of one line; a line inside a quoted value counts separately."""

MISSING = "#MISSING"
"""In an error file, the cells that a short record lacks. A record that still has one of them is refused again."""

_ILL_FORMED = 1_000
"""Malformed records after which reading stops."""

_FORMULA_MARKS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_MARKS = frozenset("'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_TO_GUARD = re.compile(f"'*[{_FORMULA_MARKS}]")
_GUARDED = re.compile(f"'+[{_FORMULA_MARKS}]")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_MAY_BE_GUARDED = re.compile(f"'[{_FORMULA_MARKS}]")


def guard(value: str) -> str:
    """The value as a cell that no spreadsheet treats as a formula; undone by :func:`unguard`."""
    if value[:1] in _MARKS and _TO_GUARD.match(value):
        return "'" + value
    return value


def unguard(cell: str) -> str:
    """The value of a cell made by :func:`guard`; any other cell is unchanged."""
    return cell[1:] if _GUARDED.match(cell) else cell


# --- Reading --------------------------------------------------------------------------------------------------------


def read_records(source: Source, reading: Reading, encoding: str) -> Iterator[Record]:
    """The records of a CSV file; header values, reasons and notices are added to ``reading``.

    Records beyond the layout's limit, or in a file with unusable headings, only have their number and line.
    """
    _allow_cells_of(reading.layout.max_bytes)
    text = _Text(source, reading, encoding)
    rows = iter(_Rows(csv.reader(text.lines(), strict=True), text, reading))
    first = next(((row, *found) for row, found in enumerate(rows, 1) if any(found[1])), None)
    if first is None:
        if not reading.refused:
            reading.add(failure("ACB006", line=1), failure("WSEC0047"))
        return
    reading.heading_row, line, cells = first
    headings = read_headings(cells, reading.layout, line)
    reading.columns = {name: place + 1 for name, place in headings.places.items()}
    reading.add(*headings.failures)
    if not headings.places:
        reading.countable = False
        return
    yield from _Table(headings, reading, text, len(cells)).records(rows)


class _CsvReader(Protocol):
    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


class _Rows:
    """The rows, each with the line where it begins; malformed ones are reported to ``reading`` and count as blank."""

    def __init__(self, reader: _CsvReader, text: _Text, reading: Reading) -> None:
        self._reader = reader
        self._text = text
        self._ill_formed = 0
        self._reading = reading

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        reader, text = self._reader, self._text
        before = reader.line_num
        while True:
            try:
                for row in reader:
                    line, before = before + 1, reader.line_num
                    text.row_end = before
                    yield line, row
            except csv.Error as wrong:
                self._not_well_formed(str(wrong), before + 1, reader.line_num)
                if self._ill_formed > _ILL_FORMED or text.broken_off:
                    return
                line, before = before + 1, reader.line_num
                yield line, []
            else:
                return

    def _not_well_formed(self, words: str, first: int, last: int) -> None:
        """A quotation mark that is never closed, or one in the middle of a quoted value."""
        self._reading.countable = False
        self._ill_formed += 1
        if self._text.broken_off:
            return
        if "unexpected end" in words:
            self._reading.add(failure("ACB010", line=first, reason="unclosed quotation mark"))
        elif "new-line" in words:
            self._reading.add(failure("ACB010", line=first, reason="carriage return"))
        elif "field larger" in words:
            self._reading.add(failure("ACB018", line=first))
        else:
            self._reading.add(failure("ACB010", line=last, reason="quotation mark"))


class _Table:
    """The rows below the headings."""

    def __init__(self, headings: Headings, reading: Reading, text: _Text, cells: int) -> None:
        names = reading.layout.names
        self._headings = headings
        self._reading = reading
        self._text = text
        self._start = len(reading.layout.header)
        self._end = len(names)
        self._widest = cells
        self._places = [headings.places.get(name, -1) for name in names]
        self._absent = [place for place, column in enumerate(self._places[: self._start]) if column < 0]
        self._straight = self._places == list(range(self._end))
        self._usable = not any(reason.refuses for reason in headings.failures)

    def records(self, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Record]:
        start, end, limit = self._start, self._end, self._reading.layout.max_records
        blank = [""] * start
        number = 0
        # As Record(…), at half the cost.
        new_record = partial(tuple.__new__, Record)
        plain_width = end if self._straight else -1
        for line, cells in rows:
            row, misfit = cells, 0
            if not any(cells):
                self._reading.add_blank_row(number)
                continue
            if len(cells) != plain_width or self._text.unusual:
                row, misfit = self._arranged(cells)
            number += 1
            if row[:start] != blank or number == 1:
                self._header(row, number, line)
            if number > limit or not self._usable:
                if number > 10 * limit:
                    self._reading.countable = False
                    break
                yield Record(number, line, ())
            elif misfit:
                wrong = failure("ACF007", line=line, expected=end, found=misfit)
                yield Record(number, line, tuple(row[start:]), (wrong,))
            else:
                yield new_record((number, line, tuple(row[start:end]), ()))
        self._finished(number)

    def _arranged(self, row: list[str]) -> tuple[list[str], int]:
        """The cells in the order of the layout, and the number of cells if it is wrong."""
        if self._text.guarded:
            row = [unguard(cell) if cell[:1] == "'" else cell for cell in row]
        row = [cell if len(cell) <= LONGEST_VALUE else cell[:LONGEST_VALUE] for cell in row]
        count = len(row)
        stray = any(row[self._widest :]) or any(row[place] for place in self._headings.unnamed if place < count)
        if count < self._headings.width or stray:
            least = self._start + 2
            kept = row[: self._end] if not stray else self._with_surplus(row)
            for place in self._absent:
                kept.insert(place, "")
            return kept + [""] * (least - len(kept)), count
        if not self._straight:
            row = [row[place] if place >= 0 else "" for place in self._places]
        missing = row[: self._end].count(MISSING)
        return row[: self._end], self._end - missing if missing else 0

    def _with_surplus(self, row: list[str]) -> list[str]:
        """A row that is too long, without the reason columns of an error file."""
        last = max(self._headings.places.values()) + 1
        surplus = [cell for cell in row[self._widest :] if cell][:_SURPLUS_KEPT]
        surplus = surplus or ["", *(row[p] for p in self._headings.unnamed)]
        kept = row[:last] + surplus
        return kept if len(kept) > self._end else [*kept, ""]

    def _header(self, row: list[str], number: int, line: int) -> None:
        """Header values are on the first row; on other rows they must be empty or the same."""
        reading = self._reading
        for name, place, value in zip(reading.layout.header_names, self._places, row, strict=False):
            if number == 1:
                if place >= 0:
                    reading.set_header(name, value, (line, place + 1))
            elif value.strip() and name in reading.header:
                first = reading.header[name]
                reading.set_header(name, value, (line, place + 1))
                if reading.header[name] != first:
                    reading.add(failure("ACB017", name, line=line, column=place + 1, record=number))
                reading.header[name] = first

    def _finished(self, number: int) -> None:
        layout = self._reading.layout
        if number == 0:
            self._reading.add(failure("WSEC0047"))
        elif number > layout.max_records:
            more = "" if self._reading.countable else "more than "
            self._reading.add(failure("WSEC0046", limit=layout.max_records, found=f"{more}{number}"))


class _Text:
    """The file's text, decoded piece by piece."""

    def __init__(self, source: Source, reading: Reading, encoding: str) -> None:
        self._source = source
        self._reading = reading
        self._encoding = "cp1252" if encoding == WINDOWS_1252 else "utf-8"
        self.guarded = False
        """Whether there may have been an apostrophe that guards against formulas."""
        self.unusual = False
        """Whether there may have been such an apostrophe, a mark for a missing cell, or a huge value."""
        self.row_end = 0
        """The last line of the last row that was read."""
        self.broken_off = False
        """Whether the rest of the file is ignored."""

    def lines(self) -> Iterator[str]:
        # Lines end at line feeds only: str.splitlines would also end them at characters that are allowed in a value.
        return chain.from_iterable(StringIO(text, newline="\n") for text in self._texts())

    def _texts(self) -> Iterator[str]:
        line, row_end, blocks = 1, 0, 0
        for raw in self._source.blocks():
            block = raw
            blocks = blocks + 1 if self.row_end == row_end else 0
            row_end = self.row_end
            if blocks > LONGEST_VALUE // (2 * CHUNK_BYTES) or len(raw) > LONGEST_VALUE:
                self.unusual = True
            if len(raw) > LONGEST_LINE:
                # Blocks are small except for the rest of their last line.
                self._reading.add(failure("ACB018", line=line + raw.count(b"\n", 0, -1), limit=LONGEST_LINE))
                self._reading.countable = False
                self.broken_off = True
                return
            if line == 1 and raw.startswith(b"\xef\xbb\xbf"):
                # The mark decides: the service's own files are read correctly, whatever is declared.
                self._encoding = "utf-8"
                block = raw[3:]
            if b"\0" in block:
                block = self._without_nul(block, line)
            try:
                text = block.decode(self._encoding)
            except UnicodeDecodeError as wrong:
                text = self._undecodable(block, wrong, line)
            if not self.guarded and _MAY_BE_GUARDED.search(text):
                self.guarded = self.unusual = True
            if not self.unusual and MISSING in text:
                self.unusual = True
            yield text
            line += block.count(b"\n")

    def _without_nul(self, block: bytes, line: int) -> bytes:
        """Report where the NULs are, and continue without them so that the rest of the file is checked as well."""
        at = -1
        for _ in range(MANY):
            at = block.find(b"\0", at + 1)
            if at < 0:
                break
            self._reading.add(failure("ACB005", line=line + block.count(b"\n", 0, at), column=self._column(block, at)))
        return block.replace(b"\0", b"")

    def _undecodable(self, block: bytes, wrong: UnicodeDecodeError, line: int) -> str:
        """Report where the bytes are that the encoding does not have, and continue with replacements for them."""
        hint = WINDOWS_1252 if self._encoding == "utf-8" and _is_western(block[wrong.start : wrong.end]) else ""
        for _ in range(MANY):
            place = line + block.count(b"\n", 0, wrong.start)
            column = self._column(block, wrong.start)
            expected = "UTF-8" if self._encoding == "utf-8" else "Windows-1252"
            self._reading.add(failure("ACB004", line=place, column=column, expected=expected, hint=hint))
            block = block[: wrong.start] + b"?" * (wrong.end - wrong.start) + block[wrong.end :]
            try:
                return block.decode(self._encoding)
            except UnicodeDecodeError as again:
                wrong = again
        return _NOT_ASCII.sub(b"?", block).decode("ascii")

    def _column(self, block: bytes, at: int) -> int:
        """The column of a byte, in characters from 1."""
        return len(block[block.rfind(b"\n", 0, at) + 1 : at].decode(self._encoding, errors="replace")) + 1


def _is_western(found: bytes) -> bool:
    try:
        return all(letter.isalpha() or letter in "\u2018\u2019\u2013" for letter in found.decode("cp1252"))
    except UnicodeDecodeError:
        return False


def _allow_cells_of(size: int) -> None:
    """Let the parser accept cells up to the size of a file: a value that is too long is a failure of one record, not of
    the file.
    """
    if csv.field_size_limit() < size:
        csv.field_size_limit(size)


# --- Writing --------------------------------------------------------------------------------------------------------


def report_text(headings: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """A report as CSV: lines ending CR LF, each text guarded against formulas. Numbers stay as they are."""
    out = StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(headings)
    lines.writerows([guard(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue()


def list_text(headings: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """The same for a list that people save and open: with byte order mark."""
    return f"\ufeff{report_text(headings, rows)}"


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV: UTF-8 with byte order mark, every value quoted, lines ending CR LF. Values must be guarded already.

    The byte order mark makes spreadsheets read the file correctly, and the reader too if another encoding is declared.
    """
    out = StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", errors="replace")


def write_csv(out: BinaryIO, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """The same as :func:`csv_bytes`, row by row into a stream that stays open, of values that are not guarded yet."""
    text = TextIOWrapper(out, encoding="utf-8", errors="replace", newline="", write_through=False)
    text.write("\ufeff")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([guard(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()
