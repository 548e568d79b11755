"""Learners read again by an organisation that knows them, and ULNs checked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib import bootstrap
from chalicelib.domain.learners import DELETED, LINKED, Learner
from chalicelib.domain.refusals import Refused
from chalicelib.services.learner_retrieval import LearnerRetrieval
from chalicelib.storage.cursors import Cursors
from tests.builders.callers import caller
from tests.builders.learners import learner, uln
from tests.fakes import FakeWorld

OURS, OTHERS = "10000001", "10000003"


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def retrieval(world: FakeWorld) -> LearnerRetrieval:
    return world.services().learner_retrieval


def hold(world: FakeWorld, *made: Learner) -> None:
    world.learner_register.load(made)


def linked_pair(world: FakeWorld) -> None:
    """The second learner linked to the first."""
    hold(
        world,
        learner(1)._replace(linked_ulns=(uln(2),), registered_by=OTHERS, last_updated_by=OTHERS),
        learner(2)._replace(status=LINKED, master_uln=uln(1)),
    )


def audited(world: FakeWorld) -> list[tuple[str, str, str, str]]:
    return [
        (entry.subject, entry.action, entry.outcome, entry.detail.get("code", ""))
        for entry in world.audit.held.values()
    ]


@pytest.mark.req("ULN-01", "SEC-01")
def test_a_learner_is_read_by_the_organisation_that_registered_or_updated_them_and_by_no_other(
    world: FakeWorld, retrieval: LearnerRetrieval
) -> None:
    held = learner()._replace(last_updated_by="10000002")
    hold(world, held)
    for ukprn in (OURS, "10000002"):
        assert retrieval.retrieve(caller(ukprn), held.uln).learner == held
    for ukprn, number in ((OTHERS, held.uln), (OURS, uln(77))):
        with pytest.raises(Refused, match="WSRC0019"):
            retrieval.retrieve(caller(ukprn), number)
    assert audited(world) == [
        *[(f"ULN#{held.uln}", "learner-retrieved", "DONE", "WSRC0004")] * 2,
        (f"ULN#{held.uln}", "learner-retrieved", "NOT_FOUND", "WSRC0019"),
        (f"ULN#{uln(77)}", "learner-retrieved", "NOT_FOUND", "WSRC0019"),
    ]


@pytest.mark.req("ULN-01", "SEC-01")
def test_an_access_is_for_one_organisation_and_one_learner_and_ends(world: FakeWorld) -> None:
    seals = Cursors(b"k" * 32, world.clock).lasting(bootstrap.ACCESS_LIFETIME)
    retrieval = LearnerRetrieval(world.learner_register, world.services().looks, seals)
    hold(world, learner(1), learner(2))
    access = retrieval.access(caller(OTHERS), uln(1))
    assert retrieval.retrieve(caller(OTHERS), uln(1), access).learner.uln == uln(1)
    for ukprn, number, given in (
        ("10000002", uln(1), access),
        (OTHERS, uln(2), access),
        (OTHERS, uln(1), access[:-2]),
        (OTHERS, uln(1), "ä"),
    ):
        with pytest.raises(Refused, match="WSRC0019"):
            retrieval.retrieve(caller(ukprn), number, given)
    world.clock.advance(bootstrap.ACCESS_LIFETIME + timedelta(seconds=1))
    with pytest.raises(Refused, match="WSRC0019"):
        retrieval.retrieve(caller(OTHERS), uln(1), access)


@pytest.mark.req("ULN-01", "ULN-09")
def test_a_linked_learner_is_read_as_the_master_and_one_who_may_not_be_disclosed_is_not(
    world: FakeWorld, retrieval: LearnerRetrieval
) -> None:
    linked_pair(world)
    hold(world, learner(3)._replace(restricted=True), learner(4)._replace(status=DELETED))
    found = retrieval.retrieve(caller(), uln(2))
    assert (found.learner.uln, found.master_substituted) == (uln(1), True)
    for number in (uln(3), uln(4)):
        with pytest.raises(Refused, match="WSRC0019"):
            retrieval.retrieve(caller(), number)


@pytest.mark.req("ULN-01", "ULN-09", "SEC-01")
def test_each_uln_has_one_result_in_its_place_and_one_entry_in_the_log(
    world: FakeWorld, retrieval: LearnerRetrieval
) -> None:
    linked_pair(world)
    hold(world, learner(3)._replace(restricted=True), learner(4)._replace(status=DELETED))
    wrong = f"{uln(1)[:9]}{(int(uln(1)[9]) + 1) % 10}"
    sent = [uln(2), "123", uln(1), wrong, uln(3), uln(4), uln(99), uln(2), "", "1.0E+09"]
    assert retrieval.retrieve_ulns(caller(), sent) == (
        (uln(2), "WSRC0022", uln(1)),
        ("123", "ACF003", ""),
        (uln(1), "WSRC0004", ""),
        (wrong, "ACL001", ""),
        (uln(3), "WSRC0023", ""),
        (uln(4), "WSRC0023", ""),
        (uln(99), "WSRC0023", ""),
        (uln(2), "WSRC0022", uln(1)),
        ("", "ACF001", ""),
        ("1.0E+09", "ACF003", ""),
    )
    assert audited(world) == [
        (f"ULN#{uln(2)}", "ulns-retrieved", "DONE", "WSRC0022"),
        (f"ULN#{uln(1)}", "ulns-retrieved", "DONE", "WSRC0004"),
        (f"ULN#{uln(3)}", "ulns-retrieved", "NOT_FOUND", "WSRC0023"),
        (f"ULN#{uln(4)}", "ulns-retrieved", "NOT_FOUND", "WSRC0023"),
        (f"ULN#{uln(99)}", "ulns-retrieved", "NOT_FOUND", "WSRC0023"),
    ]


@pytest.mark.req("ULN-01")
def test_no_ulns_and_too_many_are_refused_before_anything_is_read(
    world: FakeWorld, retrieval: LearnerRetrieval
) -> None:
    for wrong in ([], [uln(number) for number in range(201)]):
        with pytest.raises(Refused, match="LRS-REQ-5"):
            retrieval.retrieve_ulns(caller(), wrong)
    assert not world.calls


@pytest.mark.req("ULN-01", "SEC-01")
def test_a_uln_with_blanks_around_it_is_read_as_everywhere_else(world: FakeWorld, retrieval: LearnerRetrieval) -> None:
    hold(world, learner(1))
    sent = f" {uln(1)} "
    (found,) = retrieval.retrieve_ulns(caller(OURS), [sent])
    assert (found.uln, found.code) == (sent, "WSRC0004")
    assert audited(world) == [(f"ULN#{uln(1)}", "ulns-retrieved", "DONE", "WSRC0004")]
