"""What the audit stream costs, and how soon a large file is on the audit log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench import audit
from bench.meter import Meter
from chalicelib import bootstrap
from chalicelib.grants import STACK_FILE
from functions import record_audit
from local.emulated.cloud import ProvisionedCloud

CHANGES = 10_000
WITHIN_SECONDS = 10

CALL_SECONDS = 0.03
"""A batch of 25 statements on AWS; a single write takes less than 0.01."""
INSTRUCTIONS_A_SECOND = 1.5e9
"""Of one complete processor of Lambda, which a function has from 1,769 MB."""
INSTRUCTIONS = 0.35e6
"""For a change; ``python -m bench audit`` counts fewer."""


def mapping() -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in described()["mappings"] if one.get("function") == "record_audit")
    return found


def described() -> dict[str, Any]:
    description: dict[str, Any] = json.loads(STACK_FILE.read_bytes())
    return description


@pytest.fixture
def meter(module_cloud: ProvisionedCloud, monkeypatch: pytest.MonkeyPatch) -> Meter:
    services = bootstrap.services(module_cloud.environment)
    monkeypatch.setattr(record_audit, "services", lambda needs: services)
    meter = Meter()
    meter.attach(services.clients["dynamodb"])
    return meter


def calls_of(meter: Meter, first: int, changes: int) -> int:
    meter.reset()
    record_audit.handler({"Records": [audit.record(first + number) for number in range(changes)]}, None)
    return meter.dynamodb_calls


@pytest.mark.req("ACH-09", "SEC-01")
def test_calls_grow_with_the_changes_of_a_batch_and_not_faster(meter: Meter) -> None:
    assert calls_of(meter, 0, 25) == 2
    assert calls_of(meter, 100, 100) == 5
    assert calls_of(meter, 1_000, 500) == 21


@pytest.mark.req("ACH-09", "SEC-01", "SLA-03")
def test_ten_thousand_changes_of_one_shard_are_on_the_log_in_ten_seconds(meter: Meter) -> None:
    stream, function = mapping(), described()["functions"]["record_audit"]
    size = stream["batchSize"]
    power = min(1.0, function["memoryMegabytes"] / 1769) * INSTRUCTIONS_A_SECOND
    seconds = calls_of(meter, 10_000, size) * CALL_SECONDS + size * INSTRUCTIONS / power
    rounds = -(-CHANGES // (size * stream["parallelizationFactor"]))
    assert stream["batchingWindowSeconds"] + rounds * seconds <= WITHIN_SECONDS
    assert seconds <= function["timeoutSeconds"] / 6, "also when AWS is slow"
