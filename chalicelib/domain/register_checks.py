"""Changes of the catalogue that are too large to be published before a person has looked at them (QUAL-01).

A broken file is more likely than so many changes at once: a file that was cut off, a column that is empty, dates that a
spreadsheet has changed. Every kind of change has a limit by register and by owner. In addition a delivery as such must
be plausible, so that the first one is checked too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from chalicelib.domain.aims import Aim, AimReference
from chalicelib.domain.registers import Merged, Part


class Doubt(StrEnum):
    """What is doubtful about an import."""

    GONE = "gone"
    BACK = "back"
    NEW = "new"
    OWNER = "another owner"
    DATES = "other dates"
    TITLE = "another title"
    GRADES = "other grades"
    DETAILS = "other details"
    NO_OWNER = "no owner"
    ONE_OWNER = "one owner"
    LEFT_OUT = "left out"
    EMPTY = "empty"
    CUT_OFF = "cut off"


class Objection(NamedTuple):
    """Why an import needs to be accepted."""

    doubt: Doubt
    subject: str
    """The part of the catalogue, or the file."""
    owner: str = ""
    """Recognition number, if the objection is about one owner."""
    affected: int = 0
    of: int = 0
    most: int = 0
    """How many may be affected without being accepted."""


_SMALL: Final = 10
"""Changes that are never too many by their share, except that no more than a fifth of a small register may go."""
_OF_A_SMALL_REGISTER: Final = 0.2
_BY_REGISTER: Final[Mapping[Doubt, float]] = {
    Doubt.GONE: 0.05,
    Doubt.BACK: 0.05,
    Doubt.NEW: 0.2,
    Doubt.OWNER: 0.02,
    Doubt.DATES: 0.2,
    Doubt.TITLE: 0.2,
    Doubt.GRADES: 0.2,
    Doubt.DETAILS: 0.2,
}
"""The largest share of a register's current aims that one import may change."""
_BY_OWNER: Final[Mapping[Doubt, float]] = {doubt: 1.0 if doubt is Doubt.NEW else 0.5 for doubt in _BY_REGISTER}
"""The largest share of one owner's current aims in a register."""
_MOST_OWNERLESS: Final = 0.05
_MOST_OF_ONE_OWNER: Final = 0.5
_MANY: Final = 500
"""Aims of a file from which one owner of most of them is doubtful."""
_ENTRIES: Final = 0.2
"""The largest share of providers or awarding bodies whose entries may change."""
_MOST_LEFT_OUT: Final = 0.02
"""The largest share of a file's rows that may be left out."""
_DOUBT_OF: Final[Mapping[str, Doubt]] = {
    "owners": Doubt.OWNER,
    "shared": Doubt.OWNER,
    "shared_with": Doubt.OWNER,
    "first_award": Doubt.DATES,
    "last_award": Doubt.DATES,
    "title": Doubt.TITLE,
    "grades": Doubt.GRADES,
}
"""By field of an aim; every other field is a detail."""


def change_objections(
    current: Mapping[AimReference, Aim], merged: Merged, parts: Iterable[Part]
) -> Iterator[Objection]:
    """The kinds of change of which there are too many, in a part of the catalogue or for one of its owners."""
    for part in sorted(parts):
        standing = {name: aim for name, aim in current.items() if aim.gone_on is None and _part_of(aim) == part}
        if not standing:
            continue
        owned = Counter(owner for aim in standing.values() for owner in aim.owners)
        for doubt, references in _changes(merged).items():
            affected = [name for name in references if _part_of(merged.aims[name]) == part]
            yield from _too_many(doubt, _name_of(part), len(affected), len(standing))
            holders = merged.aims if doubt is Doubt.NEW else current
            for owner, count in Counter(owner for name in affected for owner in holders[name].owners).items():
                most = max(_SMALL, int(_BY_OWNER[doubt] * owned[owner]))
                if owned[owner] >= _SMALL and count > most:
                    yield Objection(doubt, _name_of(part), owner, count, owned[owner], most)


def delivery_objections(subject: str, aims: Iterable[Aim]) -> Iterator[Objection]:
    """Whether the owners in a file are not plausible: many aims without one, or one for most of them."""
    stated = list(aims)
    most = max(_SMALL, int(_MOST_OWNERLESS * len(stated)))
    ownerless = sum(not aim.owners for aim in stated)
    if ownerless > most:
        yield Objection(Doubt.NO_OWNER, subject, "", ownerless, len(stated), most)
    owners = Counter(owner for aim in stated for owner in aim.owners)
    if len(stated) >= _MANY:
        owner, count = max(owners.items(), key=lambda entry: entry[1], default=("", 0))
        if count > _MOST_OF_ONE_OWNER * len(stated):
            yield Objection(Doubt.ONE_OWNER, subject, owner, count, len(stated), int(_MOST_OF_ONE_OWNER * len(stated)))


def file_objections(subject: str, rows: int, left_out: int, *, cut_off: bool) -> Iterator[Objection]:
    """Whether a file is empty, ends in the middle of a row, or has many rows that cannot be used."""
    if not rows:
        yield Objection(Doubt.EMPTY, subject)
    if cut_off:
        yield Objection(Doubt.CUT_OFF, subject)
    most = max(_SMALL, int(_MOST_LEFT_OUT * rows))
    if left_out > most:
        yield Objection(Doubt.LEFT_OUT, subject, "", left_out, rows, most)


def entry_objections(subject: str, current: Mapping[str, object], stated: Mapping[str, object]) -> Iterator[Objection]:
    """Whether too many providers or awarding bodies would have another entry."""
    changed = sum(entry != current.get(key, entry) for key, entry in stated.items())
    most = max(_SMALL, int(_ENTRIES * len(current)))
    if changed > most:
        yield Objection(Doubt.DETAILS, subject, "", changed, len(current), most)


def _changes(merged: Merged) -> dict[Doubt, list[AimReference]]:
    found: dict[Doubt, list[AimReference]] = {doubt: [] for doubt in _BY_REGISTER}
    found[Doubt.GONE] += merged.gone
    found[Doubt.BACK] += merged.back
    found[Doubt.NEW] += merged.new
    for change in merged.changed:
        for doubt in {_DOUBT_OF.get(field, Doubt.DETAILS) for field in change.fields}:
            found[doubt].append(change.reference)
    return found


def _too_many(doubt: Doubt, subject: str, affected: int, standing: int) -> Iterator[Objection]:
    least = min(_SMALL, int(_OF_A_SMALL_REGISTER * standing)) if doubt is Doubt.GONE else _SMALL
    most = max(least, int(_BY_REGISTER[doubt] * standing))
    if affected > most:
        yield Objection(doubt, subject, "", affected, standing, most)


def _part_of(aim: Aim) -> Part:
    return aim.kind, aim.register


def _name_of(part: Part) -> str:
    return f"{part[1]} {part[0]}s"
