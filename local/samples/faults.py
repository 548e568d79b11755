"""Records with a fault, one maker for each kind of fault; the codes are those that the service must return."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from chalicelib.domain.aims import AimReference, qualification_check_character
from chalicelib.domain.results import Outcome
from chalicelib.domain.uln import mint
from local.samples.drafts import AIM, AWARDED, REINSTATE, UPDATE, WITHDRAW, Draft, Entry, other_language

Maker = Callable[[Draft], list[Entry]]


def _refused(row: dict[str, str], *codes: str) -> list[Entry]:
    return [Entry(row, Outcome.REFUSED, codes)]


# --- Fields -----------------------------------------------------------------------------------------------------------


def _field(name: str, value: str, code: str, draft: Draft) -> list[Entry]:
    return _refused(draft.create() | {name: value}, code)


_FIELDS: Final = (
    ("FamilyName", "", "ACF001"),
    ("ULN", "", "ACF001"),
    (AWARDED, "", "ACF001"),
    ("GivenName", "Bartholomew-Maximilian-Christopherson", "ACF002"),
    ("FamilyName", "Ash2ord", "ACF003"),
    ("ULN", "1.23457E+09", "ACF003"),
    ("ULN", "012345678", "ACF003"),
    (AIM, "6.90E+07", "ACF003"),
    (AIM, "6901234", "ACF003"),
    ("LearnerPostcode", "QA1 1C", "ACF003"),
    ("ProviderUKPRN", "1234", "ACF003"),
    (AWARDED, "31/01/2024", "ACF004"),
    (AWARDED, "45322", "ACF004"),
    ("DateOfBirth", "2001-02-30", "ACF004"),
    ("Gender", "M", "ACF005"),
    ("LanguageForAssessment", "Klingon", "ACF005"),
    ("Action", "9", "ACF005"),
    ("FamilyName", "Donotenter", "ACF006"),
    ("MISIdentifier", "=1+1", "ACF008"),
    ("LearnerPostcode", "ZZ99 1AA", "ACF009"),
)


def _five_faults(draft: Draft) -> list[Entry]:
    row = draft.create() | {
        "ULN": _mistyped(draft),
        "FamilyName": "",
        "DateOfBirth": "31/12/2001",
        "Gender": "X",
        "LearnerPostcode": "QA1 1C",
    }
    return _refused(row, "ACL001", "ACF001", "ACF004", "ACF005", "ACF003")


# --- Learners ---------------------------------------------------------------------------------------------------------


def _mistyped(draft: Draft) -> str:
    """A ULN with one wrong digit, which the check digit always detects."""
    uln = draft.learner().uln
    return uln[:-1] + str((int(uln[-1]) + 1) % 10)


def _mistyped_uln(draft: Draft) -> list[Entry]:
    return _refused(draft.create() | {"ULN": _mistyped(draft)}, "ACL001")


def _unknown_uln(draft: Draft) -> list[Entry]:
    while (uln := mint(draft.chance.randrange)) in draft.known:
        pass
    return _refused(draft.create() | {"ULN": uln}, "ACL002")


def _deleted(draft: Draft) -> list[Entry]:
    if not draft.deleted:
        return _unknown_uln(draft)
    return _refused(draft.create(draft.chance.choice(draft.deleted)), "ACL002")


def _another_person(draft: Draft) -> list[Entry]:
    names = {"GivenName": "Xanthippe", "FamilyName": "Quillfeather"}
    return _refused(draft.create() | names, "ACL003")


def _another_birthday(draft: Draft) -> list[Entry]:
    learner = draft.learner()
    assert learner.date_of_birth is not None
    born = learner.date_of_birth + timedelta(days=draft.chance.randrange(1, 300))
    return _refused(draft.create(learner) | {"DateOfBirth": born.isoformat()}, "ACL003")


def _restricted(draft: Draft) -> list[Entry]:
    if not draft.restricted:
        return _another_person(draft)
    return _refused(draft.create(draft.chance.choice(draft.restricted)), "ACL005")


# --- Aims and dates ---------------------------------------------------------------------------------------------------


def _unknown_aim(draft: Draft) -> list[Entry]:
    seven = f"680{draft.chance.randrange(10_000):04d}"
    return _refused(draft.create() | {AIM: seven + qualification_check_character(seven)}, "ACR001")


def _mistyped_aim(draft: Draft) -> list[Entry]:
    seven = f"680{draft.chance.randrange(10_000):04d}"
    wrong = "1" if qualification_check_character(seven) == "0" else "0"
    return _refused(draft.create() | {AIM: AimReference(seven + wrong)}, "ACR001", "REF_CHECK")


def _foreign_aim(draft: Draft) -> list[Entry]:
    return _refused(draft.create(aim=draft.chance.choice(draft.foreign_aims)), "ACR002")


def _lapsed_aim(draft: Draft) -> list[Entry]:
    return _refused(draft.create(aim=draft.chance.choice(draft.lapsed_aims)), "ACR003")


def _long_ago(draft: Draft) -> list[Entry]:
    return _refused(draft.create() | {AWARDED: "2006-08-31", "DateOfBirth": ""}, "ACR004")


def _future(draft: Draft) -> list[Entry]:
    return _refused(draft.create() | {AWARDED: (draft.today + timedelta(days=400)).isoformat()}, "ACR005")


def _other_grade(draft: Draft) -> list[Entry]:
    return _refused(draft.create(aim=draft.graded_aim()) | {"Grade": "Splendid"}, "ACR006")


def _unknown_provider(draft: Draft) -> list[Entry]:
    return _refused(draft.create() | {"ProviderUKPRN": "90009999"}, "ACR012")


# --- Not allowed by the achievement's own state ------------------------------------------------------------------


def _twice(draft: Draft) -> list[Entry]:
    row = draft.create()
    again = row | {"LanguageForAssessment": other_language(row)}
    return [Entry(row, Outcome.CREATED), *_refused(again, "ACR007")]


def _absent(action: str, draft: Draft) -> list[Entry]:
    return _refused(draft.follow(draft.create(), action), "ACR008")


def _after_withdrawal(action: str, draft: Draft) -> list[Entry]:
    row = draft.create()
    gone = draft.follow(row, WITHDRAW)
    later = draft.follow(row, action, LanguageForAssessment=other_language(row))
    return [Entry(row, Outcome.CREATED), Entry(gone, Outcome.WITHDRAWN), *_refused(later, "ACR009")]


def _standing(draft: Draft) -> list[Entry]:
    row = draft.create()
    return [Entry(row, Outcome.CREATED), *_refused(draft.follow(row, REINSTATE), "ACR010")]


def _no_reason(draft: Draft) -> list[Entry]:
    row = draft.create()
    return [Entry(row, Outcome.CREATED), *_refused(draft.follow(row, WITHDRAW, ActionReason=""), "ACR011")]


def _future_action(draft: Draft) -> list[Entry]:
    row = draft.create()
    day = (draft.today + timedelta(days=30)).isoformat()
    return [Entry(row, Outcome.CREATED), *_refused(draft.follow(row, WITHDRAW, ActionDate=day), "ACR005")]


def _other_name(draft: Draft) -> list[Entry]:
    if not draft.renamed:
        return _standing(draft)
    learner = draft.chance.choice(draft.renamed)
    row = draft.create(learner)
    later = draft.follow(
        row, UPDATE, FamilyName=learner.previous_family_name, LanguageForAssessment=other_language(row)
    )
    return [Entry(row, Outcome.CREATED), *_refused(later, "ACR015", "ACW002")]


FAULTS: Final[tuple[Maker, ...]] = (
    _another_birthday, _unknown_aim, _twice, _mistyped_uln, _unknown_uln, _foreign_aim, _lapsed_aim, _other_grade,
    partial(_absent, UPDATE), partial(_after_withdrawal, UPDATE), _five_faults, _standing, _no_reason, _long_ago,
    _future, *(partial(_field, *fault) for fault in _FIELDS[::2]), _unknown_provider, _another_person, _deleted,
    _restricted, _mistyped_aim, _other_name, _future_action, partial(_absent, WITHDRAW), partial(_absent, REINSTATE),
    partial(_after_withdrawal, WITHDRAW), *(partial(_field, *fault) for fault in _FIELDS[1::2]),
)  # fmt: skip
"""Every kind of fault; a short file has the first ones."""
