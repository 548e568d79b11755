"""Parsing the values of a learner record, with all of its faults at once (ULN-06, ULN-08)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import MIS_IDENTIFIER, ULN
from chalicelib.domain.learner_batches import JobType, ReturnCode
from chalicelib.domain.learner_fields import CRITERIA
from chalicelib.domain.learner_rules import change_failures, read_criteria, read_details
from chalicelib.domain.learners import LearnerDetails
from chalicelib.domain.search import Criteria
from chalicelib.domain.values import judged
from chalicelib.formats.batch.learner_layouts import LEARNERS

_NAMES: Final = tuple(field.name for field in LEARNERS.record)
_SOUGHT: Final = frozenset(field.name for field in CRITERIA)
_IDENTIFIERS: Final = frozenset({"UniqueCandidateIdentifier", "UniquePupilNumber", "ScottishCandidateNumber"})
_NEVER_TO_BE_DONE_WITHOUT: Final = frozenset({"GivenName", "FamilyName", "OtherVerificationDescription"})
_PRECEDENCE: Final = (
    ReturnCode.MISSING,
    ReturnCode.FORMAT,
    ReturnCode.IDENTIFIER,
    ReturnCode.AGE,
    ReturnCode.TOO_LITTLE,
)
"""If there are several faults, the first of these determines the record's return code."""


class LearnerRecord(NamedTuple):
    """The content of a record."""

    uln: str
    """Empty for a learner to find or register."""
    mis_identifier: str
    given: Mapping[str, str]
    """The texts that are not empty, by the names of ``LearnerDetails``."""
    details: LearnerDetails | None
    """The learner to register; None if the record has a ULN or only checks."""
    criteria: Criteria | None
    """What to search for; None if the record has a ULN."""
    failures: tuple[Failure, ...]
    """What is wrong with it; if anything is, details and criteria are None."""

    @property
    def names_someone(self) -> bool:
        """Whether it has a valid ULN."""
        return bool(self.uln) and not any(why.field == ULN.wire for why in self.failures)


def parse_learner(values: Sequence[str], job_type: JobType, today: date) -> LearnerRecord:
    """Read a record whose values are in the order of the layout of version 3A.

    A sequence of another length has no content and no reason of its own: the reader has reported it (ACF007).
    """
    if len(values) != len(LEARNERS.record):
        return LearnerRecord("", "", {}, None, None, ())
    given = {name: text for name, text in zip(_NAMES, values, strict=True) if text.strip()}
    uln, mis_identifier = given.pop(ULN.name, "").strip(), given.pop(MIS_IDENTIFIER.name, "").strip()
    found = list(judged(MIS_IDENTIFIER, mis_identifier).failures)
    if uln:
        found += [*judged(ULN, uln).failures, *change_failures(given, today)]
        return LearnerRecord(uln, mis_identifier, given, None, None, tuple(found))
    details = read_details(given, today) if job_type is JobType.FULL else None
    criteria = read_criteria({name: text for name, text in given.items() if name in _SOUGHT}, today)
    # The details to register contain those to search by, so both would report the same faults.
    found += _reasons(criteria if details is None else details)
    if found:
        return LearnerRecord("", mis_identifier, given, None, None, tuple(found))
    return LearnerRecord("", mis_identifier, given, details, criteria, ())  # type: ignore[arg-type]


def return_code_of(failures: Iterable[Failure]) -> ReturnCode:
    """The return code of a record with these faults."""
    found = {_code_of(why) for why in failures if why.refuses}
    return next((code for code in _PRECEDENCE if code in found), ReturnCode.FORMAT)


def _reasons(read: object) -> tuple[Failure, ...]:
    return read if type(read) is tuple else ()


def _code_of(why: Failure) -> ReturnCode:
    if why.code == "ACF001":
        return ReturnCode.MISSING if why.field in _NEVER_TO_BE_DONE_WITHOUT else ReturnCode.TOO_LITTLE
    if why.code == "ACF004" and why.field == "DateOfBirth" and dict(why.detail).get("hint") in ("age", "future"):
        return ReturnCode.AGE
    return ReturnCode.IDENTIFIER if why.field in _IDENTIFIERS else ReturnCode.FORMAT
