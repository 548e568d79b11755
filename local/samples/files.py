"""Files of invented achievements in which every record was made for a known outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from random import Random
from typing import Final, NamedTuple

from chalicelib.domain.results import Outcome
from chalicelib.formats.batch.csv_files import csv_bytes
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.batch.xml_files import closing, element, opening
from chalicelib.ports.accounts import Organisation
from local.samples.drafts import REINSTATE, UPDATE, WITHDRAW, Draft, Entry, Row, World, other_language
from local.samples.faults import FAULTS

_STORIES: Final = 0.12
"""The share of records in stories with several records for one achievement."""


class ExpectedRecord(NamedTuple):
    """The expected result of one record."""

    number: int
    outcome: Outcome
    codes: tuple[str, ...]
    """In alphabetical order."""


class Expected(NamedTuple):
    """The expected results of a file."""

    file_name: str
    outcomes: dict[str, int]
    """Records by outcome."""
    codes: dict[str, int]
    """Reasons and notices by code."""
    records: tuple[ExpectedRecord, ...]


# --- Valid stories --------------------------------------------------------------------------------------------


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


def _sent_late(draft: Draft) -> list[Entry]:
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
    _corrected, _sent_late, _withdrawn, _linked, _reinstated, _sent_late, _repeated, _previous_name, _regraded,
)  # fmt: skip


# --- The file ---------------------------------------------------------------------------------------------------------


def mixed_entries(world: World, count: int, seed: int, today: date, faults: float) -> list[Entry]:
    """The records of a file in order; those of one story keep their order, with others between them."""
    draft = Draft(world, seed, today)
    stories: list[list[Entry]] = []
    wanted_faults, wanted_stories = round(count * faults), round(count * _STORIES)
    for makers, wanted in ((FAULTS, wanted_faults), (STORIES, wanted_stories)):
        place, records = 0, 0
        while records < wanted:
            story = makers[place % len(makers)](draft)
            place, records = place + 1, records + len(story)
            stories.append(story)
    total = sum(map(len, stories))
    while total > count:
        total -= len(stories.pop())
    stories.extend([Entry(draft.create(), Outcome.CREATED)] for _ in range(count - total))
    return _interleaved(draft.chance, stories)


def _interleaved(chance: Random, stories: list[list[Entry]]) -> list[Entry]:
    order = [place for place, story in enumerate(stories) for _ in story]
    chance.shuffle(order)
    following = [iter(story) for story in stories]
    return [next(following[place]) for place in order]


def expected_of(entries: Sequence[Entry], file_name: str) -> Expected:
    """The expected results of these records."""
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
    first = [header[name] for name in ACHIEVEMENTS.header_names]
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
