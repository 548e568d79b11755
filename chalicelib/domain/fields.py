"""The fields of the service, each described once: name, form, limit, list of codes, meaning, example.

Layouts of files, XML schemas, the description of the web service, pages and checks derive from this table; ``values``
has one parser for each kind. A record that needs a field in another way (optional instead of mandatory, other words)
takes the same entry with that one change. Records list their fields in ``learner_fields`` and ``achievement_fields``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from chalicelib.domain import codes, names
from chalicelib.domain.codes import CodeList


class Kind(StrEnum):
    """The form of a field's values; each has one parser in ``values``."""

    TEXT = "text"
    LINES = "text of several lines"
    NAME = "name"
    """Letters, space, apostrophe, backwards apostrophe, hyphen and dot, with at least one letter (AO18 App. B)."""
    ULN = "ULN"
    UKPRN = "UKPRN"
    DATE = "date"
    POSTCODE = "postcode"
    AIM_REFERENCE = "aim reference"
    CODE = "code"
    NUMBER = "whole number"
    EMAIL = "email address"
    TELEPHONE = "telephone number"
    NATIONALITY = "nationality"
    """Two or three letters; ISO 3166-1 alpha-3 is meant."""
    CANDIDATE_NUMBER = "Scottish candidate number"
    UCI = "unique candidate identifier"
    UPN = "unique pupil number"


@dataclass(frozen=True, slots=True)
class Field:
    """One field."""

    name: str
    """In Python, in snake case."""
    kind: Kind
    limit: int
    """In characters."""
    description: str
    example: str = ""
    mandatory: bool = False
    """Whether a value must be given: always or, with a ``condition``, where that holds."""
    condition: str = ""
    """When the value must be given, where that is not always."""
    codes: CodeList | None = None
    """The list of a CODE field."""
    left_to_a_rule: bool = False
    """Whether a value that is not in the list is read all the same, for a rule to refuse."""
    wire: str = ""
    """In the existing interface, and in failures; made from ``name`` when left out."""
    column: str = ""
    """In files, where it is not the same."""
    json: str = field(init=False)
    """In JSON."""

    def __post_init__(self) -> None:
        wire = self.wire or "".join(word.capitalize() for word in self.name.split("_"))
        object.__setattr__(self, "wire", wire)
        object.__setattr__(self, "column", self.column or wire)
        object.__setattr__(self, "json", camel_case(self.name))

    @property
    def always(self) -> bool:
        """Whether every record must have it."""
        return self.mandatory and not self.condition


def camel_case(name: str) -> str:
    """A Python name as JSON has it."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def named(fields: Iterable[Field], *names: str) -> tuple[Field, ...]:
    """The fields of these names, in their order. Raises KeyError for a name that none has."""
    known = {one.name: one for one in fields}
    return tuple(known[name] for name in names)


def optional(one: Field, description: str = "") -> Field:
    """The same field where it need not be given."""
    return replace(one, mandatory=False, condition="", description=description or one.description)


# --- Fields that several records share --------------------------------------------------------------------------------

ULN: Final = Field("uln", Kind.ULN, 10, "Unique learner number.", "1000000043", mandatory=True, wire="ULN")
UKPRN: Final = Field("ukprn", Kind.UKPRN, 8, "UKPRN of the organisation.", "90000051", mandatory=True, wire="UKPRN")
MIS_IDENTIFIER: Final = Field(
    "mis_identifier", Kind.TEXT, 128, "Your own reference; returned unchanged.", "MIS-00017", wire="MISIdentifier"
)
GIVEN_NAME: Final = Field("given_name", Kind.NAME, names.MAX_LENGTH, "Given name.", "Amelia", mandatory=True)
FAMILY_NAME: Final = Field("family_name", Kind.NAME, names.MAX_LENGTH, "Family name.", "Okafor", mandatory=True)
DATE_OF_BIRTH: Final = Field("date_of_birth", Kind.DATE, 10, "Date of birth.", "2001-03-14", mandatory=True)
GENDER: Final = Field("gender", Kind.CODE, 1, "Gender.", "2", mandatory=True, codes=codes.GENDER)
LAST_KNOWN_POST_CODE: Final = Field(
    "last_known_post_code",
    Kind.POSTCODE,
    9,
    "Postcode of the last known address; `ZZ99 9ZZ` if it is not known.",
    "CV1 2WT",
    mandatory=True,
)
EMAIL_ADDRESS: Final = Field("email_address", Kind.EMAIL, 254, "Email address.", "amelia@example.org")
TELEPHONE_NUMBER: Final = Field("telephone_number", Kind.TELEPHONE, 20, "Telephone number.", "01632 960001")
