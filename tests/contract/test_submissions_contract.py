"""Contract of an organisation's submissions and a learner's achievements page by page, for fake and real adapters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.achievements import Status
from chalicelib.domain.codes import SubmissionType
from chalicelib.ports.achievements import SubmittedChange
from tests.contract.conftest import achievement, key

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)


def change(ukprn, uln, second=0, **changes):
    at = (BEGAN + timedelta(seconds=second)).isoformat(timespec="seconds")
    held = SubmittedChange(
        ukprn, at, key(uln), 1, "1", Status.ACTIVE, SubmissionType.FINAL, False, "batch", "bucket", "JOB1", ""
    )
    return held._replace(**changes)


def recorded(world, ukprn, day=DAY, after=""):
    return list(world.ports.submissions.of_day(ukprn, day, after))


def changes_of(lines):
    return [line for _, line in lines]


@pytest.mark.req("ACH-08", "ACH-10")
def test_a_change_is_read_as_it_was_recorded(world, ukprn, uln):
    single = change(
        ukprn,
        uln,
        channel="webservice",
        user="Siân",
        job="",
        late=True,
        revision=7,
        actions="324",
        action_date="2026-02-27",
    )
    other = change(ukprn, uln, 1, status=Status.WITHDRAWN, submission_type=SubmissionType.PROVISIONAL)
    world.ports.submissions.record([("e1" + uln, single), ("e2" + uln, other)])
    assert changes_of(recorded(world, ukprn)) == [single, other]


@pytest.mark.req("ACH-08")
def test_changes_come_by_their_times_however_they_are_spread(world, ukprn, uln):
    made = [change(ukprn, uln, second, revision=second + 1) for second in range(40)]
    for number, one in reversed(list(enumerate(made))):
        world.ports.submissions.record([(f"{uln}{number:04d}", one)])
    assert changes_of(recorded(world, ukprn)) == made


@pytest.mark.req("ACH-08")
def test_a_listing_continues_after_any_place(world, ukprn, uln):
    made = [change(ukprn, uln, second // 3, revision=second + 1) for second in range(30)]
    for start in range(0, 30, 3):
        world.ports.submissions.record([(f"{uln}{n:04d}", made[n]) for n in range(start, start + 3)])
    lines = recorded(world, ukprn)
    assert len(lines) == 30
    for number, (place, _) in enumerate(lines):
        assert recorded(world, ukprn, after=place) == lines[number + 1 :]


@pytest.mark.req("ACH-08")
def test_a_hundred_changes_of_many_jobs_and_organisations_are_kept_apart(world, ukprn, uln):
    theirs = str(int(ukprn) + 500_000)
    mixed = [change((ukprn, theirs)[n % 2], uln, n // 2, job=f"JOB{n % 5}", revision=n + 1) for n in range(250)]
    world.ports.submissions.record([(f"{uln}{n:04d}", one) for n, one in enumerate(mixed)])
    assert sorted(changes_of(recorded(world, ukprn))) == sorted(mixed[0::2])
    assert sorted(changes_of(recorded(world, theirs))) == sorted(mixed[1::2])
    assert recorded(world, str(int(ukprn) + 700_000)) == []


@pytest.mark.req("ACH-08", "ACH-09")
def test_a_batch_that_comes_again_in_parts_changes_nothing(world, ukprn, uln):
    events = [(f"{uln}{n:04d}", change(ukprn, uln, n, revision=n + 1)) for n in range(9)]
    world.ports.submissions.record(events)
    before = changes_of(recorded(world, ukprn))
    world.ports.submissions.record(events)
    for part in (events[:4], events[4:5], events[5:]):
        world.ports.submissions.record(part)
    assert sorted(changes_of(recorded(world, ukprn))) == sorted(before)


@pytest.mark.req("ACH-08")
def test_a_day_is_a_day_in_london(world, ukprn, uln):
    summer = datetime(2026, 6, 30, 23, 30, tzinfo=UTC).isoformat(timespec="seconds")
    world.ports.submissions.record([(f"{uln}s", change(ukprn, uln, at=summer))])
    assert recorded(world, ukprn, date(2026, 6, 30)) == []
    assert len(recorded(world, ukprn, date(2026, 7, 1))) == 1


@pytest.mark.req("ACH-08")
def test_a_learners_achievements_come_by_reference_and_award_date(world, uln):
    keys = [key(uln, aim, awarded) for aim in ("50022140", "60001111") for awarded in (DAY, date(2026, 3, 3))]
    neighbour = key(str(int(uln) + 50_000_000))
    for one in [*reversed(keys), neighbour]:
        world.ports.achievements.write(achievement(one))
    assert [held.key for held in world.ports.achievements.of_learner(uln, None, 3)] == keys
    assert [held.key for held in world.ports.achievements.of_learner(uln, keys[1], 3)] == keys[2:]
    assert list(world.ports.achievements.of_learner(str(int(uln) + 60_000_000), None, 3)) == []
