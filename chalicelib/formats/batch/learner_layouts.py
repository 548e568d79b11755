"""The layouts of learner and verification files, in the style of the existing registration file (ULN-06, VLD-03).

Names, limits and lists of a learner's fields come from :data:`chalicelib.domain.learners.FIELDS`; what the file adds is
the order of its columns, a few names that it spells in its own way, and words for the reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.learner_batches import JobType
from chalicelib.domain.learners import FIELD_OF
from chalicelib.formats.batch.layouts import REASONS, Code, Field, Kind, Layout

MOST_RECORDS: Final = 200
"""Learners in a file of either kind (C15)."""
MOST_BYTES: Final = 2_000_000

COUNT: Final = "LearnerRecordCount"
SHARING: Final = "PrivacyNoticeSeen"

_PRIVACY_NOTICE: Final = (
    Code("0", "the privacy notice has not been seen"),
    Code("1", "the privacy notice has been seen"),
)
_JOB_TYPES: Final = (
    Code(JobType.FULL, "register and update"),
    Code(JobType.CHECK, "look only"),
)

COLUMNS: Final[dict[str, tuple[str, str, str]]] = {
    "Title": ("title", "Title.", "Ms"),
    "GivenName": ("given_name", "Given name.", "Mary Ann"),
    "PreferredGivenName": ("preferred_given_name", "Name by which the learner is called.", "Mary"),
    "MiddleNames": ("middle_other_name", "Middle names.", "Rose"),
    "FamilyName": ("family_name", "Family name.", "O'Neill-Jones"),
    "PreviousFamilyName": ("previous_family_name", "Family name before the present one.", "O'Neill"),
    "FamilyNameAt16": ("family_name_at_age_16", "Family name at the age of 16.", "O'Neill"),
    "SchoolAtAge16": ("school_at_age_16", "School at the age of 16.", "Example School"),
    "LastKnownAddressLine1": ("last_known_address_line_1", "First line of the last known address.", "1 Example Street"),
    "LastKnownAddressLine2": ("last_known_address_line_2", "Second line of the last known address.", "Exampleton"),
    "LastKnownAddressTown": ("last_known_address_town", "Town of the last known address.", "Sampleham"),
    "LastKnownAddressCountyorCity": ("last_known_address_county_or_city", "County or city.", "Sampleshire"),
    "LastKnownPostCode": (
        "last_known_post_code",
        "Postcode of the last known address; `ZZ99 9ZZ` where it is not known.",
        "AB1 2DE",
    ),
    "DateOfAddressCapture": ("date_of_address_capture", "Date on which the address was taken down.", "2025-09-01"),
    "DateOfBirth": ("date_of_birth", "Date of birth.", "2001-02-28"),
    "PlaceOfBirth": ("place_of_birth", "Place of birth.", "Sampleham"),
    "EmailAddress": ("email_address", "E-mail address of the learner.", "learner@example.org"),
    "Gender": ("gender", "Gender.", "2"),
    "Nationality": ("nationality", "Nationality, by the three letters of ISO 3166-1.", "GBR"),
    "ScottishCandidateNumber": ("scottish_candidate_number", "Scottish candidate number.", "123456789"),
    "UCI": ("unique_candidate_identifier", "Unique candidate identifier.", "123456789012A"),
    "UPN": (
        "unique_pupil_number",
        "Unique pupil number; an update never changes one that is held.",
        "A123456789012",
    ),
    SHARING: ("ability_to_share", "Whether the learner has seen the privacy notice.", "1"),
    "VerificationType": ("verification_type", "How the learner's identity was verified.", "2"),
    "OtherVerificationDescription": ("other_verification_description", "How else the identity was verified.", ""),
    "Notes": ("notes", "Anything else.", "Enrolled in September"),
}
"""Columns of a learner's details in the order of the file: the detail's name, what it is, an example."""

CONDITIONS: Final = {
    "LastKnownPostCode": "needed to register and to check",
    "DateOfBirth": "needed to register and to check",
    "Gender": "needed to register and to check",
    SHARING: "needed to register",
    "VerificationType": "needed to register",
    "OtherVerificationDescription": "needed where VerificationType is 999, else empty",
}
_ALWAYS: Final = frozenset({"GivenName", "FamilyName"})


def _detail(name: str) -> Field:
    """A column of a learner's details."""
    held = FIELD_OF[COLUMNS[name][0]]
    _, description, example = COLUMNS[name]
    codes = tuple(Code(value, meaning[0].lower() + meaning[1:]) for value, meaning in held.codes.items())
    return Field(
        name,
        Kind(held.kind.value),
        held.limit,
        name in _ALWAYS,
        _PRIVACY_NOTICE if name == SHARING else codes,
        description,
        example,
        CONDITIONS.get(name, ""),
    )


def _version(version: str) -> Field:
    return Field("FileVersion", Kind.CODE, 2, True, (Code(version, "this version"),), "Version of the layout.", version)


def _file_name(example: str) -> Field:
    description = "Name of the file. A name that differs from the file's own is told as a notice."
    return Field("FileName", Kind.TEXT, 255, False, (), description, example)


_UKPRN: Final = Field("UKPRN", Kind.UKPRN, 8, True, (), "UKPRN of the organisation that submits the file.", "10000055")
_COUNT: Final = Field(COUNT, Kind.NUMBER, 3, True, (), "Number of records in the file.", "3")
_MIS: Final = Field(
    "MISIdentifier", Kind.TEXT, 128, False, (), "The submitter's own reference; returned as it was.", "MIS-00017"
)

LEARNERS: Final = Layout(
    name="learners",
    title="Learner registration file",
    version="3A",
    header=(
        _version("3A"),
        _file_name("LRB_10000055_221120260915.CSV"),
        _UKPRN,
        _COUNT,
        Field(
            "JobType",
            Kind.CODE,
            3,
            False,
            _JOB_TYPES,
            "What is asked for; FUL where the column is empty or absent and the upload was not begun with another.",
            "FUL",
            may_be_absent=True,
        ),
    ),
    record=(
        Field(
            "ULN",
            Kind.ULN,
            10,
            False,
            (),
            "Unique learner number of a learner to update or check; empty for one to find or register.",
            "1000000019",
        ),
        _MIS,
        *map(_detail, COLUMNS),
    ),
    ignored=REASONS,
    root="LearnerBatch",
    element="Learner",
    max_records=MOST_RECORDS,
    max_bytes=MOST_BYTES,
    count_field=COUNT,
)
"""The registration file in its version of July 2019 (ULN-06)."""

_OLDER_NAMES: Final = {"MiddleNames": "MiddleOtherName", SHARING: "AbilityToShare"}

LEARNERS_2A: Final = replace(
    LEARNERS,
    version="2A",
    header=(_version("2A"), *LEARNERS.header[1:]),
    record=tuple(
        replace(field, name=_OLDER_NAMES.get(field.name, field.name))
        for field in LEARNERS.record
        if field.name not in ("UCI", "UPN")
    ),
)
"""The version before, which systems still write and in which the existing service exports exceptions."""

VERIFICATIONS: Final = Layout(
    name="verifications",
    title="Verification file",
    version="1A",
    header=(
        _version("1A"),
        _file_name("VLD_10000055_221120260915.CSV"),
        _UKPRN,
        _COUNT,
        Field(
            "OrgEmail",
            Kind.EMAIL,
            254,
            False,
            (),
            "Where the notice goes, when not to the address of the submitter.",
            "batches@example.org",
        ),
    ),
    record=(
        _MIS,
        Field("ULN", Kind.ULN, 10, True, (), "Unique learner number.", "1000000019"),
        Field(
            "FamilyName", Kind.NAME, 35, True, (), "Family name, as the register of learners has it.", "O'Neill-Jones"
        ),
        Field("GivenName", Kind.NAME, 35, True, (), "Given name, as the register of learners has it.", "Mary Ann"),
        Field("DateOfBirth", Kind.DATE, 10, False, (), "Date of birth; compared when given.", "2001-02-28"),
        replace(_detail("Gender"), description="Gender; compared when given.", condition=""),
    ),
    ignored=REASONS,
    root="VerificationBatch",
    element="Learner",
    max_records=MOST_RECORDS,
    max_bytes=MOST_BYTES,
    count_field=COUNT,
    count_code="WSRC0030",
)
"""The file of learners whose details are to be verified (VLD-03)."""


def in_words_of(layout: Layout, failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """Reasons with the fields under the names that the version of the layout has for them."""
    if layout.record_names == LEARNERS_2A.record_names:
        return tuple(why._replace(field=_OLDER_NAMES.get(why.field, why.field)) for why in failures)
    return tuple(failures)


def learner_values(values: tuple[str, ...], layout: Layout) -> tuple[str, ...]:
    """The values of a record of either version in the order of the present one; a record of another width as it is."""
    if layout.record_names == LEARNERS.record_names or len(values) != len(layout.record):
        return values
    given = dict(zip(layout.record_names, values, strict=True))
    return tuple(given.get(_OLDER_NAMES.get(name, name), "") for name in LEARNERS.record_names)
