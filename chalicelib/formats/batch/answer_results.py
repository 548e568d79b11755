"""Result files of learner and verification batches: each record with its answer, and those to correct (ULN-07, VLD-03).

The output file of a learner batch has the columns of the record as the submitter's system knows them, with the ULN that
was answered, so that it can be fed back as it is; return code and reasons stand behind them. That of a verification
batch has the fields of the existing interface's VerifiedLearner in their order, and the same behind them. The error
file holds the failed records, as they were submitted and in the submitted layout, to correct and send back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Final

from chalicelib.domain.batch_answers import FAILED, Answer
from chalicelib.formats.batch.files import BatchFile
from chalicelib.formats.batch.layouts import Layout
from chalicelib.formats.batch.learner_layouts import VERIFICATIONS, in_words_of
from chalicelib.formats.batch.records import Record
from chalicelib.formats.batch.result_files import told_of, write_failed, write_rows

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


def write_learner_output(batch: BatchFile, answers: Mapping[int, Answer], layout: Layout, out: BinaryIO) -> None:
    """Write the output file of a learner batch; raises KeyError for a record without an answer."""
    rows = (_learner_row(record, answers[record.number], layout) for record in batch.records)
    write_rows(out, batch.format, "LearnerBatchResults", "Learner", learner_columns(layout), rows)


def write_verification_output(batch: BatchFile, answers: Mapping[int, Answer], layout: Layout, out: BinaryIO) -> None:
    """Write the output file of a verification batch, with the records that failed; raises KeyError likewise."""
    rows = (_verified_row(record, answers[record.number], layout) for record in batch.records)
    write_rows(out, batch.format, "VerificationBatchResults", "VerifiedLearner", VERIFIED_COLUMNS, rows)


def write_answer_errors(batch: BatchFile, answers: Mapping[int, Answer], layout: Layout, out: BinaryIO) -> None:
    """Write the error file: the records not processed, as submitted, with the reasons."""
    failed = [record for record in batch.records if answers[record.number].outcome in FAILED]
    failures = {record.number: in_words_of(layout, answers[record.number].failures) for record in failed}
    write_failed(batch, failed, failures, layout, out)


def _learner_row(record: Record, answer: Answer, layout: Layout) -> Sequence[str]:
    values = _padded(record, layout)
    place = layout.record_names.index(ULN)
    submitted = values[place]
    values[place] = answer.answered[0] if answer.answered else submitted
    return (*values, submitted, answer.return_code, *_besides(record, answer, layout))


def _verified_row(record: Record, answer: Answer, layout: Layout) -> Sequence[str]:
    answered = answer.answered or ("",) * 5
    flags = (*answer.flags, *("",) * MOST_FLAGS)[:MOST_FLAGS]
    return (*_padded(record, layout), answer.return_code, *answered, *flags, *_besides(record, answer, layout))


def _besides(record: Record, answer: Answer, layout: Layout) -> Iterator[str]:
    told = told_of(in_words_of(layout, answer.failures))
    yield from (answer.outcome.value, str(record.number), str(record.line))
    yield from (told.families, told.codes, told.fields, told.messages, told.notices)


def _padded(record: Record, layout: Layout) -> list[str]:
    """A record's values; one that has too few has empty ones at its end, and of one that has too many the first."""
    width = len(layout.record)
    return [*record.values[:width], *[""] * (width - len(record.values))]
