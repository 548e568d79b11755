"""The layouts of learner and verification files, in the style of the existing registration file (ULN-06, VLD-03).

The fields are those of ``domain.learner_fields``; the files add their order and a few names of their own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from chalicelib.domain.fields import EMAIL_ADDRESS, MIS_IDENTIFIER, UKPRN, ULN, Field, Kind, named, optional
from chalicelib.domain.learner_fields import DETAILS, JOB_TYPE, SUBMITTED
from chalicelib.formats.batch.layouts import REASONS, Layout, file_name_field, version_field

MOST_RECORDS: Final = 200
"""Learners in a file of either kind (C15)."""
MOST_BYTES: Final = 2_000_000

_UKPRN: Final = replace(UKPRN, description="UKPRN of the organisation that submits the file.", example="90000101")
_COUNT: Final = Field("learner_record_count", Kind.NUMBER, 3, "Number of records in the file.", "3", mandatory=True)

LEARNERS: Final = Layout(
    name="learners",
    title="Learner registration file",
    version="3A",
    header=(
        version_field("3A"),
        file_name_field("LRB_90000101_221120260915.CSV"),
        _UKPRN,
        _COUNT,
        replace(
            JOB_TYPE,
            description="What to do with the records; FUL if the column is empty or absent and the upload did not say.",
        ),
    ),
    record=(
        optional(ULN, "Unique learner number of a learner to update or check; empty for one to find or register."),
        MIS_IDENTIFIER,
        *named(DETAILS, "title", "given_name", "preferred_given_name", "middle_other_name", "family_name"),
        *named(DETAILS, "previous_family_name", "family_name_at_age_16", "school_at_age_16"),
        *named(DETAILS, "last_known_address_line_1", "last_known_address_line_2", "last_known_address_town"),
        *named(DETAILS, "last_known_address_county_or_city", "last_known_post_code", "date_of_address_capture"),
        *named(
            DETAILS,
            "date_of_birth",
            "place_of_birth",
            "email_address",
            "gender",
            "nationality",
            "scottish_candidate_number",
        ),
        *named(DETAILS, "unique_candidate_identifier", "unique_pupil_number", "ability_to_share", "verification_type"),
        *named(DETAILS, "other_verification_description", "notes"),
    ),
    ignored=REASONS,
    root="LearnerBatch",
    element="Learner",
    max_records=MOST_RECORDS,
    max_bytes=MOST_BYTES,
    count_field=_COUNT.column,
    may_be_absent=frozenset({"JobType"}),
)
"""The registration file in its version of July 2019 (ULN-06)."""

_NOT_IN_2A: Final = ("unique_candidate_identifier", "unique_pupil_number")
_NAMED_OTHERWISE: Final = ("middle_other_name", "ability_to_share")
"""Fields that have the names of the existing interface in version 2A."""

LEARNERS_2A: Final = replace(
    LEARNERS,
    version="2A",
    header=(version_field("2A"), *LEARNERS.header[1:]),
    record=tuple(
        replace(field, column="") if field.name in _NAMED_OTHERWISE else field
        for field in LEARNERS.record
        if field.name not in _NOT_IN_2A
    ),
)
"""The previous version, which systems still write and in which the existing service exports exceptions."""

VERIFICATIONS: Final = Layout(
    name="verifications",
    title="Verification file",
    version="1A",
    header=(
        version_field("1A"),
        file_name_field("VLD_90000101_221120260915.CSV"),
        _UKPRN,
        _COUNT,
        replace(
            EMAIL_ADDRESS,
            name="org_email",
            wire="",
            column="",
            description="Where to send the email, if not to the submitter's address.",
            example="batches@example.org",
        ),
    ),
    record=(
        MIS_IDENTIFIER,
        *named(SUBMITTED, "uln", "family_name", "given_name", "date_of_birth", "gender"),
    ),
    ignored=REASONS,
    root="VerificationBatch",
    element="Learner",
    max_records=MOST_RECORDS,
    max_bytes=MOST_BYTES,
    count_field=_COUNT.column,
    count_code="WSRC0030",
)
"""The file of learners to verify (VLD-03)."""
