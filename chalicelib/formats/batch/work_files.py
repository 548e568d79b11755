"""The pipeline's own files between its steps: a chunk of records to apply, and the results of a chunk.

Both are JSON with a schema number; readers accept the current number and the previous one, so that a deployment in the
middle of a job loses nothing. A chunk's content depends only on the submitted file: written again, it has the same
bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.domain.packed import failures_from, packed_result, result_from
from chalicelib.domain.results import RecordResult
from chalicelib.formats.batch.records import Record

SCHEMA = 1
_READABLE = (1,)


class UnreadableWork(Exception):
    """A work file with a schema that this release cannot read."""


def chunk_key(job_id: str, chunk: int, sizes: Sequence[int]) -> str:
    """The key of a chunk's records; ``chunk`` from 0, ``sizes`` the number of records in every chunk of the job.

    The key says where the chunk begins and how many records it has, which determines its content: if two releases cut
    one file differently at the same time, they do not overwrite each other's chunks, and the job's sizes decide which
    are read.
    """
    return f"work/{job_id}/chunk/{chunk:04d}-{sum(sizes[:chunk])}-{sizes[chunk]}.json"


def result_key(job_id: str, chunk: int) -> str:
    """The key of a chunk's results."""
    return f"work/{job_id}/result/{chunk:04d}.json"


def write_chunk(records: Iterable[Record]) -> bytes:
    """A chunk's records, as they were read from the submitted file."""
    return _document(list(records))


def read_chunk(data: bytes) -> list[Record]:
    """Raises :class:`UnreadableWork`."""
    return [
        Record(number, line, tuple(values), failures_from(failures) if failures else ())
        for number, line, values, failures in _rows(data)
    ]


def write_results(results: Iterable[RecordResult]) -> bytes:
    """A chunk's results, one for each of its records."""
    return _document([packed_result(result) for result in results])


def read_results(data: bytes) -> list[RecordResult]:
    """Raises :class:`UnreadableWork`."""
    return [result_from(row) for row in _rows(data)]


def _document(rows: Sequence[Sequence[Any]]) -> bytes:
    # In ASCII: one character outside Latin-1 would make the whole text take four bytes for each character in memory.
    return json.dumps({"schema": SCHEMA, "rows": rows}, separators=(",", ":")).encode()


def _rows(data: bytes) -> list[Any]:
    document = json.loads(data)
    if document.get("schema") not in _READABLE:
        raise UnreadableWork(document.get("schema"))
    rows: list[Any] = document["rows"]
    return rows
