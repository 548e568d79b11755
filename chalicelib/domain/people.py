"""Learner data restrictions besides names: dates, age, gender, postcode, prohibited text (ULN-08, AO18 Appendix B)."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from chalicelib import reference
from chalicelib.domain.failures import Failure, failure

MINIMUM_AGE = 11
MAXIMUM_AGE = 110
GENDERS = frozenset("0129")
POSTCODE_UNKNOWN = "ZZ99 9ZZ"
"""Given where a postcode is not known (ILR Appendix C); of the right form, and it says nothing."""

_DATE_TEXT_LIMIT = 40
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9R][0-9A-Z]?) ?([0-9][ABD-HJLNP-UW-Z]{2})", re.ASCII)
_NORMAL_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9R][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z]{2}", re.ASCII).fullmatch
_BFPO = re.compile(r"BFPO ?([0-9]{1,4})", re.ASCII)

_ISO_DATE = re.compile(
    r"((?:1[89]|20)[0-9]{2})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?))?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_MIDNIGHT = re.compile(r"00:00(?::00(?:\.0+)?)?")
_TURNED = re.compile(r"([0-9]{1,2})([/.\- ])([0-9]{1,2})\2([0-9]{4})(?:[ T][0-9:.]+)?")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-][0-9]{2}(?:[ T][0-9:.]+)?")
_YEAR_FIRST = re.compile(r"[0-9]{4}([/.\- ])[0-9]{1,2}\1[0-9]{1,2}(?:[ T][0-9:.]+)?")
_SERIAL = re.compile(r"[0-9]{4,5}(?:[.,][0-9]+)?")
_COMPACT = re.compile(r"(?:1[89]|20)[0-9]{6}")
_MONTH_NAME = re.compile(r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE)


def parse_date(text: str, field: str) -> date | Failure:
    """The day that ``text`` names as YYYY-MM-DD, years 1800 to 2099; a time of midnight behind it is allowed.

    ``ACF001`` nothing given. ``ACF004`` anything else, ``hint`` naming what it looks like: "DD/MM/YYYY", "MM/DD/YYYY",
    "YYYY/MM/DD", "YYYYMMDD", "YY", "serial number" (what a spreadsheet stores), "month name", "time", "no such day",
    "year", or "" where it looks like nothing known.
    """
    read = _read_date(text) if len(text) <= _DATE_TEXT_LIMIT else ""
    if type(read) is date:
        return read
    if not text.strip():
        return failure("ACF001", field)
    return failure("ACF004", field, hint=read)


@lru_cache(maxsize=16_384)
def _read_date(text: str) -> date | str:
    """The date, or the hint at what was meant. Files repeat award dates, and cohorts birthdays: hence the cache."""
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
    turned = _TURNED.fullmatch(text)
    if turned:
        return "MM/DD/YYYY" if int(turned[1]) <= 12 < int(turned[3]) else "DD/MM/YYYY"
    if _COMPACT.fullmatch(text):
        return "YYYYMMDD"
    if _SERIAL.fullmatch(text):
        return "serial number"
    if _YEAR_FIRST.fullmatch(text):
        return "YYYY/MM/DD" if re.match(r"(?:1[89]|20)[0-9]{2}", text) else "year"
    if _SHORT_YEAR.fullmatch(text):
        return "YY"
    if _MONTH_NAME.search(text):
        return "month name"
    return ""


def age_on(date_of_birth: date, on: date) -> int:
    """Completed years of age; someone born on 29 February becomes a year older on 1 March of a common year."""
    return on.year - date_of_birth.year - ((on.month, on.day) < (date_of_birth.month, date_of_birth.day))


def age_failures(
    date_of_birth: date,
    on: date,
    field: str = "DateOfBirth",
    *,
    minimum: int = MINIMUM_AGE,
    maximum: int = MAXIMUM_AGE,
) -> tuple[Failure, ...]:
    """``ACF004`` with ``hint`` "age", ``minimum`` and ``maximum`` for a learner younger or older (AO18 App. B)."""
    if minimum <= age_on(date_of_birth, on) <= maximum:
        return ()
    return (failure("ACF004", field, hint="age", minimum=minimum, maximum=maximum),)


def parse_gender(text: str, field: str) -> str | Failure:
    """``0`` not known, ``1`` male, ``2`` female, ``9`` not specified; ``ACF001`` nothing given, ``ACF005`` other."""
    if text in GENDERS:
        return text
    text = text.strip()
    if text in GENDERS:
        return text
    return failure("ACF005", field, allowed="0, 1, 2, 9") if text else failure("ACF001", field)


def parse_postcode(text: str, field: str) -> str | Failure:
    """The postcode in its normal form, "AB1 2BD" or "BFPO 12"; ``ACF001`` nothing given, ``ACF003`` not of that form.

    ``ZZ99 9ZZ`` (not known) is accepted. Whether a postcode is prohibited is another question: see
    :func:`prohibited_postcode`.
    """
    if _NORMAL_POSTCODE(text):
        return text
    code = text.strip(" ").upper()
    found = _POSTCODE.fullmatch(code)
    if found:
        return f"{found[1]} {found[2]}"
    forces = _BFPO.fullmatch(code)
    if forces:
        return f"BFPO {forces[1]}"
    return failure("ACF003", field, reason="postcode") if code.strip() else failure("ACF001", field)


def prohibited_postcode(postcode: str, field: str, lists: reference.Lists | None = None) -> Failure | None:
    """``ACF009`` where a postcode in its normal form is on the operator's list of prohibited ones (AO18 App. B)."""
    held = lists or reference.lists()
    return failure("ACF009", field) if postcode in held.prohibited_postcodes else None


def prohibited_text(text: str, field: str, lists: reference.Lists | None = None) -> Failure | None:
    """``ACF006`` where a whole word or phrase of ``text`` is on the operator's list of prohibited text (AO18 App. B).

    Whole words only, since many surnames contain a prohibited string. The failure does not repeat the word.
    """
    held = lists or reference.lists()
    return failure("ACF006", field) if held.prohibits(text) else None
