"""The fields of achievement records (ACH-01 to ACH-06)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chalicelib.domain import codes
from chalicelib.domain.fields import MIS_IDENTIFIER, UKPRN, ULN, Field, Kind, named, optional
from chalicelib.domain.learner_fields import SUBMITTED

_, _GIVEN_NAME, _FAMILY_NAME, _DATE_OF_BIRTH, _GENDER, _POSTCODE = SUBMITTED

ACHIEVEMENT: Final = (
    MIS_IDENTIFIER,
    ULN,
    replace(_FAMILY_NAME, description="Family name as registered; every later change must use it."),
    replace(_GIVEN_NAME, description="Given name as registered; every later change must use it."),
    replace(_DATE_OF_BIRTH, description="Date of birth, from 1890; compared if given."),
    _GENDER,
    replace(_POSTCODE, name="learner_postcode", wire="LearnerPostcode", column=""),
    Field(
        "unit_or_qualification_reference_number",
        Kind.AIM_REFERENCE,
        10,
        "Reference of the unit or qualification, with or without slashes.",
        "600/1234/1",
        mandatory=True,
    ),
    Field(
        "achievement_award_date",
        Kind.DATE,
        10,
        "Date of the award: from 1 September 2006, not in the future, within the dates of the qualification.",
        "2026-06-30",
        mandatory=True,
    ),
    Field("grade", Kind.TEXT, 30, "Grade, one of those used for the unit or qualification.", "Merit"),
    Field(
        "language_for_assessment",
        Kind.CODE,
        10,
        "Language of the assessment.",
        "ENG",
        codes=codes.LANGUAGE_FOR_ASSESSMENT,
    ),
    replace(
        optional(UKPRN, "UKPRN of the learning provider."),
        name="provider_ukprn",
        wire="ProviderUKPRN",
        column="",
        example="90000101",
    ),
    Field("action", Kind.CODE, 10, "What to do with the achievement.", "1", mandatory=True, codes=codes.ACTION),
    Field(
        "action_date",
        Kind.DATE,
        10,
        "Date of the action; not in the future.",
        "2026-06-30",
        condition="needed for update, withdraw and reinstate",
    ),
    Field(
        "action_reason",
        Kind.CODE,
        10,
        "Why an achievement is withdrawn or reinstated.",
        "SUBINERROR",
        condition="needed for withdraw and reinstate",
        codes=codes.ACTION_REASON,
        left_to_a_rule=True,
    ),
)
"""An achievement record, in the order of the achievement file."""

NAMES: Final = tuple(field.name for field in ACHIEVEMENT)

SUBMISSION_TYPE: Final = Field(
    "submission_type",
    Kind.CODE,
    11,
    "Whether the achievements are final.",
    "FINAL",
    mandatory=True,
    codes=codes.SUBMISSION_TYPE,
)

# --- One record, by what it does with the achievement -----------------------------------------------------------------

_KIND: Final = "Whether the achievement is final; `PROVISIONAL` for one that may still be made final."
_NAMED: Final = named(ACHIEVEMENT, "given_name", "family_name")
_AGREED: Final = tuple(replace(field, mandatory=True, condition="") for field in named(ACHIEVEMENT, "action_date"))
_BECAUSE: Final = tuple(replace(field, mandatory=True, condition="") for field in named(ACHIEVEMENT, "action_reason"))

CREATE: Final = (
    *named(ACHIEVEMENT, "uln"),
    *_NAMED,
    *named(ACHIEVEMENT, "unit_or_qualification_reference_number", "achievement_award_date", "grade"),
    *named(ACHIEVEMENT, "language_for_assessment", "provider_ukprn"),
    *named(ACHIEVEMENT, "date_of_birth", "gender", "learner_postcode", "mis_identifier"),
    optional(SUBMISSION_TYPE, f"{_KIND} `FINAL` if you leave it out."),
)
"""To create an achievement (AO18 5.2.1)."""
UPDATE: Final = (
    *_NAMED,
    *_AGREED,
    *named(ACHIEVEMENT, "grade", "language_for_assessment", "provider_ukprn"),
    optional(SUBMISSION_TYPE, "`FINAL` makes a provisional achievement final."),
    MIS_IDENTIFIER,
)
"""To update one (AO18 5.2.2)."""
WITHDRAW: Final = (*_NAMED, *_AGREED, *_BECAUSE, MIS_IDENTIFIER)
"""To withdraw one (AO18 5.2.3)."""
REINSTATE: Final = (*_NAMED, *_AGREED, *_BECAUSE, *named(ACHIEVEMENT, "grade"), MIS_IDENTIFIER)
"""To reinstate one (AO18 5.2.4); its grade cannot change."""
