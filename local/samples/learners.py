"""Invented learners with valid ULNs: most of them ordinary, some difficult to match."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

from chalicelib.domain.learners import ACTIVE, DELETED, LINKED, LearnerProfile
from chalicelib.domain.uln import Uln, mint
from local.samples.names import family_name, given_name, postcode

COUNT: Final = 4_000
_BORN_FROM: Final = date(1962, 1, 1)
_BORN_DAYS: Final = (date(2009, 12, 31) - _BORN_FROM).days
_SHORT_FORMS: Final = {"William": "Bill", "Robert": "Bob", "Margaret": "Peggy", "Catherine": "Kate", "Edward": "Ted"}


def sample_learners(seed: int, count: int = COUNT) -> list[LearnerProfile]:
    """Invented learners, the same for the same seed.

    Of a thousand, four are linked to another ULN as master, twenty have a previous family name, fifteen a family
    name at 16, one is deleted and one is restricted; some go by a preferred name.
    """
    chance = Random(f"{seed} learners")
    ulns: dict[Uln, None] = {}
    while len(ulns) < count:
        ulns[mint(chance.randrange)] = None
    learners = [_learner(chance, uln, place) for place, uln in enumerate(ulns)]
    for place in range(4, count, 250):
        substitute, master = learners[place], learners[place - 1]
        # Registered twice: the same person with the details given on the other occasion.
        learners[place] = master._replace(uln=substitute.uln, status=LINKED, master_uln=master.uln)
    return learners


def _learner(chance: Random, uln: str, place: int) -> LearnerProfile:
    gender = chance.choices("1209", (49, 49, 1, 1))[0]
    given = given_name(chance, gender)
    family = family_name(chance)
    return LearnerProfile(
        uln,
        given,
        family,
        preferred_given_name=_SHORT_FORMS.get(given, ""),
        previous_family_name=family_name(chance) if place % 50 == 1 else "",
        family_name_at_16=family_name(chance) if place % 66 == 7 else "",
        date_of_birth=_BORN_FROM + timedelta(days=chance.randrange(_BORN_DAYS)),
        gender=gender,
        postcode=postcode(chance) if chance.random() < 0.95 else "",
        status=DELETED if place % 1000 == 11 else ACTIVE,
        restricted=place % 1000 == 21,
    )
