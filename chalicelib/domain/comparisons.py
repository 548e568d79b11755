"""The details of two learners side by side: which agree, which are similar and why, which differ (ULN-05, ULN-09).

Names are compared as in verification, so that a page says why a learner is a possible match. Every other detail is the
same or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from chalicelib.domain.fields import Field
from chalicelib.domain.learner_fields import CRITERIA, HELD, SUBMITTED
from chalicelib.domain.learners import EMPTY_DETAILS, Learner, LearnerDetails, LearnerProfile, profile_of
from chalicelib.domain.matching import SubmittedDetails, verify
from chalicelib.domain.people import POSTCODE_UNKNOWN
from chalicelib.domain.search import Criteria

_SWAPPED: Final = "names swapped"
EXPLAINED: Final = {
    "given name": "given_name",
    "family name": "family_name",
    "date of birth": "date_of_birth",
    "gender": "gender",
    "postcode": "last_known_post_code",
}
"""The fields that an explanation of a verification names."""
_NAMES: Final = ("given_name", "family_name")

Value = str | date | None


class Agreement(StrEnum):
    """How two values of a detail compare."""

    SAME = "same"
    SIMILAR = "similar"
    DIFFERENT = "different"
    ONE_SIDED = "one-sided"
    """Only one of the two is known."""


class Compared(NamedTuple):
    """A detail of two learners."""

    field: Field
    one: Value
    other: Value
    agreement: Agreement
    how: str = ""
    """With SIMILAR: such as "synonym" or "sound"."""


def of_details(one: LearnerDetails, other: LearnerDetails, fields: Iterable[Field] = HELD) -> tuple[Compared, ...]:
    """Every detail, or each of ``fields``, that at least one of them has."""
    given, held = _profile(one), _profile(other)
    submitted = SubmittedDetails(
        "", given.given_name, given.family_name, given.date_of_birth, given.gender, given.postcode
    )
    how = _explained(verify(submitted, held).explanation)
    return tuple(_compared(fields, one._asdict(), other._asdict(), how))


def of_criteria(criteria: Criteria, learner: LearnerDetails) -> tuple[Compared, ...]:
    """The details by which somebody was searched for, with those of a learner found."""
    wanted: dict[str, Any] = dict(zip((field.name for field in CRITERIA), criteria, strict=True))
    asked = [field for field in CRITERIA if wanted[field.name]]
    return of_details(EMPTY_DETAILS._replace(**wanted), learner, asked)


def of_verification(
    given: SubmittedDetails, held: LearnerProfile | None, explanation: Sequence[str]
) -> tuple[Compared, ...]:
    """The details given in a verification with those returned, if any are; a postcode only if it is the same."""
    how = _explained(explanation)
    one = dict(zip((field.name for field in SUBMITTED), given, strict=True))
    other: dict[str, Value] = {}
    if held is not None:
        is_same = given.postcode != POSTCODE_UNKNOWN and EXPLAINED["postcode"] not in how
        postcode = given.postcode if is_same else ""
        other = {field.name: getattr(held, field.name, postcode) for field in SUBMITTED}
    return tuple(_compared(SUBMITTED, one, other, how))


def _profile(details: LearnerDetails) -> LearnerProfile:
    return profile_of(Learner("", details))


def _explained(explanation: Iterable[str]) -> dict[str, str]:
    """How details differ, by the names of their fields."""
    found: dict[str, str] = {}
    for part in explanation:
        if part == _SWAPPED:
            found |= dict.fromkeys(_NAMES, _SWAPPED)
            continue
        name, _, how = part.partition(": ")
        before = found.get(EXPLAINED[name])
        found[EXPLAINED[name]] = f"{before}, {how}" if before else how
    return found


def _compared(
    fields: Iterable[Field], one: Mapping[str, Value], other: Mapping[str, Value], how: Mapping[str, str]
) -> Iterable[Compared]:
    for field in fields:
        first, second = one.get(field.name), other.get(field.name)
        if first or second:
            agreement = _agreement(first, second, how.get(field.name, ""))
            reason = how.get(field.name, "") if agreement is Agreement.SIMILAR else ""
            yield Compared(field, first, second, agreement, reason)


def _agreement(one: Value, other: Value, how: str) -> Agreement:
    if how == "different":
        return Agreement.DIFFERENT
    if how == "not held" or not (one and other):
        return Agreement.ONE_SIDED
    if how:
        return Agreement.SIMILAR
    return Agreement.SAME if _folded(one) == _folded(other) else Agreement.DIFFERENT


def _folded(value: Value) -> str:
    return "".join(str(value).split()).casefold()
