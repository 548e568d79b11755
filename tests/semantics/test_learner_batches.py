"""Each record of a learner batch registers or updates once, wherever a delivery dies and whatever others do.

A delivery is stopped at each of its calls to outside services, in every way in which a call can fail, then the chunk is
delivered again. The answers must be those of an undisturbed run, every person be registered once, and every update be
made once. In addition, others change the learners between two deliveries, and another organisation's file about the
same people arrives between any two calls.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple
from unittest.mock import patch

import pytest

from chalicelib.domain.jobs import LEARNERS, Job
from chalicelib.domain.learners import Learner
from chalicelib.domain.search import identity_of
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.batches.apply_learners import LearnerWork
from chalicelib.services.registration import next_version
from tests.builders.jobs import Pipeline, caller
from tests.builders.learner_files import LRB, PROVIDER, Row, csv_file, row
from tests.builders.learners import learner
from tests.builders.organisations import provider
from tests.fakes import FakeWorld, Fault
from tests.fakes.calls import no_hook

pytestmark = pytest.mark.req("ULN-06", "SLA-03")

OTHER = "90000102"
KNOWN = learner(1)


class Died(Exception):
    """The function was stopped."""


def people(*, twice: bool = True) -> list[Row]:
    """New learners, one of them twice, an update, a possible match, one who is registered, and a faulty record."""
    them = [("Gethin", "Rowlands"), ("Iolo", "Prydderch"), ("Nia", "Vaughan")]
    new = [row(GivenName=given, FamilyName=family) for given, family in them]
    known = row(ULN=KNOWN.uln, PlaceOfBirth="Barry")
    return [*new, known, row(GivenName="Bron"), row(), row(Gender=""), *(new[:1] if twice else [])]


def world_of_two() -> FakeWorld:
    world = FakeWorld()
    for ukprn in (PROVIDER, OTHER):
        world.accounts.put(provider(ukprn))
    world.learner_register.put(KNOWN)
    return world


class Played(NamedTuple):
    """One file being processed."""

    world: FakeWorld
    steps: Pipeline
    job: Job

    @property
    def answers(self) -> list[tuple[str, str]]:
        """Return code and ULN of each record."""
        return [(one["ReturnCode"], one["ULN"]) for one in self.steps.output(self.steps.job(self.job.job_id))]

    @property
    def codes(self) -> list[str]:
        return [code for code, _ in self.answers]


def taken(rows: list[Row], world: FakeWorld | None = None) -> Played:
    """A file that has been cut into one chunk."""
    world = world or world_of_two()
    steps = Pipeline(world, chunk_records=50)
    return Played(world, steps, steps.split.run(steps.drop(csv_file(rows), LRB, PROVIDER, LEARNERS)))


def delivered_until_done(played: Played) -> None:
    """Deliver the chunk until it is done, each time after the last delivery's claim has run out."""
    for _ in range(4):
        try:
            played.steps.apply.run(played.job.job_id, 0)
        except (Died, TemporaryFailure):
            played.world.clock.advance(timedelta(minutes=5))
        else:
            break
    played.world.hook = no_hook
    played.steps.settle()


def die(world: FakeWorld) -> Fault | None:
    raise Died


def trouble(world: FakeWorld) -> Fault | None:
    raise TemporaryFailure


def answer_lost(world: FakeWorld) -> Fault | None:
    return Fault.ANSWER_LOST


def repeated(world: FakeWorld) -> Fault | None:
    return Fault.REPEATED


def disturbed(played: Played, place: int, what: Callable[[FakeWorld], Fault | None]) -> bool:
    """Make one call of the chunk's deliveries fail; returns whether there is such a call."""
    calls = 0

    def hook(name: str) -> Fault | None:
        nonlocal calls
        calls += 1
        return what(played.world) if calls == place else None

    played.world.hook = hook
    delivered_until_done(played)
    return calls >= place


def registered(world: FakeWorld) -> list[Learner]:
    held = world.learner_register
    return [one for uln in world.learners.held if (one := held.get(uln)) is not None]


CALM = taken(people())
delivered_until_done(CALM)


def judged(played: Played) -> list[str]:
    """What is wrong with the result of a disturbed file."""
    found = []
    if played.codes != CALM.codes:
        found.append(f"answered {played.codes} instead of {CALM.codes}")
    persons = [identity_of(profile) for profile in played.world.learners.held.values() if profile]
    if len(set(persons)) != len(persons):
        found.append("a person is registered twice")
    if len(persons) != len(CALM.world.learners.held):
        found.append(f"{len(persons)} learners")
    if any(uln and uln not in played.world.learners.held for _, uln in played.answers):
        found.append("a ULN is answered that nobody has")
    version = played.world.learner_register.get(KNOWN.uln).version_number
    if version != 2:
        found.append(f"the update made version {version}")
    if len(played.world.pending_matches.held) != 1:
        found.append("the possible match waits more than once")
    return found


def test_the_undisturbed_run_is_correct() -> None:
    assert CALM.codes == ["RC001", "RC001", "RC001", "RC003", "RC007", "RC002", "RC006", "RC002"]
    assert judged(CALM) == []


@pytest.mark.parametrize("what", [die, trouble, answer_lost, repeated], ids=lambda what: what.__name__)
def test_wherever_a_delivery_is_stopped_each_record_is_applied_once_and_answered_as_before(what) -> None:
    place, wrong = 1, {}
    while disturbed(played := taken(people()), place, what):
        if found := judged(played):
            wrong[place] = found
        place += 1
    assert place > 20
    assert not wrong


def _renamed(played: Played) -> None:
    """Others change the mandatory details of everybody that the file registered."""
    register = played.world.learner_register
    for one in registered(played.world):
        if one.registered_by == PROVIDER and one.batch_records:
            details = one.details._replace(family_name="Morgan", last_known_post_code="LL57 2DG")
            changed = one._replace(details=details)
            register.update(next_version(caller(OTHER), changed, "update", one.created_date))


def test_learners_whom_others_change_between_two_deliveries_are_not_registered_again() -> None:
    calm = taken(people(twice=False))
    delivered_until_done(calm)
    place, wrong = 1, {}
    while True:
        played = taken(people(twice=False))
        calls = 0

        def hook(name: str, played: Played = played, place: int = place) -> Fault | None:
            nonlocal calls
            calls += 1
            if calls == place:
                played.world.hook = no_hook
                _renamed(played)
                raise Died
            return None

        played.world.hook = hook
        delivered_until_done(played)
        if calls < place:
            break
        if played.codes != calm.codes or len(played.world.learners.held) != len(calm.world.learners.held):
            wrong[place] = played.answers
        place += 1
    assert not wrong


def test_two_files_about_the_same_people_give_each_one_uln() -> None:
    rows = people(twice=False)[:3]
    place = 1
    while True:
        played = taken(rows)
        theirs: list[tuple[str, str]] = []
        calls = 0

        def hook(name: str, played: Played = played, place: int = place, theirs: list = theirs) -> Fault | None:
            nonlocal calls
            calls += 1
            if calls == place:
                played.world.hook = no_hook
                data = csv_file(rows, UKPRN=OTHER)
                job = played.steps.split.run(played.steps.drop(data, LRB, OTHER, LEARNERS))
                played.steps.apply.run(job.job_id, 0)
                played.steps.finish.run(job.job_id)
                theirs += [(one["ReturnCode"], one["ULN"]) for one in played.steps.output(played.steps.job(job.job_id))]
            return None

        played.world.hook = hook
        delivered_until_done(played)
        if calls < place:
            break
        for (code, uln), (other_code, other_uln) in zip(played.answers, theirs, strict=True):
            assert uln == other_uln
            assert {code, other_code} == {"RC001", "RC002"}
        assert len(played.world.learners.held) == 4
        place += 1


@pytest.mark.parametrize(
    ("name", "bug"),
    [
        ("_own", lambda *_: None),
        ("recall", lambda *_: {}),
        ("_seed", property(lambda work: work._learners.new_id())),
    ],
    ids=["marks_not_looked_at", "nothing_recalled", "another_seed_each_time"],
)
def test_a_planted_bug_is_found(name: str, bug: object) -> None:
    with patch.object(LearnerWork, name, bug):
        place = 1
        while disturbed(played := taken(people()), place, die):
            if judged(played):
                return
            place += 1
    pytest.fail("nothing was noticed")
