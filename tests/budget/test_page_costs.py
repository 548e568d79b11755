"""What pages cost: calls to DynamoDB and capacity units, counted by a meter around botocore."""

from __future__ import annotations

import pytest

from chalicelib.web.portal import table
from local.emulated.cloud import ProvisionedCloud
from tests.budget.page_costs import PAGES, Cost
from tests.budget.stage import Stage


@pytest.fixture(scope="module")
def stage(module_cloud: ProvisionedCloud) -> Stage:
    return Stage(module_cloud)


@pytest.mark.req("SLA-02")
@pytest.mark.parametrize("cost", PAGES, ids=lambda cost: cost.page)
def test_a_page_costs_what_its_budget_says(stage: Stage, cost: Cost) -> None:
    assert table.find("POST" if cost.entered else "GET", cost.path.format(**stage.known)) is not None
    seen = stage.count(cost)
    assert seen.status == (303 if cost.entered else 200)
    meter = stage.meter
    assert meter.unknown_sizes == {}
    found = (meter.dynamodb_calls, sum(meter.rcu.values()), sum(meter.wcu.values()))
    assert found == (cost.calls, cost.reads, cost.writes), dict(meter.calls)
