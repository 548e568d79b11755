"""The values that the reader accepts for a field, as types of an XML schema.

``values.PATTERNS`` has the format in which values are written. The reader also ignores white space around a value,
takes small letters for capitals where both mean the same, other spellings of codes and a time of midnight after a date,
and refuses days that are not in the calendar. Here all of that is said in the regular expressions of XML schema, so
that the schema and the reader agree on every value.

A schema cannot say what depends on another value or on a list: check digits, prohibited text and postcodes, ages and
dates in the future, what an action or job type needs, and whether an action reason is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chalicelib.domain.codes import CodeList
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.values import PATTERNS
from chalicelib.formats.batch.xml_files import escape

_BLANK: Final = r"[\s\p{Z}" + "\x85]*"
"""White space around a value."""
_UNSEEN: Final = "\x7f-\x9f\u2028\u2029"
"""Control characters that XML has, and the separators of lines and paragraphs."""
_SIGNS: Final = "+\\-\uff0b\uff0d"
_FORMULA: Final = "=@\uff1d\uff20"
_EITHER_CASE: Final = frozenset({Kind.POSTCODE, Kind.AIM_REFERENCE, Kind.NATIONALITY, Kind.UCI, Kind.UPN})
_MIDNIGHT: Final = r"([T ]00:00(:00(\.0{1,9})?)?)?(Z|[+\-][0-9]{2}:?[0-9]{2})?"
_DAYS: Final = "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])"
_LEAP: Final = "(0[48]|[2468][048]|[13579][26])"
_YEARS: Final = ("(1[89]|20)[0-9]{2}", f"(1[89]|20){_LEAP}|2000")
"""All years, and those with a 29 February."""
_YEARS_OF_BIRTH: Final = ("(189|19[0-9]|20[0-9])[0-9]", f"189[26]|(19|20){_LEAP}|2000")
"""The same from ``people.EARLIEST_BIRTH``."""


def type_lines(field: Field) -> Iterator[str]:
    """The simple type of a field's element, without the outer tag; a value that is not mandatory may also be empty."""
    if field.codes is not None:
        yield f'<xs:union memberTypes="{field.codes.name} {EMPTY}"/>'
    elif field.kind is Kind.NAME:
        some_letter = r"[\s\S]*[A-Za-z][\s\S]*"
        yield from _restriction(rf"[A-Za-z '`.\-]{{1,{field.limit}}}", field, some_letter)
    elif field.kind is Kind.EMAIL:
        yield from _restriction(rf"\S{{1,{field.limit}}}", field, _around(PATTERNS[field.kind]))
    else:
        yield from _restriction(_core(field), field)


EMPTY: Final = "Empty"
"""The type of an element without a value."""


def empty_lines() -> Iterator[str]:
    """The type of an element without a value."""
    yield f'<xs:restriction base="xs:string"><xs:pattern value="{_written(_BLANK)}"/></xs:restriction>'


def spellings(codes: CodeList) -> str:
    """The values of a list and their other spellings, in capitals or small letters, as a regular expression."""
    texts = (text for code in codes.codes for text in (code.value, *code.spellings))
    return _written(_around("|".join(dict.fromkeys(map(_either_case, texts)))))


def _core(field: Field) -> str:
    """A value of the field without white space around it."""
    if field.kind in (Kind.TEXT, Kind.LINES):
        unseen, rest = _UNSEEN + (r"\t\n\r" if field.kind is Kind.TEXT else ""), field.limit - 1
        signed = rf"[{_SIGNS}][\p{{L}}\p{{N}}_ .\-]{{0,{rest}}}"
        return rf"[^\s\p{{Z}}{unseen}{_FORMULA}{_SIGNS}][^{unseen}]{{0,{rest}}}|{signed}"
    if field.kind is Kind.DATE:
        years, leap_years = _YEARS_OF_BIRTH if field.name == "date_of_birth" else _YEARS
        return f"({years}-({_DAYS})|({leap_years})-02-29){_MIDNIGHT}"
    if field.kind is Kind.NUMBER:
        return f"[0-9]{{1,{field.limit}}}"
    pattern = PATTERNS[field.kind]
    return _either_case(pattern) if field.kind in _EITHER_CASE else pattern


def _restriction(core: str, field: Field, further: str = "") -> Iterator[str]:
    """A text in a format, and in a further one."""
    pattern = _written(_around(core, optional=not field.always))
    if not further:
        yield f'<xs:restriction base="xs:string"><xs:pattern value="{pattern}"/></xs:restriction>'
        return
    also = _written(further if field.always else f"{further}|{_BLANK}")
    yield "<xs:restriction>"
    yield "  <xs:simpleType>"
    yield f'    <xs:restriction base="xs:string"><xs:pattern value="{pattern}"/></xs:restriction>'
    yield "  </xs:simpleType>"
    yield f'  <xs:pattern value="{also}"/>'
    yield "</xs:restriction>"


def _around(core: str, *, optional: bool = False) -> str:
    return f"{_BLANK}(({core}){_BLANK}){'?' if optional else ''}"


def _either_case(pattern: str) -> str:
    """A regular expression of ranges and letters that also takes small letters for capitals."""
    parts = re.split(r"(\[[^\]]*\])", pattern)
    for place, part in enumerate(parts):
        if part.startswith("["):
            ranges = re.findall("[A-Z]-[A-Z]|[A-Z]", part)
            parts[place] = part[:-1] + "".join(ranges).lower() + "]"
        else:
            parts[place] = re.sub("[A-Za-z]", lambda letter: f"[{letter[0].upper()}{letter[0].lower()}]", part)
    return "".join(parts)


def _written(pattern: str) -> str:
    """A regular expression as the value of an attribute, in ASCII."""
    return escape(pattern).replace("\x7f", "&#127;").encode("ascii", "xmlcharrefreplace").decode()
