"""Pairs of a registered learner and submitted details, invented from lists of names with a seeded generator.

Errors are made by our own rules (typing, scanning, hearing, jumbled letters), strangers and look-alikes by drawing
names according to their frequency. Nothing is taken from the rules that are measured with them.
"""

from __future__ import annotations

import csv
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

CORE_RATIO = 0.75
"""Ratio of ``difflib.SequenceMatcher`` from which two spellings count as look-alikes, as in the public pairs."""

KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SCANNED = (
    ("m", "rn"),
    ("rn", "m"),
    ("l", "i"),
    ("i", "l"),
    ("cl", "d"),
    ("d", "cl"),
    ("h", "b"),
    ("e", "c"),
    ("w", "vv"),
)
HEARD = (
    *(
        ("ph", "f"),
        ("f", "ph"),
        ("ck", "k"),
        ("c", "k"),
        ("k", "c"),
        ("ie", "y"),
        ("y", "ie"),
        ("ee", "ea"),
        ("ll", "l"),
    ),
    *(
        ("l", "ll"),
        ("nn", "n"),
        ("n", "nn"),
        ("tt", "t"),
        ("th", "t"),
        ("ai", "ay"),
        ("ei", "ie"),
        ("z", "s"),
        ("x", "ks"),
    ),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Pair(NamedTuple):
    """Names held and names submitted; everything else is assumed to match."""

    given: str
    family: str
    submitted_given: str
    submitted_family: str


class Names:
    """Given and family names to draw from, according to their frequency."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        by_sex: dict[str, Counter[str]] = {"F": Counter(), "M": Counter()}
        with (directory / "given-names-gb.csv").open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                by_sex[row["sex"]][row["given_name"]] += int(row["count"])
        with (directory / "surnames-gb.csv").open(encoding="utf-8", newline="") as rows:
            family = {row["surname"]: float(row["weight"]) for row in csv.DictReader(rows)}
        self._given = {sex: _cumulative(counts) for sex, counts in by_sex.items()}
        self._family = _cumulative(family)

    def sex(self) -> str:
        """F or M."""
        return self.chance.choice("FM")

    def given(self, sex: str = "") -> str:
        """A given name, optionally of one sex."""
        return self._draw(self._given[sex or self.sex()])

    def family(self) -> str:
        """A family name."""
        return self._draw(self._family)

    def _draw(self, names: tuple[list[str], list[float]]) -> str:
        return self.chance.choices(names[0], cum_weights=names[1])[0]

    def slip(self, name: str) -> str:
        """The name with one error of typing, scanning or hearing."""
        text, chance = name.lower(), self.chance
        kind = chance.choices(
            ("put in", "left out", "replaced", "exchanged", "split", "scanned", "heard"), (22, 22, 18, 18, 4, 8, 8)
        )[0]
        place = chance.randrange(len(text))
        if kind == "put in":
            text = text[:place] + chance.choice(LETTERS) + text[place:]
        elif kind == "left out" and len(text) > 2:
            text = text[:place] + text[place + 1 :]
        elif kind == "replaced":
            text = text[:place] + chance.choice(_neighbours(text[place])) + text[place + 1 :]
        elif kind == "exchanged" and len(text) > 1:
            place = chance.randrange(len(text) - 1)
            text = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        elif kind == "split" and len(text) > 3:
            place = chance.randrange(1, len(text))
            text = text[:place] + " " + text[place:]
        else:
            text = self._confused(text, SCANNED if kind == "scanned" else HEARD)
        return text.title()

    def _confused(self, text: str, table: tuple[tuple[str, str], ...]) -> str:
        found = [(old, new) for old, new in table if old in text]
        if not found:
            return text
        old, new = self.chance.choice(found)
        return text.replace(old, new, 1)

    def thrown_about(self, name: str) -> str:
        """The name with one to three of: two letters swapped, a letter doubled, a letter lost."""
        letters, chance = list(name.lower()), self.chance
        for _ in range(chance.choice((1, 1, 2, 3))):
            kind = chance.random()
            if kind < 0.45 and len(letters) > 1:
                one, other = chance.sample(range(len(letters)), 2)
                letters[one], letters[other] = letters[other], letters[one]
            elif kind < 0.7:
                letters.insert(chance.randrange(len(letters) + 1), chance.choice(letters))
            elif len(letters) > 2:
                letters.pop(chance.randrange(len(letters)))
        return "".join(letters).title()


def alike(one: str, other: str) -> bool:
    """Whether two spellings are look-alike by a measure that is not the service's own."""
    return SequenceMatcher(None, one.lower(), other.lower()).ratio() >= CORE_RATIO


def _neighbours(letter: str) -> str:
    for row in KEY_ROWS:
        place = row.find(letter)
        if place >= 0:
            return row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    return LETTERS


def _cumulative(counts: Counter[str] | dict[str, float]) -> tuple[list[str], list[float]]:
    return list(counts), list(itertools.accumulate(counts.values()))


# --- Kinds of pairs -------------------------------------------------------------------------------------------------

Kind = Callable[[Names], Pair | None]
"""One drawn pair, or None if it is not of this kind."""


def slip_in_one(names: Names) -> Pair | None:
    """The same person, one slip in one name, look-alike by the public measure."""
    given, family = names.given(), names.family()
    pair = (
        Pair(given, family, names.slip(given), family)
        if names.chance.random() < 0.5
        else Pair(given, family, given, names.slip(family))
    )
    return pair if _near(pair) else None


def slip_in_both(names: Names) -> Pair | None:
    """The same person, one slip in each name, both look-alike."""
    given, family = names.given(), names.family()
    pair = Pair(given, family, names.slip(given), names.slip(family))
    return pair if _near(pair) and given != pair.submitted_given and family != pair.submitted_family else None


def letters_thrown_about(names: Names) -> Pair | None:
    """The same person, one name so garbled that it is no longer look-alike."""
    given, family = names.given(), names.family()
    pair = (
        Pair(given, family, names.thrown_about(given), family)
        if names.chance.random() < 0.5
        else Pair(given, family, given, names.thrown_about(family))
    )
    return None if _near(pair) or _same(pair) else pair


def swapped(names: Names) -> Pair | None:
    """The same person, given and family name swapped."""
    given, family = names.given(), names.family()
    return Pair(given, family, family, given)


def neighbours_exchanged(names: Names) -> Pair | None:
    """The same person, two neighbouring letters of one name swapped."""
    given, family = names.given(), names.family()
    name = given if names.chance.random() < 0.5 else family
    place = names.chance.randrange(len(name) - 1)
    lower = name.lower()
    typed = (lower[:place] + lower[place + 1] + lower[place] + lower[place + 2 :]).title()
    pair = Pair(given, family, typed, family) if name is given else Pair(given, family, given, typed)
    return None if _same(pair) else pair


def joined_or_split(names: Names) -> Pair | None:
    """The same person, a double given name written as one word, or with a hyphen, or the other way round."""
    sex = names.sex()
    one, two, family = names.given(sex), names.given(sex), names.family()
    written = [f"{one} {two}", f"{one}-{two}", f"{one}{two.lower()}"]
    held, typed = names.chance.sample(written, 2)
    return Pair(held, family, typed, family) if len(held) <= 35 else None


def part_of_double_name(names: Names) -> Pair | None:
    """The same person, one part of a double given or family name left out."""
    if names.chance.random() < 0.5:
        sex = names.sex()
        one, two, family = names.given(sex), names.given(sex), names.family()
        return Pair(f"{one} {two}", family, names.chance.choice((one, two)), family)
    given, one, two = names.given(), names.family(), names.family()
    return Pair(given, f"{one}-{two}", given, names.chance.choice((one, two)))


def initial(names: Names) -> Pair | None:
    """The same person, the given name as its initial."""
    given, family = names.given(), names.family()
    return Pair(given, family, given[0], family)


def twin(names: Names) -> Pair | None:
    """Another person of the same family name, sex and date of birth; given names not look-alike."""
    pair = _twin(names)
    return None if pair is None or alike(pair.given, pair.submitted_given) else pair


def twin_look_alike(names: Names) -> Pair | None:
    """The same with look-alike given names."""
    pair = _twin(names)
    return pair if pair is not None and alike(pair.given, pair.submitted_given) else None


def namesake(names: Names) -> Pair | None:
    """Another person of the same given name and date of birth; family names not look-alike."""
    pair = _namesake(names)
    return None if pair is None or alike(pair.family, pair.submitted_family) else pair


def namesake_look_alike(names: Names) -> Pair | None:
    """The same with look-alike family names."""
    pair = _namesake(names)
    return pair if pair is not None and alike(pair.family, pair.submitted_family) else None


def stranger(names: Names) -> Pair | None:
    """Another person of the same sex and date of birth, both names different."""
    sex = names.sex()
    pair = Pair(names.given(sex), names.family(), names.given(sex), names.family())
    return pair if pair.given != pair.submitted_given and pair.family != pair.submitted_family else None


def _twin(names: Names) -> Pair | None:
    sex, family = names.sex(), names.family()
    one, other = names.given(sex), names.given(sex)
    return Pair(one, family, other, family) if one != other else None


def _namesake(names: Names) -> Pair | None:
    given, one, other = names.given(), names.family(), names.family()
    return Pair(given, one, given, other) if one != other else None


def _same(pair: Pair) -> bool:
    return (pair.given.lower(), pair.family.lower()) == (pair.submitted_given.lower(), pair.submitted_family.lower())


def _near(pair: Pair) -> bool:
    return not _same(pair) and alike(pair.given, pair.submitted_given) and alike(pair.family, pair.submitted_family)


SAME_PERSON: dict[str, Kind] = {
    "one slip in one name": slip_in_one,
    "one slip in each name": slip_in_both,
    "neighbouring letters exchanged": neighbours_exchanged,
    "names swapped": swapped,
    "names joined or split": joined_or_split,
    "part of a double name": part_of_double_name,
    "initial": initial,
    "letters thrown about (not look-alike)": letters_thrown_about,
}
OTHER_PERSON: dict[str, Kind] = {"twin": twin, "namesake": namesake, "both names different": stranger}
LOOK_ALIKE: dict[str, Kind] = {"twin, look-alike": twin_look_alike, "namesake, look-alike": namesake_look_alike}


def draw(kind: Kind, names: Names, number: int) -> Iterator[Pair]:
    """This many pairs of a kind."""
    while number:
        pair = kind(names)
        if pair is not None:
            number -= 1
            yield pair
