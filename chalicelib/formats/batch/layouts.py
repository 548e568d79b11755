"""The layouts of batch files, each described once: reader, writer, templates, schema and pages derive from here.

A layout has two parts. Its *header* describes the whole file and its sender: the first columns of a CSV file, filled on
the first row only, or the first elements of an XML file. Its *record* has the fields of each record. The fields are
defined in ``domain.fields``; a layout has their order and the fields of its header. The service's own decisions are
recorded in ``docs/decisions/0004-file-formats.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from chalicelib.domain.achievement_fields import ACHIEVEMENT, SUBMISSION_TYPE
from chalicelib.domain.codes import Code, CodeList
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import UKPRN, Field, Kind


@dataclass(frozen=True)
class Layout:
    """One kind of batch file, as CSV and as XML."""

    name: str
    title: str
    version: str
    header: tuple[Field, ...]
    record: tuple[Field, ...]
    ignored: tuple[str, ...]
    """Columns or elements of the error file, which the reader skips: a corrected error file can be sent back."""
    root: str
    element: str
    """The XML element of one record."""
    max_records: int
    max_bytes: int
    count_field: str = "RecordCount"
    """The header field with the number of records."""
    count_code: str = "WSRC0017"
    """The code for a wrong number."""
    may_be_absent: frozenset[str] = frozenset()
    """Header columns that a file may leave out."""

    @cached_property
    def columns(self) -> tuple[Field, ...]:
        """Every column of the CSV file, in order."""
        return self.header + self.record

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The headings of the CSV file, in order."""
        return tuple(field.column for field in self.columns)

    @cached_property
    def record_names(self) -> tuple[str, ...]:
        """The headings of a record's fields, in order."""
        return tuple(field.column for field in self.record)

    @cached_property
    def header_names(self) -> tuple[str, ...]:
        """The headings of the header, in order."""
        return tuple(field.column for field in self.header)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by their headings."""
        return {field.column: field for field in self.columns}

    @cached_property
    def _column_of(self) -> dict[str, str]:
        return {field.wire: field.column for field in self.columns}

    def in_its_words(self, failures: Iterable[Failure]) -> tuple[Failure, ...]:
        """Reasons with the headings of this layout instead of the field names of the existing interface."""
        return tuple(why._replace(field=self._column_of.get(why.field, why.field)) for why in failures)

    def in_order(self, values: tuple[str, ...], layout: Layout) -> tuple[str, ...]:
        """The values of a record of another version in the order of this one; unchanged if their number is wrong."""
        if layout is self or len(values) != len(layout.record):
            return values
        given = {field.name: value for field, value in zip(layout.record, values, strict=True)}
        return tuple(given.get(field.name, "") for field in self.record)


REASON_CODES: Final = "ErrorCodes"
REASON_JOB: Final = "ErrorJob"
"""The column of an error file that names its job."""
REASONS: Final = (
    "ErrorRecordNumber",
    "ErrorLine",
    "ErrorFamilies",
    REASON_CODES,
    "ErrorFields",
    "ErrorMessages",
    REASON_JOB,
)
"""Columns that the error file adds to each record."""

BETWEEN: Final = "; "
"""Separates several codes or field names in one value."""


def version_field(version: str) -> Field:
    """The header field that names the version of the layout."""
    codes = CodeList("FileVersion", (Code(version, "this version"),))
    return Field("file_version", Kind.CODE, 2, "Version of the layout.", version, mandatory=True, codes=codes)


def file_name_field(example: str) -> Field:
    """The header field that repeats the name of the file."""
    description = "Name of the file. If it differs from the file's own name, this is reported as a notice."
    return Field("file_name", Kind.TEXT, 255, description, example)


ACHIEVEMENTS: Final = Layout(
    name="achievements",
    title="Achievement file",
    version="1A",
    header=(
        version_field("1A"),
        file_name_field("QCF_90000051_20261122_001.CSV"),
        Field("organisation_ref", Kind.TEXT, 8, "The submitter's organisation reference, or its UKPRN.", "900051"),
        replace(UKPRN, description="UKPRN of the awarding organisation that submits the file."),
        SUBMISSION_TYPE,
        Field("record_count", Kind.NUMBER, 5, "Number of records in the file.", "4", mandatory=True),
    ),
    record=ACHIEVEMENT,
    ignored=REASONS,
    root="AchievementBatch",
    element="Achievement",
    max_records=10_000,
    max_bytes=25_000_000,
)
"""The achievement file of an awarding organisation (ACH-06)."""
