"""Which layout a file has: by the version it states and the names it uses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, LEARNERS_2A, VERIFICATIONS

LAYOUTS = (ACHIEVEMENTS, LEARNERS, LEARNERS_2A, VERIFICATIONS)
"""Every accepted layout; if two fit equally well, the earlier is used."""

HEAD = 262_144
"""Bytes that contain the stated version, even after a long comment."""
_NAMED = 16_384
"""Characters that contain the headings, or the elements of the first record."""
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{2,63}")
_BLANK = re.compile('[\u00ef\u00bb\u00bf\\r\\n,"]*')
_CELL = r'(?:"(?:[^"]|"")*+"?)?[^,;|\t\n]*+'
_ROW = re.compile(rf"{_CELL}(?:[,;|\t]{_CELL})*+")
_STATED = re.compile(r"<(?:[\w.-]{1,40}:)?FileVersion\s*>\s*(\w{1,8})")


def layout_of(data: bytes, layouts: Sequence[Layout] = LAYOUTS) -> Layout:
    """The layout with the most of its names at the beginning of a file, and the fewest missing and unknown; the first
    if none fits better.

    In XML the root decides, then the stated version, since an element without a value may be left out. In CSV the
    headings decide: the first row that is not blank.
    """
    if len(layouts) == 1:
        return layouts[0]
    text = data[:HEAD].replace(b"\0", b"").decode("latin-1")
    headed = not text.lstrip("\ufeff\u00ef\u00bb\u00bf\u00ff\u00fe \t\r\n").startswith("<")
    if headed:
        text = _headings(text)
    elif "<!--" in text:
        first, *others = text.split("<!--")
        text = first + "".join(part.partition("-->")[2] for part in others)
    words = set(_WORD.findall(text, 0, _NAMED))
    stated = _STATED.search(text)
    version = stated[1].upper() if stated else ""
    return max(layouts, key=lambda layout: _fit(words, version, layout, headed=headed))


def _headings(text: str) -> str:
    """The first row that is not blank; a heading in quotation marks may have several lines."""
    blank = _BLANK.match(text)
    assert blank
    # The mark that opens the first heading is taken for a part of the blank rows.
    row = '"' * (blank[0].count('"') % 2) + text[blank.end() : blank.end() + _NAMED]
    found = _ROW.match(row)
    assert found
    return found[0]


def _fit(words: set[str], version: str, layout: Layout, *, headed: bool) -> tuple[bool, bool, float]:
    names = set(layout.names) - layout.may_be_absent
    own = words & names
    # Two layouts share many names; they are distinguished by the other names each should have, and even more by
    # headings that it should not have. In an XML file many words are values.
    found = words if headed else own
    return layout.root in words, version == layout.version, len(own) / (len(found) + len(names) / 4)
