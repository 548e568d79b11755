"""The reads of a search by details among 60 million learners: ``python bench/search_cost.py [DIRECTORY]``.

No learners are invented: the number of learners under each key is calculated from the frequency of names. Given names
are those of five-year periods of birth (``given-names-gb.csv``, the 200 most frequent of each), surnames the 500 most
frequent (``surnames-gb.csv``, weights in hundredths of the population). The rarer names that neither list has are made
by crossing the beginnings and ends of names listed, each rarer than the last one listed. Every search is for a
registered learner, so frequent names are searched for more often. In addition, 6 in 1,000 learners are recorded as born
on 1 January, as in real registers.

Prints the candidates, read units and calls of a search at the mean and at percentiles: of one that finds somebody at
once, and of one that finds nobody and looks further. Exits with 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from bench.matching_quality import default_directory  # noqa: E402
from bench.meter import item_size, read_units  # noqa: E402
from chalicelib.domain.learners import LearnerProfile  # noqa: E402
from chalicelib.domain.search import (  # noqa: E402
    BY_POSTCODE,
    Criteria,
    SearchKey,
    ends,
    entry_keys,
    further_keys,
    query_keys,
    sounds,
)
from chalicelib.storage.person_index import MOST_OF_A_KEY, search_entry  # noqa: E402

LEARNERS = 60_000_000
YEARS = 45
ON_NEW_YEARS_DAY = 0.006
"""Share of learners wrongly recorded as born on 1 January."""
AT_A_POSTCODE = 34
"""Learners of one postcode: 60 million over 1.75 million postcodes."""
OF_A_HOUSEHOLD = 2
"""Others among them who share the family name."""
RARER_GIVEN = 0.25
"""Share of births with a name that is not among the 200 most frequent of its period."""
RARER_NAMES = {"given": 4_000, "family": 20_000}
SEARCHES = 20_000
SEED = 20190901
MEAN_CANDIDATES = 40.0
P99_CANDIDATES = 200.0

POSTCODE = "AB101AB"
FOUND = "found at first"
NOT_FOUND = "nobody found"

Shares = dict[str, float]


class Cost(NamedTuple):
    """One search."""

    candidates: int
    rcu: float
    calls: int
    complete: bool


class Population:
    """The share of the people born on a day with a name of each sound."""

    def __init__(self, directory: Path, chance: random.Random) -> None:
        self._chance = chance
        self.family = with_rarer(_family_names(directory), RARER_NAMES["family"], chance)
        self.given = {
            period: with_rarer(names, RARER_NAMES["given"], chance) for period, names in _given_names(directory).items()
        }
        self._family_ends = _by_sound(self.family, lambda name: _ends_of("AA", name, 1))
        self._given_ends = {
            period: _by_sound(names, lambda name: _ends_of(name, "AA", 0)) for period, names in self.given.items()
        }
        self._draw_family = _drawing(self.family, chance)
        self._draw_given = {period: _drawing(names, chance) for period, names in self.given.items()}
        self._family_sounds = _by_sound(self.family, lambda name: sounds((), (name,)))
        self._given_sounds = {
            period: _by_sound(names, lambda name: sounds((name,), ())) for period, names in self.given.items()
        }

    def search(self) -> tuple[Cost, Cost]:
        """The cost of a search for a random learner: if they are found, and if nobody is."""
        chance = self._chance
        period = chance.choice(tuple(self.given))
        given, family = self._draw_given[period](), self._draw_family()
        per_day = LEARNERS * (1 - ON_NEW_YEARS_DAY) / (YEARS * 365.25)
        if chance.random() < ON_NEW_YEARS_DAY + 1 / 365.25:
            per_day += LEARNERS * ON_NEW_YEARS_DAY / YEARS
        criteria = Criteria(given, family, date(2000, 2, 28), "1", POSTCODE)
        first = [self._under(key, period, per_day) for key in query_keys(criteria)]
        first[-1] += 1
        further = [self._under(key, period, per_day) for key in further_keys(criteria)]
        profile = LearnerProfile("1000000043", given, family, "", "", "", criteria.date_of_birth, "1", POSTCODE)
        size = item_size(search_entry(entry_keys(profile)[0], profile).serialize())
        return _cost(first, size), _cost([*first, *further], size)

    def _under(self, key: SearchKey, period: str, per_day: float) -> int:
        if key.kind == BY_POSTCODE:
            return _poisson(AT_A_POSTCODE / (YEARS if key.sound == "2000" else 365), self._chance)
        among, share = per_day, self._share(period, key.sound)
        if key.sound[0].isdigit():
            way, (given, family) = key.sound[0], key.sound[1:].split("-")
            share = self._given_ends[period].get(way + given, 0.0) * self._family_ends.get(way + family, 0.0)
        return _poisson(among * share, self._chance)

    def _share(self, period: str, sound: str) -> float:
        given, family = self._given_sounds[period].get(sound, 0.0), self._family_sounds.get(sound, 0.0)
        return given + family - given * family


def _cost(entries: Sequence[int], size: int) -> Cost:
    """A learner under several keys counts as several candidates, so the result is an upper limit."""
    read = [min(number, MOST_OF_A_KEY + 1) for number in entries]
    rcu = sum(read_units(number * size, consistent=True) for number in read)
    return Cost(sum(read), rcu, len(read), complete=max(entries) <= MOST_OF_A_KEY)


def _family_names(directory: Path) -> Shares:
    with (directory / "surnames-gb.csv").open(encoding="utf-8", newline="") as rows:
        return {row["surname"]: float(row["weight"]) / 100 for row in csv.DictReader(rows)}


def _given_names(directory: Path) -> dict[str, Shares]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    with (directory / "given-names-gb.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            counts[row["birth_years"]][row["given_name"]] += int(row["count"])
    return {
        period: {name: count / names.total() * (1 - RARER_GIVEN) for name, count in names.items()}
        for period, names in counts.items()
    }


def with_rarer(listed: Shares, number: int, chance: random.Random) -> Shares:
    """The names listed, and enough rarer ones that all shares add up to one."""
    names, left = tuple(listed), 1.0 - sum(listed.values())
    least = min(listed.values())
    rarer: Shares = {}
    weights = [1 / (rank + 50) for rank in range(number)]
    scale = left / sum(weights)
    for weight in weights:
        name = _crossed(names, chance)
        while name in listed or name in rarer:
            name = _crossed(names, chance)
        rarer[name] = min(weight * scale, least)
    unplaced = left - sum(rarer.values())
    return listed | {name: share + unplaced / number for name, share in rarer.items()}


def _crossed(names: Sequence[str], chance: random.Random) -> str:
    """The beginning of one name and the end of another."""
    one, other = chance.choice(names), chance.choice(names)
    return one[: chance.randint(2, max(2, len(one) - 2))] + other[-chance.randint(2, max(2, len(other) - 2)) :].lower()


def _drawing(shares: Shares, chance: random.Random) -> Callable[[], str]:
    names, weights = list(shares), list(accumulate(shares.values()))
    return lambda: chance.choices(names, cum_weights=weights)[0]


def _by_sound(shares: Shares, sounds_of: Callable[[str], Iterable[str]]) -> Shares:
    found: Counter[str] = Counter()
    for name, share in shares.items():
        for sound in sounds_of(name):
            found[sound] += share  # type: ignore[assignment]
    return dict(found)


def _ends_of(given: str, family: str, at: int) -> list[str]:
    """The letters of one of the names in each of the keys that their ends make, with the digit of the key."""
    return [end[0] + end[1:].split("-")[at] for end in ends(given, family)]


def _poisson(mean: float, chance: random.Random) -> int:
    """A random number of learners with this mean."""
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, product, number = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        number += 1
    return number


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def simulate(directory: Path, searches: int = SEARCHES) -> dict[str, list[Cost]]:
    """The costs of this many searches, seeded."""
    population = Population(directory, random.Random(SEED))
    drawn = [population.search() for _ in range(searches)]
    return {FOUND: [one for one, _ in drawn], NOT_FOUND: [every for _, every in drawn]}


def main(arguments: list[str] | None = None) -> int:
    """Simulate and print; 0 if the targets are met, 1 if not."""
    parser = argparse.ArgumentParser(description="What a search would read among 60 million learners.")
    parser.add_argument("directory", nargs="?", type=Path, default=default_directory())
    options = parser.parse_args(arguments)
    if not (options.directory / "given-names-gb.csv").is_file():
        print(f"no lists of names in {options.directory}", file=sys.stderr)
        return 2
    print(f"{LEARNERS:,} learners, {SEARCHES:,} searches (seed {SEED})")
    print(f"{'':34} {'mean':>8} {'p50':>8} {'p99':>8} {'p99.9':>8}")
    costs = simulate(options.directory)
    for keys, drawn in costs.items():
        for what in ("candidates", "rcu", "calls"):
            values = [float(getattr(cost, what)) for cost in drawn]
            shown = (sum(values) / len(values), *(percentile(values, share) for share in (0.5, 0.99, 0.999)))
            print(f"{keys + ', ' + what:34} " + " ".join(f"{value:8.1f}" for value in shown))
        cut = sum(not cost.complete for cost in drawn)
        print(f"{keys + ', cut short':34} {cut / len(drawn):8.5f}")
    candidates = [float(cost.candidates) for cost in costs[FOUND]]
    mean, high = sum(candidates) / len(candidates), percentile(candidates, 0.99)
    within = mean <= MEAN_CANDIDATES and high <= P99_CANDIDATES
    print(f"targets: mean at most {MEAN_CANDIDATES:g}, p99 at most {P99_CANDIDATES:g}{'' if within else ': MISSED'}")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
