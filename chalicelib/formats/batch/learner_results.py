"""The output files of learner and verification batches, written and read: each record with its result (ULN-07, VLD-03).

The output file of a learner batch has the columns of the record as the submitter's system knows them, with the ULN
returned, so that it can be read back without change; return code and reasons follow. That of a verification batch has
the fields of the existing interface's VerifiedLearner in their order, then the same columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Final, NamedTuple

from chalicelib.domain.results import RecordResult
from chalicelib.formats.batch.files import BatchFile
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.result_files import (
    EXPLANATION_COLUMNS,
    Answer,
    answer_in,
    explained,
    read_rows,
    write_rows,
)

ULN: Final = "ULN"
RESULT_COLUMNS: Final = (
    "SubmittedULN",
    "ReturnCode",
    "Outcome",
    "RecordNumber",
    "LineNumber",
    *EXPLANATION_COLUMNS,
)
"""The columns after those of a learner's record in the output file."""

MOST_FLAGS: Final = 8
VERIFIED_COLUMNS: Final = (
    "MISIdentifier",
    *(f"Searched{name}" for name in VERIFICATIONS.record_names[1:]),
    "ResponseCode",
    "ULN",
    "FamilyName",
    "GivenName",
    "DateOfBirth",
    "Gender",
    *(f"FailureFlag{number}" for number in range(1, MOST_FLAGS + 1)),
    *RESULT_COLUMNS[2:],
)
"""The output file of a verification batch: VerifiedLearner, then the result."""


_LEARNER: Final = "Learner"
_VERIFIED: Final = "VerifiedLearner"


class LearnerOutput(NamedTuple):
    """One line of a learner batch's output file."""

    number: int
    mis_identifier: str
    submitted_uln: str
    uln: str
    """Returned, otherwise as submitted."""
    return_code: str
    answer: Answer


class VerifiedOutput(NamedTuple):
    """One line of a verification batch's output file."""

    number: int
    mis_identifier: str
    searched: tuple[str, ...]
    """As submitted: ULN, family name, given name, date of birth and gender."""
    return_code: str
    returned: tuple[str, ...]
    """The same of the learner returned; empty texts if there is none."""
    flags: tuple[str, ...]
    answer: Answer


def learner_columns(layout: Layout) -> tuple[str, ...]:
    """The columns of a learner batch's output file, in the version of the submitted file."""
    return (*layout.record_names, *RESULT_COLUMNS)


def write_learner_output(batch: BatchFile, results: Mapping[int, RecordResult], layout: Layout, out: BinaryIO) -> None:
    """Write the output file of a learner batch; raises KeyError for a record without a result."""
    rows = (_learner_row(record, results[record.number], layout) for record in batch.records)
    write_rows(out, batch.format, "LearnerBatchResults", _LEARNER, learner_columns(layout), rows)


def write_verification_output(
    batch: BatchFile, results: Mapping[int, RecordResult], layout: Layout, out: BinaryIO
) -> None:
    """Write the output file of a verification batch, with the records that failed; raises KeyError for a record without
    a result.
    """
    rows = (_verified_row(record, results[record.number], layout) for record in batch.records)
    write_rows(out, batch.format, "VerificationBatchResults", _VERIFIED, VERIFIED_COLUMNS, rows)


def read_learner_output(data: bytes, format: str) -> Iterator[LearnerOutput]:  # noqa: A002 - the word of the house
    """Every record of a learner batch's output file, in the order of the submitted file."""
    for row in read_rows(data, format, _LEARNER):
        yield LearnerOutput(
            int(row["RecordNumber"]),
            row["MISIdentifier"],
            row["SubmittedULN"],
            row[ULN],
            row["ReturnCode"],
            answer_in(row),
        )


def read_verification_output(data: bytes, format: str) -> Iterator[VerifiedOutput]:  # noqa: A002 - the word of the house
    """Every record of a verification batch's output file, in the order of the submitted file."""
    names = VERIFICATIONS.record_names[1:]
    for row in read_rows(data, format, _VERIFIED):
        flags = (row[f"FailureFlag{number}"] for number in range(1, MOST_FLAGS + 1))
        yield VerifiedOutput(
            int(row["RecordNumber"]),
            row["MISIdentifier"],
            tuple(row[f"Searched{name}"] for name in names),
            row["ResponseCode"],
            tuple(row[name] for name in names),
            tuple(filter(None, flags)),
            answer_in(row),
        )


def _learner_row(record: Record, result: RecordResult, layout: Layout) -> Sequence[str]:
    values = _padded(record, layout)
    place = layout.record_names.index(ULN)
    submitted = values[place]
    values[place] = result.returned[0] if result.returned else submitted
    return (*values, submitted, result.return_code, *_outcome(record, result, layout))


def _verified_row(record: Record, result: RecordResult, layout: Layout) -> Sequence[str]:
    returned = result.returned or ("",) * 5
    flags = (*result.flags, *("",) * MOST_FLAGS)[:MOST_FLAGS]
    return (*_padded(record, layout), result.return_code, *returned, *flags, *_outcome(record, result, layout))


def _outcome(record: Record, result: RecordResult, layout: Layout) -> Sequence[str]:
    """The values of ``RESULT_COLUMNS`` from the third on."""
    *explanation, _ = explained(layout.in_its_words(result.failures))
    return (result.outcome.value, str(record.number), str(record.line), *explanation)


def _padded(record: Record, layout: Layout) -> list[str]:
    """A record's values, as many as the layout has: missing ones are empty, extra ones left out."""
    width = len(layout.record)
    return [*record.values[:width], *[""] * (width - len(record.values))]
