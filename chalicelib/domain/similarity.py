"""How similar two spellings are: measures on short strings.

Pure functions of two strings in normal form; ``name_likeness`` defines the thresholds.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_ALIKE: Final = ("li", "ec", "hb", "ck", "sz", "iy")
"""Letters that are read or heard for one another."""
_READ_AS: Final = (("rn", "m"), ("cl", "d"), ("vv", "w"))
"""Two letters that look like one."""
_ENDING: Final = 2
"""The most letters of an ending."""
_CROWDED: Final = 3
"""Consonants in a row that few names have; one fewer at the beginning."""
_VOWELS: Final = frozenset("aeiouy")
_COUNTED: Final = 3
"""The most slips that are counted exactly."""
_MANY: Final = 9
"""Any number above that."""


def _beside() -> frozenset[tuple[str, str]]:
    """Letters typed for one another: side by side on a keyboard, or one above the other and the next to it."""
    pairs = set(_ALIKE)
    for row in _ROWS:
        pairs.update(map("".join, pairwise(row)))
    for upper, lower in pairwise(_ROWS):
        for place, letter in enumerate(lower):
            pairs.update(letter + above for above in upper[place : place + 2])
    return frozenset({(pair[0], pair[1]) for pair in pairs} | {(pair[1], pair[0]) for pair in pairs})


_BESIDE: Final = _beside()


def order_ratio(a: str, b: str) -> float:
    """Share of letters that both have in the same order: twice the longest common subsequence over both lengths.

    Never below the ratio of Python's ``difflib.SequenceMatcher``, whose matching blocks are a common subsequence.
    """
    if a == b:
        return 1.0
    places: dict[str, int] = {}
    for index, letter in enumerate(a):
        places[letter] = places.get(letter, 0) | (1 << index)
    full = (1 << len(a)) - 1
    row = full
    for letter in b:  # Hyyrö's bit-parallel form: a zero bit marks a step of the subsequence
        hits = row & places.get(letter, 0)
        row = ((row + hits) | (row - hits)) & full
    return 2 * (len(a) - row.bit_count()) / (len(a) + len(b))


def edits(a: str, b: str) -> int:
    """Letters inserted, left out, replaced, or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        before, above, row = row, before, [i]
        for j, other in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]


def slips(a: str, b: str) -> int:
    """Slips of typing, reading or hearing between two spellings; a letter that is no such slip counts as two.

    One slip is a letter too many or too few, two neighbours swapped, a key beside the right one, or letters that look
    or sound alike. More than three are not counted exactly.
    """
    if abs(len(a) - len(b)) > _COUNTED:
        return _MANY
    found = _slips(*_where_they_differ(a, b))
    if found > 1 and any(pair in a or pair in b for pair, _ in _READ_AS) and _as_read(a) == _as_read(b):
        return 1
    return found if found <= _COUNTED else _MANY


def doubled(typed: str, meant: str) -> bool:
    """Whether ``typed`` is the other with one letter doubled."""
    letter, left_out = _where_they_differ(typed, meant)
    if left_out or len(letter) != 1:
        return False
    place = next((at for at, (one, other) in enumerate(zip(typed, meant, strict=False)) if one != other), len(meant))
    return letter in typed[max(place - 1, 0) : place] + typed[place + 1 : place + 2]


def lost_inside(typed: str, meant: str) -> str:
    """The letter that ``typed`` lacks between its first and its last; empty if more differs."""
    too_many, lost = _where_they_differ(typed, meant)
    inside = typed[:1] == meant[:1] and typed[-1:] == meant[-1:]
    return lost if inside and not too_many and len(lost) == 1 else ""


def replaced(a: str, b: str) -> tuple[str, str]:
    """The two letters, in the order of the alphabet, in which spellings differ that differ in no others; else empty."""
    one, other = sorted(_where_they_differ(a, b))
    return (one, other) if len(one) == len(other) == 1 else ("", "")


def _where_they_differ(a: str, b: str) -> tuple[str, str]:
    """Both without the beginning and the end that they have in common."""
    shorter = min(len(a), len(b))
    start = 0
    while start < shorter and a[start] == b[start]:
        start += 1
    end = 0
    while end < shorter - start and a[-1 - end] == b[-1 - end]:
        end += 1
    return a[start : len(a) - end], b[start : len(b) - end]


def _slips(a: str, b: str) -> int:
    if not a or not b:
        return len(a) + len(b)
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        before, above, row = row, before, [i]
        for j, other in enumerate(b, start=1):
            changed = 0 if letter == other else 1 if (letter, other) in _BESIDE else 2
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + changed)
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > _COUNTED and min(before) > _COUNTED:
            return _MANY
    return row[-1]


def crowded(name: str) -> bool:
    """Whether the name is hard to say: two consonants at the beginning, or three in a row; Kh or Ll are one."""
    row, before = 1, ""
    for letter in name:
        row = 0 if letter in _VOWELS else row + (letter not in ("h", before))
        if row == _CROWDED:
            return True
        before = letter
    return False


def letters_apart(a: str, b: str) -> int:
    """How many letters one of the spellings has and the other has not, in whatever order."""
    return sum(abs(a.count(letter) - b.count(letter)) for letter in set(a + b))


def ends_differ(a: str, b: str) -> bool:
    """Whether the spellings differ only in an ending, and each has a vowel in it: Georgia, Georgios."""
    one, other = _where_they_differ(a, b)
    return (
        max(len(one), len(other)) <= _ENDING
        and not _VOWELS.isdisjoint(one)
        and not _VOWELS.isdisjoint(other)
        and one[-1] == a[-1] != other[-1] == b[-1]
    )


def exchanged(a: str, b: str) -> bool:
    """Whether the spellings differ only in one swapped pair of neighbouring letters."""
    return len(a) == len(b) and sorted(a) == sorted(b) and edits(a, b) == 1


def _as_read(name: str) -> str:
    for pair, letter in _READ_AS:
        name = name.replace(pair, letter)
    return name
