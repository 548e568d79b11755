"""Comparison of a CSV file's heading row with its layout: what is missing, repeated, misspelt or misplaced."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final, NamedTuple

from chalicelib.domain.failures import Failure, failure
from chalicelib.formats.batch.layouts import Layout

_LONGEST = 80
_SHOWN = 10
"""Columns that are named where a heading is repeated."""
_ENOUGH = 3
"""A first row with fewer known headings is not a heading row."""


class Headings(NamedTuple):
    """The positions of a file's columns, or why it cannot be read."""

    places: dict[str, int]
    """The position of each known column, from 0."""
    width: int
    """Cells up to the last column of the layout."""
    unnamed: tuple[int, ...]
    """Positions of empty headings after the others, whose cells must be empty too."""
    failures: list[Failure]

    @property
    def in_order(self) -> bool:
        """Whether the columns of the layout come first and in order, as in nearly every file."""
        return all(place == expected for expected, place in enumerate(self.places.values()))


def read_headings(cells: Sequence[str], layout: Layout, line: int) -> Headings:
    """Compare a heading row with the layout; every difference is named by its column.

    ``ACB006`` a heading is missing (without a field: there is no heading row at all); ``ACB007`` one is repeated
    (``columns``); ``ACB008`` one is not known (``column`` and, if it is close to a known one, ``heading`` and the field
    that was probably meant); ``ACB009`` one is in the wrong place (``column``, ``expected``). An unknown heading is
    only included if it is close to a known one: a file without headings has a learner's details in its first row.
    """
    names = _without_trailing_blanks([cell.strip() for cell in cells])
    known = set(layout.names)
    if len(known.intersection(names)) < _ENOUGH and len(_lookalikes(names, layout)) < _ENOUGH:
        return Headings({}, 0, (), [failure("ACB006", line=line)])
    found: dict[str, list[int]] = {}
    unknown: list[int] = []
    for place, name in enumerate(names):
        if name in known:
            found.setdefault(name, []).append(place)
        elif name not in layout.ignored:
            unknown.append(place)
    reasons = [
        failure("ACB007", name, line=line, column=places[1] + 1, columns=_columns(places))
        for name, places in found.items()
        if len(places) > 1
    ]
    wanted = [name for name in layout.names if name in found or name not in layout.may_be_absent]
    missing = [name for name in wanted if name not in found]
    reasons += _unknown(names, unknown, missing, line)
    reasons += [failure("ACB006", name, line=line, column_expected=wanted.index(name) + 1) for name in missing]
    first = {name: found[name][0] for name in wanted if name in found}
    reasons += _moved(first, wanted, line)
    width = max(first.values()) + 1
    return Headings(first, width, tuple(range(len(names), len(cells))), reasons)


def nearest(name: str, candidates: Sequence[str], cutoff: float = 0.6) -> str:
    """The candidate that was probably meant by a misspelt name, or "" if none is close."""
    plain = {_plain(candidate): candidate for candidate in candidates}
    close = get_close_matches(_plain(name[:_LONGEST]), list(plain), n=1, cutoff=cutoff)
    return plain[close[0]] if close else ""


SEPARATORS: Final = {b";": "semicolons", b"\t": "tabs", b"|": "vertical bars"}


def separator_failures(head: bytes) -> list[Failure]:
    """``ACB010`` if the first line of a file has a different separator from the comma (``reason`` "separator",
    ``found``).
    """
    line = head.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0]
    for mark, word in SEPARATORS.items():
        if line.count(mark) > _ENOUGH and line.count(b",") < _ENOUGH:
            return [failure("ACB010", line=1, reason="separator", found=word)]
    return []


def _lookalikes(names: Sequence[str], layout: Layout) -> list[str]:
    return [name for name in names[: 2 * len(layout.names)] if name and nearest(name, layout.names, 0.72)]


def _without_trailing_blanks(names: list[str]) -> list[str]:
    while names and not names[-1]:
        names.pop()
    return names


def _unknown(names: Sequence[str], places: Sequence[int], missing: list[str], line: int) -> list[Failure]:
    """Unknown headings; one that was probably meant as a missing heading removes it from the list of missing ones."""
    reasons = []
    for place in places:
        meant = nearest(names[place], missing)
        if meant:
            missing.remove(meant)
            heading = names[place][:_LONGEST]
            reasons.append(failure("ACB008", meant, line=line, column=place + 1, heading=heading, number=place + 1))
        else:
            reasons.append(failure("ACB008", "", line=line, column=place + 1, number=place + 1))
    return reasons


def _columns(places: Sequence[int]) -> str:
    """The numbers of the first columns, and how many more there are."""
    shown = ", ".join(str(place + 1) for place in places[:_SHOWN])
    more = len(places) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _moved(places: dict[str, int], names: Sequence[str], line: int) -> list[Failure]:
    """The fewest columns that must be moved for the others to be in order, by the longest run that already is."""
    tails: list[int] = []
    lengths: list[int] = []
    for place in places.values():
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
        lengths.append(at + 1)
    kept: set[str] = set()
    wanted, last = len(tails), max(places.values(), default=0) + 1
    for name, length in reversed(list(zip(places, lengths, strict=True))):
        if length == wanted and places[name] < last:
            kept.add(name)
            wanted, last = wanted - 1, places[name]
    return [
        failure("ACB009", name, line=line, column=place + 1, number=place + 1, expected=names.index(name) + 1)
        for name, place in places.items()
        if name not in kept
    ]


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
