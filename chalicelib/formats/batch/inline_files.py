"""Records sent inline as JSON, as the file that the pipeline reads (ULN-06, VLD-03).

XML, because an empty record is a record there too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chalicelib.formats.batch.layouts import Layout
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
