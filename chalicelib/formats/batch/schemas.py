"""The XML schema of a layout, for tools that make or check XML files.

What the schema admits, the reader reads; the reader takes a little more (other spellings of codes, white space,
elements of a record in any order), so that the schema describes the form that files should have.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.formats.batch.layouts import Field, Kind, Layout
from chalicelib.formats.batch.xml_files import escape

PATTERNS = {
    Kind.NAME: r"[A-Za-z '`.\-]*[A-Za-z][A-Za-z '`.\-]*",
    Kind.ULN: "[1-9][0-9]{9}",
    Kind.UKPRN: "[1-9][0-9]{7}",
    Kind.DATE: "(1[89]|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    Kind.POSTCODE: "[A-Z]{1,2}[0-9R][0-9A-Z]? ?[0-9][ABD-HJLNP-UW-Z]{2}|BFPO ?[0-9]{1,4}",
    Kind.AIM_REFERENCE: "[0-9]{3}/?[0-9]{4}/?[0-9X]|[ADFHJKLMRTY]/?[0-9]{3}/?[0-9]{4}"
    "|C[0-9]{2}/?[0-9]{4}/?[0-9]|Z[0-9A-Z]{1,7}",
    Kind.NUMBER: "[0-9]+",
    Kind.EMAIL: r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~\-]{1,64}@[A-Za-z0-9\-]{1,63}(\.[A-Za-z0-9\-]{1,63})*\.[A-Za-z]{2,24}",
    Kind.TELEPHONE: r"\+?[0-9][0-9 ()\-]{4,18}[0-9]",
    Kind.NATIONALITY: "[A-Za-z]{2,3}",
    Kind.CANDIDATE_NUMBER: "[0-9]{9}",
    Kind.UCI: "[0-9]{5}[0-9A-Z][0-9]{6}[A-Z]",
    Kind.UPN: "[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]",
}
"""The form of each kind of field that has one, as a regular expression that XML schema and Python both know."""


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
        "</xs:schema>",
    ]
    return "\n".join(parts) + "\n"


def _note(indent: str, text: str) -> str:
    return f"{indent}<xs:annotation><xs:documentation>{escape(text)}</xs:documentation></xs:annotation>"


def _element(field: Field, indent: str) -> Iterator[str]:
    least = "" if field.mandatory else ' minOccurs="0"'
    yield f'{indent}<xs:element name="{field.name}"{least}>'
    yield _note(indent + "  ", describe(field))
    yield f"{indent}  <xs:simpleType>"
    yield f'{indent}    <xs:restriction base="xs:token">'
    yield from (f"{indent}      {facet}" for facet in _facets(field))
    yield f"{indent}    </xs:restriction>"
    yield f"{indent}  </xs:simpleType>"
    yield f"{indent}</xs:element>"


def _facets(field: Field) -> Iterator[str]:
    """A value that is not mandatory may also be empty."""
    if field.codes:
        values = [code.value for code in field.codes]
        yield from (f'<xs:enumeration value="{value}"/>' for value in (values if field.mandatory else ["", *values]))
        return
    if field.kind in PATTERNS:
        pattern = PATTERNS[field.kind]
        yield f'<xs:pattern value="{escape(pattern if field.mandatory else f"({pattern})?")}"/>'
    elif field.mandatory:
        yield '<xs:minLength value="1"/>'
    yield f'<xs:maxLength value="{field.max_length}"/>'


def describe(field: Field) -> str:
    """A field's description with its condition and the meaning of its codes."""
    text = field.description
    if field.condition:
        text += f" {field.condition[0].upper()}{field.condition[1:]}."
    if field.codes:
        text += " " + "; ".join(f"{code.value}: {code.meaning}" for code in field.codes) + "."
    return text
