"""The reads of a search by details among 60 million learners: ``python bench/search_cost.py [DIRECTORY]``.

The learners of one day are invented for each five-year period of birth, as many as the register has of a day, with
names as frequent as they are: given names of the period (``given-names-gb.csv``, the 200 most frequent of each),
surnames the 500 most frequent (``surnames-gb.csv``, weights in hundredths of the population). The rarer names that
neither list has are made by crossing the beginnings and ends of names listed, each rarer than the last one listed.
Every search is for one of these learners, so frequent names are searched for more often. In addition, 6 in 1,000
learners are recorded as born on 1 January, as in real registers. How many others have the postcode is drawn for each
search.

Prints the candidates (different people), the entries read (a person may have several), read units and calls of a
search, at the mean and at percentiles: of one that finds somebody at once, and of one that finds nobody and looks
further.
Exits with 1 if a target is missed.
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
    BY_BIRTH,
    Criteria,
    SearchKey,
    entry_keys,
    further_keys,
    query_keys,
)
from chalicelib.storage.person_index import MOST_OF_A_KEY, search_entry  # noqa: E402

LEARNERS = 60_000_000
YEARS = 45
ON_NEW_YEARS_DAY = 0.006
"""Share of learners wrongly recorded as born on 1 January."""
NEW_YEARS_DAY = ON_NEW_YEARS_DAY + 1 / 365.25
"""Share of all who are recorded as born on that day."""
AT_A_POSTCODE = 34
"""Learners of one postcode: 60 million over 1.75 million postcodes."""
RARER_GIVEN = 0.25
"""Share of births with a name that is not among the 200 most frequent of its period."""
RARER_NAMES = {"given": 4_000, "family": 20_000}
SEARCHES = 20_000
SEED = 20190901
MEAN_CANDIDATES = 40.0
P99_CANDIDATES = 200.0

POSTCODE = "AB101AB"
BORN = date(2000, 2, 28)
FOUND = "found at first"
NOT_FOUND = "nobody found"

Shares = dict[str, float]


class Cost(NamedTuple):
    """One search."""

    candidates: int
    """Different people."""
    entries: int
    rcu: float
    calls: int
    complete: bool


class Day:
    """The learners born on a day, by search key."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self.people = [_profile(*both) for both in names]
        self.under: dict[SearchKey, list[int]] = defaultdict(list)
        for number, profile in enumerate(self.people):
            for key in entry_keys(profile):
                if key.kind == BY_BIRTH:
                    self.under[key].append(number)


class Population:
    """The learners of a few days: an ordinary one and a New Year's Day of each period."""

    def __init__(self, directory: Path, chance: random.Random) -> None:
        self._chance = chance
        self._draw_family = _drawing(with_rarer(_family_names(directory), RARER_NAMES["family"], chance), chance)
        self._draw_given = {
            period: _drawing(with_rarer(names, RARER_NAMES["given"], chance), chance)
            for period, names in _given_names(directory).items()
        }
        self._days: dict[tuple[str, bool], Day] = {}

    def search(self) -> tuple[Cost, Cost]:
        """The cost of a search for a random learner: if they are found, and if nobody is."""
        chance = self._chance
        day = self._day(chance.choice(tuple(self._draw_given)), new_years_day=chance.random() < NEW_YEARS_DAY)
        number = chance.randrange(len(day.people))
        held = day.people[number]
        criteria = Criteria(held.given_name, held.family_name, BORN, held.gender, held.postcode)
        first = [self._under(key, day, number) for key in query_keys(criteria)]
        further = [self._under(key, day, number) for key in further_keys(criteria)]
        size = item_size(search_entry(entry_keys(held)[0], held).serialize())
        return _cost(first, size), _cost([*first, *further], size)

    def _day(self, period: str, *, new_years_day: bool) -> Day:
        if (period, new_years_day) not in self._days:
            learners = LEARNERS * (1 - ON_NEW_YEARS_DAY) / (YEARS * 365.25)
            if new_years_day:
                learners += LEARNERS * ON_NEW_YEARS_DAY / YEARS
            given = self._draw_given[period]
            self._days[period, new_years_day] = Day((given(), self._draw_family()) for _ in range(round(learners)))
        return self._days[period, new_years_day]

    def _under(self, key: SearchKey, day: Day, number: int) -> Sequence[object]:
        """Who is under a key; others of the postcode are none of the day's."""
        if key.kind == BY_BIRTH:
            return day.under.get(key, [])
        share = 1 / (YEARS if key.sound == f"{BORN:%Y}" else 365.25)
        return [number, *((key, other) for other in range(_poisson(AT_A_POSTCODE * share, self._chance)))]


def _profile(given: str, family: str) -> LearnerProfile:
    return LearnerProfile("1000000043", given, family, date_of_birth=BORN, gender="1", postcode=POSTCODE)


def _cost(found: Sequence[Sequence[object]], size: int) -> Cost:
    read = [people[: MOST_OF_A_KEY + 1] for people in found]
    rcu = sum(read_units(len(people) * size, consistent=True) for people in read)
    whole = max(map(len, found)) <= MOST_OF_A_KEY
    return Cost(len(set().union(*read)), sum(map(len, read)), rcu, len(read), whole)


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
        for what in ("candidates", "entries", "rcu", "calls"):
            values = [float(getattr(cost, what)) for cost in drawn]
            shown = (sum(values) / len(values), *(percentile(values, share) for share in (0.5, 0.99, 0.999)))
            print(f"{keys + ', ' + what:34} " + " ".join(f"{value:8.1f}" for value in shown))
        cut = sum(not cost.complete for cost in drawn)
        print(f"{keys + ', cut short':34} {cut / len(drawn):8.5f}")
    candidates = [float(cost.candidates) for cost in costs[NOT_FOUND]]
    mean, high = sum(candidates) / len(candidates), percentile(candidates, 0.99)
    within = mean <= MEAN_CANDIDATES and high <= P99_CANDIDATES
    missed = "" if within else ": MISSED"
    print(f"targets if {NOT_FOUND}: mean at most {MEAN_CANDIDATES:g}, p99 at most {P99_CANDIDATES:g}{missed}")
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
