"""The sample data: its contents, and that the rules answer its files as expected."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from chalicelib.domain.achievement_records import Faulty, parse_record
from chalicelib.domain.achievement_rules import rule_failures
from chalicelib.domain.achievements import Achievement, Checked, Key, Provenance, Submission, fold
from chalicelib.domain.aims import AimKind, check_character_ok, parse_aim_reference
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.learners import DELETED, LINKED
from chalicelib.domain.names import parse_name
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.domain.uln import parse_uln
from chalicelib.domain.values import parse_postcode
from chalicelib.domain.working_time import ten_working_days_before
from chalicelib.formats.batch.files import read_batch
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.registers.catalogue_files import read_snapshot
from chalicelib.reference import lists
from chalicelib.services.verification import compared, details_of, with_verification
from local.samples.catalogue import owned_by
from local.samples.world import Samples, mixed_file, samples
from tests.fakes import FakeWorld

TODAY = date(2026, 6, 17)


@pytest.fixture(scope="module")
def world() -> Samples:
    return samples(learners=3_000)


def answers(world: Samples, data: bytes, file_name: str, ukprn: str, submitted_on: date) -> list[RecordResult]:
    """The answer of the rules to each record, applied one by one from the first to the last."""
    batch = read_batch(data, file_name, ACHIEVEMENTS)
    assert not batch.failures
    catalogue = read_snapshot(world.snapshot("test"))
    register = FakeWorld().learners
    for learner in world.learners:
        register.put(learner)
    submission = Submission(
        ukprn,
        world.organisation(ukprn).recognition_numbers,
        submitted_on,
        SubmissionType(batch.header["SubmissionType"]),
        ten_working_days_before(submitted_on, lists().bank_holidays),
    )
    stored: dict[Key, Achievement] = {}
    found = []
    for record in batch.records:
        parsed = parse_record(record.values)
        reasons = [*record.failures, *(parsed.failures if isinstance(parsed, Faulty) else ())]
        command = parsed.command if isinstance(parsed, Faulty) else parsed
        reasons += rule_failures(command, submission, catalogue)
        checked = Checked(record.number, command, reasons=tuple(reasons))
        if command.key.uln:
            checked = with_verification(checked, compared(register, {1: details_of(command)})[1])
        if checked.is_refused:
            found.append(checked.answered(Outcome.REFUSED))
            continue
        folded = fold(
            stored.get(command.key), [checked], submission, Provenance("", ukprn, "", "batch"),
            catalogue.aim(command.key.aim_reference),
        )  # fmt: skip
        if folded.state is not None:
            stored[command.key] = folded.state
        found.append(folded.results[record.number])
    return found


@pytest.mark.req("ACH-01", "ACH-06")
@pytest.mark.parametrize("ukprn", ["90000051", "90000054"])
@pytest.mark.parametrize("xml", [False, True], ids=["csv", "xml"])
@pytest.mark.parametrize(("seed", "submitted_on"), [(1, TODAY), (2, date(2026, 6, 19))])
def test_the_rules_answer_every_record_of_a_mixed_file_as_it_was_made_to_be(world, ukprn, xml, seed, submitted_on):
    data, expected = mixed_file(2_000, seed, world=world, ukprn=ukprn, today=TODAY, xml=xml)
    found = answers(world, data, expected.file_name, ukprn, submitted_on)
    assert [
        (result.number, result.outcome, tuple(sorted(reason.code for reason in result.failures))) for result in found
    ] == list(expected.records)


def test_the_expectation_counts_its_own_records(world):
    _, expected = mixed_file(1_000, 5, world=world, today=TODAY)
    assert sum(expected.outcomes.values()) == len(expected.records) == 1_000
    assert expected.outcomes == Counter(record.outcome for record in expected.records)
    assert expected.codes == Counter(code for record in expected.records for code in record.codes)


def test_a_full_file_has_every_action_and_every_kind_of_fault(world):
    _, expected = mixed_file(10_000, 1, world=world, today=TODAY)
    assert {"CREATED", "UPDATED", "WITHDRAWN", "REINSTATED", "UNCHANGED", "REFUSED"} == set(expected.outcomes)
    assert len(expected.codes) >= 28
    assert 0.03 < expected.outcomes["REFUSED"] / 10_000 < 0.06


@pytest.mark.parametrize("count", [1, 2, 7, 60])
def test_a_file_has_the_requested_number_of_records(world, count):
    data, expected = mixed_file(count, 3, world=world, today=TODAY)
    batch = read_batch(data, expected.file_name, ACHIEVEMENTS)
    assert len(batch.records) == len(expected.records) == count
    assert not batch.failures


def test_no_file_is_without_records(world):
    with pytest.raises(ValueError, match="at least one"):
        mixed_file(0, 1, world=world, today=TODAY)


def test_the_same_seed_makes_the_same_and_another_seed_another(world):
    assert mixed_file(300, 4, world=world, today=TODAY) == mixed_file(300, 4, world=world, today=TODAY)
    assert mixed_file(300, 4, world=world, today=TODAY) != mixed_file(300, 5, world=world, today=TODAY)
    assert samples(7, 500) == samples.__wrapped__(7, 500)
    assert samples(7, 500) != samples(8, 500)


def test_learners_have_valid_ulns_and_details_that_the_register_would_take(world):
    assert len({learner.uln for learner in world.learners}) == 3_000
    for learner in world.learners:
        assert parse_uln(learner.uln) == learner.uln
        for name in (learner.given_name, learner.family_name, learner.previous_family_name):
            assert not name or parse_name(name, "name") == name
        assert not learner.postcode or parse_postcode(learner.postcode, "postcode") == learner.postcode


def test_there_are_linked_renamed_deleted_and_restricted_learners(world):
    by_uln = {learner.uln: learner for learner in world.learners}
    linked = [learner for learner in world.learners if learner.status == LINKED]
    assert len(linked) >= 10
    assert all(by_uln[learner.master_uln].status not in (LINKED, DELETED) for learner in linked)
    assert sum(bool(learner.previous_family_name) for learner in world.learners) >= 30
    assert any(learner.status == DELETED for learner in world.learners)
    assert any(learner.restricted for learner in world.learners)
    assert any("-" in learner.family_name for learner in world.learners)


def test_the_catalogue_has_some_of_every_kind(world):
    aims = world.aims
    assert len({aim.reference for aim in aims}) == len(aims)
    assert all(parse_aim_reference(aim.reference) == aim.reference for aim in aims)
    assert all(check_character_ok(aim.reference) is not False for aim in aims)
    assert {aim.kind for aim in aims} == set(AimKind)
    assert any(aim.shared for aim in aims)
    assert any(aim.last_award and aim.last_award < TODAY for aim in aims)
    assert any(aim.first_award and aim.first_award > TODAY for aim in aims)
    assert {"Pass", "Distinction*", "A*", "9"} <= {grade for aim in aims for grade in aim.grades}


def test_every_awarding_organisation_has_aims_one_cannot_send_batches_and_one_is_suspended(world):
    bodies = [body for body in world.organisations if body.is_awarding_organisation]
    assert all(any(owned_by(list(world.aims), body)) for body in bodies)
    assert [body.batch_achievements for body in bodies].count(False) == 1
    assert [body.status for body in bodies].count("suspended") == 1
    assert all(body.batch_email.endswith(".example.org") for body in world.organisations)
