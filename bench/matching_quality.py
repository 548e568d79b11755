"""How well matching distinguishes people: ``python bench/matching_quality.py [DIRECTORY or FILE …] [--misses]``.

Reads every CSV of pairs in a directory (default: the directory that ``LRS_SHARED_DATA`` names, else
``../shared/data``): a registered learner (``reg_given_name``, ``reg_family_name``, ``reg_date_of_birth``,
``reg_gender``), the details submitted for that ULN (``sub_*``), ``same_person`` (Y, N), ``expected_code`` and ``scope``
(core, stretch, ambiguous). Prints agreement per expected code and scope, strangers accepted and, separately,
look-alikes accepted. If the directory also has lists of names with their frequency, it invents more pairs, including
twins and namesakes, which are not in the public pairs. ``--communities`` prints instead, for each community of names,
different names taken for one and single slips accepted, as listed and as if no list had the names; ``--unseen`` does
so for communities that no rule or list was made with.

Exit code 0 if the limits below are met, otherwise 1.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from bench import communities, invented_pairs  # noqa: E402
from chalicelib.domain.learners import LearnerProfile  # noqa: E402
from chalicelib.domain.matching import SubmittedDetails, Verification, verify  # noqa: E402

CORE_AGREES = 0.99
"""Smallest share of pairs in scope core that must get the expected code."""
STRANGERS_ACCEPTED = 0.01
"""Largest share of other people's details, without look-alikes, that may get VRC001 to VRC004."""
ACCEPTED = frozenset({"VRC001", "VRC002", "VRC003", "VRC004"})
INVENTED_PAIRS = 2000
"""For each kind of the same person and of other persons; a quarter of it for look-alikes, which are rarely drawn."""
SEED = 20190901
REQUIRED = {
    "reg_given_name",
    "reg_family_name",
    "sub_given_name",
    "sub_family_name",
    "same_person",
    "expected_code",
    "scope",
}


class Judged(NamedTuple):
    """One pair and its result."""

    scope: str
    expected: str
    same_person: bool
    verification: Verification
    row: dict[str, str]

    @property
    def agrees(self) -> bool:
        return self.verification.code == self.expected

    @property
    def accepted(self) -> bool:
        return self.verification.code in ACCEPTED


def default_directory() -> Path:
    """Where to find the public pairs."""
    return Path(os.environ.get("LRS_SHARED_DATA", ROOT.parent / "shared" / "data"))


def pair_files(place: Path) -> list[Path]:
    """The file, or the CSV files of the directory that have the columns of pairs."""
    if place.is_file():
        return [place]
    found = []
    for path in sorted(place.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            if set(next(csv.reader(lines), [])) >= REQUIRED:
                found.append(path)
    return found


def judge(path: Path) -> Iterator[Judged]:
    """Verify each pair of a file."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            submitted = SubmittedDetails(
                row.get("uln", ""),
                row["sub_given_name"],
                row["sub_family_name"],
                _day(row.get("sub_date_of_birth")),
                row.get("sub_gender") or "",
            )
            registered = LearnerProfile(
                row.get("uln", ""),
                row["reg_given_name"],
                row["reg_family_name"],
                date_of_birth=_day(row.get("reg_date_of_birth")),
                gender=row.get("reg_gender") or "",
            )
            verification = verify(submitted, registered)
            yield Judged(row["scope"], row["expected_code"], row["same_person"] == "Y", verification, row)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def agreement(judged: Iterable[Judged]) -> dict[tuple[str, str], tuple[int, int]]:
    """By scope and expected code: how many pairs get the expected code, of how many."""
    agreeing: Counter[tuple[str, str]] = Counter()
    all_pairs: Counter[tuple[str, str]] = Counter()
    for pair in judged:
        all_pairs[pair.scope, pair.expected] += 1
        agreeing[pair.scope, pair.expected] += pair.agrees
    return {key: (agreeing[key], all_pairs[key]) for key in sorted(all_pairs)}


def core_agreement(judged: Iterable[Judged]) -> tuple[int, int]:
    """Pairs in scope core that agree, of how many."""
    core = [pair.agrees for pair in judged if pair.scope == "core"]
    return sum(core), len(core)


def strangers(judged: Iterable[Judged], *, look_alike: bool) -> tuple[int, int]:
    """Other people accepted, of how many; look-alikes (scope ambiguous) or all others."""
    others = [pair.accepted for pair in judged if not pair.same_person and (pair.scope == "ambiguous") == look_alike]
    return sum(others), len(others)


class Accepted(NamedTuple):
    """How many of the invented pairs of one kind were accepted."""

    group: str
    """"same person", "other person" or "look-alike"."""
    kind: str
    accepted: int
    number: int
    by_synonym: int
    """Accepted pairs whose given names are listed as forms of one name."""


def invented(directory: Path, number: int = INVENTED_PAIRS) -> Iterator[Accepted]:
    """Verify invented pairs of every kind."""
    names = invented_pairs.Names(directory, SEED)
    groups = (
        ("same person", invented_pairs.SAME_PERSON, number),
        ("other person", invented_pairs.OTHER_PERSON, number),
        ("look-alike", invented_pairs.LOOK_ALIKE, number // 4),
    )
    for group, kinds, drawn in groups:
        for name, kind in kinds.items():
            answers = [
                verify(
                    SubmittedDetails("", pair.submitted_given, pair.submitted_family),
                    LearnerProfile("", pair.given, pair.family),
                )
                for pair in invented_pairs.draw(kind, names, drawn)
            ]
            taken = [answer for answer in answers if answer.code in ACCEPTED]
            by_synonym = sum("given name: synonym" in answer.explanation for answer in taken)
            yield Accepted(group, name, len(taken), drawn, by_synonym)


def share(part: int, whole: int) -> str:
    """A share as text: "98.75 %", and of how many."""
    return f"{100 * part / whole:6.2f} %  ({part} of {whole})" if whole else "     –"


def report(path: Path, *, misses: bool) -> bool:
    """Print the table of one file; returns whether the limits are met."""
    judged = list(judge(path))
    core, taken = core_agreement(judged), strangers(judged, look_alike=False)
    print(f"\n{path.name}: {len(judged)} pairs")
    for (scope, expected), (agreeing, number) in agreement(judged).items():
        print(f"  {scope:<10} {expected}   agree    {share(agreeing, number)}")
    print(f"  scope core          agree    {share(*core)}")
    print(f"  strangers           accepted {share(*taken)}")
    print(f"  look-alikes (apart) accepted {share(*strangers(judged, look_alike=True))}")
    if misses:
        for pair in judged:
            if not pair.agrees:
                names = " ".join(pair.row[column] for column in ("reg_given_name", "reg_family_name"))
                typed = " ".join(pair.row[column] for column in ("sub_given_name", "sub_family_name"))
                found = "; ".join(pair.verification.explanation)
                print(f"    {pair.scope} {pair.expected} got {pair.verification.code}: {names} / {typed} ({found})")
    return core[0] >= CORE_AGREES * core[1] and taken[0] <= STRANGERS_ACCEPTED * taken[1]


def report_communities(measured: Iterable[communities.Community]) -> bool:
    """Print a line for each community; returns whether the limits are met as listed."""
    within = True
    print(f"{'':37} as listed {'':13} not in a list")
    print(f"{'community':34} {'different':>9} {'slips':>8}       {'different':>9} {'slips':>8}")
    for community in measured:
        listed, unlisted = communities.measured(community), communities.measured(community, withheld=True)
        shown = (
            f"{100 * shares.different:7.2f} % {100 * shares.slips_accepted:6.1f} %" for shares in (listed, unlisted)
        )
        print(f"{community.kind:7} {community.title:26} {'     '.join(shown)}")
        within = within and listed.different <= communities.DIFFERENT_TAKEN
        within = within and listed.slips_accepted >= communities.SLIPS_ACCEPTED
    return within


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 0 if the limits are met, 1 if not, 2 if there is nothing to measure."""
    parser = argparse.ArgumentParser(description="How well matching tells people apart.")
    parser.add_argument("places", nargs="*", type=Path, help="directories or CSV files of pairs")
    parser.add_argument("--misses", action="store_true", help="list the pairs that do not get the expected code")
    parser.add_argument("--communities", action="store_true", help="measure names of every community instead")
    parser.add_argument("--unseen", action="store_true", help="measure names that no rule was made with instead")
    options = parser.parse_args(arguments)
    if options.communities:
        return 0 if report_communities(communities.communities()) else 1
    if options.unseen:
        return 0 if report_communities(communities.unseen()) else 1
    places = options.places or [default_directory()]
    files = [path for place in places for path in pair_files(place)]
    if not files:
        print(f"no CSV of pairs in {', '.join(str(place) for place in places)}", file=sys.stderr)
        return 2
    within = [report(path, misses=options.misses) for path in files]
    for place in places:
        if (place / "given-names-gb.csv").is_file() and (place / "surnames-gb.csv").is_file():
            print(f"\nInvented pairs (seed {SEED})")
            for kind in invented(place):
                synonyms = f", {kind.by_synonym} by a listed synonym" if kind.by_synonym else ""
                print(f"  {kind.group:<13} {kind.kind:<38} accepted {share(kind.accepted, kind.number)}{synonyms}")
                within.append(kind.group != "other person" or kind.accepted <= STRANGERS_ACCEPTED * kind.number)
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
