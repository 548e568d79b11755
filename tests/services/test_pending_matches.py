"""Deciding on registrations that found possible matches (ULN-05)."""

from __future__ import annotations

import pytest

from chalicelib.domain.learners import DELETED, LINKED
from chalicelib.domain.pending_matches import PendingReason, PendingState
from chalicelib.domain.refusals import Refused
from chalicelib.ports.errors import TemporaryFailure
from tests.builders.callers import caller
from tests.builders.learners import details, learner, uln, values
from tests.fakes import FakeWorld

pytestmark = pytest.mark.req("ULN-05")


@pytest.fixture
def world():
    return FakeWorld()


@pytest.fixture
def decisions(world):
    return world.services().pending_decisions


def hold(world, *made):
    world.learner_register.load(made)


def waiting(world, **changes):
    """A registration that has found the learner of the first ULN."""
    hold(world, learner(1))
    return world.services().learner_services.register(caller(), values(given_name="Bronwenn") | changes).pending_id


def refusal(act):
    with pytest.raises(Refused) as refused:
        act()
    return [found.code for found in refused.value.failures]


def test_what_waits_is_listed_and_shown_with_the_learners_found(world, decisions):
    pending_id = waiting(world)
    assert [one.pending_id for one in decisions.page(caller(), 10).items] == [pending_id]
    assert decisions.page(caller("10000002"), 10).items == []
    view = decisions.get(caller(), pending_id)
    assert view.pending.details == details(given_name="Bronwenn")
    assert [found.learner.uln for found in view.learners] == [uln(1)]
    assert (f"ULN#{uln(1)}", "pending-match-viewed") in {(e.subject, e.action) for e in world.audit.held.values()}


def test_another_organisations_match_is_not_found(world, decisions):
    pending_id = waiting(world)
    for act in (decisions.get, decisions.register, decisions.drop):
        assert refusal(lambda act=act: act(caller("10000002"), pending_id)) == ["LRS-PEND-1"]
        assert refusal(lambda act=act: act(caller(), "Pnone")) == ["LRS-PEND-1"]
    assert refusal(lambda: decisions.use(caller("10000002"), pending_id, uln(1))) == ["LRS-PEND-1"]
    assert ("pending-match-viewed", "NOT_FOUND") in {
        (entry.action, entry.outcome) for entry in world.audit.held.values()
    }


def test_a_uln_that_was_found_is_used_and_nobody_registered(world, decisions):
    pending_id = waiting(world)
    assert refusal(lambda: decisions.use(caller(), pending_id, uln(50))) == ["LRS-PEND-3"]
    decided = decisions.use(caller(), pending_id, uln(1))
    assert (decided.code, decided.pending.state, decided.pending.uln) == ("WSRC0004", PendingState.USED, uln(1))
    assert decided.pending.decided_by == "system"
    assert list(world.learners.held) == [uln(1)]
    assert decisions.page(caller(), 10).items == []
    assert decisions.get(caller(), pending_id).learners == ()


def test_for_a_learner_linked_meanwhile_the_masters_uln_is_used(world, decisions):
    pending_id = waiting(world)
    hold(
        world,
        learner(1)._replace(status=LINKED, master_uln=uln(2)),
        learner(2, given_name="Bron")._replace(linked_ulns=(uln(1),)),
    )
    decided = decisions.use(caller(), pending_id, uln(1))
    assert (decided.code, decided.pending.uln) == ("WSRC0022", uln(2))


@pytest.mark.parametrize("gone", [{"status": DELETED}, {"restricted": True}])
def test_a_learner_who_is_gone_meanwhile_is_not_used(world, decisions, gone):
    pending_id = waiting(world)
    hold(world, learner(1)._replace(**gone))
    assert refusal(lambda: decisions.use(caller(), pending_id, uln(1))) == ["LRS-PEND-3"]
    assert decisions.get(caller(), pending_id).learners == ()


def test_a_learner_decided_to_be_new_is_registered(world, decisions):
    pending_id = waiting(world)
    decided = decisions.register(caller(), pending_id)
    assert (decided.code, decided.pending.state) == ("WSRC0005", PendingState.REGISTERED)
    assert world.learner_register.get(decided.pending.uln).details == details(given_name="Bronwenn")
    again = world.services().learner_services.register(caller(), values(given_name="Bronwenn"))
    assert (again.code, again.uln) == ("WSRC0004", decided.pending.uln)


def test_a_dropped_registration_registers_nobody_and_may_be_sent_again(world, decisions):
    pending_id = waiting(world)
    decided = decisions.drop(caller(), pending_id)
    assert (decided.code, decided.pending.state) == ("", PendingState.DROPPED)
    assert list(world.learners.held) == [uln(1)]
    again = world.services().learner_services.register(caller(), values(given_name="Bronwenn"))
    assert again.pending_id not in ("", pending_id)


def test_what_is_decided_stays_decided(world, decisions):
    pending_id = waiting(world)
    decisions.drop(caller(), pending_id)
    for act in (decisions.register, decisions.drop):
        assert refusal(lambda act=act: act(caller(), pending_id)) == ["LRS-PEND-2"]
    assert refusal(lambda: decisions.use(caller(), pending_id, uln(1))) == ["LRS-PEND-2"]


@pytest.mark.parametrize("call", ["pending_matches.save", "learner_register.create", "audit.record"])
@pytest.mark.parametrize("after", [False, True])
def test_continuing_after_a_crash_gives_no_second_uln(world, decisions, call, after):
    pending_id = waiting(world)
    left = [1 if after else 0]

    def crash(name):
        if name == call:
            if not left[0]:
                world.hook = lambda _: None
                raise TemporaryFailure
            left[0] -= 1

    world.hook = crash
    codes = []
    for _ in range(2):
        try:
            codes.append(decisions.register(caller(), pending_id).code)
        except TemporaryFailure:
            codes.append("crashed")
        except Refused as refused:
            codes += [found.code for found in refused.failures]
    world.hook = lambda _: None
    assert decisions.get(caller(), pending_id).pending.state is PendingState.REGISTERED
    # The second is refused, which is recorded too.
    expected = [("crashed", "WSRC0005"), ("crashed", "LRS-PEND-2"), ("WSRC0005", "LRS-PEND-2"), ("WSRC0005", "crashed")]
    assert tuple(codes) in expected
    assert len(world.learners.held) == 2


def test_a_learner_written_before_a_crash_is_recognised_even_if_changed_since(world, decisions):
    pending_id = waiting(world)
    saves = []

    def crash_at_the_decision(name):
        if name == "pending_matches.save":
            saves.append(name)
            if len(saves) == 2:
                raise TemporaryFailure

    world.hook = crash_at_the_decision
    with pytest.raises(TemporaryFailure):
        decisions.register(caller(), pending_id)
    world.hook = lambda _: None
    [written] = [held for held in world.learners.held if held != uln(1)]
    moved = {"given_name": "Bronwenn", "family_name": details().family_name, "last_known_post_code": "M1 1AE"}
    assert world.services().learner_services.update(caller(), written, moved, 1).code == "WSRC0006"
    assert decisions.register(caller(), pending_id).pending.uln == written
    assert len(world.learners.held) == 2


@pytest.mark.req("ULN-03", "ULN-05")
def test_whoever_registers_while_a_decision_registers_finds_the_new_learner(world, decisions):
    pending_id = waiting(world)
    world.learner_register.put(learner(1)._replace(status=DELETED))
    learners = world.services().learner_services

    def decided_meanwhile(name):
        if name == "learner_register.create":
            world.hook = lambda _: None
            assert decisions.register(caller(), pending_id).code == "WSRC0005"

    world.hook = decided_meanwhile
    done = learners.register(caller("10000002"), values())
    assert done.code == "WSRC0021"
    [candidate] = world.pending_matches.held[done.pending_id].candidates
    assert world.learners.held[candidate].given_name == "Bronwenn"


@pytest.mark.req("ULN-03", "ULN-05")
def test_similar_learners_registered_since_are_listed_before_another_is_registered(world, decisions):
    pending_id = waiting(world)
    hold(world, learner(7, given_name="Bronwena"))
    assert refusal(lambda: decisions.register(caller(), pending_id)) == ["LRS-PEND-4"]
    view = decisions.get(caller(), pending_id)
    assert (view.pending.state, view.pending.uln) == (PendingState.WAITING, "")
    assert [found.learner.uln for found in view.learners] == [uln(1), uln(7)]
    assert decisions.register(caller(), pending_id).code == "WSRC0005"


@pytest.mark.req("ULN-03", "ULN-05")
def test_two_decisions_at_the_same_moment_on_one_person_register_one(world, decisions):
    ours, others = waiting(world), caller("10000002")
    theirs = world.services().learner_services.register(others, values(given_name="Bronwena")).pending_id

    def decided_meanwhile(name):
        if name == "learner_register.create":
            world.hook = lambda _: None
            assert decisions.register(others, theirs).code == "WSRC0005"

    world.hook = decided_meanwhile
    assert refusal(lambda: decisions.register(caller(), ours)) == ["LRS-PEND-4"]
    assert len(world.learners.held) == 2


def test_a_learner_registered_since_with_the_same_details_is_the_answer(world, decisions):
    pending_id = waiting(world)
    hold(world, learner(7, given_name="Bronwenn"))
    decided = decisions.register(caller(), pending_id)
    assert (decided.code, decided.pending.state, decided.pending.uln) == ("WSRC0004", PendingState.USED, uln(7))
    assert len(world.learners.held) == 2


def test_a_learner_with_the_same_details_as_one_listed_is_registered_when_a_person_decides_so(world, decisions):
    unknown = {"last_known_post_code": "ZZ99 9ZZ"}
    hold(world, learner(1, **unknown))
    first = world.services().learner_services.register(caller(), values(**unknown))
    assert first.code == "WSRC0021", "without a postcode the details are not proof enough"
    decided = decisions.register(caller(), first.pending_id)
    assert decided.code == "WSRC0005"
    assert decided.pending.uln != uln(1)


def test_a_learner_who_may_not_be_disclosed_is_neither_used_nor_registered_again(world, decisions):
    pending_id = waiting(world)
    hold(world, learner(7, given_name="Bronwenn")._replace(restricted=True))
    assert refusal(lambda: decisions.register(caller(), pending_id)) == ["WSRC0021"]
    assert decisions.get(caller(), pending_id).pending.state is PendingState.WAITING
    assert len(world.learners.held) == 2


def test_where_too_many_were_found_a_uln_whose_details_agree_is_used(world, decisions):
    hold(world, *(learner(n, last_known_post_code=f"CF{n + 20} 1AA") for n in range(1, 13)))
    hold(world, learner(40, given_name="Quentin", family_name="Zebedee"))
    outcome = world.services().learner_services.register(caller(), values())
    view = decisions.get(caller(), outcome.pending_id)
    assert view.pending.reason is PendingReason.TOO_MANY_MATCHES
    assert (view.pending.candidates, view.learners) == ((), ())
    assert refusal(lambda: decisions.use(caller(), outcome.pending_id, uln(40))) == ["LRS-PEND-3"]
    assert decisions.use(caller(), outcome.pending_id, uln(5)).code == "WSRC0004"
