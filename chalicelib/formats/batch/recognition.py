"""Recognising a file by its first bytes, whatever its name says."""

from __future__ import annotations

import re
from typing import NamedTuple

from chalicelib.domain.failures import Failure, failure

CSV = "csv"
XML = "xml"
CONTENT_TYPES = {CSV: "text/csv; charset=utf-8", XML: "application/xml"}

_MAGIC = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP file"),
    (b"PK\x05\x06", "an empty ZIP file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel 97-2003 workbook"),
    (b"%PDF-", "a PDF file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"Rar!\x1a\x07", "a RAR file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"{\\rtf", "a rich text document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\x00", "a database"),
)
_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"+/v8", "UTF-7"),
    (b"\xdd\x73\x66\x73", "UTF-EBCDIC"),
)
_NOT_CONTROLS = bytes({*range(0x20, 0x7F), *range(0x80, 0x100), *b"\t\n\v\f\r\x1a\x1b"})
_FEW = 16
_MOST_CONTROLS = 0.05
"""The largest share of control characters in a text; in random bytes it is a tenth."""
_UTF_8_MARK = b"\xef\xbb\xbf"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_JSON = re.compile(rb"[\[{]\s*[\"{\[]")


class Recognised(NamedTuple):
    """The apparent content."""

    format: str
    """``csv`` (any text that is not XML), ``xml``, or empty for something else."""
    found: str = ""
    """What else it is, in words."""
    encoding: str = ""
    """The recognised encoding, if it is not UTF-8."""


def recognise(head: bytes) -> Recognised:
    """Recognise a file by its first bytes; 1,024 are enough."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            text = head.decode("utf-16" if encoding == "UTF-16" else "utf-32", errors="ignore")
            return Recognised(XML if text.lstrip("\ufeff \t\r\n").startswith("<") else CSV, encoding=encoding)
    for magic, found in _MAGIC:
        if head.startswith(magic) and not (magic == b"MZ" and b"\0" not in head):
            return Recognised("", found)
    plain = head.removeprefix(_UTF_8_MARK).lstrip()
    if plain.startswith(b"<"):
        return Recognised("", "a web page") if _HTML.match(plain) else Recognised(XML)
    wide = _wide(head)
    if wide:
        return Recognised(XML if b"<" in head[:4] else CSV, encoding=wide)
    if _is_binary(head):
        return Recognised("", "not text but a binary file")
    return Recognised("", "JSON") if _JSON.match(plain) else Recognised(CSV)


def recognition_failures(head: bytes, extension: str) -> list[Failure]:
    """Why content that begins with these bytes cannot be read as what the file's extension says.

    ``ACB003`` it is something else (``expected``, ``found``); ``ACB004`` its encoding cannot be read (``found``).
    UTF-16 is only accepted as XML, whose readers must all support it.
    """
    known = recognise(head)
    if known.format != extension:
        found = known.found or ("XML" if known.format == XML else "text that is not XML")
        return [failure("ACB003", line=1, column=1, expected=extension.upper(), found=found)]
    if known.encoding and not (extension == XML and known.encoding == "UTF-16"):
        readable = "UTF-8 or UTF-16" if extension == XML else "UTF-8"
        return [failure("ACB004", line=1, column=1, found=known.encoding, expected=readable)]
    return []


def _is_binary(head: bytes) -> bool:
    """Whether so many bytes are control characters that this is not a text with a few wrong ones."""
    controls = len(head.translate(None, _NOT_CONTROLS))
    return controls >= _FEW and controls > _MOST_CONTROLS * len(head)


def _wide(head: bytes) -> str:
    """Text with two or four bytes per letter and no byte order mark; in English, most of these are NULs."""
    sample = head[:64]
    for width, encoding in ((4, "UTF-32"), (2, "UTF-16")):
        units = len(sample) // width
        nuls = width - 1
        if units >= 4 and sample.count(0) >= 0.8 * units * nuls and sample.count(0) < units * width:
            return encoding
    return ""
