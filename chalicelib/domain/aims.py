"""Aims: the qualifications and units that an achievement can be of (QUAL-01), and the references that name them.

An aim belongs to a regulator's register. The register says who owns it, when it may be awarded and with which grades;
the rules of AO18 5.2.1 need these three facts of an :class:`Aim`. References are written in the formats of several
registers; this module gives them one normal form, so that a key is the same however it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple, NewType

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.grades import plain_grade

AimReference = NewType("AimReference", str)
"""A reference in its normal form; made by :func:`parse_aim_reference` only.

Qualifications and approvals have eight characters and no slashes (``6012345X``, ``C0049670``), units keep their slashes
(``L/616/8832``), as the existing service writes them; other codes of the funding register are unchanged (``ZPROG001``).
"""

FIELD: Final = "UnitOrQualificationReferenceNumber"

_UNIT_LETTERS: Final = "ADFHJKLMRTY"
"""The check letters of unit references for the remainders 0 to 10."""

_LONGEST_TEXT: Final = 40

_QUALIFICATION = re.compile(r"([0-9]{3})/?([0-9]{4})/?([0-9X])")
_UNIT = re.compile(rf"([{_UNIT_LETTERS}])/?([0-9]{{3}})/?([0-9]{{4}})")
_APPROVAL = re.compile(r"(C[0-9]{2})/?([0-9]{4})/?([0-9])")
_FUNDING_CODE = re.compile(r"Z[0-9A-Z]{1,7}")

_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E[+-]?[0-9]{1,3}")
_DECIMAL = re.compile(r"[0-9]{7,8}[.,]0+")
_DATE = re.compile(
    r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2,4}|[0-9]{4}[/.-][0-9]{1,2}[/.-][0-9]{1,2}(?:[ T].*)?"
    r"|[0-9]{1,2}[- ](?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*(?:[- ][0-9]{2,4})?"
    r"|(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*[- ][0-9]{2,4}"
)
_SHORTENED = re.compile(r"[0-9]{2}/?[0-9]{4}/?[0-9X]")
_LOOK_ALIKES = str.maketrans("OIL", "011")


def parse_aim_reference(text: str, field: str = FIELD) -> AimReference | Failure:
    """The reference in its normal form, or why the text is not one.

    Accepts qualification numbers (``601/2345/X``), unit references (``L/616/8832``), approval numbers of Qualifications
    Wales (``C00/4967/0``), each also without slashes, and codes of the funding register that begin with Z, in capitals
    or small letters and with spaces around them. ``ACF001`` nothing given; ``ACF003`` anything else, with the likely
    damage as ``reason``: "scientific notation", "decimal point", "date", "leading zero", "quotation marks",
    "separators", "letters for digits", "too short", "too long" or "aim reference". The catalogue decides whether the
    aim exists.
    """
    if len(text) > _LONGEST_TEXT:
        return failure("ACF003", field, reason="too long") if text.strip() else failure("ACF001", field)
    return _parsed(text, field)


@lru_cache(maxsize=65_536)
def _parsed(text: str, field: str) -> AimReference | Failure:
    code = text.strip()
    code = code.upper() if code.isascii() else code
    reference = _normal(code)
    if reference is not None:
        return reference
    if not code:
        return failure("ACF001", field)
    return failure("ACF003", field, reason=_damage(code))


def _normal(code: str) -> AimReference | None:
    """The normal form of a code in capitals, or None if its format is unknown."""
    found = _QUALIFICATION.fullmatch(code) or _APPROVAL.fullmatch(code)
    if found:
        return AimReference(found[1] + found[2] + found[3])
    found = _UNIT.fullmatch(code)
    if found:
        return AimReference(f"{found[1]}/{found[2]}/{found[3]}")
    return AimReference(code) if _FUNDING_CODE.fullmatch(code) else None


def _damage(code: str) -> str:
    """What has probably happened to a code whose format is unknown."""
    if _SCIENTIFIC.fullmatch(code):
        return "scientific notation"
    if _DECIMAL.fullmatch(code):
        return "decimal point"
    if _DATE.fullmatch(code):
        return "date"
    if _SHORTENED.fullmatch(code):
        return "leading zero"
    if _normal(code.strip("'\"`=‘’“” ")):
        return "quotation marks"
    if _normal(re.sub(r"[\s\\|.,_–—-]", "", code)):
        return "separators"
    if _normal(code[:1] + code[1:].translate(_LOOK_ALIKES)) or _normal(code.translate(_LOOK_ALIKES)):
        return "letters for digits"
    characters = len(code.replace("/", ""))
    if characters != 8:
        return "too short" if characters < 8 else "too long"
    return "aim reference"


def check_character_ok(reference: AimReference) -> bool | None:
    """Whether the check character is right; None if the reference has none, or the rule is known not to apply.

    A sum of the seven digits with the weights 8 to 2, modulo 11: qualifications end with the remainder (X for 10),
    units begin with the letter of that number. The rule is inferred from the registers, so a wrong character only gives
    a notice (``REF_CHECK``): the register decides. The block 610/0006 to 610/0123 was issued without following it.
    """
    if reference[1:2] == "/":
        return reference[0] == _UNIT_LETTERS[_remainder(reference[2:5] + reference[6:])]
    if len(reference) != 8 or not reference[:7].isdigit():
        return None
    if "6100006" <= reference[:7] <= "6100123":
        return None
    return reference[7] == "0123456789X"[_remainder(reference[:7])]


def qualification_check_character(seven: str) -> str:
    """The check character of the seven digits of a qualification number."""
    return "0123456789X"[_remainder(seven)]


def unit_check_letter(seven: str) -> str:
    """The first letter of the unit reference with these seven digits."""
    return _UNIT_LETTERS[_remainder(seven)]


def _remainder(seven: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(range(8, 1, -1), seven, strict=True)) % 11


def with_obliques(reference: AimReference) -> str:
    """The reference as people write it: ``601/2345/X``."""
    if len(reference) == 8 and reference[3:7].isdigit():
        return f"{reference[:3]}/{reference[3:7]}/{reference[7]}"
    return reference


class AimKind(StrEnum):
    """The kinds of aim."""

    QUALIFICATION = "qualification"
    UNIT = "unit"


class Register(StrEnum):
    """The registers that aims are read from."""

    OFQUAL = "Ofqual"
    QIW = "QiW"


class AimSummary(NamedTuple):
    """What a record shows of an aim."""

    title: str
    kind: AimKind
    credits: int | None
    level: str
    type: str


@dataclass(frozen=True, slots=True)
class Aim:
    """One qualification or unit as described in the registers."""

    reference: AimReference
    title: str
    kind: AimKind
    owners: frozenset[str]
    """Recognition numbers of the organisations that own it."""
    shared: bool = False
    """Whether every awarding organisation may award it (a unit marked Shared)."""
    shared_with: frozenset[str] = frozenset()
    """Recognition numbers of other organisations that may award it, because it is a unit in one of their
    qualifications.
    """
    first_award: date | None = None
    """Operational start date; None if the register has none."""
    last_award: date | None = None
    """Last day of award: the certification end date, otherwise the operational end date; None if it has no end."""
    grades: tuple[str, ...] = ()
    """As the register spells them; empty if none is known, and then any grade is accepted."""
    level: str = ""
    type: str = ""
    ssa: str = ""
    """Sector subject area."""
    credits: int | None = None
    glh: int | None = None
    """Guided learning hours."""
    grading_type: str = ""
    """``Graded`` or ``Pass/Fail``, empty if the register does not say."""
    status: str = ""
    """As the register calls it."""
    register: Register = Register.OFQUAL
    gone_on: date | None = None
    """The day of the first import that did not contain it. Its achievements can still be changed; later awards are
    refused.
    """
    _by_grade: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index = {plain_grade(grade): grade for grade in reversed(self.grades)}
        index.update((grade, grade) for grade in self.grades)
        object.__setattr__(self, "_by_grade", index)

    @property
    def summary(self) -> AimSummary:
        return AimSummary(self.title, self.kind, self.credits, self.level, self.type)

    def may_be_awarded_by(self, recognition_numbers: frozenset[str]) -> bool:
        """Whether an organisation with these recognition numbers owns the aim or shares it (AO18 5.2.1)."""
        return (
            self.shared
            or not self.owners.isdisjoint(recognition_numbers)
            or not self.shared_with.isdisjoint(recognition_numbers)
        )

    def in_dates(self, award_date: date) -> bool:
        """Whether the aim may be awarded on that day, first and last day included."""
        return (
            (self.first_award is None or self.first_award <= award_date)
            and (self.last_award is None or award_date <= self.last_award)
            and (self.gone_on is None or award_date < self.gone_on)
        )

    def canonical_grade(self, grade: str) -> str | None:
        """The grade as the register spells it; None if it is not one of the aim's. If the aim has no set, any grade is
        allowed.

        Capitals, spaces around it and spaces before an asterisk make no difference.
        """
        index = self._by_grade
        if not index:
            return grade.strip()
        return index.get(grade) or index.get(plain_grade(grade))


class AwardingBody(NamedTuple):
    """An awarding organisation as recognised by a regulator."""

    recognition_number: str
    name: str
    legal_name: str = ""
    acronym: str = ""
    status: str = ""
    """``Recognised``, ``Surrendered`` or ``Withdrawn``, in the register's words."""


class Provider(NamedTuple):
    """A learning provider of the UK register."""

    ukprn: str
    name: str
    status: str = ""
