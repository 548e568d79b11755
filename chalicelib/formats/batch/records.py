"""What reading a batch file yields: its records one by one, and what has been learnt of the file as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from chalicelib.domain.failures import Failure
from chalicelib.formats.batch.layouts import Layout

CHUNK_BYTES = 65_536
"""How much of a file is read at a time."""

MANY = 10
"""So many reasons of one kind are told of a file; more would only repeat them."""


class Record(NamedTuple):
    """One submitted record, as it stands in the file."""

    number: int
    """From 1, in file order."""
    line: int
    """The line of the file on which it begins, from 1."""
    values: tuple[str, ...]
    """In the order of the layout's record. A record that lacks values or has too many (ACF007) keeps what it has,
    with empty values at least to its second place; a record of a file that is refused for its headings or size may
    have none."""
    failures: tuple[Failure, ...] = ()
    """What is wrong with its structure: ACF007 or ACF010."""


class Source(Protocol):
    """A file to read, in pieces."""

    def blocks(self) -> Iterator[bytes]:
        """The bytes in pieces of about ``CHUNK_BYTES``, each but the last ending at a line feed."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """The bytes in pieces of ``CHUNK_BYTES``."""
        ...


@dataclass(slots=True)
class Reading:
    """What is known of a file so far; complete once its records have been read to the end."""

    layout: Layout
    header: dict[str, str] = field(default_factory=dict)
    """Header values by name, without outer spaces, codes in their own spelling. A value that the file has no place
    for is left out, and so is the count of records where the records could not be counted."""
    failures: list[Failure] = field(default_factory=list)
    """Reasons for refusing the file, and notices."""
    countable: bool = True
    """Whether the number of records could be told."""

    _told: dict[str, int] = field(default_factory=dict)

    def add(self, *reasons: Failure) -> None:
        """Add reasons, up to ``MANY`` of one code."""
        for reason in reasons:
            told = self._told.get(reason.code, 0)
            if told < MANY:
                self._told[reason.code] = told + 1
                self.failures.append(reason)

    def has_many(self, code: str) -> bool:
        """Whether no more reasons of a code are wanted."""
        return self._told.get(code, 0) >= MANY

    @property
    def refused(self) -> bool:
        return any(reason.refuses for reason in self.failures)

    def set_header(self, name: str, text: str) -> None:
        """Take one header value, in the spelling of its list where it is of a list."""
        value = text.strip()
        known = self.layout.by_name[name]
        if known.codes is not None:
            value = str(known.codes.read(value) or value)
        self.header[name] = value
