"""Names of people: which characters they may have, and the forms in which they are compared.

The characters are those of AO18 Appendix B: the letters A to Z in either case, space, apostrophe, backwards apostrophe,
hyphen and dot, with at least one letter. A setting admits the accented letters of Welsh besides.

Three forms serve comparison. *Case-folded* is all that an exact match may forgive (VRC001). The *normal form* also drops
accents and marks and turns hyphens into spaces; its *tokens* are the parts of a double name. The *sound key* of a token
stands for how it is spoken.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from chalicelib.domain.failures import Failure, failure

MAX_LENGTH = 35
"""Characters in a name (schemas of the existing interface)."""

_WELSH = "".join(
    chr(code)
    for code in range(0xC0, 0x1EFF)
    if unicodedata.normalize("NFD", chr(code))[0] in "AEIOUWYaeiouwy"
    and unicodedata.normalize("NFD", chr(code))[1:] in ("\u0300", "\u0301", "\u0302", "\u0308")
)
_MARKS = " '`.\\-"
_NAME = re.compile(rf"(?=[{_MARKS}]*[A-Za-z])[A-Za-z{_MARKS}]{{1,{MAX_LENGTH}}}")
_NAME_WELSH = re.compile(rf"(?=[{_MARKS}]*[A-Za-z{_WELSH}])[A-Za-z{_MARKS}{_WELSH}]{{1,{MAX_LENGTH}}}")
_NAME_MATCH = _NAME.fullmatch
_NAME_WELSH_MATCH = _NAME_WELSH.fullmatch

_DROPPED = str.maketrans({"'": None, "`": None, ".": None, "\u2019": None, "\u2018": None, "-": " "})
_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_TYPOGRAPHIC = "\u2018\u2019\u02bc\u2010\u2011\u2013\u00b4"


def parse_name(text: str, field: str, *, accents: bool = False) -> str | Failure:
    """The name without outer spaces, or why it is none; ``accents`` admits those of Welsh.

    ``ACF001`` nothing given; ``ACF002`` longer than 35 characters (``limit``); ``ACF003`` a character that a name may not
    have, with ``reason`` one of "no letter", "digit", "accented letter", "typographic mark", "line break", "character".
    """
    name = text.strip(" ")
    if (_NAME_WELSH_MATCH if accents else _NAME_MATCH)(name):
        return name
    if not name.strip():
        return failure("ACF001", field)
    if len(name) > MAX_LENGTH:
        return failure("ACF002", field, limit=MAX_LENGTH)
    return failure("ACF003", field, reason=_offence(name))


def fold_case(name: str) -> str:
    """The name without the difference of capital and small letters: all that an exact match forgives."""
    return name.casefold()


def normal_form(name: str) -> str:
    """Small letters and single spaces only: no accents, apostrophes or dots; a hyphen separates like a space."""
    if name.isalpha() and name.isascii():
        return name.lower()
    if not name.isascii():
        folded = unicodedata.normalize("NFKD", name.casefold().translate(_UNDECOMPOSED))
        name = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(name.lower().translate(_DROPPED).split())


def tokens(name: str) -> tuple[str, ...]:
    """The parts of a name in its normal form: ("sally", "ann") for Sally-Ann."""
    return tuple(normal_form(name).split())


def joined(name: str) -> str:
    """The normal form without spaces: "maryann" for Mary Ann and for Maryann, "obrien" for O'Brien and O Brien."""
    return normal_form(name).replace(" ", "")


def _offence(name: str) -> str:
    if any(letter.isdigit() for letter in name):
        return "digit"
    if any(letter in "\r\n\t\v\f\u2028\u2029" for letter in name):
        return "line break"
    if any(letter in _TYPOGRAPHIC for letter in name):
        return "typographic mark"
    if any(letter.isalpha() and not letter.isascii() for letter in name):
        return "accented letter"
    if not any(letter.isalpha() for letter in name):
        return "no letter"
    return "character"


# --- How a name sounds ----------------------------------------------------------------------------------------------

_INITIALS = (
    (re.compile(r"^(?:kn|gn|pn)"), "n"),
    (re.compile(r"^wr"), "r"),
    (re.compile(r"^wh(?=[aeiouy])"), "w"),
    (re.compile(r"^x"), "z"),
    (re.compile(r"^(?:mac|mc)(?=[^aeiouy])"), "mk"),
    (re.compile(r"^ps"), "s"),
)
_SOUNDS = (
    (re.compile(r"([^c])\1+"), r"\1"),
    (re.compile(r"tch|ch(?=[aeiouy])(?!r)|cz"), "X"),
    (re.compile(r"sch"), "sk"),
    (re.compile(r"ch"), "k"),
    (re.compile(r"sh|ti(?=[ao])|si(?=[ao]n)|ci(?=a)"), "X"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"th"), "0"),
    (re.compile(r"(?<=[aeiou])gh(?=[tns]|$)"), ""),
    (re.compile(r"gh"), "g"),
    (re.compile(r"mb$"), "m"),
    (re.compile(r"dg(?=[eiy])"), "j"),
    (re.compile(r"ck|cc(?![eiy])|c(?![eiy])|qu?"), "k"),
    (re.compile(r"c+(?=[eiy])"), "s"),
    (re.compile(r"g(?=[eiy])(?<!^g)"), "j"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"z"), "s"),
    (re.compile(r"v"), "f"),
    (re.compile(r"w(?![aeiouy])|(?<![aeiouy])h|h(?![aeiouy])"), ""),
)
_VOWELS = re.compile(r"(?<!^)[aeiouyh]")
_DOUBLED = re.compile(r"(.)\1+")


@lru_cache(maxsize=8192)
def sound_key(token: str) -> str:
    """How one token of a name is spoken in English, vowels after the first letter left out: "STFN" for Stephen and Steven.

    A simplified Metaphone. Any first vowel or Y is written A. Empty for an empty token.
    """
    sound = token
    for pattern, replacement in (*_INITIALS, *_SOUNDS):
        sound = pattern.sub(replacement, sound)
    sound = _DOUBLED.sub(r"\1", _VOWELS.sub("", sound))
    if sound[:1] and sound[0] in "aeiouy":
        sound = "a" + sound[1:]
    return sound.upper()
