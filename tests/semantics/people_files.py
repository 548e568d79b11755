"""Learner and verification files that collide: few people, who move house, and records with and without a ULN."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from chalicelib.domain.jobs import LEARNERS, VERIFICATIONS
from chalicelib.domain.learners import Learner
from chalicelib.formats.batch.learner_layouts import LEARNERS as LEARNER_LAYOUT
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS as VERIFICATION_LAYOUT
from tests.builders.learner_files import PROVIDER, csv_file
from tests.builders.learners import learner, uln
from tests.semantics.files import Pick

ORGANISATIONS = (PROVIDER, "90000102")
POISON = uln(90)
"""A ULN that stops the program that reads it."""
UNKNOWN = uln(91)
POSTCODES = ("CF10 1AA", "LL57 2DG")


class Person(NamedTuple):
    """Somebody who may be registered: names and a date of birth that are nobody else's."""

    given_name: str
    family_name: str
    date_of_birth: date


PEOPLE = (
    Person("Gethin", "Rowlands", date(2003, 1, 9)),
    Person("Bronwen", "Ashcombe", date(2004, 5, 17)),
    Person("Iolo", "Prydderch", date(2005, 8, 22)),
    Person("Siwan", "Maddocks", date(2006, 11, 30)),
)
REGISTERED = 2
"""How many of them are on the register from the beginning, at the first postcode."""

FLAWS = {"gender": {"Gender": "7"}, "birth": {"DateOfBirth": "2004-02-31"}, "name": {"GivenName": ""}}
"""Faults that refuse a record whatever is stored."""


class Record(NamedTuple):
    """One record of a file, as the oracle sees it."""

    number: int
    uln: str
    """Empty for somebody to find or register."""
    person: Person
    postcode: str
    """Empty if the record does not give it."""
    place_of_birth: str
    """What tells a record's version from others; empty if the record does not change it."""
    flaw: str
    """A name of :data:`FLAWS`, or empty."""

    @property
    def group(self) -> object:
        """Records with the same group concern the same learner."""
        return self.uln or self.person


class PeopleContent(NamedTuple):
    """A file before it is read."""

    ukprn: str
    number: int
    job_type: str
    records: tuple[Record, ...]
    flaw: str
    """``count``, or empty."""
    data: bytes
    filename: str


def held_at_first() -> Iterable[Learner]:
    """Those on the register at the beginning."""
    for number in range(REGISTERED):
        yield registered(number, PEOPLE[number], POSTCODES[0])


def registered(number: int, person: Person, postcode: str) -> Learner:
    return learner(
        number,
        given_name=person.given_name,
        family_name=person.family_name,
        date_of_birth=person.date_of_birth.isoformat(),
        last_known_post_code=postcode,
    )


def people_content(
    kind: str, pick: Pick, ukprn: str, number: int, held: Mapping[str, Learner], people: tuple[Person, ...]
) -> PeopleContent:
    """Draw a file of a kind. ``held`` are the learners whose ULNs its sender may know."""
    job_type = "CHK" if kind == LEARNERS and not pick(8) else ""
    flaw = "" if pick(14) else "count"
    records: list[Record] = []
    for place in range(1, 2 + pick(9)):
        if kind == VERIFICATIONS:
            records.append(_to_verify(pick, place, held, people))
        else:
            records.append(_to_register(pick, place, number, held, people, job_type, records))
    rows = [_values(kind, one, number) for one in records]
    layout = VERIFICATION_LAYOUT if kind == VERIFICATIONS else LEARNER_LAYOUT
    block: dict[str, Any] = {"UKPRN": ukprn}
    if kind == LEARNERS:
        block["JobType"] = job_type
    if flaw:
        block[layout.count_field] = "199"
    prefix = "VLD" if kind == VERIFICATIONS else "LRB"
    filename = f"{prefix}_{ukprn}_0203202609{number:02d}.CSV"
    return PeopleContent(ukprn, number, job_type, tuple(records), flaw, csv_file(rows, layout, **block), filename)


def _a_uln(pick: Pick, held: Mapping[str, Learner], people: tuple[Person, ...]) -> tuple[str, Person]:
    """A ULN with its holder's names, or at times with somebody else's; or one that nobody has."""
    known = sorted(held)
    if not known or not pick(12):
        return (POISON if not pick(3) else UNKNOWN), people[pick(len(people))]
    one = held[known[pick(len(known))]]
    person = person_of(one) if pick(10) else PEOPLE[pick(len(PEOPLE))]
    return one.uln, person


def person_of(one: Learner) -> Person:
    details = one.details
    assert details.date_of_birth is not None
    return Person(details.given_name, details.family_name, details.date_of_birth)


def _to_register(
    pick: Pick,
    place: int,
    file: int,
    held: Mapping[str, Learner],
    people: tuple[Person, ...],
    job_type: str,
    before: list[Record],
) -> Record:
    flaw = "" if pick(16) else list(FLAWS)[pick(len(FLAWS))]
    token = f"F{file}R{place}"
    if pick(2):
        number, person = _a_uln(pick, held, people)
        postcode = POSTCODES[pick(2)] if not pick(3) and not job_type else ""
        if before and not pick(3):
            # The same change once more, or the same learner again.
            last = before[-1 - pick(len(before))]
            if last.uln:
                number, person, token = last.uln, last.person, last.place_of_birth or token
        token = "" if job_type or not (postcode or pick(6)) else token
        return Record(place, number, person, postcode, token, flaw)
    return Record(place, "", people[pick(len(people))], POSTCODES[pick(2)], "" if job_type else token, flaw)


def _to_verify(pick: Pick, place: int, held: Mapping[str, Learner], people: tuple[Person, ...]) -> Record:
    number, person = _a_uln(pick, held, people)
    return Record(place, number, person, "", "", "" if pick(16) else list(FLAWS)[pick(len(FLAWS))])


def _values(kind: str, one: Record, file: int) -> dict[str, str]:
    layout = VERIFICATION_LAYOUT if kind == VERIFICATIONS else LEARNER_LAYOUT
    values = {
        "MISIdentifier": mis_identifier(file, one),
        "ULN": one.uln,
        "GivenName": one.person.given_name,
        "FamilyName": one.person.family_name,
        "DateOfBirth": one.person.date_of_birth.isoformat(),
    }
    if kind == LEARNERS:
        values |= {"LastKnownPostCode": one.postcode, "PlaceOfBirth": one.place_of_birth}
        if not one.uln:
            values |= {"Gender": "2", "PrivacyNoticeSeen": "1", "VerificationType": "2"}
    return dict.fromkeys(layout.record_names, "") | values | FLAWS.get(one.flaw, {})


def mis_identifier(file: int, one: Record) -> str:
    return f"{file}-{one.number}"


Reading = Callable[..., Any]


def spoilt(read: Reading, is_bad: Callable[[Any], bool]) -> Reading:
    """A read that stops the program when something bad is wanted."""

    def reading(wanted: Any, **options: Any) -> Any:
        if is_bad(wanted):
            raise ZeroDivisionError
        return read(wanted, **options)

    return reading
