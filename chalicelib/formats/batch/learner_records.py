"""From the values of a learner record to what it says, and to every fault of it at once (ULN-06, ULN-08)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Final, NamedTuple

from chalicelib.domain import people
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learner_batches import JobType, ReturnCode
from chalicelib.domain.learner_rules import CRITERIA, changed_details, read_criteria, read_details
from chalicelib.domain.learners import EMPTY_DETAILS, FIELD_OF, OTHER_VERIFICATION, LearnerDetails
from chalicelib.domain.search import Criteria
from chalicelib.domain.uln import parse_uln
from chalicelib.formats.batch.achievement_records import FORMULA
from chalicelib.formats.batch.layouts import Field, Kind
from chalicelib.formats.batch.learner_layouts import COLUMNS, LEARNERS

MIS_IDENTIFIER: Final = "MISIdentifier"

_DETAIL_OF: Final = {column: detail for column, (detail, _, _) in COLUMNS.items()}
_COLUMN_OF: Final = {FIELD_OF[detail].wire: column for column, detail in _DETAIL_OF.items()}
_ULN, _MIS = (LEARNERS.record_names.index(name) for name in ("ULN", MIS_IDENTIFIER))
_IDENTIFIERS: Final = frozenset({"UCI", "UPN", "ScottishCandidateNumber"})
_NEVER_TO_BE_DONE_WITHOUT: Final = frozenset({"GivenName", "FamilyName", "OtherVerificationDescription"})
_PRECEDENCE: Final = (
    ReturnCode.MISSING,
    ReturnCode.FORMAT,
    ReturnCode.IDENTIFIER,
    ReturnCode.AGE,
    ReturnCode.TOO_LITTLE,
)
"""Of several faults, the first of these gives the record its return code."""


class LearnerRecord(NamedTuple):
    """What a record says."""

    uln: str
    """Empty for a learner to find or register."""
    mis_identifier: str
    given: Mapping[str, str]
    """Texts by the names of ``LearnerDetails``: those that are not empty."""
    details: LearnerDetails | None
    """The learner to register; None where the record has a ULN or only looks."""
    criteria: Criteria | None
    """What to look for; None where the record has a ULN."""
    failures: tuple[Failure, ...]
    """What is wrong with it, under the names of the file's columns; details and criteria are None then."""


def parse_learner(values: Sequence[str], job_type: JobType, today: date) -> LearnerRecord:
    """Read a record whose values are in the order of the layout of version 3A.

    A sequence of another length has nothing and no reason of its own: the reader has told of it (ACF007).
    """
    if len(values) != len(LEARNERS.record):
        return LearnerRecord("", "", {}, None, None, ())
    given = {
        _DETAIL_OF[name]: text
        for name, text in zip(LEARNERS.record_names, values, strict=True)
        if name in _DETAIL_OF and text.strip()
    }
    found = [*_formulas(values), *mis_failures(values[_MIS])]
    uln = values[_ULN].strip()
    if uln:
        found += _told(*_reasons(parse_uln(uln)))
        found += _told(*_update_failures(given, today))
        return LearnerRecord(uln, values[_MIS].strip(), given, None, None, _each_once(found))
    details = criteria = None
    if job_type is JobType.FULL:
        read = read_details(given, today)
        details = read if isinstance(read, LearnerDetails) else None
    else:
        read = changed_details(EMPTY_DETAILS, _described(given), today)
    wanted = read_criteria({name: text for name, text in given.items() if name in CRITERIA}, today)
    criteria = wanted if isinstance(wanted, Criteria) else None
    failures = _each_once([*found, *_told(*_reasons(read), *_reasons(wanted))])
    if failures:
        details, criteria = None, None
    return LearnerRecord("", values[_MIS].strip(), given, details, criteria, failures)


def file_failures(failures: Iterable[Failure]) -> tuple[Failure, ...]:
    """Reasons under the names of the file's columns instead of those of the interface."""
    return tuple(_told(*failures))


def return_code_of(failures: Iterable[Failure]) -> ReturnCode:
    """The return code of a record with these faults of form."""
    found = {_code_of(why) for why in failures if why.refuses}
    return next((code for code in _PRECEDENCE if code in found), ReturnCode.FORMAT)


def mis_failures(text: str) -> list[Failure]:
    """What is wrong with a submitter's own reference."""
    value, limit = text.strip(), LEARNERS.by_name[MIS_IDENTIFIER].max_length
    if len(value) > limit:
        return [failure("ACF002", MIS_IDENTIFIER, limit=limit)]
    if value and not value.isprintable():
        return [failure("ACF003", MIS_IDENTIFIER, reason="control character")]
    unsuitable = people.prohibited_text(value, MIS_IDENTIFIER)
    return [unsuitable] if unsuitable else []


def formula_failures(fields: Sequence[Field], values: Sequence[str]) -> list[Failure]:
    """Values that a spreadsheet would take for a formula; a name may begin with a hyphen, a telephone number with a
    plus.
    """
    return [
        failure("ACF008", field.name)
        for field, text in zip(fields, values, strict=True)
        if FORMULA.match(text) and not (field.kind is Kind.NAME and text.lstrip()[0] == "-")
    ]


def _formulas(values: Sequence[str]) -> list[Failure]:
    return formula_failures(LEARNERS.record, values)


def _update_failures(given: Mapping[str, str], today: date) -> tuple[Failure, ...]:
    """What is wrong with changes, as far as it can be told without the learner; both names are always needed."""
    missing = tuple(
        failure("ACF001", FIELD_OF[name].wire) for name in ("given_name", "family_name") if name not in given
    )
    return (*missing, *_reasons(changed_details(EMPTY_DETAILS, _described(given), today)))


def _described(given: Mapping[str, str]) -> Mapping[str, str]:
    """A description without its verification type describes that of the learner held."""
    if "other_verification_description" in given and "verification_type" not in given:
        return {**given, "verification_type": OTHER_VERIFICATION}
    return given


def _reasons(read: object) -> tuple[Failure, ...]:
    if isinstance(read, Failure):
        return (read,)
    return read if type(read) is tuple else ()


def _told(*failures: Failure) -> list[Failure]:
    return [why._replace(field=_column(why.field)) for why in failures]


@cache
def _column(wire: str) -> str:
    return _COLUMN_OF.get(wire, wire)


def _each_once(found: Sequence[Failure]) -> tuple[Failure, ...]:
    """Every reason once; a formula is not told of in other words besides."""
    formulas = {why.field for why in found if why.code == "ACF008"}
    return tuple(dict.fromkeys(why for why in found if why.code == "ACF008" or why.field not in formulas))


def _code_of(why: Failure) -> ReturnCode:
    if why.code == "ACF001":
        return ReturnCode.MISSING if why.field in _NEVER_TO_BE_DONE_WITHOUT else ReturnCode.TOO_LITTLE
    if why.code == "ACF004" and dict(why.detail).get("hint") == "age":
        return ReturnCode.AGE
    return ReturnCode.IDENTIFIER if why.field in _IDENTIFIERS else ReturnCode.FORMAT
