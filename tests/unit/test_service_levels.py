"""Every route and every kind of batch counts for one function of the catalogue."""

from __future__ import annotations

import pytest

from chalicelib.domain.service_levels import OF_BATCH, function_of_route
from chalicelib.services.batches.kinds import KINDS
from chalicelib.web.rest.table import ENTRIES
from local.commands.catalogue import items

WITHOUT = {"anything_else"}
"""What answers for a path or method that does not exist."""


@pytest.mark.req("SLA-01", "SLA-02")
@pytest.mark.parametrize("name", sorted({entry.name for entry in ENTRIES} - WITHOUT))
def test_a_route_counts_for_a_function_of_the_catalogue(name: str) -> None:
    assert function_of_route(name) in items()


@pytest.mark.req("SLA-02")
def test_every_kind_of_batch_counts_for_a_function_of_the_catalogue() -> None:
    assert OF_BATCH.keys() == KINDS.keys()
    assert set(OF_BATCH.values()) <= items().keys()


def test_what_is_no_route_counts_for_none() -> None:
    assert function_of_route("no_such_route") == ""
