"""The learners and aims of the examples: every example of a field, a file or a request is about one of these.

They are no part of the random files of achievements, so that the examples can be sent as they are to a new service.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from chalicelib.domain.achievement_fields import ACHIEVEMENT
from chalicelib.domain.aims import Aim, AimKind, AimReference
from chalicelib.domain.fields import DATE_OF_BIRTH, FAMILY_NAME, GENDER, GIVEN_NAME, LAST_KNOWN_POST_CODE, ULN, named
from chalicelib.domain.grades import OF_UNITS
from chalicelib.domain.learners import Learner, LearnerProfile, learner_of
from chalicelib.domain.uln import Uln

_OWNER: Final = frozenset({"RN9051"})
_SINCE: Final = date(2000, 9, 1)
(_REFERENCE,) = named(ACHIEVEMENT, "unit_or_qualification_reference_number")

EXAMPLE_LEARNERS: Final = (
    LearnerProfile(
        Uln(ULN.example), GIVEN_NAME.example, FAMILY_NAME.example,
        date_of_birth=date.fromisoformat(DATE_OF_BIRTH.example), gender=GENDER.example,
        postcode=LAST_KNOWN_POST_CODE.example,
    ),
    LearnerProfile(
        Uln("1000000027"), "Daniel", "Hughes", date_of_birth=date(2003, 11, 30), gender="1", postcode="CV1 2WT"
    ),
    LearnerProfile(
        Uln("1000000035"), "Priya", "Sharma", date_of_birth=date(2001, 3, 14), gender="2", postcode="CV1 2WT"
    ),
    LearnerProfile(
        Uln("1000000051"), "Daniel", "Hughes", date_of_birth=date(2003, 11, 30), gender="1", postcode="ZZ99 9ZZ"
    ),
)  # fmt: skip
"""The learner of the fields' examples, two others, and one of these with a second ULN."""

EXAMPLE_PROVIDER: Final = "90000101"
"""The organisation that registered them."""


def example_learners() -> list[Learner]:
    """The learners as they are registered."""
    return [learner_of(profile)._replace(registered_by=EXAMPLE_PROVIDER) for profile in EXAMPLE_LEARNERS]


EXAMPLE_AIMS: Final = (
    Aim(
        AimReference(_REFERENCE.example.replace("/", "")), "Level 3 Diploma in Sample Studies",
        AimKind.QUALIFICATION, _OWNER, first_award=_SINCE, grades=("Pass", "Merit", "Distinction"), level="Level 3",
    ),
    Aim(
        AimReference("A/616/8832"), "Preparing Samples", AimKind.UNIT, _OWNER, first_award=_SINCE, grades=OF_UNITS,
        level="Level 3",
    ),
)  # fmt: skip
"""A qualification and a unit of the first sample organisation."""
