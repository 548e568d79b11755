"""Learner batches through the pipeline: register, update, check; every record with its return code (ULN-06, ULN-07)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from chalicelib.bootstrap import CHUNK_LEASE
from chalicelib.domain.jobs import LEARNERS, Job, JobStatus, Source
from chalicelib.domain.learners import DELETED, LINKED, Learner
from chalicelib.domain.refusals import Refused
from chalicelib.domain.results import Outcome
from chalicelib.formats.batch.files import read_batch
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS as LAYOUT
from chalicelib.formats.batch.learner_layouts import LEARNERS_2A
from chalicelib.ports.errors import Conflict
from chalicelib.ports.messages import Delivered
from chalicelib.services.batches import apply_learners
from chalicelib.services.batches.apply import LEASE_MARGIN, ChunkBusy
from tests.builders.jobs import Pipeline, at_call, caller, poison, stopped
from tests.builders.learner_files import LRB, PROVIDER, Row, csv_file, row, xml_file
from tests.builders.learners import learner, uln
from tests.builders.organisations import organisation, provider
from tests.fakes import FakeWorld

pytestmark = pytest.mark.req("ULN-06", "ULN-07")


@pytest.fixture
def world() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(provider(PROVIDER))
    return world


@pytest.fixture
def known(world: FakeWorld) -> Learner:
    """Bronwen Ashcombe, who is on the register."""
    held = learner(1)
    world.learner_register.put(held)
    return held


def processed(steps: Pipeline, *rows: Row, job_type: str = "", layout: Layout = LAYOUT) -> Job:
    return steps.process(csv_file(rows, layout, JobType=job_type), LRB, PROVIDER, LEARNERS)


def answers(steps: Pipeline, job: Job) -> list[tuple[str, str]]:
    """Return code and ULN of each record."""
    return [(one["ReturnCode"], one["ULN"]) for one in steps.output(job)]


def another(**changes: str) -> Row:
    """A second person."""
    them = {"GivenName": "Gethin", "FamilyName": "Rowlands", "DateOfBirth": "2003-01-09", "Gender": "1"}
    return row(**them | changes)


def test_a_learner_nobody_has_is_registered(steps, world) -> None:
    job = processed(steps, row())
    [(code, uln)] = answers(steps, job)
    held = world.learner_register.get(uln)
    assert (code, held.details.family_name, held.registered_by) == ("RC001", "Ashcombe", PROVIDER)
    assert (job.status, job.counts.created, job.job_type) == (JobStatus.SUCCESSFUL, 1, "FUL")


def test_a_learner_who_is_there_is_answered_with_the_uln_and_left_alone(steps, world, known) -> None:
    job = processed(steps, row(PlaceOfBirth="Barry"))
    assert answers(steps, job) == [("RC002", known.uln)]
    assert world.learner_register.get(known.uln) == known
    assert job.counts.found == 1


def test_the_same_person_twice_in_a_file_is_one_learner(steps, world) -> None:
    job = processed(steps, row(), row(MISIdentifier="MIS-2"))
    (first, uln), (second, again) = answers(steps, job)
    assert (first, second, uln == again) == ("RC001", "RC002", True)
    assert len(world.learners.held) == 1


def test_a_linked_learner_is_answered_with_the_master(steps, world, known) -> None:
    master = learner(2, given_name="Branwen", family_name="Price")
    world.learner_register.put(master._replace(linked_ulns=(known.uln,)))
    world.learner_register.put(known._replace(status=LINKED, master_uln=master.uln))
    job = processed(steps, row(), row(ULN=known.uln, PlaceOfBirth="Barry"))
    assert answers(steps, job) == [("RC004", master.uln)] * 2
    assert all("ACL004" in one["Notices"] for one in steps.output(job))


@pytest.mark.req("ULN-09")
def test_nothing_is_revealed_of_a_restricted_master(steps, world, known) -> None:
    master = learner(2, given_name="Branwen", family_name="Price")
    world.learner_register.put(master._replace(linked_ulns=(known.uln,), restricted=True))
    world.learner_register.put(known._replace(status=LINKED, master_uln=master.uln))
    files = [processed(steps, row(), row(ULN=known.uln, PlaceOfBirth="Barry"))]
    files.append(processed(steps, row(), job_type="CHK"))
    assert all(master.uln not in output.values() for job in files for output in steps.output(job))
    assert [code for job in files for code, _ in answers(steps, job)] == ["RC009", "RC005", "RC005"]


def test_another_verification_type_replaces_a_described_one(steps, world) -> None:
    held = learner(1)
    described = held.details._replace(verification_type="999", other_verification_description="Letter")
    world.learner_register.put(held._replace(details=described))
    job = processed(steps, row(ULN=held.uln, VerificationType="2"))
    assert answers(steps, job) == [("RC003", held.uln)]
    details = world.learner_register.get(held.uln).details
    assert (details.verification_type, details.other_verification_description) == ("2", "")


def test_a_record_that_stops_the_program_affects_itself_only(steps, world, monkeypatch) -> None:
    poison(monkeypatch, apply_learners, "parse_learner", "Poison")
    delivered = steps.drop(csv_file([row(), another(GivenName="Poison")], LAYOUT), LRB, PROVIDER, LEARNERS)
    job_id = steps.split.run(delivered).job_id
    for _ in range(2):
        stopped(steps, job_id)
    steps.settle()
    job = steps.job(job_id)
    assert [code for code, _ in answers(steps, job)] == ["RC001", ""]
    assert (job.counts.created, job.counts.not_processed) == (1, 1)


@pytest.mark.req("SLA-03")
def test_a_record_that_was_applied_is_answered_so_although_it_stops_the_program_now(steps, world, monkeypatch) -> None:
    job_id = steps.split.run(steps.drop(csv_file([row(), another()]), LRB, PROVIDER, LEARNERS)).job_id
    steps.crashing(steps.job(job_id), "files.write_if_absent")
    poison(monkeypatch, apply_learners, "parse_learner", "Gethin")
    stopped(steps, job_id)
    steps.settle()
    assert [code for code, _ in answers(steps, steps.job(job_id))] == ["RC001", "RC001"]


@pytest.mark.req("SLA-03")
def test_giving_up_is_not_stopped_by_a_record_that_stops_the_program(steps, monkeypatch) -> None:
    job_id = steps.split.run(steps.drop(csv_file([row(), another()]), LRB, PROVIDER, LEARNERS)).job_id
    monkeypatch.setattr(apply_learners, "parse_learner", lambda *_: {}["none"])
    steps.apply.run(job_id, 0, give_up=True)
    assert [one.outcome for one in steps.results(job_id).values()] == [Outcome.NOT_PROCESSED] * 2


@pytest.mark.parametrize(("left", "registered"), [(timedelta(), 0), (timedelta(seconds=1), 1)])
def test_nobody_is_registered_in_the_last_part_of_the_lease(left, registered, steps, world) -> None:
    job_id = steps.split.run(steps.drop(csv_file([row()]), LRB, PROVIDER, LEARNERS)).job_id
    at_call(world, "audit.record", lambda: world.clock.advance(CHUNK_LEASE - LEASE_MARGIN - left))
    with suppress(ChunkBusy):
        steps.apply.run(job_id, 0)
    assert len(world.learners.held) == registered


def test_a_possible_match_waits_for_a_person_and_nobody_is_registered(steps, world, known) -> None:
    job = processed(steps, row(GivenName="Bron", MISIdentifier="MIS-9"))
    [pending] = world.pending_matches.held.values()
    assert answers(steps, job) == [("RC007", "")]
    assert (pending.candidates, pending.mis_identifier, pending.job_id) == ((known.uln,), "MIS-9", job.job_id)
    assert (len(world.learners.held), job.counts.possible, job.error_key) == (1, 1, "")


def test_too_many_possible_matches_wait_too_and_nobody_is_named(steps, world) -> None:
    world.person_index.most = 0
    world.learner_register.put(learner(1, given_name="Bron"))
    job = processed(steps, row())
    [pending] = world.pending_matches.held.values()
    assert (answers(steps, job), pending.candidates) == ([("RC008", "")], ())


def test_an_update_changes_what_is_given_and_keeps_the_rest(steps, world, known) -> None:
    job = processed(steps, row(ULN=known.uln, PlaceOfBirth="Barry", LastKnownPostCode=""))
    held = world.learner_register.get(known.uln)
    assert answers(steps, job) == [("RC003", known.uln)]
    assert (held.details.place_of_birth, held.details.last_known_post_code) == ("Barry", "CF10 1AA")
    assert (held.version_number, held.last_updated_by, held.last_updated_via_channel) == (2, PROVIDER, "batch")
    assert job.counts.updated == 1


def test_an_update_that_changes_nothing_writes_nothing(steps, world, known) -> None:
    assert answers(steps, processed(steps, row(ULN=known.uln))) == [("RC002", known.uln)]
    assert world.learner_register.get(known.uln) == known


def test_an_update_never_changes_a_pupil_number_that_is_held(steps, world) -> None:
    held = learner(1, unique_pupil_number="A123456789012")
    world.learner_register.put(held)
    processed(steps, row(ULN=held.uln, UPN="B123456789012", PlaceOfBirth="Barry"))
    assert world.learner_register.get(held.uln).details.unique_pupil_number == "A123456789012"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"FamilyName": "Rowlands", "PreviousFamilyName": "Ashcombe"}, "RC003"),
        ({"FamilyName": "Rowlands"}, "RC003"),
        ({"DateOfBirth": "2004-05-18"}, "RC003"),
        ({"GivenName": "Gethin", "FamilyName": "Rowlands"}, "RC005"),
        ({"FamilyName": "Rowlands", "DateOfBirth": "2001-01-01"}, "RC005"),
    ],
)
def test_a_uln_with_another_persons_names_changes_nobody(changes, code, steps, world, known) -> None:
    job = processed(steps, row(ULN=known.uln, **changes))
    assert answers(steps, job) == [(code, known.uln)]
    assert (world.learner_register.get(known.uln) == known) == (code == "RC005")


@pytest.mark.parametrize("status", [DELETED, ""])
def test_a_uln_that_nobody_has_or_has_any_more_is_not_found(status, steps, world) -> None:
    held = learner(1)
    if status:
        world.learner_register.put(held._replace(status=status))
    job = processed(steps, row(ULN=held.uln))
    assert (answers(steps, job), job.counts.not_found) == ([("RC005", held.uln)], 1)
    assert [one["ErrorCodes"] for one in steps.errors(job)] == ["WSRC0019"]


def test_whether_the_learner_shares_cannot_be_taken_back(steps, world, known) -> None:
    job = processed(steps, row(ULN=known.uln, PrivacyNoticeSeen="0"))
    assert answers(steps, job) == [("RC009", known.uln)]
    assert world.learner_register.get(known.uln) == known


def test_an_update_that_others_keep_overtaking_is_reported(steps, world, known, monkeypatch) -> None:
    def overtaken(*_: Learner, entry: object) -> None:
        raise Conflict

    monkeypatch.setattr(world.learner_register, "update", overtaken)
    assert answers(steps, processed(steps, row(ULN=known.uln, PlaceOfBirth="Barry"))) == [("RC009", known.uln)]


def test_good_records_are_done_although_others_fail_and_the_error_file_is_sent_back(steps, world) -> None:
    job = processed(steps, row(), another(GivenName=""), another(UCI="7"))
    assert [code for code, _ in answers(steps, job)] == ["RC001", "RC010", "RC012"]
    assert (job.status, job.counts.refused, job.counts.field_data_errors) == (JobStatus.SUCCESSFUL, 2, 2)
    corrected = world.files.data("results", job.error_key).replace(b'"7"', b'"123456789012A"')
    again = steps.process(corrected, "LRB_90000101_020320260930.CSV", PROVIDER, LEARNERS)
    assert [code for code, _ in answers(steps, again)] == ["RC010", "RC001"]


def test_a_check_changes_nothing(steps, world, known) -> None:
    rows = [row(), row(GivenName="Bron"), another(), row(ULN=known.uln), another(ULN=known.uln), row(ULN="1000000019")]
    job = processed(steps, *rows, job_type="CHK")
    assert [code for code, _ in answers(steps, job)] == ["RC002", "RC007", "RC005", "RC002", "RC005", "RC005"]
    assert (len(world.learners.held), world.pending_matches.held) == (1, {})
    assert job.job_type == "CHK"


def test_the_output_file_has_the_columns_of_the_record_and_the_answer_behind_them(steps, known) -> None:
    job = processed(steps, row(ULN="", MISIdentifier="=1+1 A"))
    [output] = steps.output(job)
    assert tuple(output)[: len(LAYOUT.record)] == LAYOUT.record_names
    assert (output["SubmittedULN"], output["RecordNumber"], output["Outcome"]) == ("", "1", "REFUSED")
    assert output["MISIdentifier"] == "'=1+1 A"


def test_a_file_of_the_version_before_is_read_and_answered_in_it(steps, world) -> None:
    job = processed(steps, row(LEARNERS_2A, MiddleOtherName="Mai", AbilityToShare="1"), layout=LEARNERS_2A)
    [output] = steps.output(job)
    assert (output["ReturnCode"], output["MiddleOtherName"]) == ("RC001", "Mai")
    assert world.learner_register.get(output["ULN"]).details.middle_other_name == "Mai"


def test_an_xml_file_gets_xml_results(steps, world) -> None:
    job = steps.process(xml_file([row(), row(FamilyName="")]), LRB.replace("CSV", "XML"), PROVIDER, LEARNERS)
    output = world.files.data("results", job.output_key).decode()
    assert "<LearnerBatchResults>" in output
    assert "<ReturnCode>RC001</ReturnCode>" in output
    assert read_batch(world.files.data("results", job.error_key), "errors.xml", LAYOUT).failures == []


def test_a_file_without_the_column_of_the_job_type_is_accepted(steps, world) -> None:
    data = csv_file([row()]).replace(b'"JobType",', b"").replace(b'"1","","",', b'"1","",')
    job = steps.process(data, LRB, PROVIDER, LEARNERS)
    assert ([code for code, _ in answers(steps, job)], job.job_type) == (["RC001"], "FUL")


def test_a_file_may_be_begun_as_a_check_and_must_not_say_otherwise(steps, world) -> None:
    jobs = steps.submit.of_kind(LEARNERS)
    ended = []
    for stated in ("", "FUL"):
        begun = jobs.begin(caller(PROVIDER), LRB, job_type="CHK")
        version = world.files.put("inbox", begun.form.fields["key"], csv_file([row()], JobType=stated))
        steps.split.run(Delivered(Source("inbox", begun.form.fields["key"], version), world.clock()))
        steps.settle()
        ended.append(steps.job(begun.job.job_id))
    assert ([code for code, _ in answers(steps, ended[0])], ended[0].job_type) == (["RC005"], "CHK")
    assert [(why.code, why.field) for why in ended[1].rejection] == [("ACB016", "JobType")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"LearnerRecordCount": "2"}, "WSRC0017"), ({"JobType": "ALL"}, "ACB016"), ({"FileVersion": "9Z"}, "ACB015"),
     ({"UKPRN": "90000102"}, "ACB014")],
)  # fmt: skip
def test_a_file_that_contradicts_itself_is_refused_as_a_whole(changes, code, steps, world) -> None:
    job = steps.process(csv_file([row()], **changes), LRB, PROVIDER, LEARNERS)
    assert (job.status, [why.code for why in job.rejection]) == (JobStatus.FAILED, [code])
    assert not world.learners.held


def test_more_than_two_hundred_records_are_refused(steps) -> None:
    job = steps.process(csv_file([row()] * 201), LRB, PROVIDER, LEARNERS)
    assert [why.code for why in job.rejection] == ["WSEC0046"]


def test_an_awarding_organisation_registers_nobody(steps, world) -> None:
    world.accounts.put(organisation(PROVIDER))
    assert [why.code for why in processed(steps, row()).rejection] == ["LRS-LRB-9"]


def test_what_is_cancelled_before_it_is_applied_is_answered_so(steps, world) -> None:
    delivered = steps.drop(csv_file([row()]), LRB, PROVIDER, LEARNERS)
    job = steps.split.run(delivered)
    steps.submit.of_kind(LEARNERS).cancel(caller(PROVIDER), job.job_id)
    steps.settle()
    job = steps.job(job.job_id)
    assert (job.status, job.counts.cancelled, len(world.learners.held)) == (JobStatus.CANCELLED, 1, 0)


@pytest.mark.req("SLA-03")
def test_after_thirty_six_hours_the_rest_is_answered_as_our_fault(steps, world) -> None:
    job = steps.split.run(steps.drop(csv_file([row()]), LRB, PROVIDER, LEARNERS))
    world.queues.waiting["chunks"].clear()
    world.clock.advance(timedelta(hours=37))
    steps.watch.run()
    steps.settle()
    assert steps.job(job.job_id).counts.not_processed == 1
    assert not world.learners.held


@pytest.mark.req("SEC-01")
def test_every_uln_is_in_the_audit_log_before_it_is_returned(steps, world, known) -> None:
    job = processed(steps, row(), another())
    answered = {f"ULN#{uln}" for _, uln in answers(steps, job)}
    looked = {entry.subject for entry in world.audit.held.values() if entry.action == "learner-in-file-registered"}
    assert looked == answered | {f"JOB#{job.job_id}"}


@pytest.mark.req("SEC-02")
def test_the_notice_counts_and_names_nobody(steps, world) -> None:
    job = processed(steps, row())
    [mail] = world.mail.sent
    assert mail.subject == f"Learner batch finished: job {job.job_id}"
    assert "New learners: 1" in mail.body
    assert f"/learner-batches/{job.job_id}" in mail.body
    assert "Ashcombe" not in mail.body + mail.subject
    assert answers(steps, job)[0][1] not in mail.body


def test_a_job_of_one_kind_is_not_found_as_another(steps) -> None:
    job = processed(steps, row())
    with pytest.raises(Refused, match="WSRC0018"):
        steps.submit.get(caller(PROVIDER), job.job_id)
    assert steps.submit.of_kind(LEARNERS).get(caller(PROVIDER), job.job_id) == job
    assert steps.submit.of_kind(LEARNERS).page(caller(PROVIDER), 10, "").items == [job]


def test_a_record_accepted_with_a_notice_is_counted(steps, known) -> None:
    job = processed(steps, row(GivenName="Bron"), another(), row(Gender=""))
    codes = [(one["ReturnCode"], bool(one["Notices"])) for one in steps.output(job)]
    assert codes == [("RC007", True), ("RC001", False), ("RC006", False)]
    assert job.counts.noticed == 1


@pytest.mark.parametrize(("job_type", "code"), [("FUL", "WSRC0019"), ("CHK", "ACL002")])
def test_a_refused_record_is_compared_with_the_register_too(job_type: str, code: str, steps, known) -> None:
    rows = [row(ULN=known.uln, Gender="7"), row(ULN=uln(77), Gender="7"), row(ULN=uln(77), UPN="1", GivenName="")]
    found = steps.output(processed(steps, *rows, job_type=job_type))
    assert [(one["ReturnCode"], set(one["ErrorCodes"].split("; "))) for one in found] == [
        ("RC011", {"ACF005"}),
        ("RC011", {"ACF005", code}),
        ("RC010", {"ACF003", "ACF001", code}),
    ]


@pytest.mark.parametrize("job_type", ["FUL", "CHK"])
def test_a_refused_record_of_a_learner_registered_a_moment_ago_has_no_reason_of_the_register(
    job_type: str, steps, world, known
) -> None:
    world.learners.lagging[known.uln] = None
    [output] = steps.output(processed(steps, row(ULN=known.uln, Gender="7"), job_type=job_type))
    assert output["ErrorCodes"] == "ACF005"


def test_a_refused_record_is_compared_with_what_the_records_before_it_have_made(steps, known) -> None:
    renamed = {"ULN": known.uln, "FamilyName": "Quartermaine"}
    job = processed(steps, row(**renamed), row(**renamed, Gender="7", DateOfBirth=""))
    assert [(one["ReturnCode"], one["ErrorCodes"]) for one in steps.output(job)] == [("RC003", ""), ("RC011", "ACF005")]


def test_a_refused_record_is_looked_up_after_the_look_is_in_the_audit_log(steps, world, known) -> None:
    calls: list[str] = []
    world.hook = calls.append
    processed(steps, row(ULN=known.uln, Gender="7"))
    assert calls.index("audit.record") < calls.index("learner_register.read")


def test_a_refused_record_that_cannot_be_compared_affects_itself_only(steps, world, known, monkeypatch) -> None:
    read = type(world.learner_register).read

    def poisonous(self, ulns, **how):
        wanted = list(ulns)
        if uln(77) in wanted:
            raise ZeroDivisionError
        return read(self, wanted, **how)

    monkeypatch.setattr(type(world.learner_register), "read", poisonous)
    delivered = steps.drop(
        csv_file([row(ULN=uln(77), Gender="7"), row(ULN=known.uln, Gender="7")]), LRB, PROVIDER, LEARNERS
    )
    job = steps.split.run(delivered)
    for _ in range(3):
        with suppress(ZeroDivisionError):
            steps.apply.run(job.job_id, 0)
        world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
    steps.settle()
    assert steps.outcomes(job) == [Outcome.NOT_PROCESSED, Outcome.REFUSED]
