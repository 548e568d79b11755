"""People's names: the characters they may have, and the forms in which they are compared.

The characters are those of AO18 Appendix B: the letters A to Z in either case, space, apostrophe, backwards apostrophe,
hyphen and dot, with at least one letter. A setting also allows the accented letters of Welsh.

There are three forms for comparison. *Case-folded* shows the only differences that an exact match may ignore (VRC001).
The *normal form* also drops accents and marks and turns hyphens into spaces; its *tokens* are the parts of a double
name. The *sound key* of a token represents how it is spoken.
"""

from __future__ import annotations

import re
from functools import lru_cache

from chalicelib.domain.failures import Failure, failure
from chalicelib.reference.letters import normal_form

MAX_LENGTH = 35
"""Characters in a name (schemas of the existing interface)."""

_WELSH = "ÀÁÂÄÈÉÊËÌÍÎÏÒÓÔÖÙÚÛÜÝàáâäèéêëìíîïòóôöùúûüýÿŴŵŶŷŸẀẁẂẃẄẅỲỳ"
"""The vowels of Welsh (including W and Y) with circumflex, acute, grave or diaeresis."""
_MARKS = " '`.\\-"
_NAME = re.compile(rf"(?=[{_MARKS}]*[A-Za-z])[A-Za-z{_MARKS}]{{1,{MAX_LENGTH}}}")
_NAME_WELSH = re.compile(rf"(?=[{_MARKS}]*[A-Za-z{_WELSH}])[A-Za-z{_MARKS}{_WELSH}]{{1,{MAX_LENGTH}}}")
_NAME_MATCH = _NAME.fullmatch
_NAME_WELSH_MATCH = _NAME_WELSH.fullmatch

_TYPOGRAPHIC = "\u2018\u2019\u02bc\u2010\u2011\u2013\u00b4"


def parse_name(text: str, field: str, *, accents: bool = False) -> str | Failure:
    """The name without outer spaces, or why it is not one; ``accents`` allows those of Welsh.

    ``ACF001`` nothing given; ``ACF002`` longer than 35 characters (``limit``); ``ACF003`` a character that is not
    allowed in a name, with ``reason`` one of "no letter", "digit", "accented letter", "typographic mark", "line break",
    "character".
    """
    name = text.strip(" ")
    if (_NAME_WELSH_MATCH if accents else _NAME_MATCH)(name):
        return name
    if not name.strip():
        return failure("ACF001", field)
    if len(name) > MAX_LENGTH:
        return failure("ACF002", field, limit=MAX_LENGTH)
    return failure("ACF003", field, reason=_offence(name))


def tokens(name: str) -> tuple[str, ...]:
    """The parts of a name in its normal form: ("sally", "ann") for Sally-Ann."""
    return tuple(normal_form(name).split())


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

# Applied in this order to a token in normal form. Capitals stand for sounds: C church, S shop, T thin, A day, I see.
_SPOKEN = (
    # How a name begins: knight, wright, white, Xavier, MacDonald, Thomas, Geoffrey, Aidan.
    (r"^(?:kn|gn|pn)", "n"),
    (r"^wr", "r"),
    (r"^wh(?!o)", "w"),
    (r"^x", "z"),
    (r"^mac(?=[^aeiouy]{2}|[dglnr])", "mc"),
    (r"^thom", "tom"),
    (r"^geoff", "jeff"),
    (r"^aid", "ad"),
    # Silent e behind two consonants or oo: Clarke, Browne, Parkes, Cooke, Anne; but not Danielle, Bernadette.
    (r"(?<=[^aeiouy]{2})(?<!ll|tt|nn|ss)e(?=s?$)|(?<=oo[^aeiouy])e(?=s?$)", ""),
    (r"^(a|ly)nne$", r"\1n"),
    # Groups of consonants, the longer first.
    (r"x(?!$)", "ks"),
    (r"sch", "sk"),
    (r"tch", "C"),
    (r"kh|ch(?=[lr]|ae|ol|$)", "k"),
    (r"ph(?!am)", "f"),
    (r"sh", "S"),
    (r"t+h(?=on|er)", "t"),
    (r"t+h", "T"),
    (r"ch", "C"),
    (r"(?<=[aeiou])gh(?=[tns]|$)", ""),
    (r"cks|cs", "ks"),
    (r"ck|cc(?![eiy])|q[uv]?|c(?![eiy])", "k"),
    (r"c+(?=[eiy])", "s"),
    (r"(?<=m)p(?=s)|(?<=r)d(?=s)|(?<=m)b$", ""),
    (r"(?<=[^aeiouySCT])h|h$|(?<=[aeiou])h(?=[^aeiouy])", ""),
    # Vowels: Michael, the many forms of final y, Reid, Hayley, Smyth.
    (r"(?:ea|ae)l$", "el"),
    (r"(?:ie|ey|ee|ay|y)(?=s?$)", "i"),
    (r"(?:ea|ee|ei|ie)(?=[^aeiouy])", "I"),
    (r"(?:ey|ai|ay)(?=[^aeiouy])", "A"),
    (r"y(?=[^aeiou])", "i"),
    (r"([a-zSCTAI])\1+", r"\1"),
    (r"z", "s"),
    (r"v", "f"),
    # An unstressed ending: Aidan and Aiden, Connor and Conner.
    (r"(?<=[a-zSCTAI][^aeiouyAI])[aeiou](?=[nr]$)", "e"),
)
_KEPT = re.compile(r"(?<!^)[aeiouyhwAI]")
_FIRST = str.maketrans("SCTAI", "XXTAA")


@lru_cache(maxsize=1)
def _sounds() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compiled when first needed: most processes compare few names that differ."""
    return tuple((re.compile(pattern), replacement) for pattern, replacement in _SPOKEN)


@lru_cache(maxsize=8192)
def spoken_form(token: str) -> str:
    """How one token (normal form) is spoken in English, with its vowels: the same for Connor and Conor, but not for
    Jack and Jake.

    Spelling habits of British names, not phonetics: silent and doubled letters, ph, ck, final ie, ey and y, unstressed
    endings. It can only be compared with another spoken form.
    """
    for pattern, replacement in _sounds():
        token = pattern.sub(replacement, token)
    return token


@lru_cache(maxsize=8192)
def sound_key(token: str) -> str:
    """The first letter of the spoken form and the consonants after it, for finding a name by its sound: "STFN" for
    Stephen, Steven.

    A first vowel or Y is written A. Empty for an empty token.
    """
    spoken = spoken_form(token)
    key = _KEPT.sub("", spoken)
    if key[:1] in ("e", "i", "o", "u", "y", "a", "A", "I"):
        key = "a" + key[1:]
    return re.sub(r"(.)\1+", r"\1", key.translate(_FIRST).upper())
