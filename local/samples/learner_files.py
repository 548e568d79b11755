"""Sample files of learners and of verifications, each record made for one return code; seeded (ULN-06, VLD-03).

New learners are invented for the file; the others are from the sample world, and registered in a seeded local cloud.
All of them are invented.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final, NamedTuple

from chalicelib.domain.learners import ACTIVE, LINKED, LearnerProfile
from chalicelib.domain.uln import mint
from chalicelib.domain.working_time import london_day
from chalicelib.formats.batch.csv_files import csv_bytes
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.learner_layouts import LEARNERS, MOST_RECORDS, VERIFICATIONS
from chalicelib.formats.batch.xml_files import closing, element, opening
from local.samples.expectation import Comparison
from local.samples.names import family_name, given_name, postcode
from local.samples.world import Samples, samples

PROVIDER: Final = "90000101"
"""The sample organisation that registers learners."""
_BORN_FROM: Final = date(2010, 1, 1)
"""Sample learners were born before this day."""
_BORN_DAYS: Final = 1_800

Row = dict[str, str]
Entry = tuple[Row, str]
"""A record, and the return code for which it was made."""


class ExpectedAnswers(NamedTuple):
    """The expected results of a file's records."""

    file_name: str
    codes: tuple[str, ...]
    """The return code of each record, in file order."""


def learner_file(
    count: int = MOST_RECORDS,
    seed: int = 1,
    *,
    world: Samples | None = None,
    ukprn: str = PROVIDER,
    today: date | None = None,
    xml: bool = False,
) -> tuple[bytes, ExpectedAnswers]:
    """A file that registers and updates ``count`` learners, and the return code of each record.

    The codes are correct if the register has the sample learners and none of the file's new ones.
    """
    day = today or london_day(datetime.now(UTC))
    draft = _Draft(world or samples(), seed, "learners")
    stories = (draft.new, draft.there, draft.new, draft.update, draft.new, draft.unknown, draft.new, draft.faulty)
    entries = [stories[place % len(stories)]() for place in range(count - count // 20)]
    again = [(dict(row), "RC002") for row, code in entries if code == "RC001"][: count // 20]
    entries += again + [draft.new() for _ in range(count - len(entries) - len(again))]
    return _file(LEARNERS, entries, f"LRB_{ukprn}_{day:%d%m%Y}{seed % 10_000:04d}", ukprn, xml=xml)


def verification_file(
    count: int = MOST_RECORDS,
    seed: int = 1,
    *,
    world: Samples | None = None,
    ukprn: str = PROVIDER,
    today: date | None = None,
    xml: bool = False,
) -> tuple[bytes, ExpectedAnswers]:
    """A file that verifies ``count`` learners, and the return code of each record; see :func:`learner_file`."""
    day = today or london_day(datetime.now(UTC))
    draft = _Draft(world or samples(), seed, "verifications")
    stories = (
        draft.verified,
        draft.verified,
        draft.linked,
        draft.preferred,
        draft.mistaken,
        draft.nobody,
        draft.faulty,
    )
    entries = [stories[place % len(stories)](layout=VERIFICATIONS) for place in range(count)]
    return _file(VERIFICATIONS, entries, f"VLD_{ukprn}_{day:%d%m%Y}{seed % 10_000:04d}", ukprn, xml=xml)


class _Draft:
    """Makes the records of one file."""

    def __init__(self, world: Samples, seed: int, what: str) -> None:
        self._chance = Random(f"{seed} {what}")
        self._seed = seed
        self._made = 0
        live = [one for one in world.learners if one.status == ACTIVE and not one.restricted]
        self._known = [one for one in live if one.postcode and one.gender in "12"]
        masters = {one.uln: one for one in live}
        self._linked = [one for one in world.learners if one.status == LINKED and one.master_uln in masters]
        self._preferred = [one for one in live if one.preferred_given_name]
        self._ulns = {one.uln for one in world.learners}
        self._chance.shuffle(self._known)

    def _next(self) -> int:
        self._made += 1
        return self._made

    def new(self) -> Entry:
        """A learner who is not registered; no two in one file were born on the same day."""
        chance, number = self._chance, self._next()
        gender = chance.choice("12")
        born = _BORN_FROM + timedelta(days=(self._seed * 131 + number) % _BORN_DAYS)
        row = {
            "GivenName": given_name(chance, gender),
            "FamilyName": family_name(chance),
            "LastKnownPostCode": postcode(chance),
            "DateOfBirth": born.isoformat(),
            "Gender": gender,
            "PrivacyNoticeSeen": "1",
            "VerificationType": "2",
        }
        return self._numbered(row), "RC001"

    def there(self) -> Entry:
        """A registered learner, without the ULN."""
        return self._numbered(_details(self._one()) | {"PrivacyNoticeSeen": "1", "VerificationType": "1"}), "RC002"

    def update(self) -> Entry:
        """A change of a registered learner."""
        one = self._one()
        place = f"Sampleham {self._seed} {self._made}"
        row = {"ULN": one.uln, "GivenName": one.given_name, "FamilyName": one.family_name, "Notes": place}
        return self._numbered(row), "RC003"

    def unknown(self) -> Entry:
        """A ULN that no learner has."""
        row, _ = self.new()
        return row | {"ULN": self._free_uln()}, "RC005"

    def faulty(self, layout: Layout = LEARNERS) -> Entry:
        """A record with one fault, each kind in turn."""
        row, _ = self.new()
        faults: Sequence[tuple[str, str, str]] = (
            ("FamilyName", "", "RC010"),
            ("UCI", "12", "RC012"),
            ("DateOfBirth", "31/12/2010", "RC011"),
            ("LastKnownPostCode", "", "RC006"),
            ("DateOfBirth", f"{datetime.now(UTC).year - 5}-01-01", "RC013"),
        )
        if layout is VERIFICATIONS:
            row = self._to_verify(self._one())
            faults = (("FamilyName", "", ""), ("ULN", "1000000018", "VRC006"), ("DateOfBirth", "31/12/2010", ""))
        name, value, code = faults[self._made % len(faults)]
        return row | {name: value}, code

    def verified(self, layout: Layout) -> Entry:
        """A learner with the registered details."""
        del layout
        return self._to_verify(self._one()), "VRC001"

    def linked(self, layout: Layout) -> Entry:
        """A learner whose ULN is linked to another."""
        del layout
        return self._to_verify(self._chance.choice(self._linked)), "VRC002"

    def preferred(self, layout: Layout) -> Entry:
        """A learner with their preferred name."""
        del layout
        one = self._chance.choice(self._preferred)
        return self._to_verify(one) | {"GivenName": one.preferred_given_name}, "VRC003"

    def mistaken(self, layout: Layout) -> Entry:
        """A learner with a different date of birth."""
        del layout
        return self._to_verify(self._one()) | {"DateOfBirth": "1955-05-05"}, "VRC005"

    def nobody(self, layout: Layout) -> Entry:
        """A ULN that no learner has."""
        del layout
        return self._to_verify(self._one()) | {"ULN": self._free_uln()}, "VRC006"

    def _one(self) -> LearnerProfile:
        return self._known[self._next() % len(self._known)]

    def _free_uln(self) -> str:
        while (uln := mint(self._chance.randrange)) in self._ulns:
            pass
        return uln

    def _numbered(self, row: Row) -> Row:
        return {"MISIdentifier": f"MIS-{self._seed}-{self._made:03d}", **row}

    def _to_verify(self, one: LearnerProfile) -> Row:
        details = _details(one)
        return self._numbered({"ULN": one.uln} | {name: details[name] for name in details if name in _COMPARED})


_COMPARED: Final = frozenset(VERIFICATIONS.record_names)


def _details(one: LearnerProfile) -> Row:
    born = one.date_of_birth.isoformat() if one.date_of_birth else ""
    return {
        "GivenName": one.given_name,
        "FamilyName": one.family_name,
        "LastKnownPostCode": one.postcode,
        "DateOfBirth": born,
        "Gender": one.gender,
    }


def _file(
    layout: Layout, entries: Sequence[Entry], name: str, ukprn: str, *, xml: bool
) -> tuple[bytes, ExpectedAnswers]:
    file_name = f"{name}.{'XML' if xml else 'CSV'}"
    header = dict.fromkeys(layout.header_names, "") | {
        "FileVersion": layout.version,
        "FileName": file_name,
        "UKPRN": ukprn,
        layout.count_field: str(len(entries)),
    }
    write: Callable[[Layout, Mapping[str, str], Sequence[Entry]], bytes] = _xml if xml else _csv
    return write(layout, header, entries), ExpectedAnswers(file_name, tuple(code for _, code in entries))


def _csv(layout: Layout, header: Mapping[str, str], entries: Sequence[Entry]) -> bytes:
    first, later = list(header.values()), [""] * len(header)
    rows: list[Sequence[str]] = [layout.names]
    for number, (row, _) in enumerate(entries):
        rows.append([*(later if number else first), *(row.get(name, "") for name in layout.record_names)])
    return csv_bytes(rows)


def _xml(layout: Layout, header: Mapping[str, str], entries: Sequence[Entry]) -> bytes:
    lines = [opening(layout), *(element(name, value) for name, value in header.items())]
    for row, _ in entries:
        fields = "".join(element(name, row[name]) for name in layout.record_names if row.get(name))
        lines.append(f"<{layout.element}>{fields}</{layout.element}>")
    return "\n".join([*lines, closing(layout)]).encode()


def compare_answers(expected: ExpectedAnswers, job: Mapping[str, Any], output: bytes) -> Comparison:
    """Compare the return code of each record with the one expected; the job's counters must match too."""
    rows = list(csv.DictReader(io.StringIO(output.decode("utf-8-sig"))))
    column = "ReturnCode" if rows and "ReturnCode" in rows[0] else "ResponseCode"
    results = {int(row["RecordNumber"]): row[column] for row in rows}
    wrong = [
        f"record {number}: {results.get(number, 'no answer')!r} instead of {code!r}"
        for number, code in enumerate(expected.codes, 1)
        if results.get(number) != code
    ]
    outcomes = Counter(row["Outcome"] for row in rows)
    for outcome, counter in (("REGISTERED", "newLearnersCount"), ("REFUSED", "rejectedLearnersCount")):
        if job.get(counter, outcomes[outcome]) != outcomes[outcome]:
            wrong.append(f"{counter}: {job[counter]}, but the output file has {outcomes[outcome]}")
    return Comparison(len(expected.codes), 0, tuple(wrong))
