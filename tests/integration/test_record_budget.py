"""What a look at a record, a challenge and a feed may cost: AWS calls and capacity units, counted around botocore."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO

import pytest

from bench.meter import Meter
from chalicelib import bootstrap
from chalicelib.domain.challenges import EventDetails, Report
from chalicelib.domain.codes import ChallengeType
from chalicelib.domain.learners import LINKED
from chalicelib.formats.feeds.event_files import SCHOOL_DATA
from chalicelib.formats.registers.catalogue_files import versioned_snapshot
from chalicelib.services.challenges import Raised
from local.emulated.cloud import ProvisionedCloud
from tests.builders.achievements import learner
from tests.builders.organisations import organisation
from tests.builders.records import FULL_AIM, UNIT, achievement, event, named, reader

EVENTS = 20
ROWS = 1_000


class MeteredRecords:
    """Services over a cloud with a record of twenty events and a linked number, warm, whose calls are counted."""

    def __init__(self, cloud: ProvisionedCloud) -> None:
        self.services = bootstrap.services(cloud.environment)
        self.register, self.audit, self.casework = (cloud.table(name) for name in ("register", "audit", "casework"))
        self.person_index = cloud.table("person_index")
        self.services.catalogues.publish(*versioned_snapshot((FULL_AIM, UNIT), (), ()))
        self.services.accounts.put(organisation())
        others = [learner(n) for n in range(2, 2 + ROWS)]
        linked = learner(1, status=LINKED, master_uln=learner(0).uln)
        self.services.learners.load([learner(0), linked, *others])
        self.services.achievements.write_all([achievement(day=1 + n) for n in range(EVENTS // 2)])
        self.events = self.services.participation_events
        self.events.write([event(event_id=f"{n:032x}") for n in range(EVENTS // 2)])
        self.records = self.services.personal_records
        self.first = self.records.record(reader(), named(learner()))
        self.meter = Meter()
        for service in ("dynamodb", "s3", "sqs"):
            self.meter.attach(self.services.clients[service])


@pytest.fixture(scope="module")
def metered(module_cloud: ProvisionedCloud) -> MeteredRecords:
    return MeteredRecords(module_cloud)


@pytest.mark.req("PLR-01", "SLA-02")
def test_a_record_of_twenty_events_is_one_query_and_its_audit_entry(metered):
    metered.meter.reset()
    answer = metered.records.record(reader(), named(learner()))
    assert len(answer.events) == EVENTS
    meter = metered.meter
    assert meter.calls["dynamodb.Query"] == 1
    assert meter.dynamodb_calls == 2
    assert meter.other_calls == 0
    assert meter.rcu[metered.register] <= 3, "twelve kilobytes, strongly consistent"
    assert dict(meter.wcu) == {metered.audit: 1}


@pytest.mark.req("PLR-01", "ULN-09")
def test_a_record_of_a_linked_number_is_one_query_more(metered):
    metered.meter.reset()
    answer = metered.records.record(reader(), named(learner(1)))
    assert answer.response_code == "WSRC0022"
    assert metered.meter.calls["dynamodb.Query"] == 2
    assert metered.meter.dynamodb_calls == 3


@pytest.mark.req("PLR-02", "SLA-02")
def test_a_record_that_has_not_changed_costs_no_more_than_the_query_and_its_audit_entry(metered):
    metered.meter.reset()
    again = metered.records.again(reader(), learner().uln, metered.first.access, if_none_match=[metered.first.tag])
    assert again.not_modified
    assert metered.meter.calls["dynamodb.Query"] == 1
    assert metered.meter.dynamodb_calls == 2
    assert dict(metered.meter.wcu) == {metered.audit: 1}


@pytest.mark.req("PLR-01")
def test_an_attempt_at_a_learner_who_is_not_registered_is_half_a_kilobyte(metered):
    metered.meter.reset()
    metered.records.record(reader(), named(learner(ROWS + 5)))
    assert metered.meter.rcu[metered.register] == 1
    assert metered.meter.dynamodb_calls == 2


@pytest.mark.req("PLR-05")
def test_a_request_for_availability_is_the_query_one_write_and_its_audit_entry(metered):
    metered.meter.reset()
    metered.records.request_availability(
        reader(), named(learner(2)), available=False, contact_type="FTF", reason="as the learner wishes"
    )
    assert metered.meter.dynamodb_calls == 3
    assert dict(metered.meter.wcu) == {metered.audit: 1, metered.register: 1}


@pytest.mark.req("PLR-05", "PLR-01")
def test_a_learner_who_changes_their_mind_for_ever_costs_no_more(metered):
    who, details = reader(), named(learner(3))

    def changed(times):
        metered.meter.reset()
        for count in range(times):
            metered.records.request_availability(
                who, details, available=bool(count % 2), contact_type="FTF", reason="\U0001f600" * 500
            )
        return metered.meter.wcu[metered.register]

    changed(4)
    first = changed(2)
    changed(20)
    assert changed(2) == first
    metered.meter.reset()
    metered.records.record(who, details)
    assert metered.meter.rcu[metered.register] <= 8


@pytest.mark.req("PLR-07")
def test_a_page_of_an_access_log_is_one_query_more_than_the_look(metered):
    metered.meter.reset()
    metered.records.access_log(reader(), named(learner()))
    assert metered.meter.calls["dynamodb.Query"] == 2
    assert metered.meter.dynamodb_calls == 3


@pytest.mark.req("LEDC-01")
def test_a_challenge_is_the_query_one_transaction_one_message_and_its_audit_entry(metered):
    report = Report(
        ChallengeType.EVENT_GRADE,
        (metered.first.events[0].id,),
        EventDetails(achieved_grade="Merit"),
        "Sam Ford",
        "",
        "sam@example.org",
    )
    metered.meter.reset()
    assert isinstance(metered.services.challenges.raise_challenge(reader(), named(learner()), report), Raised)
    meter = metered.meter
    assert meter.calls["dynamodb.TransactWriteItems"] == 1
    assert (meter.dynamodb_calls, meter.other_calls) == (3, 1)
    assert dict(meter.wcu) == {metered.audit: 1, metered.register: 2, metered.casework: 4}, (
        "the challenge, and the mark that lets it be raised once"
    )


def feed(grade: str) -> bytes:
    text = StringIO()
    writer = csv.DictWriter(text, [column.heading for column in SCHOOL_DATA.columns], lineterminator="\r\n")
    writer.writeheader()
    for number in range(2, 2 + ROWS):
        profile = learner(number)
        values = {column.heading: column.example for column in SCHOOL_DATA.columns}
        details = {"ULN": profile.uln, "GivenName": profile.given_name, "FamilyName": profile.family_name}
        born: date | None = profile.date_of_birth
        writer.writerow(
            values
            | details
            | {"RecordID": f"r{number}", "Grade": grade, "DateOfBirth": born.isoformat() if born else ""}
        )
    return text.getvalue().encode()


@pytest.mark.req("PLR-01")
def test_a_feed_costs_a_write_unit_for_each_new_event_and_none_for_one_that_is_there(metered):
    files, meter = metered.services.files, metered.meter
    imports = metered.services.import_events
    files.write("catalogue", "feeds/census.csv", feed("7"), "text/csv")
    meter.reset()
    (report,) = imports.run_arrived().files
    assert (report.new, report.refused) == (ROWS, 0)
    # Each new event has an item in the index of persons that says whose it is.
    assert meter.wcu[metered.register] / ROWS <= 1
    assert meter.wcu[metered.person_index] / ROWS <= 1
    assert meter.dynamodb_calls / ROWS <= 0.112
    meter.reset()
    (again,) = imports.run_stored(["feeds/census.csv"]).files
    assert again.unchanged == ROWS
    assert meter.wcu[metered.register] == 0
    assert meter.dynamodb_calls / ROWS <= 0.022
