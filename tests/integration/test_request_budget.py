"""What a request costs through the whole application while its caller is remembered: calls to AWS, by a meter."""

from __future__ import annotations

import pytest

from bench.costs import counted_requests, read_counts
from bench.handlers import NEEDED, staged
from bench.meter import Meter

CALLS = {
    "create": {"BatchGetItem": 1, "PutItem": 1},
    "verify": {"BatchGetItem": 1, "BatchExecuteStatement": 1},
    "find by ULN": {"GetItem": 1, "BatchExecuteStatement": 1},
    "record of 20 events": {"Query": 1, "BatchExecuteStatement": 1},
}
"""By operation; the statement is the entry in the audit log. A create's entry is made by the register's stream."""


@pytest.mark.req("SLA-02", "IDM-11")
def test_no_request_reads_its_caller_again_within_five_seconds() -> None:
    found: dict[str, dict[str, int]] = {}
    meter = Meter()
    with staged() as stage:
        meter.attach(stage.services.clients["dynamodb"])
        for operation in stage.operations:
            if operation.name and operation.name != "create":
                stage.app(operation.event, None)
            meter.reset()
            assert stage.app(operation.event, None)["statusCode"] == operation.status
            found[operation.name] = {name.partition(".")[2]: count for name, count in meter.calls.items()}
    assert {name: found[name] for name in CALLS} == CALLS
    assert all(sum(found[name].values()) == NEEDED[name] for name in CALLS)


def test_the_cost_sheet_has_what_each_request_costs() -> None:
    with staged() as stage:
        found = counted_requests(stage)
    for name, counts in read_counts()["requests"].items():
        sizes = {kind: pytest.approx(counts[kind], rel=0.05) for kind in ("answer_bytes", "log_bytes")}
        assert found[name] == {**counts, **sizes}, "python -m bench.costs --count counts again"
