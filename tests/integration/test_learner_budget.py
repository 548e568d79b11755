"""What finding and registering a learner may cost: AWS calls and capacity units, counted by a meter around botocore."""

from __future__ import annotations

import pytest

from bench.meter import Meter
from chalicelib import bootstrap
from chalicelib.domain.learners import LINKED
from local.emulated.cloud import ProvisionedCloud
from tests.builders.callers import caller
from tests.builders.functions import items_of
from tests.builders.learners import learner, uln, values

FIVE = ("given_name", "family_name", "date_of_birth", "gender", "last_known_post_code")


class Metered:
    """A cloud with three learners, whose calls are counted."""

    def __init__(self, cloud: ProvisionedCloud) -> None:
        self.cloud = cloud
        self.services = bootstrap.services(cloud.environment)
        self.register = cloud.table("register")
        self.index = cloud.table("person_index")
        self.audit = cloud.table("audit")
        master = learner(1, title="Ms", school_at_age_16="Any School", email_address="someone@example.org")
        linked = learner(2, given_name="Bron", date_of_birth="2004-06-01")
        self.services.learner_register.load(
            [master._replace(linked_ulns=(linked.uln,)), linked._replace(status=LINKED, master_uln=master.uln)]
        )
        self.learners = self.services.learner_services
        self.learners.find_by_demographics(caller(), self.criteria())  # so that clients and lists are there
        self.meter = Meter()
        self.meter.attach(self.services.clients["dynamodb"])
        for table in ("register", "person_index"):
            self.meter.learn(cloud.table(table), items_of(cloud, table))

    def criteria(self, **changes: str) -> dict[str, str]:
        return {name: value for name, value in values(**changes).items() if name in FIVE}


@pytest.fixture
def metered(module_cloud: ProvisionedCloud) -> Metered:
    return Metered(module_cloud)


@pytest.mark.req("ULN-01")
@pytest.mark.parametrize(("number", "given", "reads", "looks"), [(1, "Bronwen", 1, 1), (2, "Bron", 2, 2)])
def test_finding_by_uln_is_one_read_two_when_linked_and_the_audit_write(metered, number, given, reads, looks):
    outcome = metered.learners.find_by_uln(
        caller(), {"uln": uln(number), "given_name": given, "family_name": "Ashcombe"}
    )
    assert outcome.code == ("WSRC0004" if number == 1 else "WSRC0022")
    assert metered.meter.dynamodb_calls == reads + 1
    assert metered.meter.rcu[metered.register] <= reads
    assert metered.meter.wcu[metered.audit] == looks


@pytest.mark.req("ULN-01")
def test_getting_a_learner_is_one_read_and_the_audit_write(metered):
    assert metered.services.learner_retrieval.retrieve(caller(), uln(1)).learner.uln == uln(1)
    assert metered.meter.dynamodb_calls == 2
    assert metered.meter.rcu[metered.register] <= 1
    assert metered.meter.wcu[metered.audit] == 1


@pytest.mark.req("ULN-01")
def test_checking_200_ulns_is_a_read_for_100_and_an_audit_write_for_25(metered):
    sent = [uln(number) for number in range(1, 201)]
    results = metered.services.learner_retrieval.retrieve_ulns(caller(), sent)
    assert [result.code for result in results] == ["WSRC0004", "WSRC0022", *["WSRC0023"] * 198]
    assert metered.meter.calls == {"dynamodb.BatchGetItem": 2, "dynamodb.BatchExecuteStatement": 8}
    assert metered.meter.rcu[metered.register] <= 200, "one unit a ULN"
    assert metered.meter.wcu[metered.audit] == 200, "one entry a ULN"


@pytest.mark.req("ULN-02")
def test_finding_by_details_is_a_query_for_each_key_one_read_and_the_audit_write(metered):
    assert metered.learners.find_by_demographics(caller(), metered.criteria()).code == "WSRC0004"
    assert metered.meter.dynamodb_calls == 4 + 1 + 1


@pytest.mark.req("ULN-03")
def test_registering_is_a_read_of_its_blocks_the_find_one_transaction_and_the_audit_write(metered):
    outcome = metered.learners.register(caller(), values(given_name="Quentin", family_name="Zebedee", gender="1"))
    assert outcome.code == "WSRC0005"
    assert metered.meter.calls["dynamodb.TransactWriteItems"] == 1
    assert metered.meter.calls["dynamodb.BatchGetItem"] == 1
    assert metered.meter.dynamodb_calls == 1 + 4 + 4 + 1 + 1, "nobody is found at first, so it looks further"
    assert metered.meter.wcu[metered.register] == 2
    assert metered.meter.wcu[metered.index] == 2 * (4 + 4 + 1 + 2), "eight entries, the lock and two blocks"
