"""The world for all surfaces: organisations, aims, and learners of each kind."""

from __future__ import annotations

from datetime import date

from chalicelib.domain.learners import DELETED, LINKED
from tests.builders.achievements import OURS, organisation, uln, world_with
from tests.builders.achievements import learner as profile
from tests.builders.jobs import Pipeline
from tests.builders.learner_files import PROVIDER
from tests.builders.learners import learner
from tests.fakes import FakeWorld
from tests.parity.cases import DELETED_LEARNER, LINKED_LEARNER, Case, Sort
from tests.parity.files import achievements_csv


def world_of(case: Case) -> FakeWorld:
    """A new world with what the record needs, after the records that come before it."""
    if case.sort is not Sort.ACHIEVEMENT:
        return _with_learners()
    world = world_with(
        profile(0),
        profile(1),
        profile(2, uln=DELETED_LEARNER, status=DELETED),
        profile(3, uln=LINKED_LEARNER, status=LINKED, master_uln=uln(5)),
        profile(3, uln=uln(5)),
    )
    for place, fields in enumerate(case.before):
        ukprn = fields.get("UKPRN", OURS)
        Pipeline(world).process(achievements_csv(fields), f"before-{place}.csv", ukprn)
    return world


def _with_learners() -> FakeWorld:
    world = FakeWorld()
    world.accounts.put(organisation(PROVIDER, is_awarding_organisation=False, batch_achievements=False))
    eleri = {"given_name": "Eleri", "family_name": "Prosser", "date_of_birth": "2000-11-02"}
    carys = {"given_name": "Carys", "family_name": "Merrick", "date_of_birth": "2001-07-30"}
    carys |= {"verification_type": "999", "other_verification_description": "Bus pass"}
    master = learner(5, **eleri)
    for held in (
        learner(1),
        learner(2, given_name="Bethan", family_name="Vaughan", date_of_birth=date(1999, 3, 3).isoformat())._replace(
            restricted=True
        ),
        learner(3, **eleri)._replace(status=LINKED, master_uln=master.uln),
        master._replace(linked_ulns=(learner(3).uln,)),
        learner(4, **carys),
    ):
        world.learner_register.put(held)
    return world
