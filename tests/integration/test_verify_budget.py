"""What verifying one learner may cost: AWS calls and capacity units, counted by a meter around botocore."""

from __future__ import annotations

import pytest

from bench.meter import Meter
from chalicelib import bootstrap
from chalicelib.domain.learners import LINKED
from local.emulated.cloud import ProvisionedCloud
from tests.builders.callers import caller
from tests.builders.functions import items_of
from tests.builders.learners import learner, uln

NAMES = {"given_name": "Bronwen", "family_name": "Ashcombe"}


class Metered:
    """A cloud with a learner and one linked to them, whose calls are counted."""

    def __init__(self, cloud: ProvisionedCloud) -> None:
        self.services = bootstrap.services(cloud.environment)
        self.register, self.audit = cloud.table("register"), cloud.table("audit")
        master, linked = learner(1), learner(2, date_of_birth="2004-06-01")
        self.services.learner_register.load(
            [master._replace(linked_ulns=(linked.uln,)), linked._replace(status=LINKED, master_uln=master.uln)]
        )
        self.meter = Meter()
        self.meter.attach(self.services.clients["dynamodb"])
        self.meter.learn(self.register, items_of(cloud, "register"))
        self.verify(1)

    def verify(self, number: int, **values: str) -> str:
        self.meter.reset()
        return self.services.verify_learner.verify(caller(), {"uln": uln(number), **NAMES, **values}).response_code


@pytest.fixture(scope="module")
def metered(module_cloud: ProvisionedCloud) -> Metered:
    return Metered(module_cloud)


@pytest.mark.req("VLD-01", "SLA-02")
@pytest.mark.parametrize(
    ("number", "changes", "code", "reads", "looks"),
    [
        (1, {}, "VRC001", 1, 1),
        (1, {"gender": "1"}, "VRC005", 1, 1),
        (2, {}, "VRC002", 2, 2),
        (9, {}, "VRC006", 1, 1),
    ],
)
def test_it_is_one_read_two_when_linked_and_the_audit_write(metered, number, changes, code, reads, looks):
    assert metered.verify(number, **changes) == code
    meter = metered.meter
    assert meter.calls["dynamodb.BatchGetItem"] == reads
    assert meter.dynamodb_calls == reads + 1
    assert meter.rcu[metered.register] <= reads
    assert dict(meter.wcu) == {metered.audit: looks}
