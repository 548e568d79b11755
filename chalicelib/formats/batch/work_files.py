"""The pipeline's own files between its steps: a chunk of records to apply, and the results of a chunk.

Both are JSON with a schema number; readers accept the current number and the previous one, so that a deployment in the
middle of a job loses nothing. A chunk's content depends only on the submitted file: written again, it has the same
bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.domain.failures import Failure
from chalicelib.domain.results import Outcome, RecordResult
from chalicelib.formats.batch.files import Record

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


def pack_failure(failure: Failure) -> list[Any]:
    """A failure as a JSON list; :func:`unpack_failure` is its inverse."""
    return [failure.code, failure.field, [list(pair) for pair in failure.detail], failure.line, failure.column]


def unpack_failure(packed: Sequence[Any]) -> Failure:
    """The failure that :func:`pack_failure` packed."""
    code, field, detail, line, column = packed
    return Failure(code, field, tuple((name, value) for name, value in detail), line, column)


def write_chunk(records: Iterable[Record]) -> bytes:
    """A chunk's records, as read from the submitted file."""
    rows = [
        [record.number, record.line, record.values, [pack_failure(found) for found in record.failures]]
        for record in records
    ]
    return json.dumps({"schema": SCHEMA, "rows": rows}, ensure_ascii=False, separators=(",", ":")).encode()


def read_chunk(data: bytes) -> list[Record]:
    """Raises :class:`UnreadableWork`."""
    return [
        Record(number, line, tuple(values), tuple(unpack_failure(found) for found in failures) if failures else ())
        for number, line, values, failures in _rows(data)
    ]


def pack_result(result: RecordResult) -> list[Any]:
    """A result as a JSON list; :func:`unpack_result` is its inverse. Values that only some kinds have are at its
    end.
    """
    number, outcome, return_code, master_uln, failures, returned, flags = result
    packed = [number, outcome, return_code, master_uln, [pack_failure(found) for found in failures]]
    return [*packed, returned, flags] if returned or flags else packed


def unpack_result(packed: Sequence[Any]) -> RecordResult:
    """The result that :func:`pack_result` packed."""
    number, outcome, return_code, master_uln, failures = packed[:5]
    reasons = tuple(unpack_failure(found) for found in failures) if failures else ()
    result = RecordResult(number, _OUTCOMES[outcome], return_code, master_uln, reasons)
    return result if len(packed) == 5 else result._replace(returned=tuple(packed[5]), flags=tuple(packed[6]))


def write_results(results: Iterable[RecordResult]) -> bytes:
    """A chunk's results, one for each of its records."""
    rows = [pack_result(result) for result in results]
    return json.dumps({"schema": SCHEMA, "rows": rows}, ensure_ascii=False, separators=(",", ":")).encode()


def read_results(data: bytes) -> list[RecordResult]:
    """Raises :class:`UnreadableWork`."""
    return [unpack_result(row) for row in _rows(data)]


_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


def _rows(data: bytes) -> list[Any]:
    document = json.loads(data)
    if document.get("schema") not in _READABLE:
        raise UnreadableWork(document.get("schema"))
    rows: list[Any] = document["rows"]
    return rows
