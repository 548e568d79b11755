"""What a learner's details may contain, field by field and together (ULN-08, AO18 Appendix B).

Every reason is found at once, under the existing interface's names of fields. Values come as texts, by the names of
:class:`~chalicelib.domain.learners.LearnerDetails`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from chalicelib import reference
from chalicelib.domain import matching, names, people
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.learners import (
    EMPTY_DETAILS,
    FIELD_OF,
    FIELDS,
    OPTED_OUT,
    OTHER_VERIFICATION,
    Kind,
    LearnerDetails,
    LearnerField,
    LearnerProfile,
)
from chalicelib.domain.search import Criteria

CRITERIA: Final[Mapping[str, str]] = {
    "given_name": "given_name",
    "family_name": "family_name",
    "date_of_birth": "date_of_birth",
    "gender": "gender",
    "last_known_post_code": "postcode",
    "previous_family_name": "previous_family_name",
    "school_at_age_16": "school_at_age_16",
    "place_of_birth": "place_of_birth",
    "email_address": "email_address",
}
"""The details by which learners are found, and their names in :class:`~chalicelib.domain.search.Criteria`."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_LINE_BREAK: Final = re.compile(r"[\t\r\n]")
_FORMS: Final[Mapping[Kind, re.Pattern[str]]] = {
    Kind.EMAIL: re.compile(
        r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}"
    ),
    Kind.TELEPHONE: re.compile(r"\+?[0-9][0-9 ()-]{4,18}[0-9]"),
    Kind.NATIONALITY: re.compile(r"[A-Z]{2,3}"),
    Kind.CANDIDATE_NUMBER: re.compile(r"[0-9]{9}"),
    Kind.UCI: re.compile(r"[0-9]{5}[0-9A-Z][0-9]{6}[A-Z]"),
    Kind.UPN: re.compile(r"[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]"),
}
_UPPER: Final = frozenset({Kind.NATIONALITY, Kind.UCI, Kind.UPN})


def read_details(values: Mapping[str, str], today: date) -> LearnerDetails | tuple[Failure, ...]:
    """The details of a learner to register, or every reason against them.

    A name that is left out stands for an empty text. Raises KeyError for a name that a learner's details do not have.
    """
    return changed_details(EMPTY_DETAILS, {field.name: "" for field in FIELDS} | dict(values), today)


def changed_details(
    held: LearnerDetails, values: Mapping[str, str], today: date
) -> LearnerDetails | tuple[Failure, ...]:
    """The details held with some changed, or every reason against the changes; what is not changed is not judged.

    Raises KeyError for a name that a learner's details do not have.
    """
    read = {name: _read(FIELD_OF[name], text) for name, text in values.items()}
    found = [value for value in read.values() if isinstance(value, Failure)]
    sound = {name: value for name, value in read.items() if not isinstance(value, Failure)}
    details = held._replace(**sound)  # type: ignore[arg-type]
    found += _dates(details, sound, today)
    found += _verification(details, read)
    found += _sharing(held, sound)
    return tuple(found) or details


def read_criteria(values: Mapping[str, str], today: date) -> Criteria | tuple[Failure, ...]:
    """What to find learners by, or every reason against it; the first five of :data:`CRITERIA` are mandatory.

    Raises KeyError for a name that is none of :data:`CRITERIA`.
    """
    for name in values:
        CRITERIA[name]
    read = {name: _read(FIELD_OF[name], values.get(name, "")) for name in CRITERIA}
    born = read["date_of_birth"]
    found = [value for value in read.values() if isinstance(value, Failure)]
    if isinstance(born, date) and born > today:
        found.append(failure("ACF004", "DateOfBirth", hint="future"))
    if found:
        return tuple(found)
    return Criteria(**{CRITERIA[name]: value for name, value in read.items()})  # type: ignore[arg-type]


def may_change_sharing(held: str, asked: str) -> bool:
    """Whether an ability to share may become another: a privacy notice once seen stays seen, nobody opts out any more,
    and who had opted out shares again once the latest notice is given (WSRC0014).
    """
    return asked in (held, "1")


def is_named(profile: LearnerProfile, values: Mapping[str, str]) -> bool:
    """Whether the names in an update are those of the learner held, so that a mistyped or guessed ULN changes nobody.

    They are compared as verification compares them. A family name may be new where the previous one is given besides,
    or where given name and date of birth are the learner's.
    """
    given = values.get("given_name", "").strip()
    family_names = (values.get(name, "").strip() for name in ("family_name", "previous_family_name"))
    unlinked = profile._replace(master_uln="")
    for family in filter(None, family_names):
        if matching.verify(matching.SubmittedDetails(profile.uln, given, family), unlinked).answered is not None:
            return True
    born = people.parse_date(values.get("date_of_birth", ""), "DateOfBirth")
    same_birth = profile.date_of_birth is not None and born == profile.date_of_birth
    return same_birth and matching.given_name_likeness(given, profile).doubt == 0


# --- Fields -----------------------------------------------------------------------------------------------------------


def _read(field: LearnerField, text: str) -> str | date | Failure | None:
    """The value of one field, or the reason why it has none."""
    value = text.strip()
    if not value:
        if field.mandatory:
            return failure("ACF001", field.wire)
        return None if field.kind is Kind.DATE else ""
    if field.kind is Kind.DATE:
        return people.parse_date(value, field.wire)
    if len(value) > field.limit:
        return failure("ACF002", field.wire, limit=field.limit)
    if field.kind is Kind.NAME:
        return _name(field, value)
    if field.kind is Kind.POSTCODE:
        return _postcode(field, value)
    if field.kind is Kind.CODE:
        return value if value in field.codes else failure("ACF005", field.wire, allowed=_listed(field.codes))
    if field.kind is Kind.TEXT:
        return _text(field, value)
    value = value.upper() if field.kind in _UPPER else value
    if not _FORMS[field.kind].fullmatch(value):
        return failure("ACF003", field.wire, reason=field.kind.value)
    return people.prohibited_text(value, field.wire) or value


def _name(field: LearnerField, value: str) -> str | Failure:
    name = names.parse_name(value, field.wire, accents=reference.lists().welsh_names)
    return name if isinstance(name, Failure) else people.prohibited_text(name, field.wire) or name


def _postcode(field: LearnerField, value: str) -> str | Failure:
    postcode = people.parse_postcode(value, field.wire)
    return postcode if isinstance(postcode, Failure) else people.prohibited_postcode(postcode, field.wire) or postcode


def _text(field: LearnerField, value: str) -> str | Failure:
    """Free text: line breaks in notes only, nothing unseen, nothing prohibited."""
    if _CONTROL.search(value) or (field.name != "notes" and _LINE_BREAK.search(value)):
        return failure("ACF003", field.wire, reason="control character")
    return people.prohibited_text(value, field.wire) or value


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(codes)


# --- Fields together --------------------------------------------------------------------------------------------------


def _dates(details: LearnerDetails, changed: Mapping[str, object], today: date) -> Iterable[Failure]:
    if "date_of_birth" in changed and details.date_of_birth is not None:
        yield from people.age_failures(details.date_of_birth, today)
    captured = details.date_of_address_capture
    if "date_of_address_capture" in changed and captured is not None and captured > today:
        yield failure("ACF004", "DateOfAddressCapture", hint="future")


def _verification(details: LearnerDetails, changed: Mapping[str, object]) -> Iterable[Failure]:
    """A verification type of 999 has to be described; every other must not be."""
    touched = {"verification_type", "other_verification_description"} & changed.keys()
    if not touched or any(isinstance(changed[name], Failure) for name in touched):
        return
    described = bool(details.other_verification_description)
    if details.verification_type == OTHER_VERIFICATION and not described:
        yield failure("ACF001", "OtherVerificationDescription")
    elif details.verification_type != OTHER_VERIFICATION and described:
        yield failure("ACF003", "OtherVerificationDescription", reason="verification type")


def _sharing(held: LearnerDetails, changed: Mapping[str, object]) -> Iterable[Failure]:
    """Nobody is registered as opted out; what an update may change is for :func:`may_change_sharing` to say."""
    if not held.ability_to_share and changed.get("ability_to_share") == OPTED_OUT:
        yield failure("ACF005", "AbilityToShare", allowed="0, 1")
