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
from chalicelib.domain.learners import LINKED, Learner
from chalicelib.domain.pending_matches import PendingState
from chalicelib.domain.results import Outcome
from chalicelib.domain.search import identity_of
from chalicelib.ports.errors import TemporaryFailure
from chalicelib.services.batches.apply_learners import LearnerWork
from chalicelib.services.registration import next_version
from tests.builders.jobs import Pipeline, at_call, caller
from tests.builders.learner_files import LRB, PROVIDER, Row, csv_file, row
from tests.builders.learners import learner
from tests.builders.organisations import provider
from tests.fakes import FakeWorld, Fault
from tests.fakes.calls import no_hook
from tests.fakes.people import FakeLearnerRegister

pytestmark = pytest.mark.req("ULN-06", "SLA-03")

OTHER = "90000102"
KNOWN = learner(1)
MASTER = learner(2, given_name="Branwen", family_name="Price")


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


def _interrupted(rows: list[Row], change: Callable[[Played], None]) -> dict[int, list[str]]:
    """Stop a file's first delivery before each of its calls, let others change things, and deliver again.

    Returns what differs from an undisturbed run, by the number of the call.
    """
    calm = taken(rows)
    delivered_until_done(calm)
    wrong: dict[int, list[str]] = {}
    for place in range(1, 1_000):
        played = taken(rows)
        calls = 0

        def hook(name: str, played: Played = played, place: int = place) -> Fault | None:
            nonlocal calls
            calls += 1
            if calls == place:
                played.world.hook = no_hook
                change(played)
                raise Died
            return None

        played.world.hook = hook
        delivered_until_done(played)
        if calls < place:
            return wrong
        if played.codes != calm.codes or len(played.world.learners.held) != len(calm.world.learners.held):
            wrong[place] = played.codes
    return wrong


def _renamed(played: Played) -> None:
    """Others change the mandatory details of everybody that the file registered."""
    register = played.world.learner_register
    for one in registered(played.world):
        if one.registered_by == PROVIDER and one.created_via_channel == "batch":
            details = one.details._replace(family_name="Morgan", last_known_post_code="LL57 2DG")
            changed = one._replace(details=details)
            register.update(next_version(caller(OTHER), changed, "update", one.created_date))


def test_learners_whom_others_change_between_two_deliveries_are_not_registered_again() -> None:
    assert _interrupted(people(twice=False), _renamed) == {}


TOWNS = [f"Town {letter}" for letter in "ABCDEFGHIJKL"]


@pytest.mark.parametrize("what", [die, trouble, answer_lost, repeated], ids=lambda what: what.__name__)
def test_any_number_of_updates_of_one_learner_are_made_once_and_in_order(what) -> None:
    rows = [row(ULN=KNOWN.uln, PlaceOfBirth=town) for town in TOWNS]
    place = 1
    while disturbed(played := taken(rows), place, what):
        held = played.world.learner_register.get(KNOWN.uln)
        assert (held.details.place_of_birth, held.version_number) == ("Town L", 13), place
        assert played.codes == ["RC003"] * 12, place
        place += 1
    assert place > 30


def test_a_record_that_changed_nothing_is_not_applied_after_later_ones() -> None:
    """The second record repeats the first, so it writes nothing; applied after the third, it would undo it."""
    rows = [row(ULN=KNOWN.uln, PlaceOfBirth=town) for town in ("Barry", "Barry", "Cardiff")]
    place = 1
    while disturbed(played := taken(rows), place, die):
        assert played.codes == ["RC003", "RC002", "RC003"], place
        assert played.world.learner_register.get(KNOWN.uln).details.place_of_birth == "Cardiff"
        place += 1
    assert place > 6


def test_many_other_files_between_two_deliveries_change_no_answer() -> None:
    rows = [row(ULN=KNOWN.uln, PlaceOfBirth="Barry")]

    def others(played: Played) -> None:
        for number in range(20):
            data = csv_file([row(ULN=KNOWN.uln, PlaceOfBirth=f"Elsewhere {number}")], UKPRN=OTHER)
            job = played.steps.split.run(played.steps.drop(data, LRB, OTHER, LEARNERS))
            played.steps.apply.run(job.job_id, 0)
            played.steps.finish.run(job.job_id)

    played = taken(rows)
    at_call(played.world, "files.write_if_absent", lambda: [others(played), die(played.world)])
    delivered_until_done(played)
    assert played.codes == ["RC003"]
    assert played.world.learner_register.get(KNOWN.uln).details.place_of_birth == "Elsewhere 19"


def test_a_learner_registered_in_a_chunk_and_updated_in_it_is_neither_twice() -> None:
    """The second record names the ULN that the first one draws."""
    first = taken([row(GivenName="Gethin", FamilyName="Rowlands")])
    delivered_until_done(first)
    [(_, uln)] = first.answers
    person = {"GivenName": "Gethin", "FamilyName": "Rowlands"}
    rows = [row(**person), row(ULN=uln, PlaceOfBirth="Barry", **person), row(**person), row(ULN=uln, **person)]
    place = 1
    while True:
        played = taken(rows)
        if not disturbed(played, place, die):
            break
        assert played.codes in (["RC001", "RC003", "RC002", "RC002"], ["RC001", "RC005", "RC002", "RC005"]), place
        assert len(played.world.learners.held) == 2, place
        place += 1


def _linked(played: Played) -> None:
    """The service desk links the known learner to another one."""
    register = played.world.learner_register
    master, linked = register.get(MASTER.uln), register.get(KNOWN.uln)
    at = played.world.clock()
    register.update(
        next_version(caller(OTHER), linked._replace(status=LINKED, master_uln=MASTER.uln), "link", at),
        next_version(caller(OTHER), master._replace(linked_ulns=(KNOWN.uln,)), "link", at),
    )


def test_an_update_before_a_link_is_answered_as_made_and_one_after_it_is_not_made() -> None:
    rows = [row(ULN=KNOWN.uln, PlaceOfBirth=town) for town in ("Barry", "Cardiff")]
    place, seen = 1, set()
    while True:
        world = world_of_two()
        world.learner_register.put(MASTER)
        played = taken(rows, world)
        if not disturbed(played, place, lambda _, played=played: [_linked(played), die(played.world)]):
            break
        made = played.codes.count("RC003")
        assert played.codes == ["RC003"] * made + ["RC004"] * (2 - made), place
        held = played.world.learner_register.get(KNOWN.uln)
        assert (held.version_number, held.details.place_of_birth) == (2 + made, ["", "Barry", "Cardiff"][made])
        seen.add(made)
        place += 1
    assert seen == {0, 1, 2}


def test_a_single_change_between_read_and_write_is_kept_and_the_record_is_decided_again() -> None:
    played = taken([row(ULN=KNOWN.uln, PlaceOfBirth="Barry")])
    register = played.world.learner_register

    def change() -> None:
        held = register.get(KNOWN.uln)
        details = held.details._replace(title="Dr")
        register.update(next_version(caller(OTHER), held._replace(details=details), "update", held.created_date))

    at_call(played.world, "learner_register.update", change)
    delivered_until_done(played)
    details = register.get(KNOWN.uln).details
    assert (played.codes, details.title, details.place_of_birth) == (["RC003"], "Dr", "Barry")


@pytest.mark.parametrize("decision", [PendingState.DROPPED, PendingState.USED])
def test_a_possible_match_that_was_decided_between_two_deliveries_does_not_wait_again(decision: PendingState) -> None:
    played = taken([row(GivenName="Bron")])
    waiting = played.world.pending_matches

    def decide_and_die() -> None:
        [pending] = waiting.held.values()
        waiting.save(pending._replace(state=decision))
        raise Died

    at_call(played.world, "files.write_if_absent", decide_and_die)
    delivered_until_done(played)
    assert played.codes == ["RC007"]
    assert [one.state for one in waiting.held.values()] == [decision]


def test_a_delivery_that_outlives_its_claim_writes_nothing_that_the_next_one_has_written() -> None:
    """The first delivery stops before its second write for longer than its claim, and then continues."""
    rows = [row(ULN=KNOWN.uln, PlaceOfBirth=town) for town in ("Barry", "Cardiff", "Neath")]
    played = taken(rows)

    def overtaken() -> None:
        played.world.clock.advance(timedelta(minutes=5))
        played.steps.apply.run(played.job.job_id, 0)

    at_call(played.world, "learner_register.update", overtaken, time=2)
    with pytest.raises(TemporaryFailure):
        played.steps.apply.run(played.job.job_id, 0)
    played.steps.settle()
    held = played.world.learner_register.get(KNOWN.uln)
    assert (held.version_number, held.details.place_of_birth, played.codes) == (4, "Neath", ["RC003"] * 3)


def _of_two_files() -> list[str]:
    """What is wrong when another organisation's file about the same people arrives before any of a chunk's calls."""
    rows = people(twice=False)[:3]
    place, wrong = 1, []
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
            return wrong
        for (code, uln), (other_code, other_uln) in zip(played.answers, theirs, strict=True):
            if uln != other_uln or {code, other_code} != {"RC001", "RC002"}:
                wrong.append(f"before call {place}: {code} and {other_code}")
        if len(played.world.learners.held) != 4:
            wrong.append(f"before call {place}: {len(played.world.learners.held)} learners")
        place += 1


def test_two_files_about_the_same_people_give_each_one_uln() -> None:
    assert _of_two_files() == []


def test_two_ulns_for_one_person_would_be_noticed() -> None:
    """As if the search alone decided whether a learner is new."""
    create = FakeLearnerRegister.create

    def unlocked(
        register: FakeLearnerRegister, learner: Learner, _: object, decision: str = "", entry: object = None
    ) -> object:
        register.locks.clear()
        return create(register, learner, {}, decision, entry)

    with patch.object(FakeLearnerRegister, "create", unlocked):
        assert _of_two_files()


_entry = LearnerWork._entry


@pytest.mark.parametrize(
    ("name", "bug"),
    [
        ("recall", lambda *_: {}),
        ("_entry", lambda work, result: _entry(work, result)._replace(results=(result,))),
    ],
    ids=["nothing_recalled", "only_the_writes_are_entered"],
)
def test_a_planted_bug_is_found(name: str, bug: object) -> None:
    rows = [row(ULN=KNOWN.uln, PlaceOfBirth=town) for town in ("Barry", "Barry", "Cardiff")]
    calm = taken(rows)
    delivered_until_done(calm)
    with patch.object(LearnerWork, name, bug):
        try:
            place = 1
            while disturbed(played := taken(rows), place, die):
                if played.codes != calm.codes:
                    return
                place += 1
        except TemporaryFailure:
            return
    pytest.fail("nothing was noticed")


def _suspended(played: Played) -> None:
    played.world.accounts.put(provider(PROVIDER, status="suspended"))


def _cancelled(played: Played) -> None:
    played.steps.submit.of_kind(LEARNERS).cancel(caller(PROVIDER), played.job.job_id)


def _given_up(played: Played) -> None:
    played.world.clock.advance(timedelta(hours=37))
    played.world.queues.waiting["chunks"].clear()
    played.steps.watch.run()


@pytest.mark.parametrize(
    ("change", "rest"),
    [(_suspended, Outcome.CANCELLED), (_cancelled, Outcome.CANCELLED), (_given_up, Outcome.NOT_PROCESSED)],
)
def test_what_was_applied_is_answered_so_although_the_rest_is_not_applied_any_more(change, rest) -> None:
    played = taken(people(twice=False))

    def interrupted() -> None:
        played.world.hook = no_hook
        raise Died

    at_call(played.world, "learner_register.update", interrupted)
    with pytest.raises(Died):
        played.steps.apply.run(played.job.job_id, 0)
    played.world.clock.advance(timedelta(minutes=5))
    change(played)
    delivered_until_done(played)
    outcomes = played.steps.outcomes(played.job)
    assert outcomes == [Outcome.REGISTERED] * 3 + [rest] * 4


def test_each_result_is_entered_once_and_those_that_end_the_chunk_are_only_in_its_results() -> None:
    played = taken(people())
    delivered_until_done(played)
    [entries] = played.world.ledgers.held.values()
    numbers = [[result.number for result in entry.results] for _, entry in sorted(entries.items())]
    assert numbers == [[1], [2], [3], [4], [5]]
    repeated = taken([row(ULN=KNOWN.uln, PlaceOfBirth=town) for town in ("Barry", "Barry", "Cardiff", "Cardiff")])
    delivered_until_done(repeated)
    [entries] = repeated.world.ledgers.held.values()
    assert [[result.number for result in entry.results] for entry in entries.values()] == [[1], [2, 3]]
