"""Invented feeds of learning events about the sample learners: school data and a funding return, with some bad rows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from io import StringIO
from random import Random
from typing import Final, NamedTuple

from chalicelib.domain.aims import Aim
from chalicelib.domain.learners import ACTIVE, LearnerProfile
from chalicelib.formats.feeds.event_files import FUNDING_RETURN, SCHOOL_DATA, Shape
from local.samples.examples import EXAMPLE_LEARNERS

_SUBJECTS: Final = (
    ("Mathematics", "60142923"), ("English Language", "60142935"), ("Biology", "60187568"), ("History", "60145924"),
    ("Cymraeg", "60194366"), ("Art and Design", "60180884"), ("Computer Science", "60183551"), ("French", "60186461"),
)  # fmt: skip
_GRADES: Final = ("9", "8", "7", "6", "5", "4", "3", "2", "U")
_BODIES: Final = (("100062", "Sample Awards North"), ("100061", "Sample Awards South"), ("UNKNWN", ""))
_BAD_EVERY: Final = 50
"""One in this many rows is refused."""


class SampleFeed(NamedTuple):
    """A file, and how many of its rows are accepted and refused."""

    name: str
    data: bytes
    taken: int
    refused: int


def sample_feeds(
    learners: Sequence[LearnerProfile], aims: Sequence[Aim], providers: Sequence[str], count: int = 500, seed: int = 1
) -> tuple[SampleFeed, SampleFeed]:
    """A file of school data and one of a funding return with ``count`` rows each, the same for the same seed."""
    plain = [one for one in learners if one.status == ACTIVE and not one.restricted and one.date_of_birth]
    makers = (
        ("school-data.csv", SCHOOL_DATA, lambda chance, place: _school(chance, place, providers)),
        ("funding-return.csv", FUNDING_RETURN, lambda chance, place: _funding(chance, place, aims, providers)),
    )
    first, second = (_feed(name, shape, make, plain, count, seed) for name, shape, make in makers)
    return first, second


def example_feed() -> SampleFeed:
    """A file of school data about the learner of the examples, so that their record has an event to begin with."""
    row = {column.heading: column.example for column in SCHOOL_DATA.columns}
    row |= _named(EXAMPLE_LEARNERS[0]) | {"AwardDate": "2017-08-24", "StartDate": "2015-09-01", "EndDate": "2017-06-30"}
    text = StringIO()
    writer = csv.DictWriter(text, row, lineterminator="\r\n")
    writer.writeheader()
    writer.writerow(row | {"AwardingOrganisationName": "Sample Awards North", "ReturnNumber": "2017-3"})
    return SampleFeed("school-data-example.csv", text.getvalue().encode(), 1, 0)


def _feed(
    name: str, shape: Shape, make: _Maker, learners: Sequence[LearnerProfile], count: int, seed: int
) -> SampleFeed:
    chance = Random(f"{seed} {name}")
    text = StringIO()
    writer = csv.DictWriter(text, [column.heading for column in shape.columns], lineterminator="\r\n")
    writer.writeheader()
    refused = 0
    for place in range(count):
        row = _named(chance.choice(learners)) | make(chance, place)
        if place % _BAD_EVERY == _BAD_EVERY - 1:
            row |= chance.choice(_DAMAGE)
            refused += 1
        writer.writerow(row)
    return SampleFeed(name, text.getvalue().encode(), count - refused, refused)


_Row = dict[str, str]
_Maker = Callable[[Random, int], _Row]
_DAMAGE: Final[tuple[_Row, ...]] = (
    {"ULN": "9999999999"}, {"FamilyName": "Somebodyelse", "GivenName": "Nobody"}, {"DateOfBirth": "31/12/2001"}
)  # fmt: skip


def _named(learner: LearnerProfile) -> _Row:
    born = learner.date_of_birth
    return {
        "ULN": learner.uln,
        "GivenName": learner.given_name,
        "FamilyName": learner.family_name,
        "DateOfBirth": born.isoformat() if born else "",
    }


def _school(chance: Random, place: int, providers: Sequence[str]) -> _Row:
    year = chance.randrange(2015, 2026)
    subject, number = chance.choice(_SUBJECTS)
    code, name = chance.choice(_BODIES)
    return {
        "RecordID": f"KS4-{place:07d}",
        "ProviderUKPRN": chance.choice(providers),
        "AwardingOrganisation": code,
        "AwardingOrganisationName": name,
        "QualificationNumber": number,
        "Subject": subject,
        "QualificationType": "GCSE (9 to 1)" if year >= 2017 else "GCSE (A* to G)",
        "Level": "Level 1/2",
        "Grade": chance.choice(_GRADES),
        "AwardDate": f"{year}-08-24",
        "StartDate": f"{year - 2}-09-01",
        "EndDate": f"{year}-06-30",
        "CollectionType": "School census",
        "ReturnNumber": f"{year}-{chance.randrange(1, 4)}",
        "LanguageForAssessment": "CYM" if subject == "Cymraeg" else "ENG",
    }


def _funding(chance: Random, place: int, aims: Sequence[Aim], providers: Sequence[str]) -> _Row:
    begun = date(2019, 8, 1) + timedelta(days=chance.randrange(2_000))
    ended = begun + timedelta(days=chance.randrange(30, 365))
    outcome = chance.choices(("1", "2", "3", "8"), (70, 5, 15, 10))[0]
    aim = chance.choice(aims)
    return {
        "UKPRN": chance.choice(providers),
        "LearnRefNumber": f"{place:012d}",
        "LearnAimRef": aim.reference,
        "LearnStartDate": begun.isoformat(),
        "LearnActEndDate": "" if outcome == "8" else ended.isoformat(),
        "AchDate": ended.isoformat() if outcome == "1" else "",
        "CompStatus": {"1": "2", "2": "2", "3": "3", "8": "1"}[outcome],
        "Outcome": outcome,
        "OutGrade": "P" if outcome == "1" else "",
        "Collection": f"ILR{begun.year % 100}{(begun.year + 1) % 100}",
        "ReturnNumber": f"R{chance.randrange(1, 15):02d}",
    }
