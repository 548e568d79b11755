"""Verification batches through the pipeline: every learner's details compared with the register's (VLD-02, VLD-03)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.jobs import VERIFICATIONS, Job, JobStatus
from chalicelib.domain.learners import LINKED
from chalicelib.formats.batch.files import read_batch
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS as LAYOUT
from chalicelib.formats.batch.learner_results import VERIFIED_COLUMNS
from chalicelib.services.batches import apply_verifications
from tests.builders.achievements import learner, uln
from tests.builders.jobs import Pipeline, poison, stopped
from tests.builders.learner_files import PROVIDER, VLD, Row, csv_file, row, xml_file
from tests.builders.organisations import provider
from tests.fakes import FakeWorld

pytestmark = pytest.mark.req("VLD-02", "VLD-03")


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(provider(PROVIDER))
    for number in range(6):
        world.learners.put(learner(number))
    return world


def of(number: int, **changes: str) -> Row:
    """The record of a learner as registered."""
    held = learner(number)
    assert held.date_of_birth is not None
    valid = {"ULN": held.uln, "GivenName": held.given_name, "FamilyName": held.family_name, "Gender": held.gender}
    return row(LAYOUT, **{**valid, "DateOfBirth": held.date_of_birth.isoformat(), **changes})


def processed(steps: Pipeline, *rows: Row, **header: str) -> Job:
    return steps.process(csv_file(rows, LAYOUT, **header), VLD, PROVIDER, VERIFICATIONS)


def test_every_record_is_in_the_output_file_with_its_return_code_the_failed_ones_too(steps, world) -> None:
    world.learners.put(learner(3)._replace(status=LINKED, master_uln=learner(4).uln))
    rows = [
        of(0),
        of(1, GivenName="Olly"),
        of(2, Gender="1"),
        of(3),
        of(5, ULN="1000000019", GivenName="Nobody"),
        of(5, FamilyName=""),
        of(5, ULN="1000000018"),
    ]
    job = processed(steps, *rows)
    output = steps.output(job)
    assert [one["ResponseCode"] for one in output] == [
        "VRC001", "VRC003", "VRC005", "VRC002", "VRC005", "", "VRC006",
    ]  # fmt: skip
    assert [one["Outcome"] for one in output] == [
        "FOUND", "POSSIBLE", "NOTFOUND", "FOUND", "NOTFOUND", "REFUSED", "REFUSED",
    ]  # fmt: skip
    assert (job.counts.found, job.counts.possible, job.counts.not_found, job.counts.refused) == (2, 1, 2, 2)
    assert job.status is JobStatus.SUCCESSFUL


def test_the_output_file_has_the_fields_of_verified_learner_in_their_order(steps) -> None:
    [output] = steps.output(processed(steps, of(1, GivenName="oliver")))
    assert tuple(output) == VERIFIED_COLUMNS
    assert tuple(output)[:20] == (
        *("MISIdentifier", "SearchedULN", "SearchedFamilyName", "SearchedGivenName", "SearchedDateOfBirth"),
        *("SearchedGender", "ResponseCode", "ULN", "FamilyName", "GivenName", "DateOfBirth", "Gender"),
        *(f"FailureFlag{number}" for number in range(1, 9)),
    )
    assert (output["SearchedGivenName"], output["GivenName"]) == ("oliver", "Oliver")


@pytest.mark.req("SEC-01")
def test_a_restricted_learner_cannot_be_confirmed_by_guessing(steps, world) -> None:
    world.learners.put(learner(0, restricted=True))
    guesses = of(0), of(0, FamilyName="Quartermaine"), of(0, DateOfBirth="1999-09-09", Gender="1")
    found = steps.output(processed(steps, *guesses))
    assert [one["ResponseCode"] for one in found] == ["VRC005"] * 3
    assert [[one[f"FailureFlag{place}"] for place in (1, 2)] for one in found] == [["LEARNER_RESTRICTED", ""]] * 3


def test_details_that_do_not_agree_are_flagged_and_nothing_else_is_revealed(steps) -> None:
    [output] = steps.output(processed(steps, of(1, Gender="1", DateOfBirth="1999-01-01")))
    assert {output["FailureFlag1"], output["FailureFlag2"]} == {"DATE_OF_BIRTH_MISMATCH", "GENDER_MISMATCH"}
    assert [output[name] for name in ("ULN", "FamilyName", "GivenName", "DateOfBirth", "Gender")] == [""] * 5


def test_a_linked_learner_is_answered_with_the_masters_details(steps, world) -> None:
    world.learners.put(learner(3)._replace(status=LINKED, master_uln=learner(4).uln))
    [output] = steps.output(processed(steps, of(3)))
    assert (output["SearchedULN"], output["ULN"]) == (learner(3).uln, learner(4).uln)
    assert output["FamilyName"] == learner(4).family_name


def test_a_linked_learner_whose_names_are_only_similar_is_a_possible_match(steps, world) -> None:
    world.learners.put(learner(1)._replace(status=LINKED, master_uln=learner(4).uln))
    [output] = steps.output(processed(steps, of(1, GivenName="Olly")))
    assert (output["ResponseCode"], output["Outcome"], output["ULN"]) == ("VRC004", "POSSIBLE", learner(4).uln)


def test_what_is_not_given_is_not_compared(steps) -> None:
    [output] = steps.output(processed(steps, of(1, Gender="", DateOfBirth="")))
    assert output["ResponseCode"] == "VRC001"


def test_a_learner_registered_a_moment_ago_is_found(steps, world) -> None:
    world.learners.put(learner(7), lagging=True)
    [output] = steps.output(processed(steps, of(7)))
    assert output["ResponseCode"] == "VRC001"


def test_the_error_file_has_those_to_correct_and_is_read_again(steps, world) -> None:
    job = processed(steps, of(0), of(1, FamilyName=""), of(2, Gender="1"))
    batch = read_batch(world.files.data("results", job.error_key), "errors.csv", LAYOUT)
    assert (len(batch.records), batch.failures, batch.header["LearnerRecordCount"]) == (2, [], "2")


def test_an_xml_file_gets_xml_results(steps, world) -> None:
    job = steps.process(xml_file([of(0)], LAYOUT), VLD.replace("CSV", "XML"), PROVIDER, VERIFICATIONS)
    output = world.files.data("results", job.output_key).decode()
    assert "<VerificationBatchResults>" in output
    assert "<ResponseCode>VRC001</ResponseCode>" in output


def test_the_notice_goes_to_the_address_in_the_file(steps, world) -> None:
    processed(steps, of(0), OrgEmail="verify@provider.example")
    assert [mail.to for mail in world.mail.sent] == ["verify@provider.example"]
    refused = processed(steps, of(0), OrgEmail="nobody")
    assert [(why.code, why.field) for why in refused.rejection] == [("ACB016", "OrgEmail")]


def test_a_wrong_count_has_the_code_of_its_own_interface(steps) -> None:
    job = processed(steps, of(0), LearnerRecordCount="3")
    assert [(why.code, why.field) for why in job.rejection] == [("WSRC0030", "LearnerRecordCount")]


def test_two_hundred_learners_take_two_reads_of_the_register(world) -> None:
    for number in range(200):
        world.learners.put(learner(number))
    data = csv_file([of(number) for number in range(200)], LAYOUT)
    job = Pipeline(world, 500).process(data, VLD, PROVIDER, VERIFICATIONS)
    assert (job.counts.found, world.calls.count("learners.profiles")) == (200, 2)


@pytest.mark.req("SEC-01")
def test_every_learner_whose_details_are_returned_is_in_the_audit_log(steps, world) -> None:
    job = processed(steps, of(0), of(1, Gender="1"))
    looked = {entry.subject for entry in world.audit.held.values()}
    assert looked == {f"ULN#{learner(0).uln}", f"JOB#{job.job_id}"}


@pytest.mark.req("SLA-03")
def test_after_thirty_six_hours_the_rest_is_answered_as_our_fault(steps, world) -> None:
    job = steps.split.run(steps.drop(csv_file([of(0)], LAYOUT), VLD, PROVIDER, VERIFICATIONS))
    world.queues.waiting["chunks"].clear()
    world.clock.advance(timedelta(hours=37))
    steps.watch.run()
    steps.settle()
    ended = steps.job(job.job_id)
    assert (ended.status, ended.counts.not_processed) == (JobStatus.FAILED, 1)


def test_a_record_that_stops_the_program_affects_itself_only(steps, world, monkeypatch) -> None:
    poison(monkeypatch, apply_verifications, "parse_verification", "Poison")
    delivered = steps.drop(csv_file([of(0), of(1, GivenName="Poison")], LAYOUT), VLD, PROVIDER, VERIFICATIONS)
    job_id = steps.split.run(delivered).job_id
    for _ in range(2):
        stopped(steps, job_id)
    steps.settle()
    job = steps.job(job_id)
    assert [one["ResponseCode"] for one in steps.output(job)] == ["VRC001", ""]
    assert (job.counts.found, job.counts.not_processed) == (1, 1)


def test_a_record_accepted_with_a_notice_is_counted(steps, world) -> None:
    world.learners.put(learner(3)._replace(status=LINKED, master_uln=learner(4).uln))
    job = processed(steps, of(0), of(1, GivenName="Olly"), of(3), of(5, ULN="1000000019", GivenName="Nobody"))
    assert job.counts.noticed == sum(bool(one["Notices"]) for one in steps.output(job)) == 2
    [mail] = world.mail.sent
    assert "Accepted with a notice: 2\n" in mail.body


def test_a_refused_record_is_compared_with_the_register_too(steps) -> None:
    rows = [of(0, Gender="7"), of(1, Gender="7", FamilyName="Nobody"), of(5, ULN=uln(77), GivenName="")]
    found = steps.output(processed(steps, *rows))
    assert [(one["Outcome"], one["ResponseCode"], one["FailureFlag1"], one["ErrorCodes"]) for one in found] == [
        ("REFUSED", "", "", "ACF005"),
        ("REFUSED", "VRC005", "FAMILY_NAME_MISMATCH", "ACL003; ACF005"),
        ("REFUSED", "VRC006", "ULN_NOT_FOUND", "ACL002; ACF001"),
    ]
    assert {one[name] for one in found for name in ("ULN", "FamilyName", "GivenName", "DateOfBirth")} == {""}


def test_a_refused_record_of_a_learner_registered_a_moment_ago_has_no_reason_of_the_register(steps, world) -> None:
    world.learners.put(learner(7), lagging=True)
    [output] = steps.output(processed(steps, of(7, Gender="7")))
    assert output["ErrorCodes"] == "ACF005"
