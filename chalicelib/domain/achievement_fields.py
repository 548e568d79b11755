"""The fields of achievement records (ACH-01 to ACH-06)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chalicelib.domain import codes
from chalicelib.domain.fields import MIS_IDENTIFIER, UKPRN, ULN, Field, Kind, optional
from chalicelib.domain.learner_fields import SUBMITTED

_, _GIVEN_NAME, _FAMILY_NAME, _DATE_OF_BIRTH, _GENDER, _POSTCODE = SUBMITTED

ACHIEVEMENT: Final = (
    MIS_IDENTIFIER,
    ULN,
    replace(_FAMILY_NAME, description="Family name as held on the register; every later change must give the same."),
    replace(_GIVEN_NAME, description="Given name as held on the register; every later change must give the same."),
    replace(_DATE_OF_BIRTH, description="Date of birth, from 1890; compared when given."),
    _GENDER,
    replace(_POSTCODE, name="learner_postcode", wire="LearnerPostcode", column=""),
    Field(
        "unit_or_qualification_reference_number",
        Kind.AIM_REFERENCE,
        10,
        "Reference of the unit or qualification, with or without obliques.",
        "600/1234/1",
        mandatory=True,
    ),
    Field(
        "achievement_award_date",
        Kind.DATE,
        10,
        "Date of the award: not before 1 September 2006, not in the future, within the dates of the qualification.",
        "2026-06-30",
        mandatory=True,
    ),
    Field("grade", Kind.TEXT, 30, "Grade; one of those of the unit or qualification.", "Merit"),
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
        example="10000020",
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
