"""Unique learner numbers: their format, their check digit, and how new ones are drawn.

A ULN has ten digits of which the first is 1 to 9. The tenth is a check digit: multiply digits one to nine by 10, 9, ...
2, add, and take the remainder modulo 11; the check digit is 10 less the remainder. Nine digits whose remainder is 0
have no check digit and are never used. 9999999999 is the placeholder in funding returns; its check digit would be 8, so
the ordinary rule refuses it (source: WBS25 ULN generation; ILR rules ULN_04 and DerivedData_01).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NewType

from chalicelib.domain.failures import Failure, failure

Uln = NewType("Uln", str)
"""Ten digits with a right check digit; made by :func:`parse_uln` and :func:`mint` only."""

LENGTH = 10
FIRST_SEED = 100_000_000
LAST_SEED = 999_999_999
TEMPORARY = "9999999999"
"""The placeholder in funding returns, which no register contains."""

_SCIENTIFIC = re.compile(r"\s*\d(?:[.,]\d+)?[eE]\+?\d{1,2}\s*")
_DECIMAL = re.compile(r"\s*\d{10}[.,]0+\s*")
_QUOTED = re.compile(r"[\s'\"=]*\d{10}[\s'\"]*")
_INNER_SPACES = re.compile(r"[\d\s]*\d[\d\s]*")


def parse_uln(text: str, field: str = "ULN") -> Uln | Failure:
    """The ULN, or why the text is not one.

    ``ACF001`` nothing given; ``ACF003`` not ten digits from 1000000000, with the likely damage as ``reason``
    ("scientific notation", "decimal point", "leading zero", "spaces", "quotation marks", "too short", "too long", "ten
    digits"); ``ACL001`` the check digit is wrong or the number can never be issued.
    """
    if len(text) == 10 and text.isdigit() and text.isascii():
        a, b, c, d, e, f, g, h, i, j = text.encode()
        # The weights 10 ... 1 add up to 55, a multiple of 11, so the character codes serve as well as the digits; a sum
        # of 10 modulo 11 says in one comparison that the remainder is not 0 and the check digit is 10 less it.
        if (10 * a + 9 * b + 8 * c + 7 * d + 6 * e + 5 * f + 4 * g + 3 * h + 2 * i + j) % 11 == 10 and a != 48:
            return Uln(text)
        if a == 48:
            return failure("ACF003", field, reason="leading zero")
        return failure("ACL001", field)
    return _malformed(text, field)


def check_digit(nine: str) -> int | None:
    """The check digit of nine digits, or None if no ULN can begin with them; raises ValueError for anything else."""
    if len(nine) != 9 or not (nine.isdigit() and nine.isascii()):
        raise ValueError("a ULN begins with nine digits")
    remainder = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), nine, strict=True)) % 11
    if nine[0] == "0" or remainder == 0:
        return None
    return 10 - remainder


def mint(draw: Callable[[int], int]) -> Uln:
    """A valid ULN drawn at random; ``draw(n)`` returns a whole number from 0 to n - 1 (in the service,
    ``secrets.randbelow``).

    Numbers are never drawn in sequence, so that a ULN does not show when it was issued. The register decides whether it
    is free.
    """
    while True:
        nine = str(FIRST_SEED + draw(LAST_SEED - FIRST_SEED + 1))
        check = check_digit(nine)
        if check is not None:
            return Uln(nine + str(check))


def _malformed(text: str, field: str) -> Failure:
    """Why ``text`` is not in the format of a ULN, with the damage that spreadsheets do."""
    if not text.strip():
        return failure("ACF001", field)
    return failure("ACF003", field, reason=_damage(text[:64]))


def _damage(text: str) -> str:
    if _SCIENTIFIC.fullmatch(text):
        return "scientific notation"
    if _DECIMAL.fullmatch(text):
        return "decimal point"
    if not text.isascii():
        return "ten digits"
    if _INNER_SPACES.fullmatch(text):
        if not text.isdigit():
            return "spaces"
        return "too short" if len(text) < LENGTH else "too long"
    if _QUOTED.fullmatch(text):
        return "quotation marks"
    return "ten digits"
