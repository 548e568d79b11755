"""The XML schema of a layout, for tools that make or check XML files.

The reader accepts everything that the schema allows, and slightly more (other spellings of codes, white space, elements
of a record in any order): the schema describes the format that files should have.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.codes import CodeList
from chalicelib.domain.fields import Field
from chalicelib.domain.values import PATTERNS
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.xml_files import escape

EMPTY = "Empty"
"""The type of an element without a value."""


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
        yield '    <xs:restriction base="xs:token"><xs:length value="0"/></xs:restriction>'
        yield "  </xs:simpleType>"


def _named_type(codes: CodeList) -> Iterator[str]:
    yield f'  <xs:simpleType name="{codes.name}">'
    yield '    <xs:restriction base="xs:token">'
    for code in codes.codes:
        yield f'      <xs:enumeration value="{code.value}">'
        yield _note("        ", code.meaning)
        yield "      </xs:enumeration>"
    yield "    </xs:restriction>"
    yield "  </xs:simpleType>"


def _element(field: Field, indent: str) -> Iterator[str]:
    least = "" if field.always else ' minOccurs="0"'
    typed = f' type="{field.codes.name}"' if field.codes is not None and field.always else ""
    yield f'{indent}<xs:element name="{field.column}"{typed}{least}>'
    yield _note(indent + "  ", describe(field))
    if not typed:
        yield f"{indent}  <xs:simpleType>"
        yield from (f"{indent}    {line}" for line in _type(field))
        yield f"{indent}  </xs:simpleType>"
    yield f"{indent}</xs:element>"


def _type(field: Field) -> Iterator[str]:
    """A value that is not mandatory may also be empty."""
    if field.codes is not None:
        yield f'<xs:union memberTypes="{field.codes.name} {EMPTY}"/>'
        return
    yield '<xs:restriction base="xs:token">'
    if field.kind in PATTERNS:
        pattern = PATTERNS[field.kind]
        yield f'  <xs:pattern value="{escape(pattern if field.always else f"({pattern})?")}"/>'
    elif field.always:
        yield '  <xs:minLength value="1"/>'
    yield f'  <xs:maxLength value="{field.limit}"/>'
    yield "</xs:restriction>"


def describe(field: Field) -> str:
    """A field's description with its condition."""
    if not field.condition:
        return field.description
    return f"{field.description} {field.condition[0].upper()}{field.condition[1:]}."
