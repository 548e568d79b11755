"""Compare the results of a generated file with those expected."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.achievement_records import parse_record
from chalicelib.domain.achievements import Command, Key
from chalicelib.domain.results import Outcome
from chalicelib.formats.batch.files import read_batch
from chalicelib.formats.batch.layouts import ACHIEVEMENTS as LAYOUT
from chalicelib.ports.achievements import Achievements
from local.samples.files import Expected

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
"""The counter of each outcome in a job's document."""

_NOTICE = re.compile(r"\b([A-Z]{3}[A-Z0-9_]{3,6}): ")


@dataclass(frozen=True)
class Comparison:
    """The comparison of the output file with the expected results."""

    compared: int
    """Records of achievements that the register did not have before."""
    open: int
    """Records of achievements that the register already had; their correct results depend on what it had."""
    wrong: tuple[str, ...]
    """A line for each record or count that is not as expected."""

    @property
    def agrees(self) -> bool:
        return not self.wrong


def compare(expected: Expected, known: frozenset[int], job: Mapping[str, Any], output: bytes) -> Comparison:
    """Compare record by record: the outcome, and the codes of every reason and notice.

    ``known`` are the numbers of the records whose achievements the register had before, ``output`` is the output file
    as CSV. The job's counters must also match the file.
    """
    results = _results(output)
    wrong = []
    for record in expected.records:
        wanted, found = (str(record.outcome), record.codes), results.pop(record.number, None)
        if record.number not in known and found != wanted:
            wrong.append(f"record {record.number}: {_shown(found)} instead of {_shown(wanted)}")
    wrong.extend(f"record {number}: nobody sent it" for number in results)
    counted = Counter(outcome for outcome, _ in _results(output).values())
    for outcome, counter in COUNTERS.items():
        if job[counter] != counted[outcome]:
            wrong.append(f"{counter}: {job[counter]:,}, but the output file has {counted[outcome]:,}")
    return Comparison(len(expected.records) - len(known), len(known), tuple(wrong))


def _results(output: bytes) -> dict[int, tuple[str, tuple[str, ...]]]:
    """Outcome and codes by record number. A record that is answered twice is marked as wrong."""
    results: dict[int, tuple[str, tuple[str, ...]]] = {}
    for row in csv.DictReader(io.StringIO(output.decode("utf-8-sig"))):
        codes = {*filter(None, row["ErrorCodes"].split("; ")), *_NOTICE.findall(row["Notices"])}
        number = int(row["RecordNumber"])
        results[number] = ("ANSWERED TWICE", ()) if number in results else (row["Outcome"], tuple(sorted(codes)))
    return results


def _shown(answer: tuple[str, tuple[str, ...]] | None) -> str:
    return " ".join([answer[0], *answer[1]]) if answer else "no answer"


def records_in_register(achievements: Achievements, data: bytes, filename: str) -> frozenset[int]:
    """The numbers of a file's records whose achievements the register has."""
    keys: dict[int, Key] = {}
    for record in read_batch(data, filename, LAYOUT).records:
        parsed = parse_record(record.values)
        # A record with a fault is refused, whatever the register has.
        if isinstance(parsed, Command):
            keys[record.number] = parsed.key
    stored = achievements.read(set(keys.values()))
    return frozenset(number for number, key in keys.items() if key in stored)
