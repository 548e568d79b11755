"""Sets of grades for types of qualification."""

from __future__ import annotations

import csv
import pkgutil
from functools import lru_cache
from typing import NamedTuple


class GradeSet(NamedTuple):
    """The grades for a type of qualification, used if the register has no scale for the aim."""

    qualification_type: str
    title_contains: tuple[str, ...]
    """Words in small letters: if any of them is in a title, this set is chosen among those of the type. Empty for the
    type's general set.
    """
    passing: tuple[str, ...]
    """Best first."""
    not_passing: tuple[str, ...]
    """Failing grades recorded by awarding organisations; a register's scale leaves them out."""


@lru_cache(maxsize=1)
def grade_sets() -> tuple[GradeSet, ...]:
    """The packaged sets, in the order in which they are tried."""
    data = pkgutil.get_data("chalicelib.reference", "data/grade_sets.csv")
    if data is None:
        raise FileNotFoundError("data/grade_sets.csv")
    lines = (line for line in data.decode("utf-8").splitlines() if line and not line.startswith("#"))
    return tuple(
        GradeSet(
            row["qualification_type"],
            tuple(row["title_contains"].casefold().split("|")) if row["title_contains"] else (),
            tuple(row["passing"].split()),
            tuple(row["not_passing"].split()),
        )
        for row in csv.DictReader(lines)
    )
