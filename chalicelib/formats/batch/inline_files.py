"""Records sent inline as JSON or corrected on pages, as the file that the pipeline reads (ULN-06, VLD-03, ACH-07).

Inline ones are XML, because an empty record is a record there too. Corrected ones have the format of their job's file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chalicelib.formats.batch.csv_files import csv_bytes, guard
from chalicelib.formats.batch.layouts import REASONS, Layout
from chalicelib.formats.batch.recognition import XML
from chalicelib.formats.batch.xml_files import closing, element, opening

EXTENSION = ".XML"


def write_inline(layout: Layout, header: Mapping[str, str], records: Iterable[Mapping[str, str]]) -> bytes:
    """A file of these records; ``header`` is by the layout's columns, each record's texts by the names of
    fields, and of the columns of an error file.
    """
    lines = [opening(layout)]
    lines += [f"  {element(field.column, header[field.column])}\n" for field in layout.header if field.column in header]
    for texts in records:
        given = [element(field.column, texts[field.name]) for field in layout.record if texts.get(field.name)]
        given += [element(name, texts[name]) for name in layout.ignored if texts.get(name)]
        lines.append(f"  <{layout.element}>{''.join(given)}</{layout.element}>\n")
    return "".join((*lines, closing(layout))).encode()


def write_corrected(
    layout: Layout,
    format: str,  # noqa: A002 - the word used everywhere
    header: Mapping[str, str],
    records: Iterable[Mapping[str, str]],
) -> bytes:
    """The same as a file of this format. Each record has a job that it corrects, so that none is an empty row."""
    if format == XML:
        return write_inline(layout, header, records)
    first = [header.get(name, "") for name in layout.header_names]
    rows = [
        [
            *(first if place == 0 else [""] * len(first)),
            *(guard(texts.get(name, "")) for name in (*(field.name for field in layout.record), *REASONS)),
        ]
        for place, texts in enumerate(records)
    ]
    return csv_bytes([layout.names + REASONS, *rows])
