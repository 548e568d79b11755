"""Drafts of invented records: the ingredients of a file, and valid records to change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Final, NamedTuple

from chalicelib.domain.aims import Aim, Provider, with_obliques
from chalicelib.domain.codes import ACTION_REASON
from chalicelib.domain.learners import ACTIVE, DELETED, LINKED, LearnerProfile
from chalicelib.domain.results import Outcome
from chalicelib.ports.accounts import Organisation

AIM: Final = "UnitOrQualificationReferenceNumber"
AWARDED: Final = "AchievementAwardDate"

CREATE, UPDATE, WITHDRAW, REINSTATE = "1", "2", "3", "4"

_RECENT: Final = 6
"""Awards this many days old are on time today and on the next two days, whatever the holidays."""

Row = dict[str, str]


class World(NamedTuple):
    """The ingredients of a file."""

    organisation: Organisation
    learners: Sequence[LearnerProfile]
    aims: Sequence[Aim]
    providers: Sequence[Provider]


class Entry(NamedTuple):
    """One record and its expected result: the outcome, and the codes of every reason and notice."""

    row: Row
    outcome: Outcome
    codes: tuple[str, ...] = ()


class Draft:
    """Makes the rows of one file; no two of them are about the same achievement unless a story needs it."""

    def __init__(self, world: World, seed: int, today: date) -> None:
        self.chance = Random(f"{seed} file")
        self.today = today
        self.organisation = world.organisation
        self._providers = [provider.ukprn for provider in world.providers]
        numbers = world.organisation.recognition_numbers
        standing = [aim for aim in world.aims if aim.in_dates(today)]
        self._aims = [aim for aim in standing if aim.may_be_awarded_by(numbers)]
        self.foreign_aims = [aim for aim in standing if not aim.may_be_awarded_by(numbers)]
        self.lapsed_aims = [aim for aim in world.aims if aim.may_be_awarded_by(numbers) and not aim.in_dates(today)]
        self.known = frozenset(learner.uln for learner in world.learners)
        self._plain = [one for one in world.learners if one.status == ACTIVE and not one.restricted]
        self.linked = [one for one in world.learners if one.status == LINKED]
        self.deleted = [one for one in world.learners if one.status == DELETED]
        self.restricted = [one for one in world.learners if one.restricted and one.status == ACTIVE]
        self.renamed = [one for one in self._plain if one.previous_family_name]
        self.chance.shuffle(self._plain)
        self._next_learner = 0
        self._used: set[tuple[str, str, str]] = set()

    def learner(self) -> LearnerProfile:
        """The next ordinary learner; all of them are used before one is repeated."""
        self._next_learner += 1
        return self._plain[self._next_learner % len(self._plain)]

    def aim(self) -> Aim:
        """An aim that the organisation may award today."""
        return self.chance.choice(self._aims)

    def graded_aim(self) -> Aim:
        """An aim with a set of grades that the organisation may award today."""
        while True:
            aim = self.aim()
            if len(aim.grades) > 1:
                return aim

    def create(self, learner: LearnerProfile | None = None, aim: Aim | None = None, days_ago: int | None = None) -> Row:
        """A valid create of an achievement that the file does not have yet."""
        fixed_day = days_ago is not None
        while True:
            who, what = learner or self.learner(), aim or self.aim()
            days = days_ago if days_ago is not None else self.chance.randrange(_RECENT + 1)
            awarded = (self.today - timedelta(days=days)).isoformat()
            if (who.uln, what.reference, awarded) not in self._used:
                self._used.add((who.uln, what.reference, awarded))
                return self._row(who, what, awarded)
            if fixed_day and days_ago is not None:
                days_ago += 1

    def late(self) -> Row:
        """A create of an award more than ten working days ago."""
        return self.create(days_ago=self.chance.randrange(40, 400))

    def follow(self, row: Row, action: str, **changes: str) -> Row:
        """A later record for the achievement of ``row``."""
        reason = self.chance.choice(sorted(ACTION_REASON.values)) if action in (WITHDRAW, REINSTATE) else ""
        return {**row, "Action": action, "ActionDate": self.today.isoformat(), "ActionReason": reason, **changes}

    def _row(self, learner: LearnerProfile, aim: Aim, awarded: str) -> Row:
        chance = self.chance
        born = learner.date_of_birth
        return {
            "MISIdentifier": f"MIS-{len(self._used):05d}",
            "ULN": learner.uln,
            "FamilyName": learner.family_name,
            "GivenName": learner.given_name,
            "DateOfBirth": born.isoformat() if born and chance.random() < 0.9 else "",
            "Gender": learner.gender if chance.random() < 0.9 else "",
            "LearnerPostcode": learner.postcode if chance.random() < 0.6 else "",
            AIM: with_obliques(aim.reference) if chance.random() < 0.5 else aim.reference,
            AWARDED: awarded,
            "Grade": chance.choice(aim.grades) if aim.grades else "",
            "LanguageForAssessment": chance.choices(("ENG", "CYM", ""), (90, 5, 5))[0],
            "ProviderUKPRN": chance.choice(self._providers) if chance.random() < 0.8 else "",
            "Action": CREATE,
            "ActionDate": "",
            "ActionReason": "",
        }


def other_language(row: Row) -> str:
    """A different language from the row's."""
    return "CYM" if row["LanguageForAssessment"] == "ENG" else "ENG"
