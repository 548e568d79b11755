"""What pages cost: calls to DynamoDB and capacity units, counted by a meter around botocore; and that the first one
after a restore costs no more than the second.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.first_requests import COMPILED
from bench.restores import TARGET, counts, record
from chalicelib.web.portal import rendering, table
from local.emulated.cloud import ProvisionedCloud
from tests.budget.page_costs import PAGES, Cost
from tests.budget.stage import Stage

RESTORED = {
    "show_sign_in", "submit_sign_in", "show_home", "submit_own_contact", "show_achievement_batch",
    "submit_new_achievement_batch", "show_verify", "show_verified", "show_learner", "show_record", "show_users",
    "show_stuck_jobs", "show_status",
}  # fmt: skip
"""Pages that are counted after a restore: every family would take half a minute."""


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
    found = (meter.dynamodb_calls, sum(meter.rcu.values()), sum(meter.wcu.values()), meter.other_calls)
    assert found == (cost.calls, cost.reads, cost.writes, cost.others), dict(meter.calls)


@pytest.mark.req("SLA-02")
@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python before 3.12 cannot count lines")
def test_the_first_page_after_a_restore_runs_hardly_more_lines_than_the_second(stage: Stage, tmp_path: Path) -> None:
    rendering.compile_templates(tmp_path / COMPILED)
    events = ((cost.page, stage.event(cost)) for cost in PAGES if cost.page in RESTORED)
    recordings = record(stage.services, events, "portal")
    assert recordings.keys() == RESTORED
    assert {name for name, one in recordings.items() if one.status >= 500} == set()
    found = counts(recordings, tmp_path)
    assert {name: (one, two) for name, (one, two) in found.items() if one > two * TARGET} == {}
