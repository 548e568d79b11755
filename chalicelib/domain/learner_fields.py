"""The fields of records about learners: to register and update, to find, to verify (ULN-01 to ULN-04, VLD-01)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chalicelib.domain import codes
from chalicelib.domain.fields import (
    DATE_OF_BIRTH,
    EMAIL_ADDRESS,
    FAMILY_NAME,
    GENDER,
    GIVEN_NAME,
    LAST_KNOWN_POST_CODE,
    TELEPHONE_NUMBER,
    ULN,
    Field,
    Kind,
    named,
    optional,
)
from chalicelib.domain.names import MAX_LENGTH

_TO_FIND: Final = "needed to register and to check"
_TO_REGISTER: Final = "needed to register"

DETAILS: Final = (
    Field("title", Kind.TEXT, 35, "Title.", "Ms"),
    GIVEN_NAME,
    Field("middle_other_name", Kind.NAME, MAX_LENGTH, "Middle names.", "Grace", column="MiddleNames"),
    FAMILY_NAME,
    Field("preferred_given_name", Kind.NAME, MAX_LENGTH, "Preferred given name.", "Millie"),
    Field("previous_family_name", Kind.NAME, MAX_LENGTH, "Previous family name.", "Thornbury"),
    Field(
        "family_name_at_age_16",
        Kind.NAME,
        MAX_LENGTH,
        "Family name at the age of 16.",
        "Okafor",
        column="FamilyNameAt16",
    ),
    Field("school_at_age_16", Kind.TEXT, 254, "School at the age of 16.", "Ashcombe School"),
    Field("last_known_address_line_1", Kind.TEXT, 50, "First line of the last known address.", "1 Mill Lane"),
    Field("last_known_address_line_2", Kind.TEXT, 50, "Second line of the last known address.", "Stoke"),
    Field("last_known_address_town", Kind.TEXT, 50, "Town of the last known address.", "Coventry"),
    Field(
        "last_known_address_county_or_city",
        Kind.TEXT,
        50,
        "County or city of the last known address.",
        "West Midlands",
        column="LastKnownAddressCountyorCity",
    ),
    replace(LAST_KNOWN_POST_CODE, condition=_TO_FIND),
    Field("date_of_address_capture", Kind.DATE, 10, "Date on which the address was recorded.", "2026-01-12"),
    replace(DATE_OF_BIRTH, condition=_TO_FIND),
    Field("place_of_birth", Kind.TEXT, 35, "Place of birth.", "Coventry"),
    replace(GENDER, condition=_TO_FIND),
    EMAIL_ADDRESS,
    TELEPHONE_NUMBER,
    Field("nationality", Kind.NATIONALITY, 3, "Nationality, as the three letters of ISO 3166-1.", "GBR"),
    Field("scottish_candidate_number", Kind.CANDIDATE_NUMBER, 9, "Scottish candidate number.", "123456789"),
    Field("unique_candidate_identifier", Kind.UCI, 13, "Unique candidate identifier.", "123450123456A", column="UCI"),
    Field(
        "unique_pupil_number",
        Kind.UPN,
        13,
        "Unique pupil number; an update never changes one that is held.",
        "A123456789012",
        column="UPN",
    ),
    Field(
        "verification_type",
        Kind.CODE,
        3,
        "How the learner's identity was verified.",
        "2",
        mandatory=True,
        condition=_TO_REGISTER,
        codes=codes.VERIFICATION_TYPE,
    ),
    Field(
        "other_verification_description",
        Kind.TEXT,
        255,
        "How the identity was verified, if VerificationType is 999.",
        condition="needed if VerificationType is 999, otherwise empty",
    ),
    Field(
        "ability_to_share",
        Kind.CODE,
        1,
        "Whether the learner has seen the privacy notice.",
        "1",
        mandatory=True,
        condition=_TO_REGISTER,
        codes=codes.ABILITY_TO_SHARE,
        column="PrivacyNoticeSeen",
    ),
    Field("notes", Kind.LINES, 4000, "Anything else.", "Enrolled in September"),
)
"""A learner's details, in the order of the existing interface and of ``LearnerDetails``."""

HELD: Final = tuple(
    replace(field, codes=codes.HELD_ABILITY_TO_SHARE) if field.codes is codes.ABILITY_TO_SHARE else field
    for field in DETAILS
)
"""The details as the register holds them."""

DETAIL: Final = {field.name: field for field in DETAILS}
"""The details by name."""

CRITERIA: Final = named(
    DETAILS,
    "given_name",
    "family_name",
    "date_of_birth",
    "gender",
    "last_known_post_code",
    "previous_family_name",
    "school_at_age_16",
    "place_of_birth",
    "email_address",
)
"""The details by which learners are found, in the order of ``search.Criteria``; the first five are mandatory."""

FIND_TYPE: Final = Field(
    "find_type",
    Kind.CODE,
    3,
    "What the response contains; `FUL` if you leave it out.",
    "FUL",
    codes=codes.FIND_TYPE,
)
JOB_TYPE: Final = Field("job_type", Kind.CODE, 3, "What to do with the records.", "FUL", codes=codes.JOB_TYPE)
MASTER_ULN: Final = replace(
    ULN, name="master_uln", wire="MasterULN", description="ULN of the master.", example="1000000051", column=""
)

SUBMITTED: Final = (
    ULN,
    replace(GIVEN_NAME, description="Given name; compared with the learner's."),
    replace(FAMILY_NAME, description="Family name; compared with the learner's."),
    optional(DATE_OF_BIRTH, "Date of birth; compared if given."),
    optional(GENDER, "Gender; compared if given."),
    optional(LAST_KNOWN_POST_CODE, "Postcode of the last known address; compared if given."),
)
"""Who a learner is said to be, in the order of ``matching.SubmittedDetails``."""

NAMED: Final = SUBMITTED[:5]
"""The same without a postcode: the details of a learner in requests about records."""

TO_FIND: Final = (ULN, FAMILY_NAME, optional(GIVEN_NAME, "Given name; compared if given."), FIND_TYPE)
"""A ULN and the names of its learner."""
