"""Batch files of every layout, CSV or XML: one call that reads, and the checks of what a file says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, NamedTuple

from chalicelib.domain.failures import Failure, failure
from chalicelib.formats.batch import csv_files, xml_files
from chalicelib.formats.batch.headings import separator_failures
from chalicelib.formats.batch.layouts import ACHIEVEMENTS, Kind, Layout
from chalicelib.formats.batch.recognition import CSV, XML, recognise, recognition_failures
from chalicelib.formats.batch.records import CHUNK_BYTES, Reading, Record

__all__ = ["BatchFile", "BatchReader", "Record", "header_failures", "iter_records", "read_batch"]

_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})$")
_UKPRN = re.compile(r"[1-9][0-9]{7}")
_COUNT = re.compile(r"[0-9]{1,9}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}")
_UTF_8 = ("", "utf-8", "utf8", "utf-8-sig")
_WINDOWS = ("windows-1252", "cp1252")


class BatchFile(NamedTuple):
    """A batch file as read."""

    format: str
    """``csv`` or ``xml``; empty where the file's name says neither."""
    header: dict[str, str]
    """Header values by name, without outer spaces, codes in their own spelling. A name for which the file has no
    place is left out, and so is RecordCount where the records could not be counted."""
    records: list[Record]
    failures: list[Failure]
    """Reasons for refusing the file as a whole; where there is one, its records must not be touched."""
    notices: list[Failure]

    @property
    def refused(self) -> bool:
        return bool(self.failures)


class BatchReader:
    """A batch file read as a stream: go through it once, then ``reading`` holds the header and every file-level
    reason.
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
            # What else there was to say belongs to a part of the file.
            self.reading.failures[:] = [failure("ACB013", limit=layout.max_bytes)]
        if not self.reading.countable:
            self.reading.header.pop(layout.count_field, None)

    def _refusals(self, head: bytes) -> list[Failure]:
        """What the file's name and its first bytes are enough to refuse it for."""
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
    """Read a whole file. Whatever it contains, the answer is a value: see the ``failures`` of the file and of its
    records.

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
    )


def iter_records(stream: BinaryIO, filename: str, layout: Layout, encoding: str = "") -> BatchReader:
    """The streaming form of :func:`read_batch`: records one by one, with the memory of one piece of the file."""
    return BatchReader(stream, filename, layout, encoding)


def header_failures(
    header: dict[str, str],
    ukprn: str,
    organisation_ref: str,
    filename: str,
    record_count: int,
    layout: Layout = ACHIEVEMENTS,
) -> list[Failure]:
    """What a file says of itself, against who submitted it and what it holds; every reason and notice at once.

    ``ACB014`` UKPRN or organisation reference is not the submitter's (either is not compared when given here as
    empty); ``ACB015`` the version is not this layout's; ``ACB016`` a value is missing or not of its form;
    ``WSEC0045`` the submission type; ``WSRC0017`` the record count (``stated``, ``found``); the notice ``ACW004`` the
    file has another name. Values that ``header`` lacks are passed over: the reader has told of them.
    """
    found: list[Failure] = []
    for field in layout.header:
        value = header.get(field.name)
        if value is None:
            continue
        if not value:
            if field.name == "SubmissionType":
                found.append(_submission_type(layout))
            elif field.mandatory:
                found.append(failure("ACB016", field.name, reason="missing"))
        elif len(value) > field.max_length and field.kind is not Kind.CODE:
            found.append(failure("ACB016", field.name, reason="length", limit=field.max_length))
        else:
            found += _value_failures(field.name, value, layout, (ukprn, organisation_ref, filename, record_count))
    return found


def _value_failures(name: str, value: str, layout: Layout, facts: tuple[str, str, str, int]) -> list[Failure]:
    ukprn, organisation_ref, filename, record_count = facts
    if name == "FileVersion" and value != layout.version:
        return [failure("ACB015", name, supported=layout.version)]
    if name == "UKPRN":
        return _ukprn_failures(value, ukprn)
    if name == "OrganisationRef" and organisation_ref and value.casefold() not in (organisation_ref.casefold(), ukprn):
        return [failure("ACB014", name)]
    if name == "SubmissionType" and value.upper() not in {code.value for code in layout.by_name[name].codes}:
        return [_submission_type(layout)]
    if name == layout.count_field:
        return _count_failures(value, record_count, layout)
    if name == "JobType" and value not in {code.value for code in layout.by_name[name].codes}:
        return [failure("ACB016", name, reason="list", allowed=_allowed(layout, name))]
    if layout.by_name[name].kind is Kind.EMAIL and not _EMAIL.fullmatch(value):
        return [failure("ACB016", name, reason="e-mail address")]
    if name == "FileName" and _bare_name(value) != _bare_name(filename):
        return [failure("ACW004", name)]
    return []


def _ukprn_failures(value: str, ukprn: str) -> list[Failure]:
    if not _UKPRN.fullmatch(value):
        return [failure("ACB016", "UKPRN", reason="UKPRN")]
    return [failure("ACB014", "UKPRN")] if ukprn and value != ukprn else []


def _count_failures(value: str, record_count: int, layout: Layout) -> list[Failure]:
    if not _COUNT.fullmatch(value):
        return [failure("ACB016", layout.count_field, reason="number")]
    if int(value) == record_count:
        return []
    return [failure(layout.count_code, layout.count_field, stated=int(value), found=record_count)]


def _submission_type(layout: Layout) -> Failure:
    return failure("WSEC0045", "SubmissionType", allowed=_allowed(layout, "SubmissionType"))


def _allowed(layout: Layout, name: str) -> str:
    return ", ".join(code.value for code in layout.by_name[name].codes)


def _bare_name(filename: str) -> str:
    """The name without folders and extension, in small letters: what two systems agree on."""
    return _EXTENSION.sub("", re.split(r"[\\/]", filename)[-1]).casefold()


class _TooLarge(Exception):
    """More bytes than the layout allows."""


class _Stream:
    """A stream in pieces, never more of it than the layout allows."""

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
