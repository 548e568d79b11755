"""What a single achievement may cost: AWS calls and capacity units, counted by a meter around botocore."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bench.meter import Meter
from bench.path import UKPRN, load_world
from chalicelib import bootstrap
from chalicelib.domain.achievements import Key
from chalicelib.domain.codes import Action
from chalicelib.domain.results import Outcome
from chalicelib.domain.working_time import london_day
from chalicelib.storage.changes import change_of
from local.emulated.cloud import ProvisionedCloud
from local.samples.drafts import Draft, World
from local.samples.world import samples
from tests.builders.achievements import texts_of
from tests.builders.callers import caller
from tests.builders.functions import items_of
from tests.builders.stream import stream_record

CALLER = caller(UKPRN, "system")
MANY = 200


class MeteredServices:
    """Services over a cloud of the sample world, warm, whose calls are counted."""

    def __init__(self, cloud: ProvisionedCloud) -> None:
        self.cloud = cloud
        self.services = bootstrap.services(cloud.environment)
        world = samples()
        load_world(self.services, world)
        self.register, self.audit = cloud.table("register"), cloud.table("audit")
        self.meter = Meter()
        for service in ("dynamodb", "s3"):
            self.meter.attach(self.services.clients[service])
        self.meter.learn(self.register, self.items("LEARNER"))
        organisation = world.organisation(UKPRN)
        sample = World(organisation, world.learners, world.aims, world.providers)
        self._draft = Draft(sample, 7, london_day(datetime.now(UTC)))
        self.create()

    def items(self, kind: str) -> list[dict]:
        return [item for item in items_of(self.cloud, "register") if item["sk"]["S"].startswith(kind)]

    def row(self) -> dict[str, str]:
        return self._draft.create()

    def create(self, **changes: str) -> Key:
        """Create one, counting from zero."""
        row = self.row() | changes
        self.meter.reset()
        answer = self.services.achievement_services.create(CALLER, texts_of(row))
        assert answer.outcome is Outcome.CREATED
        return answer.achievement.key

    def change(self, key: Key, action: Action, **details: str) -> Outcome:
        state = self.services.achievement_services.view(CALLER, key)
        names = {"given_name": state.given_name, "family_name": state.family_name}
        today = london_day(datetime.now(UTC)).isoformat()
        self.meter.reset()
        given = {**names, "action_date": today, **details}
        return self.services.achievement_services.change(CALLER, key, action, given).outcome


@pytest.fixture(scope="module")
def metered(module_cloud: ProvisionedCloud) -> MeteredServices:
    return MeteredServices(module_cloud)


@pytest.mark.req("ACH-01", "SLA-02")
def test_a_create_is_two_calls_half_a_read_unit_and_one_write_unit(metered):
    metered.create()
    meter = metered.meter
    assert dict(meter.calls) == {"dynamodb.BatchGetItem": 1, "dynamodb.PutItem": 1}
    assert dict(meter.rcu) == {metered.register: 0.5}
    assert dict(meter.wcu) == {metered.register: 1}
    assert meter.unknown_sizes[metered.register] == 0


@pytest.mark.req("ACH-01", "SEC-01")
def test_a_create_that_the_register_refuses_reads_twice_and_keeps_the_look(metered):
    row = metered.row() | {"GivenName": "Zebedee", "FamilyName": "Quartermaine"}
    metered.meter.reset()
    with pytest.raises(Exception, match="ACL003"):
        metered.services.achievement_services.create(CALLER, texts_of(row))
    assert metered.meter.dynamodb_calls == 3
    assert metered.meter.rcu[metered.register] == 1.5
    assert dict(metered.meter.wcu) == {metered.audit: 1}


@pytest.mark.req("ACH-01", "SEC-01")
def test_a_create_that_a_rule_refuses_reads_its_learner_and_keeps_the_look(metered):
    row = metered.row() | {"ProviderUKPRN": "19999999"}
    metered.meter.reset()
    with pytest.raises(Exception, match="ACR012"):
        metered.services.achievement_services.create(CALLER, texts_of(row))
    assert metered.meter.dynamodb_calls == 2
    assert dict(metered.meter.rcu) == {metered.register: 0.5}
    assert dict(metered.meter.wcu) == {metered.audit: 1}


@pytest.mark.req("ACH-03", "ACH-04", "ACH-05")
def test_a_change_is_three_calls_and_one_write_unit(metered):
    key = metered.create()
    stored = metered.services.achievements.read([key])[key]
    language = {"language_for_assessment": "ENG" if stored.language == "CYM" else "CYM"}
    for action, outcome, details in (
        (Action.UPDATE, Outcome.UPDATED, language),
        (Action.WITHDRAW, Outcome.WITHDRAWN, {"action_reason": "SUBINERROR"}),
        (Action.REINSTATE, Outcome.REINSTATED, {"action_reason": "SUBINERROR"}),
    ):
        assert metered.change(key, action, **details) is outcome
        assert metered.meter.dynamodb_calls == 3
        assert metered.meter.rcu[metered.register] <= 1.5
        assert dict(metered.meter.wcu) == {metered.register: 1}


@pytest.mark.req("ACH-08", "SEC-01")
def test_a_look_is_one_read_and_its_audit_entry(metered):
    key = metered.create()
    metered.meter.reset()
    metered.services.achievement_services.view(CALLER, key)
    assert metered.meter.dynamodb_calls == 2
    assert metered.meter.rcu[metered.register] == 1
    assert dict(metered.meter.wcu) == {metered.audit: 1}


@pytest.mark.req("ACH-08", "ACH-09")
def test_the_stream_keeps_each_change_of_a_batch_for_a_tenth_of_a_write_unit_beside_its_audit_entry(metered):
    for _ in range(20):
        metered.create()
    images = metered.items("ACH#")
    changes = [change_of(stream_record(image, f"{n:032x}")) for n, image in enumerate((images * MANY)[:MANY])]
    metered.meter.reset()
    for start in range(0, MANY, 100):
        part = changes[start : start + 100]
        metered.services.submissions.record([(one.entry.entry_id, one.submitted) for one in part if one.submitted])
    assert metered.meter.wcu[metered.cloud.table("submissions")] / MANY <= 0.1
    assert metered.meter.dynamodb_calls == 2


@pytest.mark.req("ACH-08")
def test_a_page_of_a_day_queries_each_partition_once(metered):
    day = london_day(datetime.now(UTC))
    metered.services.achievement_lists.of_day(CALLER, day, 50)
    metered.meter.reset()
    page = metered.services.achievement_lists.of_day(CALLER, day, 50)
    assert len(page.items) == 50
    assert page.cursor
    assert metered.meter.calls["dynamodb.Query"] == 4
