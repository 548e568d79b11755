"""What the XML schema of a layout accepts, by a real schema processor."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.schemas import xml_schema
from chalicelib.formats.batch.templates import xml_example


@lru_cache
def schema_of(layout: Layout) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(xml_schema(layout).encode()))


def schema_accepts(layout: Layout, name: str, text: str) -> bool:
    """Whether the published example is valid with this value of one header element or of one element of a record."""
    example = etree.fromstring(xml_example(layout))
    changed = example.find(name)
    if changed is None:
        changed = example.find(f"{layout.element}/{name}")
    if changed is None:
        changed = etree.SubElement(example.find(layout.element), name)
    changed.text = text
    return schema_of(layout).validate(example)
