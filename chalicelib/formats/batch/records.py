"""The results of reading a batch file: its records one by one, and what is known about the file as a whole."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from chalicelib.domain.failures import Failure
from chalicelib.formats.batch.layouts import Layout

CHUNK_BYTES = 65_536
"""How much of a file is read at a time."""

LONGEST_VALUE = 1_000_000
"""Characters that are kept of a value. No field accepts nearly as many, and a single character outside Latin-1 can make
a text take four times its size in memory.
"""

MANY = 10
"""Most reasons of one kind for a file; more would only repeat them."""


class Record(NamedTuple):
    """One submitted record, as in the file."""

    number: int
    """From 1, in file order."""
    line: int
    """The line of the file where it begins, from 1."""
    values: tuple[str, ...]
    """In the order of the layout's record. A record with too few or too many values (ACF007) keeps those it has, with
    empty values at least up to the second; a record in a file that is refused for its headings or size may have none.
    """
    failures: tuple[Failure, ...] = ()
    """What is wrong with its structure: ACF007 or ACF010."""


class Source(Protocol):
    """A file to read, in pieces."""

    def blocks(self) -> Iterator[bytes]:
        """The bytes in pieces of about ``CHUNK_BYTES``, each except the last ending at a line feed."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """The bytes in pieces of ``CHUNK_BYTES``."""
        ...


@dataclass(slots=True)
class Reading:
    """What is known about a file so far; complete once all of its records have been read."""

    layout: Layout
    header: dict[str, str] = field(default_factory=dict)
    """Header values by name, without outer spaces, codes in their own spelling. A value that is not in the file is left
    out, and so is the count of records if they could not be counted.
    """
    failures: list[Failure] = field(default_factory=list)
    """Reasons for refusing the file, and notices."""
    countable: bool = True
    """Whether the records could be counted."""
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The line and column of each header value, from 1: the number of the column in CSV, the character in XML."""
    columns: dict[str, int] = field(default_factory=dict)
    """The number of each column of a CSV file by its heading, from 1."""
    heading_row: int = 1
    """The row of a CSV file that has the headings, as a spreadsheet counts rows: a value's line breaks do not count."""

    _counts: dict[str, int] = field(default_factory=dict)
    _gaps: list[int] = field(default_factory=list)
    """The records after which there are blank rows."""
    _blank: list[int] = field(default_factory=list)
    """The number of blank rows up to and including each gap."""

    def add(self, *reasons: Failure) -> None:
        """Add reasons, up to ``MANY`` of one code."""
        for reason in reasons:
            count = self._counts.get(reason.code, 0)
            if count < MANY:
                self._counts[reason.code] = count + 1
                self.failures.append(reason)

    def add_blank_row(self, number: int) -> None:
        """There is a blank row somewhere after the record with this number."""
        if self._gaps and self._gaps[-1] == number:
            self._blank[-1] += 1
            return
        self._gaps.append(number)
        self._blank.append(1 + (self._blank[-1] if self._blank else 0))

    def row_of(self, number: int) -> int:
        """The row of a record of a CSV file, as a spreadsheet counts rows."""
        gaps = bisect_left(self._gaps, number)
        return self.heading_row + number + (self._blank[gaps - 1] if gaps else 0)

    def has_many(self, code: str) -> bool:
        """Whether there are enough reasons of a code."""
        return self._counts.get(code, 0) >= MANY

    @property
    def refused(self) -> bool:
        return any(reason.refuses for reason in self.failures)

    def set_header(self, name: str, text: str, place: tuple[int, int]) -> None:
        """Add one header value; if it is from a list, in the list's spelling."""
        self.places.setdefault(name, place)
        value = text.strip()
        known = self.layout.by_name[name]
        if known.codes is not None:
            value = str(known.codes.read(value) or value)
        self.header[name] = value
