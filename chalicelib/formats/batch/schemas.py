"""The XML schema of a layout, for tools that make or check XML files.

The schema, the reader and the documentation agree on every value and element. What a schema cannot say is listed in
``schema_values``; the reader also takes the elements of the header in another order and an action reason that the
action does not need.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.codes import CodeList
from chalicelib.domain.fields import Field
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.schema_values import EMPTY, empty_lines, spellings, type_lines
from chalicelib.formats.batch.xml_files import escape


def xml_schema(layout: Layout) -> str:
    """The layout as an XML schema 1.0, without a namespace."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="unqualified">',
        _note("  ", f"{layout.title}, version {layout.version}."),
        f'  <xs:element name="{layout.root}">',
        "    <xs:complexType>",
        "      <xs:sequence>",
        *(line for field in layout.header for line in _element(field, "        ")),
        f'        <xs:element name="{layout.element}" minOccurs="1" maxOccurs="{layout.max_records}">',
        "          <xs:complexType>",
        "            <xs:all>",
        *(line for field in layout.record for line in _element(field, "              ")),
        *(f'              <xs:element name="{name}" type="xs:string" minOccurs="0"/>' for name in layout.ignored),
        "            </xs:all>",
        "          </xs:complexType>",
        "        </xs:element>",
        "      </xs:sequence>",
        "    </xs:complexType>",
        "  </xs:element>",
        *_code_lists(layout),
        "</xs:schema>",
    ]
    return "\n".join(parts) + "\n"


def _note(indent: str, text: str) -> str:
    return f"{indent}<xs:annotation><xs:documentation>{escape(text)}</xs:documentation></xs:annotation>"


def _code_lists(layout: Layout) -> Iterator[str]:
    """A named type for each list, and one for an empty value if a list is optional."""
    listed = [field for field in layout.columns if field.codes is not None]
    for codes in dict.fromkeys(field.codes for field in listed):
        assert codes is not None
        yield from _named_type(codes)
    if not all(field.always for field in listed):
        yield f'  <xs:simpleType name="{EMPTY}">'
        yield from (f"    {line}" for line in empty_lines())
        yield "  </xs:simpleType>"


def _named_type(codes: CodeList) -> Iterator[str]:
    yield f'  <xs:simpleType name="{codes.name}">'
    yield "    <xs:union>"
    yield "      <xs:simpleType>"
    yield '        <xs:restriction base="xs:token">'
    for code in codes.codes:
        yield f'          <xs:enumeration value="{code.value}">'
        yield _note("            ", code.meaning)
        yield "          </xs:enumeration>"
    yield "        </xs:restriction>"
    yield "      </xs:simpleType>"
    yield "      <xs:simpleType>"
    yield _note("        ", "The same in capitals or small letters, or in another spelling.")
    yield f'        <xs:restriction base="xs:string"><xs:pattern value="{spellings(codes)}"/></xs:restriction>'
    yield "      </xs:simpleType>"
    yield "    </xs:union>"
    yield "  </xs:simpleType>"


def _element(field: Field, indent: str) -> Iterator[str]:
    least = "" if field.always else ' minOccurs="0"'
    typed = f' type="{field.codes.name}"' if field.codes is not None and field.always else ""
    yield f'{indent}<xs:element name="{field.column}"{typed}{least}>'
    yield _note(indent + "  ", describe(field))
    if not typed:
        yield f"{indent}  <xs:simpleType>"
        yield from (f"{indent}    {line}" for line in type_lines(field))
        yield f"{indent}  </xs:simpleType>"
    yield f"{indent}</xs:element>"


def describe(field: Field) -> str:
    """A field's description with its condition."""
    if not field.condition:
        return field.description
    return f"{field.description} {field.condition[0].upper()}{field.condition[1:]}."
