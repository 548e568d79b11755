"""Every route and every kind of batch counts for one function of the catalogue."""

from __future__ import annotations

import pytest

from chalicelib.domain.monthly_levels import read_described
from chalicelib.domain.service_levels import OF_BATCH, Target, function_of_route, target_of
from chalicelib.reference.levels import LEVELS_FILE
from chalicelib.services.batches.kinds import KINDS
from chalicelib.web.portal.table import ENTRIES as PAGES
from chalicelib.web.rest.table import ENTRIES
from local.commands.catalogue import items
from local.commands.described_levels import described, render

WITHOUT = {"anything_else"}
"""What answers for a path or method that does not exist."""


@pytest.mark.req("SLA-01", "SLA-02")
@pytest.mark.parametrize("name", sorted({entry.name for entry in (*ENTRIES, *PAGES)} - WITHOUT))
def test_a_route_or_page_counts_for_a_function_of_the_catalogue(name: str) -> None:
    assert function_of_route(name) in items()


@pytest.mark.req("SLA-02")
def test_every_kind_of_batch_counts_for_a_function_of_the_catalogue() -> None:
    assert OF_BATCH.keys() == KINDS.keys()
    assert set(OF_BATCH.values()) <= items().keys()


def test_what_is_no_route_counts_for_none() -> None:
    assert function_of_route("no_such_route") == ""


@pytest.mark.req("SLA-01")
@pytest.mark.parametrize(
    ("function", "availability"), [("IDM-01", 100.0), ("IDM-11", 100.0), ("IDM-06", 99.5), ("ACH-01", 99.5)]
)
def test_identity_is_always_available_and_everything_else_for_99_5_percent_of_requests(
    function: str, availability: float
) -> None:
    assert target_of(function).availability == availability


@pytest.mark.req("SLA-02")
@pytest.mark.parametrize(
    ("function", "mean"),
    [("VLD-01", 3_000), ("ACH-03", 3_000), ("ACH-04", 3_000), ("PLR-01", 3_000), ("QUAL-02", 5_000), ("QUAL-03", 5_000),
     ("QUAL-04", 5_000), ("ULN-01", None)],
)  # fmt: skip
def test_the_mean_response_is_that_of_the_charter(function: str, mean: int | None) -> None:
    assert target_of(function).mean_milliseconds == mean


def test_the_infrastructure_has_the_levels_and_routes_of_the_program() -> None:
    assert LEVELS_FILE.read_text("utf-8") == render(), "python -m local.commands.described_levels writes it"


@pytest.mark.req("SLA-01", "SLA-02")
def test_every_route_is_described_once_with_the_targets_of_its_function() -> None:
    functions = described()["functions"]
    found = [
        (method, route["path"])
        for function in functions.values()
        for route in function["routes"]["web"]
        for method in route["methods"]
    ]
    heads = [("HEAD", entry.path) for entry in ENTRIES if entry.method == "GET"]
    assert sorted(found) == sorted([*((entry.method, entry.path) for entry in ENTRIES), *heads])
    for number, function in functions.items():
        assert Target(function["availability"], function["meanMilliseconds"]) == target_of(number)
        assert function["title"] == items()[number].title
        assert function["channels"]


@pytest.mark.req("SLA-01", "SLA-02", "SLA-04")
def test_the_functions_of_pages_are_described_with_their_targets_and_have_the_channel_of_the_portal() -> None:
    pages = described()["pages"]
    assert pages.keys() == {function_of_route(page.name) for page in PAGES}
    for number, page in pages.items():
        assert Target(page["availability"], page["meanMilliseconds"]) == target_of(number)
    known = read_described(described()).functions
    assert {number for number, one in known.items() if "portal" in one.channels} == pages.keys()
    assert known["IDM-01"].channels == ("portal",)
    assert known["VLD-01"].channels == ("webservice", "portal")
