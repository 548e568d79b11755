"""Grades: how they are compared, and which ones an aim accepts (AO18 5.2.1, "grade valid for the aim").

The regulators' register gives a scale of passing grades for graded qualifications, and none for the others. If it gives
none, the set for the type of qualification is used (``reference.grade_sets``), and for a unit Pass. If no grades are
known, any grade is accepted, with a notice that it was not checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from chalicelib.reference.grade_sets import GradeSet

OF_UNITS: Final = ("Pass",)
"""The grades of a unit for which the register has none."""

_NO_SCALE: Final = frozenset({"", "n/a", "na", "none", "not applicable", "-", "not graded"})
_LETTERS: Final = ("A*", "A", "B", "C", "D", "E", "F", "G")
_RANGE = re.compile(r"(A\*|[A-G]) ?(?:-|–|to) ?(A\*|[A-G])|([1-9]) ?(?:-|–|to) ?([1-9])", re.IGNORECASE)


def plain_grade(grade: str) -> str:
    """The form in which grades are compared: capitals, spaces around it and spaces before an asterisk make no
    difference.
    """
    return " ".join(grade.split()).replace(" *", "*").casefold()


def grades_of(
    qualification_type: str, title: str, grading_type: str, scale: str, sets: tuple[GradeSet, ...]
) -> tuple[str, ...]:
    """The grades of an aim: its own scale, otherwise Pass for Pass/Fail grading, otherwise the set for its type; empty
    if none is known.

    The register's scale lists passing grades only; the failing grades of the type's set are added to it. Pass/Fail
    grading accepts Pass and Fail, as its name says.
    """
    own = split_scale(scale)
    set_of_type = grade_set_of(qualification_type, title, sets)
    not_passing = set_of_type.not_passing if set_of_type else ()
    if not own and plain_grade(grading_type) == "pass/fail":
        own, not_passing = ("Pass",), (not_passing or ("Fail",))
    if not own and set_of_type:
        own = set_of_type.passing
    if not own:
        return ()
    known = {plain_grade(grade) for grade in own}
    return own + tuple(grade for grade in not_passing if plain_grade(grade) not in known)


def grade_set_of(qualification_type: str, title: str, sets: tuple[GradeSet, ...]) -> GradeSet | None:
    """The set of the type: preferably one that is chosen by a word in the title."""
    wanted, words = plain_grade(qualification_type), title.casefold()
    general = None
    for candidate in sets:
        if plain_grade(candidate.qualification_type) == wanted:
            if not candidate.title_contains:
                general = general or candidate
            elif any(word in words for word in candidate.title_contains):
                return candidate
    return general


def split_scale(scale: str) -> tuple[str, ...]:
    """The grades of a register's scale, in its order and spelling: ``A*/A/B``, ``Pass, Merit, Distinction*``,
    ``A*-G``, ``9-1``.
    """
    text = " ".join(scale.split())
    if text.casefold() in _NO_SCALE:
        return ()
    separator = next((mark for mark in ("/", "|", ";", ",") if mark in text), None)
    parts = text.split(separator) if separator else [text]
    grades = [part.strip().rstrip(".").replace(" *", "*") for part in parts]
    if len(grades) == 1:
        found = _RANGE.fullmatch(grades[0])
        if found:
            return _spread(found)
    return tuple(dict.fromkeys(grade for grade in grades if grade))


def _spread(found: re.Match[str]) -> tuple[str, ...]:
    """Every grade of a range, in the range's own direction."""
    if found[3]:
        first, last = int(found[3]), int(found[4])
        step = 1 if last >= first else -1
        return tuple(str(grade) for grade in range(first, last + step, step))
    first, last = _LETTERS.index(found[1].upper()), _LETTERS.index(found[2].upper())
    return _LETTERS[first : last + 1] if last >= first else _LETTERS[last : first + 1][::-1]
