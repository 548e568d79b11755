"""The form of a name without case, accents and marks, in which lists keep names and rules compare them."""

from __future__ import annotations

import unicodedata

_DROPPED = str.maketrans({"'": None, "`": None, ".": None, "\u2019": None, "\u2018": None, "-": " "})
_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def normal_form(name: str) -> str:
    """Small letters and single spaces only: no accents, apostrophes or dots; a hyphen separates like a space."""
    if name.isalpha() and name.isascii():
        return name.lower()
    if not name.isascii():
        folded = unicodedata.normalize("NFKD", name.casefold()).translate(_UNDECOMPOSED)
        name = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(name.lower().translate(_DROPPED).split())


def joined(name: str) -> str:
    """The normal form without spaces: "maryann" for Mary Ann and for Maryann, "obrien" for O'Brien and O Brien."""
    return normal_form(name).replace(" ", "")
