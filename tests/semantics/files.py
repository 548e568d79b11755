"""Files that collide: few learners and aims, every action, records with and without faults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from chalicelib.domain.achievements import Key
from chalicelib.domain.aims import Aim, AimReference
from chalicelib.domain.learners import LearnerProfile
from tests.builders.achievements import AIM, PROVIDER, SHARED_AIM, ListedCatalogue, csv_file, learner, record, uln
from tests.builders.organisations import OURS

Pick = Callable[[int], int]
"""A whole number from 0 to n - 1: from a seeded generator, or from hypothesis."""

LEARNERS = 3
"""Those registered; one more is unknown at first."""

LEARNER_NUMBERS = {uln(number): number for number in range(LEARNERS + 1)}

PREVIOUS_NAME = "Ravenscroft"

POISON = AimReference("ZPOISON1")
"""A reference at which the catalogue stops the program."""

GRADES = ("Pass", "Merit", "")
ACTIONS = "11112234"

FLAWS: dict[str, dict[str, str]] = {
    "grade": {"Grade": "Splendid"},
    "award date": {"AchievementAwardDate": "2026-02-31"},
    "ULN": {"ULN": "1000000001"},
    "aim": {"UnitOrQualificationReferenceNumber": "60099999"},
    "provider": {"ProviderUKPRN": "90000099"},
    "reason": {"ActionReason": "BECAUSE", "Action": "3", "ActionDate": "2026-02-27"},
    "future": {"AchievementAwardDate": "2026-12-24"},
}
"""Faults that refuse a record whatever is stored."""

FILE_FLAWS: dict[str, dict[str, str]] = {
    "count": {"RecordCount": "9999"},
    "organisation": {"UKPRN": "90000003"},
    "version": {"FileVersion": "9Z"},
    "type": {"SubmissionType": "MAYBE"},
    "content": {},
}
"""Faults that refuse a file as a whole."""


class PoisonedCatalogue(ListedCatalogue):
    """A catalogue in which one reference stops the program that looks it up."""

    def aim(self, reference: AimReference) -> Aim | None:
        if reference == POISON:
            raise ZeroDivisionError
        return super().aim(reference)


class Submitted(NamedTuple):
    """One record of a file, as the oracle sees it."""

    number: int
    key: Key
    action: str
    grade: str
    provider: str
    family_name: str
    flaw: str
    """A name of :data:`FLAWS`, ``poison``, or empty."""


class Content(NamedTuple):
    """A file before it is read."""

    ukprn: str
    submission_type: str
    records: tuple[Submitted, ...]
    flaw: str
    """A name of :data:`FILE_FLAWS`, or empty."""
    data: bytes
    filename: str


def registered(number: int) -> LearnerProfile:
    """A learner of the register with a previous family name."""
    return learner(number, previous_family_name=PREVIOUS_NAME)


class Subjects(NamedTuple):
    """What the files of one run are about: the fewer keys, the more they collide."""

    keys: tuple[Key, ...]

    @classmethod
    def chosen(cls, pick: Pick) -> Subjects:
        possible = [
            Key(uln(number), aim.reference, date(2026, 2, day))
            for number in range(LEARNERS + 1)
            for aim in (AIM, SHARED_AIM)
            for day in (20, 3)
        ]
        count = 1 + pick(2) if pick(2) else 3 + pick(4)
        keys = {possible[pick(len(possible) - 4)] for _ in range(count)}
        if not pick(6):
            keys.add(possible[-1 - pick(4)])
        return cls(tuple(sorted(keys)))


def content(pick: Pick, subjects: Subjects, ukprn: str, number: int) -> Content:
    """Draw a file; ``number`` makes its name and its records' own references differ from other files'."""
    listed = tuple(_record(pick, subjects, ukprn, place) for place in range(1, 2 + pick(9)))
    flaw = list(FILE_FLAWS)[pick(len(FILE_FLAWS))] if not pick(12) else ""
    kind = "PROVISIONAL" if not pick(3) else "FINAL"
    block = {"SubmissionType": kind} | (FILE_FLAWS[flaw] if flaw else {})
    data = csv_file([_values(one, number) for one in listed], ukprn, **block)
    if flaw == "content":
        data = b"\x89PNG\r\n\x1a\n\x00" + data
    name = f"QCF_{ukprn}_20260302_{number:03d}.csv"
    if not pick(6):
        name = f"{learner(pick(LEARNERS)).family_name} {number}.csv"
    return Content(ukprn, kind, listed, flaw, data, name)


def _record(pick: Pick, subjects: Subjects, ukprn: str, number: int) -> Submitted:
    keys = subjects.keys
    if ukprn != OURS and pick(4):
        keys = tuple(key for key in keys if key.aim_reference == SHARED_AIM.reference) or keys
    key = keys[pick(len(keys))]
    action = ACTIONS[pick(len(ACTIONS))]
    learner_number = LEARNER_NUMBERS[key.uln]
    family = PREVIOUS_NAME if not pick(12) else learner(learner_number).family_name
    flaw = ""
    if not pick(14):
        flaw = list(FLAWS)[pick(len(FLAWS))]
        action = FLAWS[flaw].get("Action", action)
        if flaw == "grade" and action == "3":
            flaw = "provider"  # a withdrawal does not use its grade
    elif not pick(100):
        flaw = "poison"
    return Submitted(number, key, action, GRADES[pick(3)], ("", PROVIDER)[pick(2)], family, flaw)


def _values(one: Submitted, file_number: int) -> dict[str, str]:
    learner_number = LEARNER_NUMBERS[one.key.uln]
    values = record(
        learner_number,
        one.action,
        MISIdentifier=f"{file_number}-{one.number}",
        FamilyName=one.family_name,
        UnitOrQualificationReferenceNumber=POISON if one.flaw == "poison" else one.key.aim_reference,
        AchievementAwardDate=one.key.award_date.isoformat(),
        Grade=one.grade,
        ProviderUKPRN=one.provider,
    )
    return values | FLAWS.get(one.flaw, {})


ORGANISATIONS = (OURS, "90000002")
