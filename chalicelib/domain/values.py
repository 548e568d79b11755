"""One parser for each kind of value: text in, value or :class:`Failure` out (ULN-08, AO18 Appendix B).

Every surface reads a field with :func:`judged`: it finds every reason against the text, names the field as the existing
interface does, and ignores outer white space. An empty text is not a value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

from chalicelib import reference
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.names import parse_name
from chalicelib.domain.people import prohibited_postcode, prohibited_text
from chalicelib.domain.uln import parse_uln

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]"
_LOCAL: Final = rf"[A-Za-z0-9!#$%&'*/?^_`{{|}}~]{_ATOM}{{0,63}}(\.{_ATOM}{{1,64}})*"
_TOP: Final = r"([A-Za-z]{2,24}|[Xx][Nn]--[A-Za-z0-9\-]{0,58}[A-Za-z0-9])"

PATTERNS: Final[Mapping[Kind, str]] = {
    Kind.NAME: r"[A-Za-z '`.\-]*[A-Za-z][A-Za-z '`.\-]*",
    Kind.ULN: "[1-9][0-9]{9}",
    Kind.UKPRN: "[1-9][0-9]{7}",
    Kind.DATE: "(1[89]|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    Kind.POSTCODE: "[A-Z]{1,2}[0-9R][0-9A-Z]? ?[0-9][ABD-HJLNP-UW-Z]{2}|BFPO ?[0-9]{1,4}",
    Kind.AIM_REFERENCE: "[0-9]{3}/?[0-9]{4}/?[0-9X]|[ADFHJKLMRTY]/?[0-9]{3}/?[0-9]{4}"
    "|C[0-9]{2}/?[0-9]{4}/?[0-9]|Z[0-9A-Z]{1,7}",
    Kind.NUMBER: "[0-9]+",
    Kind.EMAIL: _LOCAL + r"@[A-Za-z0-9\-]{1,63}(\.[A-Za-z0-9\-]{1,63})*\." + _TOP,
    Kind.TELEPHONE: r"[+(]?[0-9][0-9 ()\-]{4,18}[0-9]",
    Kind.NATIONALITY: "[A-Z]{2,3}",
    Kind.CANDIDATE_NUMBER: "[0-9]{9}",
    Kind.UCI: "[0-9]{5}[0-9A-Z][0-9]{6}[A-Z]",
    Kind.UPN: "[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]",
}
"""The format of each kind that has one, as a regular expression for Python, XML schema and JSON Schema. Values are
written in this format; some kinds are also accepted in small letters or with what a spreadsheet adds.
"""

_IN_CAPITALS: Final = frozenset({Kind.NATIONALITY, Kind.UCI, Kind.UPN})
_FREE: Final = frozenset({Kind.TEXT, Kind.LINES, Kind.NAME})

_LONGEST_FORM: Final = 64
"""Characters above which a text cannot be a number, date, code or reference; only its length is reported."""
_MOST_SEARCHED: Final = 1024
"""How many characters of a faulty text are searched for prohibited words."""

_FORMULA: Final = re.compile(r"\s*(?:[=@\uff1d\uff20]|[+\-\uff0b\uff0d].*[^\w .\-])", re.DOTALL)
"""Text that a spreadsheet would treat as a formula."""
_UNSEEN_LETTERS: Final = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff"
"""Control characters and noncharacters, as a class of a regular expression, without line breaks and tabs."""
_UNSEEN_IN_LINES: Final = re.compile(f"[{_UNSEEN_LETTERS}]")
_UNSEEN: Final = re.compile(f"[\t\r\n{_UNSEEN_LETTERS}]")
_OF_CHARACTERS: Final = frozenset({"ACF003", "ACF004", "ACF005"})
"""Reasons for which one character may be enough."""
_DECIMAL: Final = r"[0-9]+[.,]0+"
_SCIENTIFIC: Final = r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}"

Value = Any
"""A text in its normal form, a date, or None for a date that is not given."""


class Judged(NamedTuple):
    """A text read as the value of a field."""

    value: Value
    """None if there are reasons against it."""
    failures: tuple[Failure, ...] = ()


def judged(field: Field, text: str, lists: reference.Lists | None = None) -> Judged:
    """The value of a field, or every reason against it.

    ``ACF001`` missing, ``ACF002`` too long, ``ACF003`` format, ``ACF004`` date, ``ACF005`` not in the list,
    ``ACF006`` prohibited text, ``ACF008`` formula, ``ACF009`` prohibited postcode, ``ACL001`` check digit of a ULN.
    """
    text = text.strip()
    kind = field.kind
    if not text:
        if field.mandatory:
            return Judged(None, (failure("ACF001", field.wire),))
        return Judged(None if kind is Kind.DATE else "")
    if len(text) > _LONGEST_FORM and kind not in _FREE and len(text) > field.limit:
        return Judged(None, (failure("ACF002", field.wire, limit=field.limit),))
    if _FORMULA.match(text) and not _begins_with_a_sign(kind, text):
        return Judged(None, (failure("ACF008", field.wire),))
    lists = lists or reference.lists()
    value = _PARSERS[kind](field, text, lists)
    if type(value) is not Failure:
        return Judged(value)
    reasons = [_with_character(value, text)]
    if kind in _FREE and value.code != "ACF006":
        unsuitable = prohibited_text(text[:_MOST_SEARCHED], field.wire, lists)
        reasons += [unsuitable] if unsuitable else []
    return Judged(None, tuple(reasons))


def _with_character(why: Failure, text: str) -> Failure:
    """The reason with the first character of the text that is easily overlooked: a blank, a mark, a full-width digit.

    Letters and the values of digits are not named, since they are the learner's.
    """
    if why.code not in _OF_CHARACTERS or (text.isascii() and text.isprintable()):
        return why
    for letter in text:
        if (letter > "~" or letter < " ") and unicodedata.category(letter)[0] not in "LM":
            return why._replace(detail=(*why.detail, ("character", _described(letter))))
    return why


def _described(letter: str) -> str:
    if letter.isdigit():
        wide = unicodedata.name(letter, "").startswith("FULLWIDTH")
        return "a full-width digit" if wide else "a digit other than 0 to 9"
    name = (
        "tab" if letter == "\t" else "line break" if letter in "\r\n" else unicodedata.name(letter, "control character")
    )
    return f"U+{ord(letter):04X} ({name.lower()})"


def read_fields(fields: Iterable[Field], texts: Mapping[str, str]) -> tuple[dict[str, Value], list[Failure]]:
    """The values of fields by name, None if there is none, and every reason; a text that is left out counts as
    empty.
    """
    values: dict[str, Value] = {}
    found: list[Failure] = []
    for field in fields:
        values[field.name], reasons = judged(field, texts.get(field.name, ""))
        found += reasons
    return values, found


@lru_cache
def _pattern(kind: Kind) -> re.Pattern[str]:
    """Compiled when the first value of the kind is read: a first page reads few kinds, and compiling takes long."""
    return re.compile(PATTERNS[kind], re.ASCII)


def has_form(kind: Kind, text: str) -> bool:
    """Whether the text is in the format of a kind in :data:`PATTERNS`."""
    return _pattern(kind).fullmatch(text) is not None


def has_text_form(text: str) -> bool:
    """Whether the text is visible characters on one line that no spreadsheet treats as a formula."""
    return not has_unseen(text) and not is_formula(text)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would treat the text as a formula."""
    return _FORMULA.match(text) is not None


def has_unseen(text: str, *, lines: bool = False) -> bool:
    """Whether the text contains a control character or noncharacter; with ``lines``, line breaks and tabs are
    allowed.
    """
    return not text.isprintable() and (_UNSEEN_IN_LINES if lines else _UNSEEN).search(text) is not None


def has_disguise(text: str) -> bool:
    """Whether the text contains characters that are not seen and can change how others look or are ordered: zero-width
    ones and marks of the direction of writing.
    """
    return not text.isprintable() and any(unicodedata.category(one) == "Cf" for one in text)


def _begins_with_a_sign(kind: Kind, text: str) -> bool:
    """Whether the sign at the start of the text belongs there: a name's hyphen, the plus of a telephone number."""
    return (kind is Kind.NAME and text[0] == "-") or (kind is Kind.TELEPHONE and has_form(kind, text))


# --- Each kind --------------------------------------------------------------------------------------------------------


def _text(field: Field, text: str, lists: reference.Lists) -> str | Failure:
    if len(text) > field.limit:
        return failure("ACF002", field.wire, limit=field.limit)
    if has_unseen(text, lines=field.kind is Kind.LINES):
        return failure("ACF003", field.wire, reason="control character")
    return prohibited_text(text, field.wire, lists) or text


def _name(field: Field, text: str, lists: reference.Lists) -> str | Failure:
    name = parse_name(text, field.wire, accents=lists.welsh_names)
    return name if isinstance(name, Failure) else prohibited_text(name, field.wire, lists) or name


def _uln(field: Field, text: str, _: reference.Lists) -> str | Failure:
    return parse_uln(text, field.wire)


def _aim_reference(field: Field, text: str, _: reference.Lists) -> str | Failure:
    from chalicelib.domain.aims import parse_aim_reference  # noqa: PLC0415 - most pages and requests name no aim

    return parse_aim_reference(text, field.wire)


def _date(field: Field, text: str, _: reference.Lists) -> date | Failure:
    return parse_date(text, field.wire)


def _postcode(field: Field, text: str, lists: reference.Lists) -> str | Failure:
    if len(text) > field.limit:
        return failure("ACF002", field.wire, limit=field.limit)
    postcode = parse_postcode(text, field.wire)
    return postcode if isinstance(postcode, Failure) else prohibited_postcode(postcode, field.wire, lists) or postcode


def _number(field: Field, text: str, _: reference.Lists) -> str | Failure:
    """A UKPRN or a count."""
    if has_form(field.kind, text):
        return text if len(text) <= field.limit else failure("ACF002", field.wire, limit=field.limit)
    if re.fullmatch(_SCIENTIFIC, text):
        return failure("ACF003", field.wire, reason="scientific notation")
    return failure("ACF003", field.wire, reason="decimal point" if re.fullmatch(_DECIMAL, text) else field.kind.value)


def _code(field: Field, text: str, _: reference.Lists) -> str | Failure:
    assert field.codes is not None
    value = field.codes.read(text)
    if value is not None:
        return value
    if field.left_to_a_rule:
        return text.upper() if len(text) <= field.limit else failure("ACF002", field.wire, limit=field.limit)
    if re.fullmatch(_DECIMAL, text):
        return failure("ACF005", field.wire, allowed=field.codes.allowed, hint="decimal point")
    return failure("ACF005", field.wire, allowed=field.codes.allowed)


def _formed(field: Field, text: str, lists: reference.Lists) -> str | Failure:
    """A value that is only checked for its format."""
    if len(text) > field.limit:
        return failure("ACF002", field.wire, limit=field.limit)
    if field.kind in _IN_CAPITALS and text.isascii():
        text = text.upper()
    if not has_form(field.kind, text):
        return failure("ACF003", field.wire, reason=field.kind.value)
    return prohibited_text(text, field.wire, lists) or text


_PARSERS: Final[Mapping[Kind, Callable[[Field, str, reference.Lists], Any]]] = {
    Kind.TEXT: _text,
    Kind.LINES: _text,
    Kind.NAME: _name,
    Kind.ULN: _uln,
    Kind.UKPRN: _number,
    Kind.DATE: _date,
    Kind.POSTCODE: _postcode,
    Kind.AIM_REFERENCE: _aim_reference,
    Kind.CODE: _code,
    Kind.NUMBER: _number,
    Kind.EMAIL: _formed,
    Kind.TELEPHONE: _formed,
    Kind.NATIONALITY: _formed,
    Kind.CANDIDATE_NUMBER: _formed,
    Kind.UCI: _formed,
    Kind.UPN: _formed,
}


# --- Dates ------------------------------------------------------------------------------------------------------------

_DATE_TEXT_LIMIT = 40
_ISO_DATE = re.compile(
    r"((?:1[89]|20)[0-9]{2})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?))?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_MIDNIGHT = re.compile(r"00:00(?::00(?:\.0+)?)?")
_TURNED = r"([0-9]{1,2})([/.\- ])([0-9]{1,2})\2([0-9]{4})(?:[ T][0-9:.]+)?"
_SHORT_YEAR = r"[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-][0-9]{2}(?:[ T][0-9:.]+)?"
_YEAR_FIRST = r"[0-9]{4}([/.\- ])[0-9]{1,2}\1[0-9]{1,2}(?:[ T][0-9:.]+)?"
_SERIAL = r"[0-9]{4,5}(?:[.,][0-9]+)?"
_COMPACT = r"(?:1[89]|20)[0-9]{6}"
_MONTH_NAME = r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"


def parse_date(text: str, field: str) -> date | Failure:
    """The date in ``text``, written as YYYY-MM-DD, from 1800 to 2099; a time of midnight after it is allowed.

    ``ACF001`` nothing given. ``ACF004`` anything else, with what it looks like as ``hint``: "DD/MM/YYYY", "MM/DD/YYYY",
    "YYYY/MM/DD", "YYYYMMDD", "YY", "serial number" (what a spreadsheet stores), "month name", "time", "no such day",
    "year", or "" if it is not recognised.
    """
    read = _read_date(text) if len(text) <= _DATE_TEXT_LIMIT else ""
    if type(read) is date:
        return read
    if not text.strip():
        return failure("ACF001", field)
    return failure("ACF004", field, hint=read)


@lru_cache(maxsize=16_384)
def _read_date(text: str) -> date | str:
    """The date, or what the text looks like. Files repeat award dates, and cohorts share birthdays: hence the cache."""
    text = text.strip()
    iso = _ISO_DATE.fullmatch(text)
    if iso is None:
        return _date_hint(text)
    if iso[4] and not _MIDNIGHT.fullmatch(iso[4]):
        return "time"
    try:
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    except ValueError:
        return "no such day"


def _date_hint(text: str) -> str:
    turned = re.fullmatch(_TURNED, text)
    if turned:
        return "MM/DD/YYYY" if int(turned[1]) <= 12 < int(turned[3]) else "DD/MM/YYYY"
    if re.fullmatch(_COMPACT, text):
        return "YYYYMMDD"
    if re.fullmatch(_SERIAL, text):
        return "serial number"
    if re.fullmatch(_YEAR_FIRST, text):
        return "YYYY/MM/DD" if re.match(r"(?:1[89]|20)[0-9]{2}", text) else "year"
    if re.fullmatch(_SHORT_YEAR, text):
        return "YY"
    if re.search(_MONTH_NAME, text, re.IGNORECASE):
        return "month name"
    return ""


# --- Postcodes --------------------------------------------------------------------------------------------------------


def parse_postcode(text: str, field: str) -> str | Failure:
    """The postcode in its normal form, "AB1 2BD" or "BFPO 12"; ``ACF001`` nothing given, ``ACF003`` wrong format.

    ``ZZ99 9ZZ`` (not known) is accepted. For prohibited postcodes see
    :func:`~chalicelib.domain.people.prohibited_postcode`.
    """
    code = text.strip()
    if not code:
        return failure("ACF001", field)
    code = code.upper() if code.isascii() else code
    if not has_form(Kind.POSTCODE, code):
        return failure("ACF003", field, reason="postcode")
    outward, inward = (code[:4], code[4:]) if code.startswith("BFPO") else (code[:-3], code[-3:])
    return f"{outward.rstrip()} {inward.lstrip()}"
