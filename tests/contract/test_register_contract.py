"""Contract of the learner register and the stored achievements, for fake and real adapters."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.domain.achievements import Status
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.failures import failure
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.ports.errors import Conflict
from chalicelib.storage.achievement_items import apart
from tests.contract.conftest import achievement, key, profile


@pytest.mark.parametrize("consistent", [False, True])
def test_learners_are_read_by_their_numbers(world, uln, consistent):
    linked = profile(str(int(uln) + 50_000_000), status="2", master_uln=uln, restricted=True)
    world.hold_learners([profile(uln), linked])
    found = world.ports.learners.profiles([uln, linked.uln, "9999999999", uln], consistent=consistent)
    assert found == {uln: profile(uln), linked.uln: linked}


def test_more_learners_than_one_call_reads_are_read(world, uln):
    ulns = [str(int(uln) * 3 + n) for n in range(230)]
    world.hold_learners(profile(n) for n in ulns[:205])
    assert set(world.ports.learners.profiles(ulns)) == set(ulns[:205])


def test_no_ulns_give_no_learners(world):
    assert world.ports.learners.profiles([]) == {}
    assert world.ports.achievements.read([]) == {}
    assert world.ports.achievements.write_all([]) == []


@pytest.mark.partiql
@pytest.mark.req("ACH-01", "ACH-09")
def test_an_achievement_is_read_as_it_was_inserted(world, uln):
    held = achievement(key(uln), late=True, submission_type=SubmissionType.PROVISIONAL, status=Status.WITHDRAWN)
    assert world.ports.achievements.write_all([held]) == [True]
    assert world.ports.achievements.read([held.key, held.key, key(uln, "60001111")]) == {held.key: held}


@pytest.mark.partiql
@pytest.mark.req("ACH-01")
def test_an_insert_of_an_existing_key_fails_alone(world, uln):
    batch = [achievement(key(uln, awarded=date(2026, 1, 1) + timedelta(days=n))) for n in range(60)]
    there = [batch[3], batch[27], batch[59]]
    world.ports.achievements.write_all([achievement(one.key, grade="Merit") for one in there])
    inserted = world.ports.achievements.write_all(batch)
    assert [n for n, done in enumerate(inserted) if not done] == [3, 27, 59]
    stored = world.ports.achievements.read(one.key for one in batch)
    assert len(stored) == 60
    assert [stored[one.key].grade for one in there] == ["Merit"] * 3


def test_an_insert_names_a_key_once(world, uln):
    with pytest.raises(ValueError, match="distinct"):
        world.ports.achievements.write_all([achievement(key(uln)), achievement(key(uln))])
    assert world.ports.achievements.read([key(uln)]) == {}


@pytest.mark.req("ACH-02", "ACH-09")
def test_a_version_follows_the_one_before(world, uln):
    for versions in (1, 2, 3):
        world.ports.achievements.write(achievement(key(uln), versions, grade=f"G{versions}"))
    assert whole(world, key(uln)) == achievement(key(uln), 3, grade="G3")


def whole(world, key):
    """A stored achievement with every version."""
    held = world.ports.achievements.read([key])[key]
    return held._replace(history=tuple(version for _, version in world.ports.achievements.forwards(held)))


def changed(held, grade):
    """The next version of an achievement that was read."""
    version = held.history[-1]._replace(grade=grade)
    return held._replace(grade=grade, revision=held.revision + 1, history=(*held.history, version))


def change_often(world, key, write, times):
    """Change an achievement as its use cases do, from what is read."""
    world.ports.achievements.write(achievement(key, grade="G1"))
    for number in range(2, times + 1):
        write(changed(world.ports.achievements.read([key])[key], f"G{number}"))


@pytest.mark.parametrize("times", [4, 5, 9, 40])
@pytest.mark.req("ACH-09")
def test_a_long_history_is_read_from_either_end_and_none_of_it_is_lost(world, uln, times):
    change_often(world, key(uln), world.ports.achievements.write, times)
    check_history(world, key(uln), times)


@pytest.mark.partiql
@pytest.mark.req("ACH-09")
def test_a_long_history_that_batches_wrote_is_not_lost_either(world, uln):
    change_often(world, key(uln), lambda held: world.ports.achievements.write_all([held]), 30)
    check_history(world, key(uln), 30)


def check_history(world, key, times):
    held = world.ports.achievements.read([key])[key]
    grades = [f"G{number}" for number in range(1, times + 1)]
    assert (held.revision, held.grade, held.history[-1].grade) == (times, grades[-1], grades[-1])
    assert len(held.history) <= 6
    forwards = [(number, version.grade) for number, version in world.ports.achievements.forwards(held)]
    assert forwards == list(enumerate(grades, 1))
    for after in range(times + 1):
        assert [n for n, _ in world.ports.achievements.forwards(held, after)] == list(range(after + 1, times + 1))
    assert [version.grade for version in world.ports.achievements.backwards(held)] == grades[::-1]


@pytest.mark.req("ACH-09")
def test_a_change_that_failed_after_versions_moved_leaves_none_of_them_twice(adapters, uln):
    write, held = adapters.achievements.write, achievement(key(uln), grade="G1")
    write(held)
    for number in range(2, 4):
        write(changed(adapters.achievements.read([key(uln)])[key(uln)], f"G{number}"))
    read = adapters.achievements.read([key(uln)])[key(uln)]
    assert not read.earlier
    for late in (changed(read, "G" * 500), changed(read, "G4")):
        _, page = apart(late)
        if page is not None:
            page.put("achievements.write")
    for number in range(4, 12):
        write(changed(adapters.achievements.read([key(uln)])[key(uln)], f"G{number}"))
    read = adapters.achievements.read([key(uln)])[key(uln)]
    assert [n for n, _ in adapters.achievements.forwards(read)] == list(range(1, 12))
    assert [version.grade for version in adapters.achievements.backwards(read)] == [f"G{n}" for n in range(11, 0, -1)]


@pytest.mark.parametrize(("stored", "written"), [(1, 1), (2, 2), (2, 4), (3, 2), (0, 2)])
def test_a_version_that_does_not_follow_is_refused(world, uln, stored, written):
    for versions in range(1, stored + 1):
        world.ports.achievements.write(achievement(key(uln), versions))
    before = world.ports.achievements.read([key(uln)])
    with pytest.raises(Conflict):
        world.ports.achievements.write(achievement(key(uln), written, grade="Fail"))
    assert world.ports.achievements.read([key(uln)]) == before


@pytest.mark.partiql
def test_an_achievement_written_first_is_not_inserted_again(world, uln):
    world.ports.achievements.write(achievement(key(uln)))
    assert world.ports.achievements.write_all([achievement(key(uln), grade="Fail")]) == [False]


def answered(uln, results):
    made = achievement(key(uln))
    return made._replace(history=(made.history[0]._replace(results=results),))


@pytest.mark.partiql
@pytest.mark.req("ACH-09")
def test_answers_are_kept_with_their_reasons(world, uln):
    results = (
        RecordResult(1, Outcome.CREATED, "VRC003", "1000000027", (failure("ACW002", "GivenName"),)),
        RecordResult(
            9,
            Outcome.REFUSED,
            "VRC001",
            "",
            (failure("ACR006", "Grade", line=3, column=7, allowed="A, B"), failure("ACR009", "Action")),
        ),
        RecordResult(12, Outcome.REFUSED, "", "", (failure("ACR013"),)),
    )
    held = answered(uln, results)
    world.ports.achievements.write_all([held])
    assert world.ports.achievements.read([held.key]) == {held.key: held}


def test_a_history_of_ten_thousand_answers_fits_into_an_item(world, uln):
    refused = (failure("ACR007", "AchievementAwardDate", status="ACTIVE"),)
    results = tuple(
        RecordResult(n, Outcome.CREATED if n == 1 else Outcome.REFUSED, "VRC001", "", refused if n > 1 else ())
        for n in range(1, 10_001)
    )
    held = answered(uln, results)
    world.ports.achievements.write(held)
    assert world.ports.achievements.read([held.key]) == {held.key: held}
