"""Records of XML files in the plain style that programs write, read by one expression each.

A plain record is its element with elements of the layout in the layout's order, each a text; no attributes, comments or
sections, and no references except to characters. Everything that the expression matches is well-formed and is read as
the parser would read it, at a third of the cost. The parser reads everything else, from the first byte that is not
plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain

from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.records import LONGEST_VALUE, Record

BLANK = " \t\r\n"
"""The white space of XML."""

_LONGEST = 4_000_000
"""Longest plain record, in bytes."""

_LEGAL = bytes(byte for byte in range(256) if byte >= 0x20 or byte in b"\t\n\r")
_NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"]]>")
"""Two code points that XML does not have, and the end of a section, which is not allowed in a text."""

_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));")


class PlainRecords:
    """Reads plain records from a position in a file; ``rest`` is left to the parser, at ``line`` and ``column``."""

    def __init__(self, layout: Layout, number: int, line: int, column: int) -> None:
        self.number = number
        """Records read before."""
        self.line = line
        self.column = column
        self.rest = b""
        self._layout = layout
        self._match = _expression(layout).match
        self._end = f"</{layout.element}>".encode()
        self._plain = True

    def read(self, pieces: Iterable[bytes]) -> Iterator[Record]:
        """The records up to the first byte that is not plain; pieces after it are not requested."""
        for piece in chain((b"",), pieces):
            data = self.rest + piece
            cut = data.rfind(self._end) + len(self._end)
            if cut < len(self._end):
                self.rest = data
                if len(data) > _LONGEST:
                    return
                continue
            block, self.rest = data[:cut], data[cut:]
            yield from self._read_block(block)
            if not self._plain:
                return

    def _read_block(self, block: bytes) -> Iterator[Record]:
        text = _text_of(block)
        is_long = len(text) > LONGEST_VALUE
        # As Record(…), at half the cost.
        new_record = partial(tuple.__new__, Record)
        done, line, references = 0, self.line, "&" in text
        while done < len(text) and self.number < self._layout.max_records:
            found = self._match(text, done)
            if found is None:
                break
            _, *read = found.groups("")
            values = _dereferenced(read) if references else read
            if values is None:
                break
            start, end = found.start(1), found.end()
            self.number += 1
            line += text.count("\n", done, start)
            values = [value.strip(BLANK) for value in values]
            if is_long:
                values = [value[:LONGEST_VALUE] for value in values]
            yield new_record((self.number, line, tuple(values), ()))
            line += text.count("\n", start, end)
            done = end
        self.line = line
        broken = text.rfind("\n", 0, done)
        self.column = done - broken if broken >= 0 else self.column + done
        if done < len(text) or not text:
            self._plain = False
            self.rest = (text[done:].encode() if text else block) + self.rest


def _text_of(block: bytes) -> str:
    """The text, or None if it contains something that XML does not allow or changes when it is read."""
    if block.translate(None, _LEGAL) or any(found in block for found in _NO_CHARACTERS):
        return ""
    if block.count(b"\r") != block.count(b"\r\n"):
        return ""
    try:
        return block.decode()
    except UnicodeDecodeError:
        return ""


def _dereferenced(values: list[str]) -> list[str] | None:
    """The values with their references replaced; None if one of them is not to a character."""
    try:
        return [_REFERENCE.sub(_character, value) if "&" in value else value for value in values]
    except ValueError:
        return None


def _character(reference: re.Match[str]) -> str:
    name, decimal, hexadecimal = reference.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000:
        return chr(code)
    raise ValueError


def _expression(layout: Layout) -> re.Pattern[str]:
    """One record with the white space before it. It never backtracks: its parts are possessive."""
    blank = "[ \\t\\r\\n]*+"
    text = f"[^<&\\r]*+(?:{_REFERENCE.pattern.replace('(amp', '(?:amp').replace('([', '(?:[')}[^<&\\r]*+)*+"
    fields = [f"(?:<{name}>({text})</{name}>{blank}|<{name}/>{blank})?+" for name in layout.record_names]
    fields += [f"(?:<{name}>{text}</{name}>{blank}|<{name}/>{blank})?+" for name in layout.ignored]
    return re.compile(f"{blank}(<){layout.element}>{blank}{''.join(fields)}</{layout.element}>")
