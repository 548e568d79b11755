"""The catalogue of functions agrees with the code and the tests."""

from __future__ import annotations

import re

import pytest

from local.commands import catalogue
from tests.shared_data import shared_data
from tests.structure.sources import modules

ITEMS = catalogue.items()
OFFERED = [number for number, item in ITEMS.items() if item.offered]


@pytest.mark.parametrize("number", OFFERED)
def test_every_function_that_is_offered_has_its_code_and_its_proof(number: str) -> None:
    assert catalogue.modules()[number], "no module of chalicelib cites it"
    assert catalogue.proofs()[number], "no test is marked with it"


def test_it_has_every_function_of_the_specification_with_its_channels() -> None:
    specified = _specified((shared_data().parent / "spec" / "catalogue.md").read_text("utf-8"))
    assert ITEMS.keys() == specified.keys()
    channels = {number: ITEMS[number].ways for number, ways in specified.items() if ways}
    assert channels == {number: ways for number, ways in specified.items() if ways}


def _specified(text: str) -> dict[str, str]:
    """The numbers of a specification, each with its channels if its table has a column for them."""
    found: dict[str, str] = {}
    at = 0
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == "id":
            at = cells.index("channel") if "channel" in cells else 0
        elif re.fullmatch(r"[A-Z]{3,4}-[0-9]{2}", cells[0]):
            named = "".join(way for way in "PWB" if way in cells[at].split("(")[0].split()) if at else ""
            found[cells[0]] = "PWB" if at and cells[at] == "all" else named
    return found


def test_marks_name_functions_of_the_catalogue() -> None:
    unknown = [
        (module.path, number)
        for module in modules("tests")
        for number in catalogue.marks(module.tree)
        if number not in ITEMS
    ]
    assert not unknown


def test_the_code_cites_functions_of_the_catalogue() -> None:
    families = set(catalogue.families())
    unknown = [
        (module.path, number)
        for module in modules("app.py", "chalicelib", "functions")
        for number in catalogue.cited(module.text)
        if number.split("-")[0] in families and number not in ITEMS
    ]
    assert not unknown


def test_numbers_belong_to_a_family_and_run_without_a_gap() -> None:
    for family in catalogue.families():
        numbers = [number for number, item in ITEMS.items() if item.family == family]
        assert numbers == [f"{family}-{place:02}" for place in range(1, len(numbers) + 1)]
    assert {item.family for item in ITEMS.values()} == set(catalogue.families())


def test_channels_are_recognised() -> None:
    assert {way for item in ITEMS.values() for way in item.ways} <= set(catalogue.WAYS)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("serves ACH-06, ACH-07", {"ACH-06", "ACH-07"}),
        ("ACH-01 to ACH-03", {"ACH-01", "ACH-02", "ACH-03"}),
        ("ACH-01…03", {"ACH-01", "ACH-02", "ACH-03"}),
        ("codes VRC003 and AO18 5.2.1 are no numbers of functions", set()),
    ],
)
def test_spans_of_numbers_cite_everything_between(text: str, numbers: set[str]) -> None:
    assert catalogue.cited(text) == numbers


def test_the_published_catalogue_is_up_to_date() -> None:
    assert catalogue.TARGET.read_text("utf-8") == catalogue.render(), "make catalogue writes it"
