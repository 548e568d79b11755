"""What a learner's details may contain, field by field and together (ULN-08, AO18 Appendix B).

Every reason is found at once, with the field names of the existing interface. Files and the web service both pass
values as texts by the names in ``learner_fields``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from chalicelib.domain import matching, people
from chalicelib.domain.codes import OTHER_VERIFICATION
from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import Field
from chalicelib.domain.learner_fields import CRITERIA, DETAIL, DETAILS, SUBMITTED
from chalicelib.domain.learners import EMPTY_DETAILS, LearnerDetails, LearnerProfile
from chalicelib.domain.matching import SubmittedDetails
from chalicelib.domain.search import Criteria
from chalicelib.domain.values import judged, parse_date, read_fields

_NAMES: Final = (DETAIL["given_name"], DETAIL["family_name"])
_TYPE: Final = "verification_type"
_DESCRIPTION: Final = "other_verification_description"
_UPN: Final = "unique_pupil_number"


def read_details(values: Mapping[str, str], today: date) -> LearnerDetails | tuple[Failure, ...]:
    """The details of a learner to register, or every reason against them.

    A text that is left out counts as empty. Raises KeyError for an unknown name.
    """
    return changed_details(EMPTY_DETAILS, {field.name: "" for field in DETAILS} | dict(values), today)


def changed_details(
    held: LearnerDetails, values: Mapping[str, str], today: date
) -> LearnerDetails | tuple[Failure, ...]:
    """The details held with some changed, or every reason against the changes; details that are not changed are not
    checked.

    A unique pupil number that is held is kept. A different verification type removes the description of the previous
    one. Raises KeyError for an unknown name.
    """
    changes = {name: text for name, text in values.items() if name != _UPN or not held.unique_pupil_number}
    read, found = _read(changes, today)
    if read.get(_TYPE, OTHER_VERIFICATION) != OTHER_VERIFICATION:
        read.setdefault(_DESCRIPTION, "")
    details = held._replace(**read)
    touched = {_TYPE, _DESCRIPTION} & changes.keys()
    if touched and touched <= read.keys():
        found += _verification(details.verification_type, details.other_verification_description)
    return tuple(found) or details


def change_failures(values: Mapping[str, str], today: date) -> tuple[Failure, ...]:
    """What is wrong with changes, as far as can be seen without the learner; both names are always needed.

    Raises KeyError for an unknown name.
    """
    named = {field.name: "" for field in _NAMES} | dict(values)
    read, found = _read(named, today)
    if {_TYPE, _DESCRIPTION} <= read.keys():
        found += _verification(read[_TYPE], read[_DESCRIPTION])
    return tuple(found)


def read_criteria(values: Mapping[str, str], today: date) -> Criteria | tuple[Failure, ...]:
    """The details to find learners by, or every reason against them; the first five of ``CRITERIA`` are mandatory.

    Raises KeyError for a name that is not in ``CRITERIA``.
    """
    read, found = read_fields(CRITERIA, _known(values, CRITERIA))
    born = read["date_of_birth"]
    if born is not None and born > today:
        found.append(failure("ACF004", "DateOfBirth", hint="future"))
    return tuple(found) or Criteria(*read.values())


def read_submitted(
    values: Mapping[str, str], *, any_check_digit: bool = False
) -> SubmittedDetails | tuple[Failure, ...]:
    """The details to compare with a learner's, or every reason against them.

    With ``any_check_digit``, a ULN that is only wrong in its check digit counts as one that nobody has. Raises KeyError
    for a name that is not in ``SUBMITTED``.
    """
    read, found = read_fields(SUBMITTED, _known(values, SUBMITTED))
    found += people.birth_failures(read["date_of_birth"])
    if any_check_digit and [why.code for why in found] == ["ACL001"]:
        read["uln"], found = values["uln"].strip(), []
    return tuple(found) or SubmittedDetails(*read.values())


def legible_submitted(values: Mapping[str, str]) -> SubmittedDetails | None:
    """What can be read of details that are refused, to compare it with the learner's; None without a valid ULN.

    Raises KeyError for a name that is not in ``SUBMITTED``.
    """
    read, _ = read_fields(SUBMITTED, _known(values, SUBMITTED))
    uln, given, family, born, gender, postcode = read.values()
    if uln is None:
        return None
    born = None if people.birth_failures(born) else born
    return SubmittedDetails(uln, given or "", family or "", born, gender or "", postcode or "")


def legible_changes(values: Mapping[str, str], today: date) -> Mapping[str, str] | None:
    """The changes that have no fault of their own, of changes that are refused, to compare them with the learner held.

    None without a valid family name: nobody may learn from a refusal whether a learner exists whom they do not know.
    """
    valid = {name: text for name, text in values.items() if not _read({name: text}, today)[1]}
    pair = {_TYPE, _DESCRIPTION} & values.keys()
    read, _ = _read({name: values[name] for name in pair}, today)
    if len(read) < len(pair) or (len(read) > 1 and any(_verification(read[_TYPE], read[_DESCRIPTION]))):
        valid = {name: text for name, text in valid.items() if name not in pair}
    return valid if "family_name" in valid else None


def may_change_sharing(held: str, wanted: str) -> bool:
    """Whether an ability to share may be changed to another: a privacy notice that has been seen stays seen, nobody can
    opt out any more, and someone who had opted out shares again once they have the latest notice (WSRC0014).
    """
    return wanted in (held, "1")


def is_named(profile: LearnerProfile, values: Mapping[str, str]) -> bool:
    """Whether the names in an update are those of the learner held, so that a mistyped or guessed ULN does not change
    anyone.

    They are compared as in verification. A family name may be new if the previous one is also given, or if given name
    and date of birth are the learner's.
    """
    given = values.get("given_name", "").strip()
    family_names = (values.get(name, "").strip() for name in ("family_name", "previous_family_name"))
    unlinked = profile._replace(master_uln="")
    for family in filter(None, family_names):
        if matching.verify(matching.SubmittedDetails(profile.uln, given, family), unlinked).disclosed is not None:
            return True
    born = parse_date(values.get("date_of_birth", ""), "DateOfBirth")
    same_birth = profile.date_of_birth is not None and born == profile.date_of_birth
    return same_birth and matching.given_name_likeness(given, profile).doubt == 0


# --- Fields together --------------------------------------------------------------------------------------------------


def _read(values: Mapping[str, str], today: date) -> tuple[dict[str, Any], list[Failure]]:
    """The valid values, and every reason against the others."""
    read: dict[str, Any] = {}
    found: list[Failure] = []
    for name, text in values.items():
        value, reasons = judged(DETAIL[name], text)
        if reasons:
            found += reasons
        else:
            read[name] = value
    return read, [*found, *_dates(read, today)]


def _known(values: Mapping[str, str], fields: Iterable[Field]) -> Mapping[str, str]:
    unknown = values.keys() - {field.name for field in fields}
    if unknown:
        raise KeyError(*unknown)
    return values


def _dates(read: Mapping[str, Any], today: date) -> Iterable[Failure]:
    born, captured = read.get("date_of_birth"), read.get("date_of_address_capture")
    if born is not None:
        yield from people.age_failures(born, today)
    if captured is not None and captured > today:
        yield failure("ACF004", "DateOfAddressCapture", hint="future")


def _verification(kind: str, description: str) -> Iterable[Failure]:
    """A verification type of 999 must have a description, and no other may have one."""
    if kind == OTHER_VERIFICATION and not description:
        yield failure("ACF001", "OtherVerificationDescription")
    elif kind != OTHER_VERIFICATION and description:
        yield failure("ACF003", "OtherVerificationDescription", reason="verification type")
