"""Reading a file and deciding its records, as a ratio to the floor of the same file.

The floor for CSV is ``csv.reader`` into dictionaries; for XML it is a walk with expat that does the same. Ours reads
the file with every check, parses each record, applies the rules, verifies the learner and folds the record to the state
to write.
"""

from __future__ import annotations

import csv
import gc
import io
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from xml.parsers import expat

from bench.tape import least
from chalicelib.domain.achievement_records import Faulty, parse_record
from chalicelib.domain.achievement_rules import rule_failures
from chalicelib.domain.achievements import Checked, Provenance, Submission, fold
from chalicelib.domain.codes import SubmissionType
from chalicelib.domain.matching import verify
from chalicelib.domain.working_time import london_day
from chalicelib.formats.batch.files import read_batch
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.registers.catalogue_files import read_snapshot
from chalicelib.services.verification import details_of
from local.samples.world import mixed_file, samples

UKPRN = "90000051"
ROUNDS = 7


def decided(data: bytes, filename: str) -> Callable[[], int]:
    """Read, check and decide every record of a file; returns the number that would be written."""
    world = samples()
    catalogue = read_snapshot(world.snapshot("bench"))
    profiles = {learner.uln: learner for learner in world.learners}
    today = london_day(datetime.now(UTC))
    numbers = world.organisation(UKPRN).recognition_numbers
    submission = Submission(UKPRN, numbers, today, SubmissionType.FINAL, date(2026, 1, 1))
    by = Provenance("2026-03-02T09:00:00+00:00", UKPRN, "bench", "batch", "JOB", 0)

    def run() -> int:
        written = 0
        for record in read_batch(data, filename, ACHIEVEMENTS).records:
            parsed = parse_record(record.values)
            command = parsed.command if isinstance(parsed, Faulty) else parsed
            reasons = rule_failures(command, submission, catalogue)
            if isinstance(parsed, Faulty) or any(reason.refuses for reason in reasons):
                continue
            verification = verify(details_of(command), profiles.get(command.key.uln), None)
            checked = Checked(record.number, command, verification.code, "", tuple(reasons))
            aim = catalogue.aim(command.key.aim_reference)
            written += fold(None, [checked], submission, by, aim).state is not None
        return written

    return run


def csv_floor(data: bytes) -> Callable[[], int]:
    """``csv.reader`` into dictionaries."""
    text = data.decode("utf-8-sig")

    def run() -> int:
        reader = csv.reader(io.StringIO(text, newline=""))
        names = next(reader)
        return len([dict(zip(names, row, strict=False)) for row in reader])

    return run


def expat_floor(data: bytes) -> Callable[[], int]:
    """A walk that collects each record's dictionary, as the floor of CSV does, and checks nothing."""

    def run() -> int:
        texts: list[str] = []
        record: dict[str, str] = {}
        records: list[dict[str, str]] = []

        def start(name: str, attributes: dict[str, str]) -> None:  # noqa: ARG001
            texts.clear()

        def end(name: str) -> None:
            nonlocal record
            if name == ACHIEVEMENTS.element:
                records.append(record)
                record = {}
            else:
                record[name] = "".join(texts)

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.CharacterDataHandler = texts.append
        parser.EndElementHandler = end
        parser.Parse(data, True)
        return len(records)

    return run


def _cpu(run: Callable[[], int]) -> float:
    gc.collect()
    start = time.process_time()
    run()
    return time.process_time() - start


def bench() -> list[tuple[str, float, float]]:
    """Rows of (what, ratio, target)."""
    as_csv, _ = mixed_file(ACHIEVEMENTS.max_records)
    as_xml, _ = mixed_file(ACHIEVEMENTS.max_records, xml=True)
    ours_csv, ours_xml = decided(as_csv, "bench.csv"), decided(as_xml, "bench.xml")
    floor_csv, floor_xml = csv_floor(as_csv), expat_floor(as_xml)
    csv_ours, csv_least, xml_ours, xml_least = least(
        ROUNDS,
        lambda: _cpu(ours_csv),
        lambda: _cpu(floor_csv),
        lambda: _cpu(ours_xml),
        lambda: _cpu(floor_xml),
    )
    return [
        ("CSV: read, check, decide / csv.reader to dicts", csv_ours / csv_least, 8.0),
        ("XML: read, check, decide / a walk with expat", xml_ours / xml_least, 3.0),
    ]
