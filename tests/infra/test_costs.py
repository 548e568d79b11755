"""The cost sheet counts what the environment has."""

from __future__ import annotations

from typing import Any

import pytest

from bench.costs import counted_cloud, read_counts


def test_the_cost_sheet_has_what_costs_money_every_month(state: list[dict[str, Any]]) -> None:
    counts = {what: pytest.approx(number, rel=0.1) for what, number in read_counts()["cloud"].items()}
    assert counted_cloud(state) == counts, "python -m bench.costs --count counts again"
