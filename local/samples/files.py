"""Files of invented achievements in which the outcome of every record is known, because it was made for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final, NamedTuple

from chalicelib.domain.achievement_rules import ACTION_REASONS
from chalicelib.domain.achievements import Outcome
from chalicelib.domain.aims import Aim, Provider, with_obliques
from chalicelib.domain.learners import ACTIVE, DELETED, LINKED, LearnerProfile
from chalicelib.formats.batch.csv_files import csv_bytes
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.batch.xml_files import closing, element, opening
from chalicelib.services.ports import Organisation

AIM: Final = "UnitOrQualificationReferenceNumber"
AWARDED: Final = "AchievementAwardDate"

CREATE, UPDATE, WITHDRAW, REINSTATE = "1", "2", "3", "4"

_STORIES: Final = 0.12
"""The share of records that tell of one achievement more than once."""
_RECENT: Final = 6
"""Awards this many days old are in time on the day and on the two days after it, whatever holidays come."""

Row = dict[str, str]


class World(NamedTuple):
    """What a file is made of."""

    organisation: Organisation
    learners: Sequence[LearnerProfile]
    aims: Sequence[Aim]
    providers: Sequence[Provider]


class Entry(NamedTuple):
    """One record, and what is to become of it: the outcome, and the codes of every reason and notice."""

    row: Row
    outcome: Outcome
    codes: tuple[str, ...] = ()


class ExpectedRecord(NamedTuple):
    """What is to become of one record."""

    number: int
    outcome: Outcome
    codes: tuple[str, ...]
    """In alphabetical order."""


class Expected(NamedTuple):
    """What is to become of a file."""

    file_name: str
    outcomes: dict[str, int]
    """Records by outcome."""
    codes: dict[str, int]
    """Reasons and notices by code."""
    records: tuple[ExpectedRecord, ...]


class Draft:
    """Makes the rows of one file; no two of them are about the same achievement unless a story wants it."""

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
        """The next of the learners with nothing special; all of them before one comes again."""
        self._next_learner += 1
        return self._plain[self._next_learner % len(self._plain)]

    def aim(self) -> Aim:
        """One that the organisation may award today."""
        return self.chance.choice(self._aims)

    def graded_aim(self) -> Aim:
        """Likewise, with a set of grades."""
        while True:
            aim = self.aim()
            if len(aim.grades) > 1:
                return aim

    def create(self, learner: LearnerProfile | None = None, aim: Aim | None = None, days_ago: int | None = None) -> Row:
        """A create without fault of an achievement that the file does not have yet."""
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
        """A create of an award that is older than ten working days."""
        return self.create(days_ago=self.chance.randrange(40, 400))

    def follow(self, row: Row, action: str, **changes: str) -> Row:
        """A later record on the achievement of ``row``."""
        reason = self.chance.choice(sorted(ACTION_REASONS)) if action in (WITHDRAW, REINSTATE) else ""
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
            "Grade": chance.choice(aim.grades) if aim.grades else "Pass",
            "LanguageForAssessment": chance.choices(("ENG", "CYM", ""), (90, 5, 5))[0],
            "ProviderUKPRN": chance.choice(self._providers) if chance.random() < 0.8 else "",
            "Action": CREATE,
            "ActionDate": "",
            "ActionReason": "",
        }


def other_language(row: Row) -> str:
    """A language that is not the row's."""
    return "CYM" if row["LanguageForAssessment"] == "ENG" else "ENG"


# --- Stories without fault --------------------------------------------------------------------------------------------


def _corrected(draft: Draft) -> list[Entry]:
    row = draft.create()
    after = draft.follow(row, UPDATE, LanguageForAssessment=other_language(row))
    return [Entry(row, Outcome.CREATED), Entry(after, Outcome.UPDATED)]


def _regraded(draft: Draft) -> list[Entry]:
    aim = draft.graded_aim()
    row = draft.create(aim=aim)
    better = next(grade for grade in aim.grades if grade != row["Grade"])
    return [Entry(row, Outcome.CREATED), Entry(draft.follow(row, UPDATE, Grade=better.lower()), Outcome.UPDATED)]


def _withdrawn(draft: Draft) -> list[Entry]:
    row = draft.create()
    return [Entry(row, Outcome.CREATED), Entry(draft.follow(row, WITHDRAW), Outcome.WITHDRAWN)]


def _reinstated(draft: Draft) -> list[Entry]:
    row = draft.create()
    changed = draft.follow(row, UPDATE, LanguageForAssessment=other_language(row))
    return [
        Entry(row, Outcome.CREATED),
        Entry(changed, Outcome.UPDATED),
        Entry(draft.follow(changed, WITHDRAW), Outcome.WITHDRAWN),
        Entry(draft.follow(changed, REINSTATE), Outcome.REINSTATED),
    ]


def _repeated(draft: Draft) -> list[Entry]:
    row = draft.create()
    return [Entry(row, Outcome.CREATED), Entry(dict(row), Outcome.UNCHANGED)]


def _told_late(draft: Draft) -> list[Entry]:
    return [Entry(draft.late(), Outcome.CREATED, ("ACW003",))]


def _linked(draft: Draft) -> list[Entry]:
    if not draft.linked:
        return _corrected(draft)
    return [Entry(draft.create(draft.chance.choice(draft.linked)), Outcome.CREATED, ("ACL004",))]


def _previous_name(draft: Draft) -> list[Entry]:
    if not draft.renamed:
        return _corrected(draft)
    learner = draft.chance.choice(draft.renamed)
    row = draft.create(learner) | {"FamilyName": learner.previous_family_name}
    return [Entry(row, Outcome.CREATED, ("ACW002",))]


STORIES: Final = (
    _corrected, _told_late, _withdrawn, _linked, _reinstated, _told_late, _repeated, _previous_name, _regraded,
)  # fmt: skip


# --- The file ---------------------------------------------------------------------------------------------------------


def mixed_entries(world: World, count: int, seed: int, today: date, faults: float) -> list[Entry]:
    """The records of a file in its order; those of one story stay in their own order, with others between them."""
    from local.samples.faults import FAULTS  # the faults are stories too and need what is above

    draft = Draft(world, seed, today)
    told: list[list[Entry]] = []
    wanted_faults, wanted_stories = round(count * faults), round(count * _STORIES)
    for makers, wanted in ((FAULTS, wanted_faults), (STORIES, wanted_stories)):
        place, records = 0, 0
        while records < wanted:
            story = makers[place % len(makers)](draft)
            place, records = place + 1, records + len(story)
            told.append(story)
    total = sum(map(len, told))
    while total > count:
        total -= len(told.pop())
    told.extend([Entry(draft.create(), Outcome.CREATED)] for _ in range(count - total))
    return _interleaved(draft.chance, told)


def _interleaved(chance: Random, stories: list[list[Entry]]) -> list[Entry]:
    order = [place for place, story in enumerate(stories) for _ in story]
    chance.shuffle(order)
    following = [iter(story) for story in stories]
    return [next(following[place]) for place in order]


def expected_of(entries: Sequence[Entry], file_name: str) -> Expected:
    """What is to become of these records."""
    return Expected(
        file_name,
        dict(Counter(str(entry.outcome) for entry in entries)),
        dict(sorted(Counter(code for entry in entries for code in entry.codes).items())),
        tuple(
            ExpectedRecord(number, entry.outcome, tuple(sorted(entry.codes))) for number, entry in enumerate(entries, 1)
        ),
    )


def header_of(organisation: Organisation, count: int, file_name: str) -> Row:
    """The header values of a file of final achievements."""
    return {
        "FileVersion": ACHIEVEMENTS.version,
        "FileName": file_name,
        "OrganisationRef": organisation.organisation_ref,
        "UKPRN": organisation.ukprn,
        "SubmissionType": "FINAL",
        "RecordCount": str(count),
    }


def file_bytes(organisation: Organisation, entries: Sequence[Entry], file_name: str, *, xml: bool = False) -> bytes:
    """The records as a CSV or XML file."""
    header = header_of(organisation, len(entries), file_name)
    return _xml(header, entries) if xml else _csv(header, entries)


def _csv(header: Mapping[str, str], entries: Sequence[Entry]) -> bytes:
    first = [header[field.name] for field in ACHIEVEMENTS.header]
    later = [""] * len(first)
    rows = [list(ACHIEVEMENTS.names)]
    for number, entry in enumerate(entries):
        values = [entry.row[name] for name in ACHIEVEMENTS.record_names]
        rows.append([*(later if number else first), *values])
    return csv_bytes(rows)


def _xml(header: Mapping[str, str], entries: Sequence[Entry]) -> bytes:
    lines = [opening(ACHIEVEMENTS)]
    lines += (element(name, value) for name, value in header.items())
    for entry in entries:
        fields = "".join(element(name, value) for name, value in entry.row.items() if value)
        lines.append(f"<{ACHIEVEMENTS.element}>{fields}</{ACHIEVEMENTS.element}>")
    return "\n".join([*lines, closing(ACHIEVEMENTS)]).encode()
