"""Learners, aims, organisations and achievement files for tests: invented and valid, except for what a test changes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from chalicelib.domain.aims import Aim, AimKind, AimReference, AimSummary, Provider
from chalicelib.domain.learners import LearnerProfile
from chalicelib.domain.uln import Uln, check_digit
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from tests.builders.files import csv_text, table
from tests.builders.organisations import OURS, THEIRS, organisation
from tests.fakes import FakeWorld

PROVIDER = "90000010"

GIVEN_NAMES = ("Amelia", "Oliver", "Isla", "Noah", "Freya", "Harry", "Poppy", "Leo")
FAMILY_NAMES = ("Thornbury", "Ashcombe", "Willoughby", "Pemberton", "Hathersage", "Lockwood", "Fairclough", "Ormerod")

AIM = Aim(
    reference=AimReference("60012341"),
    title="Sample diploma",
    kind=AimKind.QUALIFICATION,
    owners=frozenset({"RN9001"}),
    first_award=date(2015, 9, 1),
    grades=("Pass", "Merit", "Distinction"),
)
SHARED_AIM = replace(AIM, reference=AimReference("L/616/8832"), title="Sample unit", kind=AimKind.UNIT, shared=True)
UNGRADED_AIM = replace(AIM, reference=AimReference("60012376"), title="Sample award", grades=())
AIMS = (AIM, SHARED_AIM, UNGRADED_AIM)


@cache
def uln(number: int) -> Uln:
    """The valid ULN ``number`` places after the first one."""
    place = 100_000_000
    while True:
        digit = check_digit(str(place))
        if digit is not None:
            if not number:
                return Uln(f"{place}{digit}")
            number -= 1
        place += 1


def learner(number: int = 0, **changes: Any) -> LearnerProfile:
    """The registered learner with this number."""
    profile = LearnerProfile(
        uln=uln(number),
        given_name=GIVEN_NAMES[number % len(GIVEN_NAMES)],
        family_name=FAMILY_NAMES[number % len(FAMILY_NAMES)],
        date_of_birth=date(2005, 1, 1 + number % 28),
        gender="2",
    )
    return profile._replace(**changes)


class ListedCatalogue:
    """A catalogue of the given aims and providers."""

    def __init__(self, aims: Iterable[Aim] = AIMS, providers: Iterable[str] = (PROVIDER,)) -> None:
        self.aims = {aim.reference: aim for aim in aims}
        self.providers = frozenset(providers)

    def aim(self, reference: AimReference) -> Aim | None:
        return self.aims.get(reference)

    def summary(self, reference: AimReference) -> AimSummary | None:
        found = self.aims.get(reference)
        return found.summary if found else None

    def is_provider(self, ukprn: str) -> bool:
        return ukprn in self.providers

    def provider(self, ukprn: str) -> Provider | None:
        """Its providers have no names."""
        return None


def world_with(*learners: LearnerProfile) -> FakeWorld:
    """A world with both organisations, the catalogue and these learners."""
    world = FakeWorld()
    world.accounts.put(organisation(OURS))
    world.accounts.put(organisation(THEIRS))
    world.catalogues.publish("v1", ListedCatalogue())
    for profile in learners:
        world.learners.put(profile)
    return world


def record(number: int = 0, action: str = "1", **changes: str) -> dict[str, str]:
    """A valid record about the learner with this number, by the layout's names."""
    profile = learner(number)
    values = dict.fromkeys(ACHIEVEMENTS.record_names, "")
    values |= {
        "MISIdentifier": f"MIS-{number}",
        "ULN": profile.uln,
        "FamilyName": profile.family_name,
        "GivenName": profile.given_name,
        "UnitOrQualificationReferenceNumber": AIM.reference,
        "AchievementAwardDate": "2026-02-20",
        "Grade": "Pass",
        "LanguageForAssessment": "ENG",
        "ProviderUKPRN": PROVIDER,
        "Action": action,
    }
    if action != "1":
        values["ActionDate"] = "2026-02-27"
    if action in ("3", "4"):
        values["ActionReason"] = "SUBINERROR"
    unknown = changes.keys() - values.keys()
    if unknown:
        raise KeyError(*unknown)
    return values | changes


def texts_of(row: Mapping[str, str]) -> dict[str, str]:
    """A record by the names of its fields instead of the layout's."""
    return {ACHIEVEMENTS.by_name[name].name: value for name, value in row.items()}


def csv_file(records: Iterable[Mapping[str, str]], ukprn: str = OURS, **changes: str) -> bytes:
    """A CSV file of these records, with changes to its header."""
    listed = list(records)
    header = {
        "FileVersion": "1A",
        "OrganisationRef": ukprn,
        "UKPRN": ukprn,
        "SubmissionType": "FINAL",
        "RecordCount": str(len(listed)),
    }
    return csv_text(table(ACHIEVEMENTS, header | changes, listed), quoting=csv.QUOTE_MINIMAL).encode()
