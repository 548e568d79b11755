"""Peak memory of splitting and finishing the largest accepted files, each in its own interpreter."""

from __future__ import annotations

import resource
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from chalicelib.domain.achievement_records import parse_record
from chalicelib.domain.failures import failure
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.formats.batch.achievement_results import write_output
from chalicelib.formats.batch.files import read_batch
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.batch.result_files import write_errors
from chalicelib.formats.batch.work_files import read_chunk, write_chunk
from local.samples.world import mixed_file

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 512.0
"""Megabytes."""


def largest(kind: str) -> bytes:
    """A file of 10,000 records with values that almost fill it to the largest accepted size."""
    data, _ = mixed_file(ACHIEVEMENTS.max_records, xml=kind == "xml")
    spare = (ACHIEVEMENTS.max_bytes - len(data) - 1024) // ACHIEVEMENTS.max_records
    if kind == "xml":
        return data.replace(b"<MISIdentifier>", b"<MISIdentifier>" + b"x" * spare)
    return data.replace(b'"MIS-', b'"' + b"x" * spare)


def huge_cell(kind: str) -> bytes:
    """A file of the largest accepted size that is nearly all one cell, with one character that needs four bytes.

    Every character of such a text takes four bytes in Python.
    """
    data, _ = mixed_file(20, xml=kind == "xml")
    lines = (b"x" * 70 + b"\n") * ((ACHIEVEMENTS.max_bytes - len(data) - 1024) // 71)
    before = b"<MISIdentifier>" if kind == "xml" else b'"MIS-'
    return data.replace(before, before + lines + "\U0001f600".encode(), 1)


FILES: Final = {"largest": largest, "huge-cell": huge_cell}


def measure(made: str, kind: str) -> float:
    """Peak resident memory in megabytes of this process after reading, cutting, judging and answering the file."""
    data = FILES[made](kind)
    batch = read_batch(data, f"largest.{kind}", ACHIEVEMENTS)
    if batch.failures:
        raise RuntimeError(f"the file was not read: {batch.failures[:3]}")
    chunk = write_chunk(batch.records)
    judged = [parse_record(record.values) for record in read_chunk(chunk)]
    del judged
    why = (failure("ACF002", "MISIdentifier", limit=128),)
    results = {one.number: RecordResult(one.number, Outcome.REFUSED, failures=why) for one in batch.records}
    output, errors = BytesIO(), BytesIO()
    write_output(batch, results, ACHIEVEMENTS, output)
    write_errors(batch, results, ACHIEVEMENTS, "U0", errors)
    if not (chunk and output.tell() and errors.tell()):
        raise RuntimeError("nothing was written")
    return _peak()


def _peak() -> float:
    """Of this program alone, where the system says so: ``ru_maxrss`` also counts the process that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text("ascii").split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bench() -> list[tuple[str, float, float]]:
    """Rows of (what, megabytes, limit)."""
    rows = []
    for made in FILES:
        for kind in ("csv", "xml"):
            command = [sys.executable, "-m", "bench.memory", made, kind]
            printed = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
            rows.append((f"peak memory of the {made.replace('-', ' ')} {kind.upper()} file, MB", float(printed), LIMIT))
    return rows


if __name__ == "__main__":
    print(measure(sys.argv[1], sys.argv[2]))
