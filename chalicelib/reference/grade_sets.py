"""Sets of grades that go with types of qualification."""

from __future__ import annotations

import csv
import pkgutil
from functools import lru_cache
from typing import NamedTuple


class GradeSet(NamedTuple):
    """The grades that go with a type of qualification, where the register has no scale of its own for the aim."""

    qualification_type: str
    title_contains: tuple[str, ...]
    """Words in small letters, any of which in a title singles this set out among those of the type; none for the type
    at large.
    """
    passing: tuple[str, ...]
    """Best first."""
    not_passing: tuple[str, ...]
    """Recorded by awarding organisations besides the passing grades; a register's scale leaves them out."""


@lru_cache(maxsize=1)
def grade_sets() -> tuple[GradeSet, ...]:
    """The packaged sets, in the order in which they are to be tried."""
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
