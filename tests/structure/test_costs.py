"""The cost sheet is what its counts, its prices and the description of the cloud make of it."""

from __future__ import annotations

import re

import pytest

from bench.cost_page import ASSUMED, PRICES, SOURCES, page
from bench.costs import PAGE, read_counts


def test_the_cost_sheet_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(read_counts()), "python -m bench.costs writes it"


def test_every_price_has_a_source_and_every_assumption_says_what_it_is_of() -> None:
    assert {price.source for price in PRICES.values()} == set(SOURCES)
    assert all(what for _, what in ASSUMED.values())


@pytest.mark.parametrize(
    ("part", "column", "value"),
    [
        ("requests", "write_units", 5.0),
        ("file", "write_units", 30_000),
        ("sizes", "index_bytes", 9_000),
        ("cloud", "keys", 90),
    ],
)
def test_another_count_makes_another_page(part: str, column: str, value: float) -> None:
    counts = {name: dict(own) for name, own in read_counts().items()}
    if part == "requests":
        counts[part] = {name: dict(own) | {column: value} for name, own in counts[part].items()}
    else:
        counts[part][column] = value
    assert page(counts) != page(read_counts())


def test_the_sums_are_those_of_their_rows() -> None:
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if line.startswith("|") and re.fullmatch(r"\*\*[0-9.]+\*\*", cells[-1]) and len(cells) == 11:
            assert sum(map(float, cells[4:-1])) == pytest.approx(float(cells[-1].strip("*")), abs=0.04)
