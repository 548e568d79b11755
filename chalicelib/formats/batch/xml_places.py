"""Where the elements of some records of an XML file begin, found in a second pass when there is something to report.

The first pass reads plain records without looking at lines, which is what makes it fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import BinaryIO
from xml.parsers import expat

from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.records import CHUNK_BYTES

Place = tuple[int, int]
"""Line and column in characters, both from 1."""


class _Found(Exception):
    """Nothing more is wanted."""


def element_places(
    stream: BinaryIO, layout: Layout, wanted: Mapping[int, AbstractSet[str]]
) -> dict[tuple[int, str], Place]:
    """The place of each wanted element, by the number of its record and its name; absent elements are left out.

    The file must have been read before, so that it is known to have no document type declaration before its records.
    """
    places: dict[tuple[int, str], Place] = {}
    last = max(wanted, default=0)
    parser = expat.ParserCreate()
    depth = number = 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal depth, number
        depth += 1
        if depth == 2 and name == layout.element:
            number += 1
            if number > last:
                raise _Found
        elif depth == 3 and name in wanted.get(number, ()):
            places.setdefault((number, name), (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1))

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        while piece := stream.read(CHUNK_BYTES):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (_Found, expat.ExpatError):
        pass
    return places
