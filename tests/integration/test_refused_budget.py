"""What comparing refused learner and verification records with the register may cost, counted around botocore."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest

from bench.meter import Meter
from bench.path import process
from chalicelib import bootstrap
from chalicelib.domain.jobs import LEARNERS, VERIFICATIONS, Source
from chalicelib.domain.refusals import Refused
from chalicelib.formats.batch.learner_layouts import LEARNERS as LEARNER_LAYOUT
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS as VERIFICATION_LAYOUT
from chalicelib.ports.messages import Delivered
from local.emulated.cloud import ProvisionedCloud
from tests.builders.callers import caller
from tests.builders.functions import items_of
from tests.builders.learner_files import LRB, PROVIDER, VLD, csv_file, row
from tests.builders.learners import learner, uln
from tests.builders.organisations import provider

RECORDS = 200
NAMES = {"given_name": "Bronwen", "family_name": "Ashcombe"}


class Metered:
    """A cloud of two hundred learners whose calls are counted."""

    def __init__(self, cloud: ProvisionedCloud) -> None:
        self.cloud = cloud
        self.services = bootstrap.services(cloud.environment)
        self.services.accounts.put(provider(PROVIDER))
        self.services.learner_register.load(learner(number) for number in range(RECORDS))
        self.meter = Meter()
        self.meter.attach(self.services.clients["dynamodb"])
        self.register = cloud.table("register")
        self.meter.learn(self.register, items_of(cloud, "register"))

    def submit(self, kind: str, name: str, data: bytes) -> int:
        """Process a file, counting from zero; the number of refused records."""
        key = f"drop/{PROVIDER}/{kind}/{name}"
        stored = self.cloud.client("s3").put_object(Bucket=self.cloud.bucket("inbox"), Key=key, Body=data)
        self.meter.reset()
        delivered = Delivered(Source("inbox", key, stored["VersionId"]), datetime.now(UTC))
        return process(self.services, delivered).counts.refused


@pytest.fixture(scope="module")
def metered(module_cloud: ProvisionedCloud) -> Metered:
    return Metered(module_cloud)


@pytest.mark.req("ULN-06", "VLD-03")
@pytest.mark.parametrize(
    ("kind", "layout", "name", "header"),
    [
        (LEARNERS, LEARNER_LAYOUT, LRB, {"JobType": "FUL"}),
        (LEARNERS, LEARNER_LAYOUT, LRB, {"JobType": "CHK"}),
        (VERIFICATIONS, VERIFICATION_LAYOUT, VLD, {}),
    ],
    ids=["update", "check", "verification"],
)
def test_a_refused_record_costs_half_a_read_unit_and_a_hundredth_of_a_call(kind, layout, name, header, metered):
    rows = [row(layout, ULN=uln(number), Gender="7") for number in range(RECORDS)]
    assert metered.submit(kind, name, csv_file(rows, layout, **header)) == RECORDS
    meter = metered.meter
    assert meter.rcu[metered.register] / RECORDS <= 0.5
    assert meter.calls["dynamodb.BatchGetItem"] / RECORDS <= 0.01
    assert meter.wcu[metered.register] == 0


@pytest.mark.req("ULN-04", "VLD-01")
def test_a_refused_request_costs_one_read_of_half_a_unit(metered):
    requests = (
        lambda: metered.services.learner_services.update(caller(), uln(1), NAMES | {"gender": "7"}, 1),
        lambda: metered.services.verify_learner.verify(caller(), {"uln": uln(1), **NAMES, "gender": "7"}),
    )
    for request in requests:
        metered.meter.reset()
        with suppress(Refused):
            request()
        assert metered.meter.rcu[metered.register] == 0.5
        assert metered.meter.dynamodb_calls == 2, "the learner and the entry in the audit log"
