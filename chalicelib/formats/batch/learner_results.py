"""Result files of learner and verification batches: each record with its answer, and those to correct (ULN-07, VLD-03).

The output file of a learner batch has the columns of the record as the submitter's system knows them, with the ULN that
was answered, so that it can be fed back as it is; return code and reasons stand behind them. That of a verification
batch has the fields of the existing interface's VerifiedLearner in their order, and the same behind them. The error
file holds the failed records, as they were submitted and in the submitted layout, to correct and send back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Final

from chalicelib.domain.results import RecordResult
from chalicelib.formats.batch.files import BatchFile
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.result_files import told_of, write_rows

ULN: Final = "ULN"
ANSWER_COLUMNS: Final = (
    "SubmittedULN",
    "ReturnCode",
    "Outcome",
    "RecordNumber",
    "LineNumber",
    "ErrorFamily",
    "ErrorCodes",
    "FieldNames",
    "Messages",
    "Notices",
)
"""Behind the columns of a learner's record in the output file."""

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
    *ANSWER_COLUMNS[2:],
)
"""The output file of a verification batch: VerifiedLearner, and what is told besides."""


def learner_columns(layout: Layout) -> tuple[str, ...]:
    """The columns of a learner batch's output file, in the version of the submitted file."""
    return (*layout.record_names, *ANSWER_COLUMNS)


def write_learner_output(batch: BatchFile, results: Mapping[int, RecordResult], layout: Layout, out: BinaryIO) -> None:
    """Write the output file of a learner batch; raises KeyError for a record without an result."""
    rows = (_learner_row(record, results[record.number], layout) for record in batch.records)
    write_rows(out, batch.format, "LearnerBatchResults", "Learner", learner_columns(layout), rows)


def write_verification_output(
    batch: BatchFile, results: Mapping[int, RecordResult], layout: Layout, out: BinaryIO
) -> None:
    """Write the output file of a verification batch, with the records that failed; raises KeyError likewise."""
    rows = (_verified_row(record, results[record.number], layout) for record in batch.records)
    write_rows(out, batch.format, "VerificationBatchResults", "VerifiedLearner", VERIFIED_COLUMNS, rows)


def _learner_row(record: Record, result: RecordResult, layout: Layout) -> Sequence[str]:
    values = _padded(record, layout)
    place = layout.record_names.index(ULN)
    submitted = values[place]
    values[place] = result.returned[0] if result.returned else submitted
    return (*values, submitted, result.return_code, *_besides(record, result, layout))


def _verified_row(record: Record, result: RecordResult, layout: Layout) -> Sequence[str]:
    returned = result.returned or ("",) * 5
    flags = (*result.flags, *("",) * MOST_FLAGS)[:MOST_FLAGS]
    return (*_padded(record, layout), result.return_code, *returned, *flags, *_besides(record, result, layout))


def _besides(record: Record, result: RecordResult, layout: Layout) -> Iterator[str]:
    told = told_of(layout.in_its_words(result.failures))
    yield from (result.outcome.value, str(record.number), str(record.line))
    yield from (told.families, told.codes, told.fields, told.messages, told.notices)


def _padded(record: Record, layout: Layout) -> list[str]:
    """A record's values; one that has too few has empty ones at its end, and of one that has too many the first."""
    width = len(layout.record)
    return [*record.values[:width], *[""] * (width - len(record.values))]
