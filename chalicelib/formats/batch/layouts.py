"""The layouts of batch files, each described once: reader, writer, templates, schema and documentation are made from
here.

A layout has two parts. Its *header* says of the whole file who sends it and what it holds: the first columns of a CSV
file, filled on the first row only, or the first elements of an XML file. Its *record* is what is said of each record.
Column order and names follow the style of the existing registration file; the service's own decisions are recorded in
``docs/decisions/0004-file-formats.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple


class Kind(StrEnum):
    """What a field's values are; each has its rule of form."""

    TEXT = "text"
    NAME = "name"
    """Letters, space, apostrophe, backwards apostrophe, hyphen and dot, with at least one letter (AO18 App. B)."""
    ULN = "ULN"
    UKPRN = "UKPRN"
    DATE = "date"
    POSTCODE = "postcode"
    AIM_REFERENCE = "aim reference"
    CODE = "code"
    NUMBER = "whole number"
    EMAIL = "e-mail address"
    TELEPHONE = "telephone number"
    NATIONALITY = "nationality"
    CANDIDATE_NUMBER = "Scottish candidate number"
    UCI = "unique candidate identifier"
    UPN = "unique pupil number"


class Code(NamedTuple):
    """One value of a list."""

    value: str
    meaning: str
    aliases: tuple[str, ...] = ()
    """Other spellings that are read as this value; capitals and small letters alike."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column or element."""

    name: str
    kind: Kind
    max_length: int
    """In characters."""
    mandatory: bool
    codes: tuple[Code, ...]
    """The list of a CODE field; empty for the others."""
    description: str
    example: str
    condition: str = ""
    """When a field that is not mandatory for every record must be given."""
    may_be_absent: bool = False
    """Whether a file may lack the column or element altogether; of header fields only."""


@dataclass(frozen=True)
class Layout:
    """One kind of batch file, as CSV and as XML."""

    name: str
    title: str
    version: str
    header: tuple[Field, ...]
    record: tuple[Field, ...]
    ignored: tuple[str, ...]
    """Columns or elements of the error file, which the reader passes over: a corrected error file is sent back as it
    is."""
    root: str
    element: str
    """The XML element of one record."""
    max_records: int
    max_bytes: int
    count_field: str = "RecordCount"
    """The header field that says how many records the file has."""
    count_code: str = "WSRC0017"
    """What is told where it disagrees."""

    @cached_property
    def columns(self) -> tuple[Field, ...]:
        """Every column of the CSV file, in order."""
        return self.header + self.record

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The headings of the CSV file, in order."""
        return tuple(field.name for field in self.columns)

    @cached_property
    def record_names(self) -> tuple[str, ...]:
        """The names of a record's fields, in order."""
        return tuple(field.name for field in self.record)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.columns}


GENDERS = (
    Code("0", "not known"),
    Code("1", "male"),
    Code("2", "female"),
    Code("9", "not specified"),
)
LANGUAGES = (
    Code("ENG", "English", ("English",)),
    Code("CYM", "Welsh", ("Welsh", "Cymraeg")),
    Code("GLE", "Irish", ("Irish", "Gaeilge")),
)
ACTIONS = (
    Code("1", "create", ("CREATE",)),
    Code("2", "update", ("UPDATE",)),
    Code("3", "withdraw", ("WITHDRAW",)),
    Code("4", "reinstate", ("REINSTATE",)),
)
ACTION_REASONS = (
    Code("ULNINVALID", "the ULN was wrong"),
    Code("ACHINVALID", "the achievement was wrong"),
    Code("DATINVALID", "a date was wrong"),
    Code("SUBINERROR", "submitted in error"),
    Code("BATCHERROR", "an error in the batch"),
)
SUBMISSION_TYPES = (
    Code("FINAL", "the achievements are final"),
    Code("PROVISIONAL", "the achievements may still be made final"),
)

REASONS = ("ErrorRecordNumber", "ErrorLine", "ErrorFamilies", "ErrorCodes", "ErrorFields", "ErrorMessages")
"""What the error file tells of each record, behind the record itself."""

_AWARD_DATE = "AchievementAwardDate"

ACHIEVEMENTS = Layout(
    name="achievements",
    title="Achievement file",
    version="1A",
    header=(
        Field("FileVersion", Kind.CODE, 2, True, (Code("1A", "this version"),), "Version of the layout.", "1A"),
        Field(
            "FileName",
            Kind.TEXT,
            255,
            False,
            (),
            "Name of the file. A name that differs from the file's own is told as a notice.",
            "QCF_10000055_20261122_001.CSV",
        ),
        Field(
            name="OrganisationRef",
            kind=Kind.TEXT,
            max_length=8,
            mandatory=False,
            codes=(),
            description="The submitter's organisation reference, or its UKPRN.",
            example="A12345",
        ),
        Field(
            "UKPRN", Kind.UKPRN, 8, True, (), "UKPRN of the awarding organisation that submits the file.", "10000055"
        ),
        Field("SubmissionType", Kind.CODE, 11, True, SUBMISSION_TYPES, "Whether the achievements are final.", "FINAL"),
        Field("RecordCount", Kind.NUMBER, 5, True, (), "Number of records in the file.", "3"),
    ),
    record=(
        Field(
            "MISIdentifier",
            Kind.TEXT,
            128,
            False,
            (),
            "The submitter's own reference; returned as it was.",
            "MIS-00017",
        ),
        Field("ULN", Kind.ULN, 10, True, (), "Unique learner number.", "1000000019"),
        Field(
            "FamilyName", Kind.NAME, 35, True, (), "Family name, as the register of learners has it.", "O'Neill-Jones"
        ),
        Field("GivenName", Kind.NAME, 35, True, (), "Given name, as the register of learners has it.", "Mary Ann"),
        Field("DateOfBirth", Kind.DATE, 10, False, (), "Date of birth, from 1890; compared when given.", "2001-02-28"),
        Field("Gender", Kind.CODE, 1, False, GENDERS, "Gender; compared when given.", "2"),
        Field(
            "LearnerPostcode", Kind.POSTCODE, 9, False, (), "Postcode of the learner; compared when given.", "AB1 2DE"
        ),
        Field(
            "UnitOrQualificationReferenceNumber",
            Kind.AIM_REFERENCE,
            10,
            True,
            (),
            "Reference of the unit or qualification, with or without obliques.",
            "600/0055/7",
        ),
        Field(
            _AWARD_DATE,
            Kind.DATE,
            10,
            True,
            (),
            "Date of the award: not before 1 September 2006, not in the future.",
            "2026-11-02",
        ),
        Field("Grade", Kind.TEXT, 30, False, (), "Grade; one of those of the unit or qualification.", "Distinction*"),
        Field("LanguageForAssessment", Kind.CODE, 10, False, LANGUAGES, "Language of the assessment.", "ENG"),
        Field("ProviderUKPRN", Kind.UKPRN, 8, False, (), "UKPRN of the learning provider.", "10000020"),
        Field("Action", Kind.CODE, 10, True, ACTIONS, "What to do with the achievement.", "1"),
        Field(
            "ActionDate",
            Kind.DATE,
            10,
            False,
            (),
            "Date of the action; not in the future.",
            "2026-11-20",
            "needed for update, withdraw and reinstate",
        ),
        Field(
            "ActionReason",
            Kind.CODE,
            10,
            False,
            ACTION_REASONS,
            "Why an achievement is withdrawn or reinstated.",
            "SUBINERROR",
            "needed for withdraw and reinstate",
        ),
    ),
    ignored=REASONS,
    root="AchievementBatch",
    element="Achievement",
    max_records=10_000,
    max_bytes=25_000_000,
)
"""The achievement file of an awarding organisation (ACH-06)."""
