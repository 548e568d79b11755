"""The regulators' public files: Ofqual's Organisations, Qualifications, Units and QualificationUnits, the approvals of
Qualifications Wales, and the register of learning providers, read into the parts of the catalogue (QUAL-01).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple

from chalicelib.domain.aims import Aim, AimKind, AimReference, AwardingBody, Provider, Register, parse_aim_reference
from chalicelib.domain.failures import Failure
from chalicelib.domain.fields import Kind
from chalicelib.domain.grades import OF_UNITS, grades_of
from chalicelib.domain.values import has_form, is_formula
from chalicelib.formats.registers.register_tables import (
    RegisterFile,
    Row,
    RowFault,
    Table,
    UnreadableRegisterFile,
    parse_count,
    parse_day,
    plain,
)
from chalicelib.reference.grade_sets import grade_sets

__all__ = ["Extract", "RegisterFile", "RowFault", "UnitInQualification", "UnreadableRegisterFile", "read_extract"]

_FORMULA: Final = "a spreadsheet formula"
_RECOGNITION_NUMBER: Final = re.compile(r"[A-Z]{2}[0-9]{4,8}")
_YEAR: Final = re.compile(r"((?:19|20)[0-9]{2})(?:/[0-9]{2,4})?")

_SHARED: Final = {"shared": True, "yes": True, "y": True, "true": True, "1": True, "restricted": False, "private":
False,
                  "no": False, "n": False, "false": False, "0": False, "": False}  # fmt: skip

_KINDS: Final = {
    RegisterFile.QUALIFICATIONS: (AimKind.QUALIFICATION, Register.OFQUAL),
    RegisterFile.UNITS: (AimKind.UNIT, Register.OFQUAL),
    RegisterFile.APPROVALS: (AimKind.QUALIFICATION, Register.QIW),
}


class UnitInQualification(NamedTuple):
    """A unit that is part of a qualification."""

    qualification: AimReference
    unit: AimReference


@dataclass(frozen=True)
class Extract:
    """The content of one file. Only the entries of its kind are filled."""

    name: str
    kind: RegisterFile
    aims: tuple[Aim, ...] = ()
    awarding_bodies: tuple[AwardingBody, ...] = ()
    providers: tuple[Provider, ...] = ()
    units: tuple[UnitInQualification, ...] = ()
    faults: tuple[RowFault, ...] = ()
    """Rows left out, and remarks about accepted rows."""
    rows: int = 0
    """Rows of the file, including those left out."""
    says_sharing: bool = False
    """Whether it has a column that marks units as shared or restricted."""
    unreadable: frozenset[AimReference] = frozenset()
    """Aims of rows that were left out for another value than their reference."""
    cut_off: bool = False
    """Whether the last row has too few values, as in a file of which the end is missing."""

    @cached_property
    def refused(self) -> int:
        """Rows left out."""
        return sum(fault.refused for fault in self.faults)


def read_extract(data: bytes, name: str, bodies: Mapping[str, str] | None = None) -> Extract:
    """Read a file of the kind shown by its headings. Raises :class:`UnreadableRegisterFile`.

    ``bodies`` are recognition numbers by the name of the body as ``register_tables.plain`` writes it, for files that
    only give an owner's name.
    """
    table = Table(data, name)
    if table.kind in _KINDS:
        reader = _AimReader(table, bodies or {})
        aims = reader.aims()
        return replace(_extract(table, aims=tuple(aims.values())), unreadable=frozenset(reader.unreadable))
    if table.kind is RegisterFile.ORGANISATIONS:
        return _extract(table, awarding_bodies=tuple(_bodies(table).values()))
    if table.kind is RegisterFile.PROVIDERS:
        return _extract(table, providers=tuple(_providers(table).values()))
    return _extract(table, units=tuple(_units_in_qualifications(table)))


def _extract(
    table: Table,
    aims: tuple[Aim, ...] = (),
    awarding_bodies: tuple[AwardingBody, ...] = (),
    providers: tuple[Provider, ...] = (),
    units: tuple[UnitInQualification, ...] = (),
) -> Extract:
    return Extract(
        table.name,
        table.kind,
        aims,
        awarding_bodies,
        providers,
        units,
        faults=tuple(sorted(table.faults)),
        rows=table.read,
        says_sharing=table.has("sharing"),
        cut_off=table.cut_off,
    )


# --- Qualifications, units, approvals ---------------------------------------------------------------------------------


@dataclass
class _AimReader:
    """Reads the aims of one file."""

    table: Table
    bodies: Mapping[str, str]
    found: dict[AimReference, Aim] = field(default_factory=dict)
    unreadable: set[AimReference] = field(default_factory=set)

    def aims(self) -> dict[AimReference, Aim]:
        for row in self.table.rows():
            aim = self._aim(row)
            if aim is not None:
                self._take(row, aim)
        return self.found

    def _take(self, row: Row, aim: Aim) -> None:
        known = self.found.get(aim.reference)
        if known is None or known == aim:
            self.found[aim.reference] = aim
        elif aim.kind is AimKind.UNIT and known.owners != aim.owners:
            # A unit has one row for each of its owners.
            owners, shared = known.owners | aim.owners, known.shared or aim.shared
            self.found[aim.reference] = replace(known, owners=owners, shared=shared)
        else:
            self.table.refuse(row.line, "the reference is already in the file, with different details")

    def _aim(self, row: Row) -> Aim | None:
        kind, register = _KINDS[self.table.kind]
        reference = self._reference(row, kind)
        dates = self._dates(row)
        if reference is None or dates is None or not self._has_title(row):
            if reference is not None:
                self.unreadable.add(reference)
            return None
        return Aim(
            reference=reference,
            title=row["title"],
            kind=kind,
            owners=self._owners(row),
            shared=self._shared(row),
            first_award=dates[0],
            last_award=dates[1],
            grades=grades_of(row["type"], row["title"], row["grading_type"], row["scale"], grade_sets())
            or (OF_UNITS if kind is AimKind.UNIT else ()),
            level=row["level"] if row["sub_level"] in ("", "None") else f"{row['level']} {row['sub_level']}",
            type=row["type"],
            ssa=row["ssa"],
            credits=self._count(row, "credits"),
            glh=self._count(row, "glh"),
            grading_type=row["grading_type"],
            status=row["status"],
            register=register,
        )

    def _reference(self, row: Row, kind: AimKind) -> AimReference | None:
        reference = parse_aim_reference(row["reference"], "reference")
        if isinstance(reference, Failure):
            why = dict(reference.detail).get("reason", "missing")
            self.table.refuse(row.line, f"reference: {why}")
            return None
        if (kind is AimKind.UNIT) != ("/" in reference):
            self.table.refuse(row.line, f"reference: not one of a {kind}")
            return None
        return reference

    def _has_title(self, row: Row) -> bool:
        if not row["title"]:
            self.table.remark(row.line, "no title")
        elif is_formula(row["title"]):
            self.table.refuse(row.line, f"title: {_FORMULA}")
            return False
        return True

    def _dates(self, row: Row) -> tuple[date | None, date | None] | None:
        """First and last day of award. If one of the dates cannot be read, refuses the row and returns None."""
        found: dict[str, date | None] = {}
        for name in ("operational_start", "operational_end", "certification_end"):
            try:
                found[name] = parse_day(row[name], may_be_open=name != "operational_start")
            except ValueError as why:
                self.table.refuse(row.line, f"{name.replace('_', ' ')} date: {why}")
                return None
        first = found["operational_start"] or _teaching_from(row["teaching_from"])
        last = found["certification_end"] or found["operational_end"]
        if first and last and last < first:
            self.table.remark(row.line, "ends before it begins, so it can never be awarded")
        return first, last

    def _owners(self, row: Row) -> frozenset[str]:
        number = row["owner"].upper() or self.bodies.get(plain(row["owner_name"]), "")
        if not number and row["key"]:
            number = unit_key_owner(row["key"]) or ""
        if not number:
            self.table.remark(row.line, "no owner, so nobody can award it")
            return frozenset()
        if not _RECOGNITION_NUMBER.fullmatch(number):
            self.table.remark(row.line, "owner: not a recognition number")
        return frozenset((number,))

    def _shared(self, row: Row) -> bool:
        shared = _SHARED.get(row["sharing"].casefold())
        if shared is None:
            self.table.remark(row.line, "availability: neither shared nor restricted; treated as restricted")
        return shared is True

    def _count(self, row: Row, name: str) -> int | None:
        try:
            return parse_count(row[name])
        except ValueError:
            self.table.remark(row.line, f"{name}: not a whole number")
            return None


def _teaching_from(text: str) -> date | None:
    """The first of September of the year in which teaching begins; a date is also accepted."""
    found = _YEAR.fullmatch(text)
    if found:
        return date(int(found[1]), 9, 1)
    try:
        return parse_day(text)
    except ValueError:
        return None


def unit_key_owner(key: str) -> str | None:
    """The owner's recognition number in a unit key (the recognition number followed by the unit reference)."""
    parts = _unit_key(key)
    return parts[0] if parts else None


def _unit_key(key: str) -> tuple[str, AimReference] | None:
    key = key.strip().upper()
    for length in (10, 8):
        unit = parse_aim_reference(key[-length:])
        if not isinstance(unit, Failure) and "/" in unit and len(key) > length:
            return key[:-length], unit
    return None


def _units_in_qualifications(table: Table) -> dict[UnitInQualification, None]:
    found: dict[UnitInQualification, None] = {}
    for row in table.rows():
        qualification = parse_aim_reference(row["qualification"])
        unit = _unit_key(row["key"])
        if isinstance(qualification, Failure) or "/" in qualification:
            table.refuse(row.line, "qualification number: wrong format")
        elif unit is None:
            table.refuse(row.line, "unit key: not a recognition number and a unit reference")
        else:
            found[UnitInQualification(qualification, unit[1])] = None
    return found


# --- Organisations and providers --------------------------------------------------------------------------------------


def _bodies(table: Table) -> dict[str, AwardingBody]:
    found: dict[str, AwardingBody] = {}
    for row in table.rows():
        body = AwardingBody(row["number"].upper(), row["name"], row["legal_name"], row["acronym"], row["status"])
        if not _RECOGNITION_NUMBER.fullmatch(body.recognition_number):
            table.refuse(row.line, "recognition number: wrong format")
        elif any(map(is_formula, body[1:])):
            table.refuse(row.line, f"name, acronym or status: {_FORMULA}")
        elif found.setdefault(body.recognition_number, body) != body:
            table.refuse(row.line, "the recognition number is already in the file, with different details")
    return found


def _providers(table: Table) -> dict[str, Provider]:
    found: dict[str, Provider] = {}
    for row in table.rows():
        provider = Provider(row["ukprn"], row["name"], row["status"])
        if not has_form(Kind.UKPRN, provider.ukprn):
            table.refuse(row.line, "UKPRN: not eight digits")
        elif any(map(is_formula, provider[1:])):
            table.refuse(row.line, f"name or status: {_FORMULA}")
        elif found.setdefault(provider.ukprn, provider) != provider:
            table.refuse(row.line, "the UKPRN is already in the file, with different details")
    return found
