"""Passwords and secret answers of portal users (IDM-03, IDM-05, AO18 3.4).

AO18 3.4 supersedes the shorter rule in 2.3.1. Only hashes of passwords and answers are stored; they are made of the
texts that :func:`prepared` and :func:`prepared_answer` return.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from chalicelib.domain.failures import Failure, failure

FEWEST_CHARACTERS: Final = 10
MOST_CHARACTERS: Final = 100
ANSWER_CHARACTERS: Final = 100
"""Most characters of a secret answer."""


def prepared(password: str) -> str:
    """The password as it is hashed: keyboards may send an accented letter as one character or as two (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


def prepared_answer(answer: str) -> str:
    """The secret answer as it is hashed: "taylor" matches "Taylor" (AO18 3.5.6.2), and outer or doubled spaces do not
    count.
    """
    return " ".join(unicodedata.normalize("NFKC", answer).casefold().split())


def password_failures(password: str, field: str = "NewPassword") -> Iterator[Failure]:
    """Every reason against a new password.

    ``LRS-USER-1`` length, ``LRS-USER-2`` no lower-case letter, ``LRS-USER-3`` no upper-case letter, ``LRS-USER-4``
    nothing but letters, ``LRS-USER-5`` a space. An empty one is only missing (``ACF001``).
    """
    text = prepared(password)
    if not text:
        yield failure("ACF001", field)
        return
    if not FEWEST_CHARACTERS <= len(text) <= MOST_CHARACTERS:
        yield failure("LRS-USER-1", field, minimum=FEWEST_CHARACTERS, maximum=MOST_CHARACTERS)
    if not any(letter.islower() for letter in text):
        yield failure("LRS-USER-2", field)
    if not any(letter.isupper() for letter in text):
        yield failure("LRS-USER-3", field)
    if all(letter.isalpha() for letter in text):
        yield failure("LRS-USER-4", field)
    if any(letter.isspace() for letter in text):
        yield failure("LRS-USER-5", field)


def new_password_failures(
    password: str, again: str, *, is_present: bool, field: str = "NewPassword"
) -> Iterator[Failure]:
    """Every reason against a new password that was entered twice; ``is_present`` if it is the one that it replaces.

    In addition ``LRS-USER-6`` the same as the present one, ``LRS-USER-7`` the two entries differ.
    """
    yield from password_failures(password, field)
    if is_present:
        yield failure("LRS-USER-6", field)
    if password and password != again:
        yield failure("LRS-USER-7", f"{field}Again")


_SMALL: Final = "abcdefghjkmnpqrstuvwxyz"
_CAPITALS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS: Final = "23456789"
"""Characters that are not mistaken for others when they are read out or copied."""


def one_time_password(draw: Callable[[int], int]) -> str:
    """A password of 16 characters, 85 bits, in groups of four; ``draw`` gives an unpredictable number below another."""
    any_of = _SMALL + _CAPITALS + _DIGITS
    sources = [_CAPITALS, _SMALL, _DIGITS, *[any_of] * 13]
    letters = [source[draw(len(source))] for source in sources]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, len(letters), 4))
