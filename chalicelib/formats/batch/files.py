"""Batch files of every layout, CSV or XML: one call that reads them, and the checks of their header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import BinaryIO, Final, NamedTuple

from chalicelib.domain.failures import Failure, failure
from chalicelib.domain.fields import Field, Kind
from chalicelib.domain.learner_batches import JobType
from chalicelib.domain.values import PATTERNS, has_form, has_text_form
from chalicelib.formats.batch import csv_files, xml_files
from chalicelib.formats.batch.headings import separator_failures
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Layout
from chalicelib.formats.batch.recognition import CSV, XML, recognise, recognition_failures
from chalicelib.formats.batch.records import CHUNK_BYTES, Reading, Record

__all__ = ["BatchFile", "BatchReader", "Record", "header_failures", "iter_records", "job_type_failures", "read_batch"]

_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})$")
ERRORS: Final = "errors"
"""The name of an error file in the bucket, and after the submitted file's name when it is downloaded."""
_SENT_BACK = re.compile(rf"(-{ERRORS}( ?\([0-9]{{1,3}}\))?)+$")
"""What a download adds to a name; browsers number a second one."""
NOWHERE: Final[Mapping[str, tuple[int, int]]] = MappingProxyType({})
_UTF_8 = ("", "utf-8", "utf8", "utf-8-sig")
_WINDOWS = ("windows-1252", "cp1252")


class BatchFile(NamedTuple):
    """A batch file as read."""

    format: str
    """``csv`` or ``xml``; empty if the file's name says neither."""
    header: dict[str, str]
    """Header values by name, without outer spaces, codes in their own spelling. A name that is not in the file is left
    out, and so is RecordCount if the records could not be counted.
    """
    records: list[Record]
    failures: list[Failure]
    """Reasons for refusing the whole file; if there is one, its records must not be processed."""
    notices: list[Failure]
    places: Mapping[str, tuple[int, int]] = NOWHERE
    """Line and column of each header value; see ``Reading.places``."""
    reading: Reading | None = None
    """Where its columns and rows are; None for a file that is too large to be read."""

    @property
    def refused(self) -> bool:
        return bool(self.failures)


class BatchReader:
    """A batch file read as a stream: iterate over it once, then ``reading`` has the header and every reason about the
    file.
    """

    def __init__(self, stream: BinaryIO, filename: str, layout: Layout, encoding: str = "") -> None:
        found = _EXTENSION.search(filename)
        extension = found[1].lower() if found else ""
        self.format = extension if extension in (CSV, XML) else ""
        self.reading = Reading(layout)
        self._stream = stream
        self._extension = extension
        self._encoding = encoding.strip().lower()

    def __iter__(self) -> Iterator[Record]:
        layout = self.reading.layout
        try:
            source = _Stream(self._stream, layout.max_bytes)
            refused = self._refusals(source.head)
            if refused:
                self.reading.add(*refused)
            elif self.format == XML:
                yield from xml_files.read_records(source, self.reading)
            else:
                declared = csv_files.WINDOWS_1252 if self._encoding in _WINDOWS else ""
                yield from csv_files.read_records(source, self.reading, declared)
        except _TooLarge:
            # The other reasons are about only a part of the file.
            self.reading.failures[:] = [failure("ACB013", limit=layout.max_bytes)]
        if not self.reading.countable:
            self.reading.header.pop(layout.count_field, None)

    def _refusals(self, head: bytes) -> list[Failure]:
        """The reasons for refusing the file that its name and first bytes show."""
        if not head.removeprefix(b"\xef\xbb\xbf").strip():
            return [failure("ACB001")]
        if not self.format:
            known = recognise(head)
            return [failure("ACB002", found=known.format.upper() or known.found)]
        refused = recognition_failures(head, self.format)
        if self.format == CSV and self._encoding not in _UTF_8 + _WINDOWS:
            refused.append(failure("ACB004", hint="declared", expected="UTF-8, Windows-1252"))
        return refused or (separator_failures(head) if self.format == CSV else [])


def read_batch(data: bytes, filename: str, layout: Layout, encoding: str = "") -> BatchFile:
    """Read a whole file. It never raises because of the content: see the ``failures`` of the file and of its records.

    ``encoding`` is the declared encoding of a CSV file, empty for UTF-8 or ``windows-1252``; an XML file declares its
    own.
    """
    if len(data) > layout.max_bytes:
        refused = failure("ACB013", size=len(data), limit=layout.max_bytes)
        return BatchFile(BatchReader(BytesIO(), filename, layout).format, {}, [], [refused], [])
    reader = BatchReader(BytesIO(data), filename, layout, encoding)
    records = list(reader)
    reading = reader.reading
    return BatchFile(
        reader.format,
        reading.header,
        records,
        [reason for reason in reading.failures if reason.refuses],
        [reason for reason in reading.failures if not reason.refuses],
        reading.places,
        reading,
    )


def iter_records(stream: BinaryIO, filename: str, layout: Layout, encoding: str = "") -> BatchReader:
    """The streaming form of :func:`read_batch`: records one by one, needing memory for one piece of the file only."""
    return BatchReader(stream, filename, layout, encoding)


def header_failures(
    header: dict[str, str],
    ukprn: str,
    organisation_ref: str,
    filename: str,
    record_count: int,
    layout: Layout = ACHIEVEMENTS,
    places: Mapping[str, tuple[int, int]] = NOWHERE,
) -> list[Failure]:
    """Compares a file's header with its submitter and content; returns every reason and notice at once.

    ``ACB014`` UKPRN or organisation reference is not the submitter's (neither is compared if given here as empty);
    ``ACB015`` the version is not this layout's; ``ACB016`` a value is missing or in the wrong format; ``WSEC0045`` the
    submission type; ``WSRC0017`` the record count (``stated``, ``found``); the notice ``ACW004`` the file has a
    different name. Values missing from ``header`` are skipped: the reader has reported them. ``places`` are the lines
    and columns of the values.
    """
    found: list[Failure] = []
    for field in layout.header:
        value = header.get(field.column)
        if value is None:
            continue
        if field.column == "SubmissionType":
            found += _submission_type(field, value)
        elif not value:
            found += [failure("ACB016", field.column, reason="missing")] if field.mandatory else []
        elif field.column == "FileVersion":
            found += [] if value == layout.version else [failure("ACB015", field.column, supported=layout.version)]
        else:
            malformed = _malformed(field, value)
            # An organisation may give its UKPRN as its reference; without the submitter's, the file's own is compared.
            facts = (ukprn, organisation_ref, filename, record_count)
            found += malformed or _wrong(field.column, value, layout, facts, header.get("UKPRN", ""))
    return [_placed(reason, places) for reason in found]


def job_type_failures(
    header: Mapping[str, str], chosen: str, places: Mapping[str, tuple[int, int]] = NOWHERE
) -> list[Failure]:
    """``ACB016`` if a file states another job type than the one that its sender has chosen, if any."""
    stated = header.get("JobType", "")
    if stated in tuple(JobType) and chosen and stated != chosen:
        return [_placed(failure("ACB016", "JobType", reason="differs"), places)]
    return []


def _placed(reason: Failure, places: Mapping[str, tuple[int, int]]) -> Failure:
    line, column = places.get(reason.field, (0, 0))
    return reason._replace(line=line, column=column)


def _malformed(field: Field, value: str) -> list[Failure]:
    """Why a header value is not in the format of its field."""
    if field.codes is not None:
        listed = field.codes.read(value) is not None
        return [] if listed else [failure("ACB016", field.column, reason="list", allowed=field.codes.allowed)]
    if len(value) > field.limit:
        return [failure("ACB016", field.column, reason="length", limit=field.limit)]
    if field.kind is Kind.TEXT and not has_text_form(value):
        return [failure("ACB016", field.column, reason="text")]
    if field.kind in PATTERNS and not has_form(field.kind, value):
        return [failure("ACB016", field.column, reason="number" if field.kind is Kind.NUMBER else field.kind.value)]
    return []


def _wrong(name: str, value: str, layout: Layout, facts: tuple[str, str, str, int], stated: str) -> list[Failure]:
    """Why a header value is wrong for this file."""
    ukprn, organisation_ref, filename, record_count = facts
    if name == "UKPRN" and ukprn and value != ukprn:
        return [failure("ACB014", name)]
    if (
        name == "OrganisationRef"
        and organisation_ref
        and value.casefold() not in (organisation_ref.casefold(), ukprn or stated)
    ):
        return [failure("ACB014", name)]
    if name == layout.count_field and int(value) != record_count:
        return [failure(layout.count_code, name, stated=int(value), found=record_count)]
    if name == "FileName" and _bare_name(filename) not in (_bare_name(value), ERRORS):
        return [failure("ACW004", name)]
    return []


def _submission_type(field: Field, value: str) -> list[Failure]:
    assert field.codes is not None
    return [] if field.codes.read(value) else [failure("WSEC0045", field.column, allowed=field.codes.allowed)]


def _bare_name(filename: str) -> str:
    """The name of the submitted file without folders and extension, in small letters: the part on which two systems
    agree. A corrected error file may keep the name under which it was downloaded.
    """
    return _SENT_BACK.sub("", _EXTENSION.sub("", re.split(r"[\\/]", filename)[-1]).casefold())


def download_name(filename: str, what: str, extension: str) -> str:
    """The name under which a result file of a submitted file is downloaded, such as ``results-errors.csv``; the same
    if an error file is sent back under that name.
    """
    return f"{_SENT_BACK.sub('', _EXTENSION.sub('', filename))}-{what}.{extension}"


class _TooLarge(Exception):
    """More bytes than the layout allows."""


class _Stream:
    """A stream in pieces, up to the size that the layout allows."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream = stream
        self._left = limit
        self.head = self._taken(stream.read(CHUNK_BYTES))

    def blocks(self) -> Iterator[bytes]:
        block = self.head
        while block:
            if not block.endswith(b"\n"):
                block += self._taken(self._stream.readline(self._left + 1))
            yield block
            block = self._taken(self._stream.read(CHUNK_BYTES))

    def pieces(self) -> Iterator[bytes]:
        piece = self.head
        while piece:
            yield piece
            piece = self._taken(self._stream.read(CHUNK_BYTES))

    def _taken(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise _TooLarge
        return data
