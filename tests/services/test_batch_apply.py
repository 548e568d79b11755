"""Apply: the records of one chunk are decided, and written and answered once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.bootstrap import CHUNK_LEASE
from chalicelib.domain.achievements import Achievement
from chalicelib.domain.aims import Aim, AimReference
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.jobs import Job, JobStatus
from chalicelib.domain.results import Outcome
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.batches.apply import LEASE_MARGIN, ChunkBusy
from tests.builders.achievements import SHARED_AIM, ListedCatalogue, csv_file, learner, record, uln
from tests.builders.jobs import Pipeline, at_call, caller
from tests.builders.organisations import OURS, THEIRS, organisation
from tests.fakes import FakeWorld

CHUNK_RECORDS = 100

TAKEN = [Outcome.CREATED, Outcome.UPDATED, Outcome.WITHDRAWN, Outcome.REINSTATED]


def refusals(steps: Pipeline, job: Job) -> list[list[str]]:
    return [[why.code for why in result.failures if why.refuses] for result in steps.results(job.job_id).values()]


def only(world: FakeWorld) -> Achievement:
    (achievement,) = world.achievements.held.values()
    return achievement


# Results of records.


@pytest.mark.req("ACH-02", "ACH-03", "ACH-04", "ACH-05", "ACH-06")
def test_the_records_of_one_achievement_are_applied_in_file_order_as_one_version(steps, world) -> None:
    job = steps.process(csv_file([record(), record(action="2", Grade="Merit"), record(action="3"), record(action="4")]))
    assert steps.outcomes(job) == TAKEN
    (version,) = only(world).history
    assert (only(world).revision, version.actions, only(world).grade) == (1, "1234", "Pass")


@pytest.mark.req("ACH-06")
def test_good_records_load_although_others_fail(steps, world) -> None:
    job = steps.process(csv_file([record(0), record(1, Grade="Splendid"), record(2)]))
    assert steps.outcomes(job) == [Outcome.CREATED, Outcome.REFUSED, Outcome.CREATED]
    assert len(world.achievements.held) == 2


@pytest.mark.req("ACH-06")
def test_a_record_with_five_faults_gets_all_five_reasons(steps) -> None:
    wrong = record(
        action="3",
        ULN="1000000001",
        FamilyName="",
        AchievementAwardDate="31/31/2026",
        UnitOrQualificationReferenceNumber="60099999",
        ProviderUKPRN="90000099",
        ActionReason="BECAUSE",
    )
    (found,) = refusals(steps, steps.process(csv_file([wrong])))
    assert set(found) >= {"ACL001", "ACF001", "ACF004", "ACR001", "ACR012", "ACR011"}


@pytest.mark.req("ACH-09")
def test_a_version_shows_who_made_it_when_and_through_which_channel(steps, world) -> None:
    job = steps.process(csv_file([record()]))
    by = only(world).history[0].provenance
    assert (by.organisation, by.user, by.channel, by.job, by.chunk) == (OURS, "bucket", "batch", job.job_id, 0)
    assert by.at == "2026-03-02T09:00:00+00:00"


@pytest.mark.req("ACH-02")
def test_an_achievement_already_stored_is_unchanged_and_written_once(steps, world) -> None:
    steps.process(csv_file([record()]))
    again = steps.process(csv_file([record(MISIdentifier="other")]))
    assert steps.outcomes(again) == [Outcome.UNCHANGED]
    assert (world.achievements.writes, only(world).revision) == (1, 1)


@pytest.mark.req("ACH-02", "ACH-03")
def test_an_achievement_belongs_to_the_organisation_that_brought_it(steps, world) -> None:
    shared = {"UnitOrQualificationReferenceNumber": SHARED_AIM.reference}
    steps.process(csv_file([record(**shared)]))
    theirs = steps.process(csv_file([record(**shared), record(action="3", **shared)], THEIRS), ukprn=THEIRS)
    assert refusals(steps, theirs) == [["ACR007"], ["ACR014"]]
    assert only(world).owner == OURS


@pytest.mark.req("ACH-03")
def test_a_final_file_makes_provisional_achievements_final(steps, world) -> None:
    steps.process(csv_file([record()], SubmissionType="PROVISIONAL"))
    job = steps.process(csv_file([record(action="2")]))
    assert steps.outcomes(job) == [Outcome.PROMOTED]
    assert only(world).submission_type is SubmissionType.FINAL


@pytest.mark.req("ACH-10")
def test_an_old_award_is_accepted_and_marked_late(steps, world) -> None:
    job = steps.process(csv_file([record(0, AchievementAwardDate="2026-02-13"), record(1)]))
    assert [result.is_late for result in steps.results(job.job_id).values()] == [True, False]
    assert sorted(achievement.late for achievement in world.achievements.held.values()) == [False, True]
    assert job.counts.late == 1


@pytest.mark.req("ACH-10")
def test_nothing_is_said_to_be_marked_late_that_was_not_applied(steps) -> None:
    old = {"AchievementAwardDate": "2026-02-13"}
    steps.process(csv_file([record(**old)]))
    same, wrong = record(**old), record(1, Grade="Banana", **old)
    again = steps.process(csv_file([same, wrong, record(2, **old) | {"ULN": ""}]), "QCF_90000001_20260302_002.csv")
    assert [(row["Outcome"], row["Late"], row["Notices"]) for row in steps.output(again)] == [
        ("UNCHANGED", "N", ""),
        ("REFUSED", "N", ""),
        ("REFUSED", "N", ""),
    ]
    assert (again.counts.late, again.counts.noticed) == (0, 0)


# Learners.


@pytest.mark.req("ACH-06")
def test_an_unknown_learner_is_refused(steps) -> None:
    job = steps.process(csv_file([record(9)]))
    assert refusals(steps, job) == [["ACL002"]]
    assert steps.results(job.job_id)[1].return_code == "VRC006"


@pytest.mark.req("ACH-06")
def test_another_persons_name_is_refused_without_repeating_it(steps) -> None:
    job = steps.process(csv_file([record(0, GivenName="Zebedee", FamilyName="Quartermaine")]))
    (found,) = steps.results(job.job_id).values()
    assert ([why.code for why in found.failures], found.return_code) == (["ACL003"], "VRC005")
    assert "Zebedee" not in str(found)


@pytest.mark.req("ACH-06")
def test_a_learner_registered_a_moment_ago_is_found(steps, world) -> None:
    world.learners.put(learner(9), lagging=True)
    assert steps.outcomes(steps.process(csv_file([record(9)]))) == [Outcome.CREATED]


@pytest.mark.req("ACH-06")
def test_a_linked_number_is_accepted_and_its_master_returned(steps, world) -> None:
    world.learners.put(learner(9, status="2", master_uln=uln(3)))
    world.learners.put(learner(3, given_name=learner(9).given_name, family_name=learner(9).family_name))
    (found,) = steps.results(steps.process(csv_file([record(9)])).job_id).values()
    assert (found.outcome, found.master_uln) == (Outcome.CREATED, uln(3))


@pytest.mark.req("SEC-02")
def test_the_look_at_learners_is_audited_without_their_data(steps, world) -> None:
    steps.process(csv_file([record(0), record(1)]))
    (entry,) = world.audit.held.values()
    assert (entry.organisation, entry.detail["records"]) == (OURS, "2")
    assert uln(0) not in str(entry)


@pytest.mark.req("ACH-06")
def test_records_refused_by_a_check_are_compared_with_the_register_in_one_read_for_all(steps, world) -> None:
    refused = [record(0, Grade="Splendid"), record(1, ProviderUKPRN="19999999"), record(2, FamilyName="")]
    job = steps.process(csv_file([*refused, record(3, ULN="1000000001")]))
    assert steps.outcomes(job) == [Outcome.REFUSED] * 4
    assert world.calls.count("learners.profiles") == 1
    assert not {"achievements.read", "achievements.write_all"} & set(world.calls)


@pytest.mark.req("ACH-06")
def test_records_without_a_uln_that_can_be_read_cost_no_read(steps, world) -> None:
    steps.process(csv_file([record(0, ULN=""), record(1, ULN="1000000001")]))
    assert not {"learners.profiles", "achievements.read", "achievements.write_all"} & set(world.calls)


@pytest.mark.req("ACH-06", "VLD-02")
def test_an_unknown_learner_is_reported_beside_every_other_reason(steps) -> None:
    job = steps.process(csv_file([record(9, Grade="Splendid", Gender="7"), record(0, Grade="Splendid")]))
    first, second = refusals(steps, job)
    assert sorted(first) == ["ACF005", "ACL002", "ACR006"]
    assert second == ["ACR006"]
    assert [result.return_code for result in steps.results(job.job_id).values()] == ["VRC006", "VRC001"]


@pytest.mark.req("ACH-06")
def test_plain_creates_are_written_25_a_call_without_a_read(world) -> None:
    for number in range(30):
        world.learners.put(learner(number))
    steps = Pipeline(world, 100)
    assert steps.process(csv_file(record(number) for number in range(30))).counts.created == 30
    assert "achievements.read" not in world.calls


# Time and trouble.


@pytest.mark.req("ACH-06")
def test_no_write_begins_when_the_lease_is_about_to_run_out(steps, world) -> None:
    job = steps.take(csv_file([record()]))
    at_call(world, "learners.profiles", lambda: world.clock.advance(CHUNK_LEASE))
    with pytest.raises(ChunkBusy):
        steps.apply.run(job.job_id, 0)
    assert world.achievements.held == {}


@pytest.mark.req("ACH-06")
@pytest.mark.parametrize(("left", "written"), [(timedelta(), 0), (timedelta(seconds=1), 1)])
def test_no_write_begins_in_the_last_part_of_the_lease(left: timedelta, written: int, steps, world) -> None:
    job = steps.take(csv_file([record()]))
    at_call(world, "learners.profiles", lambda: world.clock.advance(CHUNK_LEASE - LEASE_MARGIN - left))
    if written:
        steps.apply.run(job.job_id, 0)
    else:
        with pytest.raises(ChunkBusy):
            steps.apply.run(job.job_id, 0)
    assert len(world.achievements.held) == written


@pytest.mark.req("ACH-06")
def test_no_results_are_stored_when_the_lease_has_run_out(steps, world) -> None:
    job = steps.take(csv_file([record()]))
    at_call(world, "achievements.write_all", lambda: world.clock.advance(CHUNK_LEASE))
    with pytest.raises(ChunkBusy):
        steps.apply.run(job.job_id, 0)
    assert not [key for key in world.files.held if "/result/" in key[1]]
    world.clock.advance(timedelta(seconds=1))
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.CREATED]


@pytest.mark.req("ACH-06")
def test_a_temporary_failure_is_never_a_records_answer(steps, world) -> None:
    job = steps.take(csv_file([record()]))

    def trouble() -> None:
        raise TemporaryFailure("slow down")

    for _ in range(4):
        at_call(world, "learners.profiles", trouble)
        with pytest.raises(TemporaryFailure):
            steps.apply.run(job.job_id, 0)
        world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.CREATED]


class Poisoned(ListedCatalogue):
    """A catalogue in which one reference stops the program."""

    def aim(self, reference: AimReference) -> Aim | None:
        if reference == "ZPOISON1":
            raise ZeroDivisionError
        return super().aim(reference)


def poisoned(world: FakeWorld, steps: Pipeline) -> Job:
    world.catalogues.publish("v2", Poisoned())
    bad = record(1, UnitOrQualificationReferenceNumber="ZPOISON1")
    return steps.take(csv_file([record(0), bad, record(2)]))


@pytest.mark.req("ACH-06")
def test_a_record_that_stops_the_program_is_isolated_at_the_third_attempt(steps, world) -> None:
    job = poisoned(world, steps)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            steps.apply.run(job.job_id, 0)
        world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.CREATED, Outcome.NOT_PROCESSED, Outcome.CREATED]
    assert [why.code for why in steps.results(job.job_id)[2].failures] == ["LRS-FAULT-1"]


@pytest.mark.req("ACH-06")
def test_a_learner_whose_verification_stops_the_program_is_isolated_too(steps, world) -> None:
    world.learners.put(learner(1, given_name=None))
    job = steps.take(csv_file([record(0), record(1), record(2)]))
    for _ in range(2):
        with pytest.raises((TypeError, AttributeError)):
            steps.apply.run(job.job_id, 0)
        world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.CREATED, Outcome.NOT_PROCESSED, Outcome.CREATED]


@pytest.mark.req("ACH-06")
def test_a_record_left_out_before_is_not_put_behind_those_it_was_to_come_before(steps, world) -> None:
    steps.process(csv_file([record(0)]))
    job = steps.take(csv_file([record(0, "2", Grade="Merit"), record(0, "3")]))
    valid = world.catalogues.versions["v1"]
    world.catalogues.versions["v1"] = StoppedOnce()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            steps.apply.run(job.job_id, 0)
        world.clock.advance(CHUNK_LEASE + timedelta(seconds=1))
    steps.crashing(job, "files.write_if_absent")
    assert only(world).history[-1].actions == "3"
    world.catalogues.versions["v1"] = valid
    steps.apply.run(job.job_id, 0)
    assert steps.outcomes(job) == [Outcome.NOT_PROCESSED, Outcome.WITHDRAWN]


class StoppedOnce(ListedCatalogue):
    """A catalogue that stops the program the first three times: for the first record of three deliveries."""

    def __init__(self) -> None:
        super().__init__()
        self.requested = 0

    def is_provider(self, ukprn: str) -> bool:
        self.requested += 1
        if self.requested <= 3:
            raise ZeroDivisionError
        return super().is_provider(ukprn)


# Giving up, cancelling.


@pytest.mark.req("SLA-03")
def test_giving_up_answers_what_is_not_applied_as_the_services_own_fault(steps, world) -> None:
    job = steps.take(csv_file(record(number) for number in range(3)))
    steps.crashing(job, "achievements.write_all", time=2)
    steps.apply.run(job.job_id, 0, give_up=True)
    assert steps.outcomes(job) == [Outcome.CREATED, Outcome.NOT_PROCESSED, Outcome.NOT_PROCESSED]
    assert steps.results(job.job_id)[2].failures[0].code == "LRS-FAULT-2"


def test_a_suspension_takes_effect_with_the_next_chunk(world) -> None:
    steps = Pipeline(world, 1)
    job = steps.take(csv_file([record(0), record(1), record(2)]))
    steps.apply.run(job.job_id, 0)
    world.accounts.put(organisation(status="suspended"))
    steps.apply.run(job.job_id, 1)
    world.accounts.put(organisation())
    steps.apply.run(job.job_id, 2)
    assert steps.outcomes(job) == [Outcome.CREATED, Outcome.CANCELLED, Outcome.CREATED]


@pytest.mark.req("SLA-03")
def test_giving_up_is_not_stopped_by_a_record_that_stops_the_program(steps, world) -> None:
    job = poisoned(world, steps)
    steps.apply.run(job.job_id, 0, give_up=True)
    assert steps.outcomes(job) == [Outcome.NOT_PROCESSED] * 3


@pytest.mark.req("ACH-07")
def test_the_records_of_a_cancelled_job_are_answered_as_cancelled(steps, world) -> None:
    job = steps.take(csv_file([record(0), record(1, Grade="Splendid")]))
    steps.submit.cancel(caller(), job.job_id)
    steps.settle()
    assert steps.outcomes(job) == [Outcome.CANCELLED] * 2
    assert world.achievements.held == {}


@pytest.mark.req("ACH-07", "SLA-03")
def test_the_records_of_a_cancelled_job_are_answered_as_cancelled_however_late(steps, world) -> None:
    job = steps.take(csv_file([record(0), record(1)]))
    steps.crashing(job, "achievements.write_all", time=2)
    steps.submit.cancel(caller(), job.job_id)
    world.clock.advance(timedelta(hours=37))
    steps.watch.run()
    steps.settle()
    assert steps.outcomes(job) == [Outcome.CREATED, Outcome.CANCELLED]
    assert steps.job(job.job_id).status is JobStatus.CANCELLED


@pytest.mark.req("ACH-06")
def test_a_suspended_organisations_records_are_answered_as_cancelled(steps, world) -> None:
    job = steps.take(csv_file([record(0)]))
    world.accounts.put(organisation(status="suspended"))
    steps.settle()
    assert steps.outcomes(job) == [Outcome.CANCELLED]
