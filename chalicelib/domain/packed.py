"""Failures and results as lists in JSON, as the pipeline's files and the items of the tables keep them.

Both are tuples, which JSON writes as lists; this module reads them again, and leaves out the empty end of a result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from chalicelib.domain.failures import Failure
from chalicelib.domain.results import Outcome, RecordResult

_OUTCOMES: Final = {outcome.value: outcome for outcome in Outcome}


def failures_from(packed: Iterable[Sequence[Any]]) -> tuple[Failure, ...]:
    """The failures that were written."""
    return tuple(
        Failure(code, field, tuple((name, value) for name, value in detail), line, column)
        for code, field, detail, line, column in packed
    )


def packed_result(result: RecordResult) -> Sequence[Any]:
    """A result without its empty end."""
    if result.returned or result.flags:
        return result
    if result.failures:
        return result[:5]
    return result[:4] if result.master_uln else result[:3]


def result_from(packed: Sequence[Any]) -> RecordResult:
    """The result that was written."""
    number, outcome, *rest = packed
    if len(rest) > 2:
        code, master_uln, failures, *lists = rest
        rest = [code, master_uln, failures_from(failures), *map(tuple, lists)]
    return RecordResult(number, _OUTCOMES[outcome], *rest)
