"""The tables in the regulators' public files, from any export: headings, rows by field, dates.

A row that cannot be used is never silently dropped: it becomes a :class:`RowFault` with its line and the reason. The
reason says which columns are wrong and why, but never repeats a cell.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from io import StringIO
from typing import Final, NamedTuple


class RegisterFile(StrEnum):
    """The kinds of files from which the catalogue is made."""

    ORGANISATIONS = "Organisations"
    QUALIFICATIONS = "Qualifications"
    UNITS = "Units"
    QUALIFICATION_UNITS = "QualificationUnits"
    APPROVALS = "Approvals"
    """Qualifications approved or designated for Wales (QiW)."""
    PROVIDERS = "Providers"
    """The UK register of learning providers."""


class UnreadableRegisterFile(ValueError):
    """The whole file cannot be used; the text has its name and the reason."""


class RowFault(NamedTuple):
    """What is wrong with one row."""

    file: str
    line: int
    """Line of the file, from 1; 0 for the file as a whole."""
    reason: str
    refused: bool = True
    """Whether the row was left out; otherwise it was accepted without the wrong values."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line where it begins, and its values by field, without outer spaces; absent fields are empty."""

    line: int
    values: Mapping[str, str]

    def __getitem__(self, field: str) -> str:
        return self.values.get(field, "")


# Fields by their names in files, compared without capitals, spaces and punctuation. The first name is that of the
# published specification; the others are those of the register's interface and of earlier exports.
_NAMES: Final[Mapping[RegisterFile, Mapping[str, tuple[str, ...]]]] = {
    RegisterFile.ORGANISATIONS: {
        "number": ("Recognition Number", "Organisation Recognition Number"),
        "name": ("Name", "Organisation Name"),
        "legal_name": ("Legal Name",),
        "acronym": ("Acronym", "Organisation Acronym"),
        "status": ("Status", "Ofqual Status", "Organisation Status"),
    },
    RegisterFile.QUALIFICATIONS: {
        "reference": ("Qualification Number", "Qualification Number No Obliques", "QAN"),
        "title": ("Qualification Title", "Title"),
        "owner": ("Owner Organisation Recognition Number", "Organisation Recognition Number"),
        "owner_name": ("Owner Organisation Name", "Organisation Name"),
        "level": ("Qualification Level", "Level"),
        "sub_level": ("Qualification Sub Level", "Sub Level"),
        "type": ("Qualification Type", "Type"),
        "credits": ("Total Credits",),
        "ssa": ("Qualification SSA", "SSA", "Sector Subject Area"),
        "status": ("Qualification Status", "Status"),
        "operational_start": ("Operational Start Date",),
        "operational_end": ("Operational End Date",),
        "certification_end": ("Certification End Date",),
        "glh": ("Guided Learning Hours", "GLH"),
        "grading_type": ("Overall Grading Type", "Grading Type"),
        "scale": ("Grading Scale",),
    },
    RegisterFile.UNITS: {
        "key": ("Unit Key",),
        "owner": ("Owner Organisation Recognition Number", "Organisation Recognition Number"),
        "owner_name": ("Owner Organisation Name", "Organisation Name"),
        "reference": ("Unique Reference Number", "Unit Reference Number", "Unit Reference", "URN"),
        "title": ("Title", "Unit Title"),
        "level": ("Unit Level", "Level"),
        "sub_level": ("Unit Sub Level", "Sub Level"),
        "glh": ("Guided Learning Hours", "GLH"),
        "credits": ("Unit Credit Value", "Credit Value", "Credits"),
        "certification_end": ("Date of Withdrawal", "Withdrawal Date", "Unit Expiry Date", "Expiry Date"),
        "ssa": ("Unit SSA", "SSA"),
        "status": ("Unit Status", "Status"),
        "sharing": ("Availability", "Unit Availability", "Shared", "Sharing", "Shared Or Restricted"),
        "grading_type": ("Grading Type",),
        "scale": ("Grading Scale",),
    },
    RegisterFile.QUALIFICATION_UNITS: {
        "qualification": ("Qualification Number",),
        "key": ("Unit Key",),
    },
    RegisterFile.APPROVALS: {
        "reference": (
            "Approval Or Designation Number", "Approval/Designation Number", "Approval Number", "Designation Number",
            "Approval/Designation No", "QW Approval/Designation Number",
        ),
        "title": ("Qualification Title", "Title"),
        "owner": ("Awarding Body Recognition Number", "Owner Organisation Recognition Number", "Recognition Number"),
        "owner_name": ("Awarding Body", "Awarding Body Name", "Owner Organisation Name", "Organisation Name"),
        "level": ("Qualification Level", "Level"),
        "type": ("Qualification Type", "Type"),
        "credits": ("Total Credits", "Credits"),
        "ssa": ("Sector Subject Area", "SSA", "Qualification SSA"),
        "status": ("Status", "Qualification Status", "Approval Status"),
        "operational_start": ("Approval Start Date", "Designation Start Date", "Start Date", "Operational Start Date"),
        "teaching_from": ("First Teaching", "Teaching From", "First Teaching Year"),
        "operational_end": ("Approval End Date", "Designation End Date", "End Date", "Operational End Date"),
        "certification_end": ("Certification End Date", "Last Certification Date"),
        "glh": ("Guided Learning Hours", "GLH"),
        "grading_type": ("Overall Grading Type", "Grading Type"),
        "scale": ("Grading Scale", "Grade Range", "Grades"),
    },
    RegisterFile.PROVIDERS: {
        "ukprn": ("UKPRN", "UK Provider Reference Number", "Provider UKPRN"),
        "name": ("Provider Name", "Name", "View Name", "Legal Name"),
        "status": ("Provider Status", "Status"),
    },
}  # fmt: skip

# How a kind is recognised: the fields it must have. The order matters, since a file may have other fields as well.
_NEEDED: Final[Mapping[RegisterFile, tuple[str, ...]]] = {
    RegisterFile.QUALIFICATION_UNITS: ("qualification", "key"),
    RegisterFile.UNITS: ("reference", "title", "key"),
    RegisterFile.APPROVALS: ("reference", "title"),
    RegisterFile.QUALIFICATIONS: ("reference", "title"),
    RegisterFile.ORGANISATIONS: ("number", "name"),
    RegisterFile.PROVIDERS: ("ukprn", "name"),
}

_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T][0-9:.]+Z?)?")
_BRITISH: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: [0-9:.]+(?: ?[AaPp][Mm])?)?")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED: Final = re.compile(rf"([0-9]{{1,2}})[- ]({'|'.join(_MONTHS)})[a-z]*[- ]([0-9]{{4}})", re.IGNORECASE)
_NOT_ALPHANUMERIC: Final = re.compile(r"[^a-z0-9]")
_HEAD: Final = 32_768
"""Bytes that contain the headings of any register's file; an even number because of UTF-16."""
_OPEN_FROM: Final = 2999
"""First year in which a date means "no end"."""
_YEARS: Final = range(1950, 2100)
"""Years in which the dates of a register can be; spreadsheets write an empty date as 1899 or 1900."""


class Table:
    """A register's file, decoded, its kind recognised by its headings. Raises :class:`UnreadableRegisterFile`.

    ``rows`` yields the usable rows and adds the others to ``faults``; ``read`` counts both.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.faults: list[RowFault] = []
        self.read = 0
        self.cut_off = False
        """Whether the last row so far has too few values."""
        if not data.strip():
            raise UnreadableRegisterFile(f"{name}: the file is empty, without headings")
        self._reader = csv.reader(StringIO(self._decoded(data), newline=""))
        try:
            headings = next(self._reader, [])
        except csv.Error as error:
            raise UnreadableRegisterFile(f"{name}: line 1 is not CSV") from error
        self._width = len(headings)
        self.kind, self._places = _recognised(headings, name)

    def rows(self) -> Iterator[Row]:
        """Every row with as many values as there are headings; empty lines are ignored."""
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                raise UnreadableRegisterFile(f"{self.name}: line {line} is not CSV") from error
            if cells is None:
                return
            if not any(cell.strip() for cell in cells):
                continue
            self.read += 1
            self.cut_off = len(cells) < self._width
            if len(cells) != self._width:
                self.refuse(line, f"{len(cells)} values for {self._width} headings")
                continue
            yield Row(line, {field: cells[place].strip() for field, place in self._places.items()})

    def has(self, field: str) -> bool:
        """Whether the file has a column for the field."""
        return field in self._places

    def refuse(self, line: int, reason: str) -> None:
        """Leaves the row out."""
        self.faults.append(RowFault(self.name, line, reason))

    def remark(self, line: int, reason: str) -> None:
        """Accepts the row, with a remark about something that is wrong in it."""
        self.faults.append(RowFault(self.name, line, reason, refused=False))

    def _decoded(self, data: bytes) -> str:
        try:
            return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        except UnicodeDecodeError:
            pass
        try:
            text = data.decode("windows-1252")
        except UnicodeDecodeError as error:
            raise UnreadableRegisterFile(f"{self.name}: neither UTF-8 nor Windows-1252") from error
        self.remark(0, "not UTF-8: read as Windows-1252")
        return text


def kind_of(data: bytes, name: str) -> RegisterFile:
    """The kind of a file, by its first line. Raises :class:`UnreadableRegisterFile`."""
    return Table(data[:_HEAD], name).kind


def _recognised(headings: Sequence[str], name: str) -> tuple[RegisterFile, dict[str, int]]:
    """The kind of file with these headings, and the place of each of its fields."""
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        places.setdefault(plain(heading), place)
    for kind, needed in _NEEDED.items():
        found = {
            field: next(places[plain(alias)] for alias in names if plain(alias) in places)
            for field, names in _NAMES[kind].items()
            if any(plain(alias) in places for alias in names)
        }
        if all(field in found for field in needed):
            return kind, found
    raise UnreadableRegisterFile(f"{name}: the headings are not those of a register")


def plain(name: str) -> str:
    """The form in which headings and names of bodies are compared: without capitals, spaces and punctuation."""
    return _NOT_ALPHANUMERIC.sub("", name.casefold())


def parse_day(text: str, *, may_be_open: bool = True) -> date | None:
    """The day: ``2010-09-01``, ``01/09/2010`` (day first), ``01-Sep-2010``, each with or without a time; None if empty.

    A date from the year 2999 means "no end" and is also None, unless the date must be a real one. Raises ValueError for
    anything else, and for a year before 1950 or after 2099.
    """
    if not text or text.casefold() in ("null", "none", "n/a"):
        return None
    if found := _ISO.fullmatch(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := _BRITISH.fullmatch(text):
        day, month, year = int(found[1]), int(found[2]), int(found[3])
    elif found := _NAMED.fullmatch(text):
        day, month, year = int(found[1]), _MONTHS.index(found[2].casefold()) + 1, int(found[3])
    else:
        raise ValueError("not a date")
    if year >= _OPEN_FROM and may_be_open:
        return None
    if year not in _YEARS:
        raise ValueError("not a plausible year")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("not a date") from None


def parse_count(text: str) -> int | None:
    """A whole number, which may be written ``20.0`` or ``1,200``; None if empty. Raises ValueError for anything
    else.
    """
    text = text.replace(",", "")
    if not text or text.casefold() in ("null", "none", "n/a"):
        return None
    found = re.fullmatch(r"([0-9]{1,9})(?:\.0+)?", text)
    if found is None:
        raise ValueError("not a whole number")
    return int(found[1])
