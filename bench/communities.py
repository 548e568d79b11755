"""How well matching tells names of each community apart: two names of it, and one name and a slip in it.

Siblings have names of one community, so two people with one family name and birthday are compared within it. Names are
measured as listed and, with ``withheld``, as if no list had them: that is how names fare which nobody thought of.
``unseen_names.txt`` has names from which no list was made: add to it before you measure, never after.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

from bench.invented_pairs import KEY_ROWS
from chalicelib import reference
from chalicelib.domain.name_likeness import POSSIBLE, Kind, likeness
from chalicelib.reference import Lists
from chalicelib.reference.letters import joined

DATA = Path(reference.__file__).parent / "data"
UNSEEN = Path(__file__).parent / "unseen_names.txt"
KINDS = {"given": Kind.GIVEN, "family": Kind.FAMILY}
NAMES = 80
"""The most names of a community that are compared."""
FEWEST = 20
OF_A_KIND = 4
"""The most slips of each kind in a name."""
SEED = 20261126
DIFFERENT_TAKEN = 0.01
"""Largest share of two different names of a community that may match."""
SLIPS_ACCEPTED = 0.98
"""Smallest share of single slips that must match, each kind of slip counting the same."""


class Community(NamedTuple):
    """The names of one community and kind."""

    kind: str
    title: str
    names: list[str]


class Shares(NamedTuple):
    """Two different names taken for one, and slips accepted, by kind of slip."""

    different: float
    slips: dict[str, float]

    @property
    def slips_accepted(self) -> float:
        return sum(self.slips.values()) / len(self.slips)


class Without(Lists):
    """The packaged lists as if they lacked some names."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self._lacking = frozenset(names)

    @cached_property
    def given_names(self) -> dict[str, int]:
        return self._left(super().given_names)

    @cached_property
    def family_names(self) -> dict[str, int]:
        return self._left(super().family_names)

    def _left(self, names: dict[str, int]) -> dict[str, int]:
        return {name: bits for name, bits in names.items() if name not in self._lacking}


def communities() -> Iterator[Community]:
    """Those that the packaged lists have, with their common names, or the less common if these are too few."""
    chance = random.Random(SEED)
    for kind in KINDS:
        listed: dict[str, list[str]] = defaultdict(list)
        for path in (DATA / f"{kind}_names_in_use_more.txt", DATA / f"{kind}_names_in_use.txt"):
            for line in path.read_text(encoding="utf-8").splitlines():
                if not line.startswith("#"):
                    title, _, held = line.partition(": ")
                    listed[title] += held.split()
        for title in dict.fromkeys(title.partition(",")[0] for title in listed):
            names = listed.get(title, [])
            if len(names) < FEWEST:
                names = list(dict.fromkeys([*names, *listed.get(f"{title}, less common", [])]))
            names = chance.sample(names, min(NAMES, len(names)))
            if len(names) >= FEWEST:
                yield Community(kind, title, names)


def unseen() -> Iterator[Community]:
    """Communities whose names are in no list on purpose."""
    for line in UNSEEN.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            title, _, names = line.partition(": ")
            kind, _, community = title.partition(" ")
            yield Community(kind, community, list(dict.fromkeys(map(joined, names.split()))))


def measured(community: Community, *, withheld: bool = False) -> Shares:
    """The shares for one community, as listed or as if no list had its names."""
    reference.install(Without(community.names) if withheld else None)
    try:
        return _measured(community)
    finally:
        reference.install(None)


def _measured(community: Community) -> Shares:
    chance, kind = random.Random(SEED), KINDS[community.kind]
    pairs = list(permutations(community.names, 2))
    taken = sum(_match(one, other, kind) for one, other in pairs)
    accepted: dict[str, list[bool]] = defaultdict(list)
    for name in community.names:
        for what, typed in slips(name).items():
            accepted[what] += [_match(name, slip, kind) for slip in chance.sample(typed, min(OF_A_KIND, len(typed)))]
    return Shares(taken / len(pairs), {what: sum(found) / len(found) for what, found in accepted.items()})


def _match(held: str, submitted: str, kind: Kind) -> bool:
    return likeness(submitted.title(), held.title(), kind).doubt <= POSSIBLE


def slips(name: str) -> dict[str, list[str]]:
    """Every single slip in a name by kind; one that leaves the name as it is does not count."""
    places = range(len(name))
    found = {
        "missing": [name[:place] + name[place + 1 :] for place in places] if len(name) > 2 else [],
        "doubled": [name[:place] + name[place] + name[place:] for place in places],
        "exchanged": [name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in places[:-1]],
        "key": [name[:at] + key + name[at + 1 :] for at in places for key in _keys_beside(name[at])],
    }
    return {what: [slip for slip in typed if slip != name] for what, typed in found.items()}


def _keys_beside(letter: str) -> str:
    """The keys to the left and right, and the two above and below."""
    row = next(number for number, keys in enumerate(KEY_ROWS) if letter in keys)
    place = KEY_ROWS[row].index(letter)
    near = ((row, -1), (row, 1), (row - 1, 0), (row - 1, 1), (row + 1, -1), (row + 1, 0))
    found = [(KEY_ROWS[at], place + step) for at, step in near if 0 <= at < len(KEY_ROWS)]
    return "".join(keys[at] for keys, at in found if 0 <= at < len(keys))
