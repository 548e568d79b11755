"""Who is answered for a learner is decided once: the same for every use case that answers."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.learners import ACTIVE, DELETED, LINKED, Learner, profile_of
from chalicelib.domain.matching import SubmittedDetails, verify
from chalicelib.services.disclosure import Disclosure
from chalicelib.services.records import RecordLookup
from chalicelib.services.registration import LearnerChange, Registration
from tests.builders.callers import caller
from tests.builders.learners import TODAY, learner, uln, values
from tests.fakes import FakeWorld

NAMES = {"given_name": "Bronwen", "family_name": "Ashcombe"}

SITUATIONS: dict[str, tuple[dict[str, Any], dict[str, Any] | None, str]] = {
    "active": ({}, None, uln(1)),
    "deleted": ({"status": DELETED}, None, ""),
    "restricted": ({"restricted": True}, None, ""),
    "linked": ({"status": LINKED, "master_uln": uln(2)}, {}, uln(2)),
    "linked to a restricted master": ({"status": LINKED, "master_uln": uln(2)}, {"restricted": True}, ""),
    "restricted and linked": ({"status": LINKED, "master_uln": uln(2), "restricted": True}, {}, ""),
    "linked to a deleted master": ({"status": LINKED, "master_uln": uln(2)}, {"status": DELETED}, uln(1)),
    "linked to nobody": ({"status": LINKED, "master_uln": uln(2)}, None, uln(1)),
    "unlinked": ({"status": ACTIVE}, {}, uln(1)),
}


@pytest.fixture(params=SITUATIONS)
def situation(request: pytest.FixtureRequest) -> tuple[FakeWorld, Learner, Learner | None, str]:
    """A world with one learner and perhaps a master, and the ULN that is answered."""
    of_learner, of_master, answered = SITUATIONS[request.param]
    world, one = FakeWorld(), learner(1)._replace(**of_learner)
    other = None if of_master is None else learner(2, family_name="Wick")._replace(**of_master)
    for held in (one, other):
        if held is not None:
            world.learner_register.put(held)
            world.records.learners[held.uln] = held
    return world, one, other, answered


@pytest.mark.req("ULN-01", "ULN-09")
def test_a_learner_gets_the_same_answer_one_by_one_and_many_at_a_time(situation) -> None:
    world, one, _, answered = situation
    disclosure = Disclosure(world.learner_register)
    single = disclosure.of_uln(one.uln)
    assert (single.learner.uln if single else "") == answered
    several = disclosure.of_ulns([one.uln])
    assert several == (() if single is None else (single,))
    assert disclosure.of_ulns([one.uln], [one.master_uln]) == several


@pytest.mark.req("VLD-01", "PLR-02", "ULN-09")
def test_verification_and_records_return_the_same_learner_as_the_register(situation) -> None:
    world, one, other, answered = situation
    submitted = SubmittedDetails(one.uln, "Bronwen", "Ashcombe")
    verified = verify(submitted, profile_of(one), profile_of(other) if other else None).disclosed
    assert (verified.uln if verified else "") == answered
    known = RecordLookup(world.records).known(one.uln)
    assert (known.learner.uln if known else "") == answered


@pytest.mark.req("ULN-04", "ULN-09")
def test_an_update_changes_only_a_learner_who_is_returned_for_their_own_uln(situation) -> None:
    world, one, _, answered = situation
    registration = Registration(world.services().learner_ports)
    done = registration.update(caller(), LearnerChange(one.uln, NAMES | {"title": "Dr"}, TODAY, one.version_number))
    if not answered:
        assert (done.code, done.learner) == ("WSRC0019", None)
    elif answered != one.uln:
        assert (done.code, done.learner.uln) == ("WSRC0022", answered)
    else:
        assert (done.code, done.learner.details.title) == ("WSRC0006", "Dr")


@pytest.mark.req("ULN-01", "ULN-02", "ULN-09")
@pytest.mark.parametrize("find_type", ["FUL", "CHK"])
def test_a_find_by_details_has_the_code_of_a_find_by_uln_for_learners_and_for_codes_alone(situation, find_type) -> None:
    world, one, _, _ = situation
    services = world.services().learner_services
    five = ("given_name", "family_name", "date_of_birth", "gender", "last_known_post_code")
    by_details = services.find_by_demographics(
        caller(), {name: values()[name] for name in five} | {"find_type": find_type}
    )
    by_uln = services.find_by_uln(caller(), {"uln": one.uln, **NAMES, "find_type": find_type})
    assert by_details == by_uln


@pytest.mark.req("ULN-04", "SEC-01")
def test_space_around_a_uln_is_ignored_in_the_update_and_in_its_look() -> None:
    world = FakeWorld()
    world.learner_register.put(learner(1))
    services = world.services().learner_services
    done = services.update(caller(), f" \x1c\n{uln(1)} ", {**NAMES, "place_of_birth": "Barry"}, 1)
    assert done.code == "WSRC0006"
    assert {entry.subject for entry in world.audit.held.values()} == {f"ULN#{uln(1)}"}
