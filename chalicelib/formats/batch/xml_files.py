"""XML batch files: a hardened reader on expat, and the writer.

A file is one root element, its header elements, then one element for each record with one element for each value; names
are those of the layout and have no namespace. The reader refuses a document type declaration before anything it
declares is read, so that there are no entities to expand or load; it limits the depth, the size of every tag and the
size of the file; it keeps no tree. It never raises because of a file's content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.records import Reading, Record, Source
from chalicelib.formats.batch.xml_walk import Walk


def read_records(source: Source, reading: Reading) -> Iterator[Record]:
    """The records of an XML file; header values, reasons and notices are added to ``reading``.

    Records beyond the layout's limit only have their number and line.
    """
    walk = Walk(reading)
    pieces = source.pieces()
    for piece in pieces:
        walk.feed(piece)
        yield from _taken(walk, pieces)
        if walk.stopped:
            return
    walk.close()
    while walk.plain is not None:
        yield from _taken(walk, pieces)
        if walk.stopped:
            return
        walk.close()
    yield from walk.taken()


def _taken(walk: Walk, pieces: Iterator[bytes]) -> Iterator[Record]:
    """The records that are complete so far, with those that can be read as plain ones."""
    yield from walk.taken()
    while walk.plain is not None and not walk.stopped:
        plain, walk.plain = walk.plain, None
        yield from plain.read(pieces)
        walk.resume(plain)
        yield from walk.taken()


# --- Writing --------------------------------------------------------------------------------------------------------

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def escape(text: str) -> str:
    """The text as XML content; characters that XML cannot contain become question marks."""
    if _SPECIAL.search(text) is None:
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    return _ILLEGAL.sub("?", text)


def element(name: str, value: str) -> str:
    """One element without attributes."""
    return f"<{name}>{escape(value)}</{name}>" if value else f"<{name}/>"


def opening(layout: Layout) -> str:
    """The declaration and the root's opening tag."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{layout.root}>\n'


def closing(layout: Layout) -> str:
    """The root's closing tag."""
    return f"</{layout.root}>\n"
