"""How well a search by details finds people: ``python bench/search_quality.py [DIRECTORY] [--misses]``.

The learners in the public pairs (see ``bench/matching_quality.py``) are registered among invented others, as many for
each of their birthdays as in a register of 60 million. Each pair's submitted details are searched for. The pairs have
no postcodes, so these are invented: in the first run they are unchanged, in the second everyone has moved, in the third
the birthday has a slip and the postcode is unchanged. Then invented people are searched for with a slip in one name or
in each.

*Recall of the block*: share of the registered learners among the candidates read. *Exact* and *possible*: recall, and
precision, the share of the learners called so who are the person. Pairs whose names were replaced by another person's
cannot be found by name, so recall is also given for those whose names match at all.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from bench.communities import slips  # noqa: E402
from bench.invented_pairs import Names  # noqa: E402
from bench.matching_quality import default_directory, pair_files  # noqa: E402
from chalicelib.domain.learners import LearnerProfile  # noqa: E402
from chalicelib.domain.search import (  # noqa: E402
    Criteria,
    Judgement,
    SearchKey,
    entry_keys,
    further_keys,
    judge,
    judged,
    query_keys,
)

A_DAY = 3_650
"""Learners of one birthday among 60 million."""
BIRTHDAYS = 150
"""Birthdays with invented learners; the other pairs are searched for among fewer."""
SEED = 20190901
RECALL_WANTED = 0.99
"""Smallest share of the public pairs whose names match that must be among the candidates."""
SLIPS_WANTED = {"a slip in one name": 0.995, "a slip in each name": 0.95}
"""The same for invented pairs, by what is slipped."""
SLIPPED = 600
"""Invented pairs with slips in one name, and in each."""
MOVED_TO = "SA10 1AB"


class Case(NamedTuple):
    """A registered learner and the details used to search for them, or for somebody else."""

    held: LearnerProfile
    submitted: Criteria
    same_person: bool


class Result(NamedTuple):
    """Shares of one run; precision is None if there were none."""

    persons: int
    nameable: int
    block_recall: float
    block_recall_nameable: float
    exact_recall: float | None
    """Of those whose five details are equal."""
    exact_precision: float | None
    found_recall: float
    possible_precision: float | None
    strangers_found: float
    candidates: float


class Register:
    """Learners by search key."""

    def __init__(self) -> None:
        self._under: dict[SearchKey, dict[str, LearnerProfile]] = defaultdict(dict)

    def add(self, profile: LearnerProfile) -> None:
        """Keep a learner under all of their keys."""
        for key in entry_keys(profile):
            self._under[key][profile.uln] = profile

    def candidates(self, keys: Iterable[SearchKey]) -> dict[str, LearnerProfile]:
        """Everyone under any of the keys."""
        found: dict[str, LearnerProfile] = {}
        for key in keys:
            found |= self._under.get(key, {})
        return found


def cases(directory: Path) -> list[Case]:
    """The public pairs whose registered and submitted birthdays are known and the same."""
    found = []
    for path in pair_files(directory):
        with path.open(encoding="utf-8-sig", newline="") as rows:
            for row in csv.DictReader(rows):
                born = row["reg_date_of_birth"]
                if born and born == row["sub_date_of_birth"]:
                    found.append(_case(row, date.fromisoformat(born)))
    return found


def _case(row: dict[str, str], born: date) -> Case:
    uln = row["uln"]
    home, elsewhere = (f"{area}{10 + int(uln[-4:-2]) % 80} {uln[-2]}AB" for area in ("CF", "LL"))
    held = LearnerProfile(
        uln,
        row["reg_given_name"],
        row["reg_family_name"],
        date_of_birth=born,
        gender=row["reg_gender"] or "0",
        postcode=home,
    )
    gender = row["sub_gender"] or row["reg_gender"] or "0"
    submitted = Criteria(row["sub_given_name"], row["sub_family_name"], born, gender, home)
    same_person = row["same_person"] == "Y"
    return Case(held, submitted if same_person else submitted._replace(postcode=elsewhere), same_person)


def register_of(pairs: list[Case], directory: Path, a_day: int = A_DAY, birthdays: int = BIRTHDAYS) -> Register:
    """The registered learners among invented others of the same birthdays."""
    register, names = Register(), Names(directory, SEED)
    chance = random.Random(SEED)
    for case in pairs:
        register.add(case.held)
    days = list(dict.fromkeys(case.held.date_of_birth for case in pairs))[:birthdays]
    for day in days:
        for number in range(a_day):
            sex = names.sex()
            postcode = f"ZE{chance.randrange(10, 99)} {chance.randrange(10)}AB"
            given, family = names.given(sex), names.family()
            uln = f"N{day}{number}"
            gender = "1" if sex == "M" else "2"
            register.add(LearnerProfile(uln, given, family, date_of_birth=day, gender=gender, postcode=postcode))
    return register


class Answer(NamedTuple):
    """The result of one search."""

    read: int
    """Candidates of the first search."""
    blocked: bool
    found: bool
    exact: bool
    """Whether the learners found are exact."""
    called: int
    nameable: bool
    equal: bool


def answer_of(case: Case, register: Register) -> Answer:
    """Search as the service does."""
    candidates = register.candidates(query_keys(case.submitted))
    read = len(candidates)
    nearest = judged(case.submitted, candidates.values())
    if not nearest:
        candidates |= register.candidates(further_keys(case.submitted))
        nearest = judged(case.submitted, candidates.values())
    exact = [one for one in nearest if one.judgement is Judgement.EXACT]
    called = [one.profile.uln for one in exact or nearest]
    own = judge(case.submitted, case.held).judgement
    uln = case.held.uln
    nameable, equal = own is not Judgement.OTHER, own is Judgement.EXACT
    return Answer(read, uln in candidates, uln in called, bool(exact), len(called), nameable, equal)


def measure(pairs: list[Case], register: Register, *, misses: bool = False) -> Result:
    """Search for everyone."""
    answers = [(case, answer_of(case, register)) for case in pairs]
    own = [answer for case, answer in answers if case.same_person]
    strangers = [answer.found for case, answer in answers if not case.same_person]
    nameable = [answer for answer in own if answer.nameable]
    exact, possible = ([answer for answer in own if answer.exact is kind] for kind in (True, False))
    for case, answer in answers:
        if misses and case.same_person and answer.nameable and not answer.blocked:
            held, submitted = case.held, case.submitted
            print(f"    missed: {held.given_name} {held.family_name} / {submitted.given_name} {submitted.family_name}")
    return Result(
        len(own),
        len(nameable),
        _share(sum(answer.blocked for answer in own), len(own)) or 0.0,
        _share(sum(answer.blocked for answer in nameable), len(nameable)) or 0.0,
        _share(sum(answer.found for answer in exact), sum(answer.equal for answer in own)),
        _share(sum(answer.found for answer in exact), sum(answer.called for answer in exact)),
        _share(sum(answer.found for answer in own), len(own)) or 0.0,
        _share(sum(answer.found for answer in possible), sum(answer.called for answer in possible)),
        _share(sum(strangers), len(strangers)) or 0.0,
        sum(answer.read for _, answer in answers) / len(answers),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def runs(pairs: list[Case]) -> dict[str, list[Case]]:
    """The three runs, by what is unchanged."""
    moved = [case._replace(submitted=case.submitted._replace(postcode=MOVED_TO)) for case in pairs]
    slipped = [
        case._replace(submitted=case.submitted._replace(date_of_birth=_next_year(case.submitted.date_of_birth)))
        for case in pairs
        if case.same_person
    ]
    return {"birthday and postcode stay": pairs, "birthday stays, moved": moved, "birthday slipped, postcode": slipped}


def slipped(directory: Path, number: int = SLIPPED) -> dict[str, list[Case]]:
    """Invented learners of a few birthdays who have moved, with a slip in one name or in each, or who have stayed."""
    names, chance = Names(directory, SEED), random.Random(SEED)
    found: dict[str, list[Case]] = {}
    for what, both in zip(SLIPS_WANTED, (False, True), strict=True):
        cases: list[Case] = []
        while len(cases) < number:
            sex = names.sex()
            held = given, family = names.given(sex), names.family()
            typed = [_slip(given, chance), _slip(family, chance)]
            if not both:
                kept = chance.randrange(2)
                typed[kept] = held[kept]
            profile = LearnerProfile(
                f"S{both}{len(cases)}",
                given,
                family,
                date_of_birth=date(2004, 5, 1 + len(cases) % 2),
                gender="1" if sex == "M" else "2",
                postcode=_postcode(len(cases)),
            )
            birthday = profile.date_of_birth or date.min
            criteria = Criteria(typed[0], typed[1], birthday, profile.gender, MOVED_TO)
            cases.append(Case(profile, criteria, same_person=True))
        found[what] = cases
        found[f"{what}, postcode stays"] = [
            case._replace(submitted=case.submitted._replace(postcode=case.held.postcode)) for case in cases
        ]
    return found


def _postcode(number: int) -> str:
    return f"CF{10 + number % 80} {number // 80 % 10}AA"


def _slip(name: str, chance: random.Random) -> str:
    kinds = [typed for typed in slips("".join(filter(str.isalpha, name.lower()))).values() if typed]
    return chance.choice(chance.choice(kinds)).title()


def _next_year(day: date) -> date:
    return day.replace(year=day.year + (1 if day.year % 10 < 9 else -1), day=min(day.day, 28))


def _report(name: str, result: Result, wanted: float) -> bool:
    """Print one run; returns whether the block's recall is high enough."""
    print(f"{name}: {result.persons} people, of whom {result.nameable} match by the rules")
    for what, value in result._asdict().items():
        if isinstance(value, float):
            shown = f"{value:8.1f}" if what == "candidates" else f"{100 * value:8.2f} %"
            print(f"  {what.replace('_', ' '):28} {shown}")
    return result.block_recall_nameable >= wanted


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 0 if the block's recall is high enough, 1 if not, 2 if there is nothing to measure."""
    parser = argparse.ArgumentParser(description="How well a search by details finds people.")
    parser.add_argument("directory", nargs="?", type=Path, default=default_directory())
    parser.add_argument("--misses", action="store_true", help="list the people who are not among the candidates")
    options = parser.parse_args(arguments)
    pairs = cases(options.directory) if options.directory.is_dir() else []
    if not pairs:
        print(f"no CSV of pairs in {options.directory}", file=sys.stderr)
        return 2
    register = register_of(pairs, options.directory)
    within = True
    for name, run in runs(pairs).items():
        within = _report(name, measure(run, register, misses=options.misses), RECALL_WANTED) and within
    run_of = slipped(options.directory)
    register = register_of([case for run in run_of.values() for case in run], options.directory)
    for name, run in run_of.items():
        wanted = SLIPS_WANTED.get(name, max(SLIPS_WANTED.values()))
        within = _report(name, measure(run, register, misses=options.misses), wanted) and within
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
