"""Compare what became of a generated file with what was to become of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.achievements import Key, Outcome
from chalicelib.formats.achievement_records import parse_record
from chalicelib.formats.batch_files import read_batch
from chalicelib.formats.layouts import ACHIEVEMENTS as LAYOUT
from chalicelib.services.ports import Achievements
from local.sample_files import Expected

COUNTERS: Mapping[Outcome, str] = {
    Outcome.CREATED: "achievementsCreated",
    Outcome.UPDATED: "achievementsUpdated",
    Outcome.WITHDRAWN: "achievementsWithdrawn",
    Outcome.REINSTATED: "achievementsReinstated",
    Outcome.PROMOTED: "achievementsPromotedToFinal",
    Outcome.UNCHANGED: "achievementsUnchanged",
    Outcome.REFUSED: "recordsRefused",
    Outcome.NOT_PROCESSED: "recordsNotProcessed",
    Outcome.CANCELLED: "recordsCancelled",
}
"""The member of a job's document that counts each outcome."""


@dataclass(frozen=True)
class Comparison:
    """Records by outcome: as they were to be, and as they are."""

    expected: Mapping[Outcome, int]
    """Of the records whose achievement the register did not have before."""
    found: Mapping[Outcome, int]
    open: int
    """Records on achievements that the register had already; what is right for them depends on what it had."""

    @property
    def agrees(self) -> bool:
        """Whether every record with a known outcome may have had it, and no record is missing or counted twice."""
        more = {outcome: self.found[outcome] - self.expected[outcome] for outcome in COUNTERS}
        return all(difference >= 0 for difference in more.values()) and sum(more.values()) == self.open


def compare(expected: Expected, known: frozenset[int], job: Mapping[str, Any]) -> Comparison:
    """``known`` are the numbers of the records on achievements that the register had before."""
    due = Counter(record.outcome for record in expected.records if record.number not in known)
    found = {outcome: int(job[counter]) for outcome, counter in COUNTERS.items()}
    return Comparison({outcome: due[outcome] for outcome in COUNTERS}, found, len(known))


def records_in_register(achievements: Achievements, data: bytes, filename: str) -> frozenset[int]:
    """The numbers of a file's records on achievements that the register has."""
    keys: dict[int, Key] = {}
    for record in read_batch(data, filename, LAYOUT).records:
        parsed = parse_record(record.values)
        # A record with a fault is refused for it, whatever the register has.
        if hasattr(parsed, "key"):
            keys[record.number] = parsed.key
    stored = achievements.read(set(keys.values()))
    return frozenset(number for number, key in keys.items() if key in stored)
