"""Invented organisations, providers and aims: enough of every kind to test each rule of the catalogue (QUAL-01)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from random import Random
from typing import Final

from chalicelib.domain.aims import (
    Aim,
    AimKind,
    AimReference,
    AwardingBody,
    Provider,
    Register,
    qualification_check_character,
    unit_check_letter,
)
from chalicelib.domain.grades import OF_UNITS, grades_of
from chalicelib.ports.accounts import Organisation
from chalicelib.reference.grade_sets import grade_sets
from local.samples.names import subject

# UKPRNs from 90000000 are test numbers: the register of providers does not allocate them.
ORGANISATIONS: Final = (
    Organisation(
        "90000051", "Merrowdale Awards", "900051", frozenset({"RN9051", "RN9061"}), True, True, "active",
        "batches@merrowdale.example.org",
    ),
    Organisation(
        "90000052", "Kestrel Vale Examinations", "900052", frozenset({"RN9052"}), True, True, "active",
        "results@kestrelvale.example.org",
    ),
    Organisation(
        "90000053", "Tollgate Skills Board", "900053", frozenset({"RN9053"}), True, True, "active",
        "data@tollgate.example.org", "windows-1252",
    ),
    Organisation(
        "90000054", "Cymwysterau Glanrhyd Qualifications", "900054", frozenset({"RN9054"}), True, True, "active",
        "data@glanrhyd.example.org",
    ),
    Organisation(
        "90000055", "Harrow Fell Guild of Makers", "900055", frozenset({"RN9055"}), True, False, "active",
        "office@harrowfell.example.org",
    ),
    Organisation(
        "90000056", "Saltmarsh Certification", "900056", frozenset({"RN9056"}), True, True, "suspended",
        "office@saltmarsh.example.org",
    ),
    Organisation(
        "90000101", "Fernside College", "900101", frozenset(), False, False, "active", "mis@fernside.example.org"
    ),
    Organisation(
        "90000102", "Longbarrow Training", "900102", frozenset(), False, False, "active", "mis@longbarrow.example.org"
    ),
    Organisation(
        "90000001", "Learning Records Service Desk", "900001", frozenset(), False, False, "active",
        "desk@lrs.example.org", is_service_desk=True,
    ),
)  # fmt: skip
"""Four awarding organisations set up for batches, one that is not, one suspended; two learning providers; the desk."""

AWARDING_BODIES: Final = tuple(
    AwardingBody(number, body.name, body.name, status="Recognised")
    for body in ORGANISATIONS
    for number in sorted(body.recognition_numbers)
)

_PLACES: Final = (
    "Applewick", "Stonegate", "Millbeck", "Thornfield", "Riverbank", "Oakmere", "Birchover", "Castlemoor", "Fernside",
    "Longbarrow",
)  # fmt: skip
_KINDS: Final = ("School", "Academy", "Adult Education", "Apprenticeships")

PROVIDERS: Final = (
    *(Provider(body.ukprn, body.name, "active") for body in ORGANISATIONS if not body.is_awarding_organisation),
    *(
        Provider(str(90000103 + number), f"{_PLACES[number % 10]} {_KINDS[number // 10]}", "active")
        for number in range(38)
    ),
)

LONG_AGO: Final = date(2000, 9, 1)
EXPIRED: Final = date(2018, 7, 31)
"""The last day of award of the sample aims that have one."""
FUTURE: Final = date(2090, 9, 1)
"""The first day of award of the sample aims that have not started."""

_OWNERS: Final = ("RN9051", "RN9061", "RN9052", "RN9053", "RN9054", "RN9055", "RN9056")

# Type, grading type, the register's scale.
_GRADINGS: Final = (
    ("Occupational Qualification", "Pass/Fail", ""),
    ("Vocationally-Related Qualification", "Graded", "Pass/Merit/Distinction/Distinction*"),
    ("Vocationally-Related Qualification", "Pass/Fail", ""),
    ("Functional Skills", "Pass/Fail", ""),
    ("GCE A Level", "Graded", "A*/A/B/C/D/E"),
    ("GCE AS Level", "Graded", "A/B/C/D/E"),
    ("GCSE (9 to 1)", "Graded", "9/8/7/6/5/4/3/2/1"),
    ("GCSE (A* to G)", "Graded", ""),
    ("End-Point Assessment", "Graded", "Pass/Distinction"),
    ("Other General Qualification", "", ""),
)


def sample_aims(seed: int, count: int = 1_500) -> list[Aim]:
    """An invented catalogue, the same for the same seed: about a third of it units.

    Some of each owner's aims have expired, some have not started, some units are shared with everybody, and a few are
    from the register of Wales. Their numbers begin with 69, which the regulators have not reached.
    """
    chance = Random(f"{seed} aims")
    numbers = iter(chance.sample(range(6_900_000, 7_000_000), count))
    return [_aim(chance, place, next(numbers)) for place in range(count)]


def _aim(chance: Random, place: int, number: int) -> Aim:
    owner = _OWNERS[place % len(_OWNERS)]
    first, last = _dates(place // len(_OWNERS))
    made = partial(Aim, owners=frozenset({owner}), first_award=first, last_award=last)
    level = f"Level {chance.randrange(1, 5)}"
    topic = subject(chance)
    if place % 3 == 2:
        return made(
            reference=AimReference(f"{unit_check_letter(str(number))}/{str(number)[:3]}/{str(number)[3:]}"),
            title=f"{topic} {chance.randrange(1, 30)}",
            kind=AimKind.UNIT,
            shared=place % 4 == 0,
            grades=OF_UNITS,
            level=level,
            credits=chance.randrange(1, 13),
            glh=10 * chance.randrange(1, 13),
        )
    kind, grading, scale = _GRADINGS[place // 2 % len(_GRADINGS)]
    welsh = owner == "RN9054" and place % 2 == 0
    seven = str(number)
    return made(
        reference=AimReference(f"C00{seven[3:]}{seven[2]}" if welsh else seven + qualification_check_character(seven)),
        title=f"{level} {kind} in {topic} {seven}",
        kind=AimKind.QUALIFICATION,
        grades=grades_of(kind, "", grading, scale, grade_sets()),
        level=level,
        type=kind,
        credits=chance.randrange(1, 60),
        glh=10 * chance.randrange(1, 60),
        grading_type=grading,
        status="Available to learners" if last is None else "No longer awarded",
        register=Register.QIW if welsh else Register.OFQUAL,
    )


def _dates(turn: int) -> tuple[date | None, date | None]:
    if turn % 12 == 5:
        return LONG_AGO, EXPIRED
    if turn % 12 == 9:
        return FUTURE, None
    return LONG_AGO, None


def owned_by(aims: list[Aim], organisation: Organisation) -> Iterator[Aim]:
    """The aims that the organisation owns."""
    return (aim for aim in aims if not aim.owners.isdisjoint(organisation.recognition_numbers))
