"""The catalogue of aims: importing the regulators' registers (QUAL-01).

An import reads a set of public files, merges them with the version in force, and publishes the result as a new version.
It is repeatable: the same files change nothing. It is careful: an import that would remove more than a certain share of
a register's aims is refused, since an incomplete file is more likely than so many withdrawals.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from chalicelib.domain.achievements import Catalogue
from chalicelib.domain.aims import Aim, AimKind, AimReference, AwardingBody, Register
from chalicelib.domain.registers import Change, Delivery, Merged, merge
from chalicelib.domain.working_time import london_day
from chalicelib.formats.registers.catalogue_files import SnapshotCatalogue, versioned_snapshot
from chalicelib.formats.registers.register_files import Extract, RowFault, UnreadableRegisterFile, read_extract
from chalicelib.formats.registers.register_tables import RegisterFile, kind_of, plain
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.files import Files

MOST_LOST: Final = 0.2
"""The largest share of a register's aims that one import may remove, unless it is forced."""

BUCKET: Final = "catalogue"
ARRIVALS: Final = "registers/"
"""The prefix for files of the registers."""
REPORTS: Final = "imports/"
_REPORT: Final = f"{REPORTS}%Y%m%dT%H%M%S.%fZ.json"
"""Reports are named by the time at which the import began."""
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""A file that arrived this shortly before an import is imported again, which changes nothing."""
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)

_PARTS: Final = {
    RegisterFile.QUALIFICATIONS: (AimKind.QUALIFICATION, Register.OFQUAL),
    RegisterFile.UNITS: (AimKind.UNIT, Register.OFQUAL),
    RegisterFile.APPROVALS: (AimKind.QUALIFICATION, Register.QIW),
}
_ORDER: Final = (
    RegisterFile.ORGANISATIONS,
    RegisterFile.QUALIFICATIONS,
    RegisterFile.UNITS,
    RegisterFile.APPROVALS,
    RegisterFile.QUALIFICATION_UNITS,
    RegisterFile.PROVIDERS,
)
"""The order of reading: bodies before the aims they own, Ofqual's entry for an aim before that of Wales."""


class CatalogueVersions(Protocol):
    """Stores versions of the catalogue and puts them in force."""

    def current_version(self) -> str:
        """Raises Missing while there is none."""
        ...

    def load(self, version: str) -> Catalogue:
        """The result of ``read_snapshot``."""
        ...

    def publish(self, version: str, snapshot: bytes) -> bool:
        """Store a version and put it in force."""
        ...


class DeliveredFile(NamedTuple):
    """One file of a register."""

    name: str
    data: bytes


class ImportOutcome(StrEnum):
    """The outcome of an import."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class FileReport(NamedTuple):
    """One file of an import: its rows, and the rows left out."""

    name: str
    kind: str
    rows: int
    refused: int


@dataclass(frozen=True)
class ImportReport:
    """What an import has done, or why it was refused."""

    outcome: ImportOutcome
    at: str
    previous: str
    """The version in force before; empty for the first."""
    version: str
    """The version in force afterwards."""
    reason: str = ""
    files: tuple[FileReport, ...] = ()
    new: tuple[AimReference, ...] = ()
    changed: tuple[Change, ...] = ()
    gone: tuple[AimReference, ...] = ()
    back: tuple[AimReference, ...] = ()
    aims: int = 0
    """Aims in the catalogue, including those that are gone."""
    awarding_bodies: int = 0
    providers: int = 0
    faults: tuple[RowFault, ...] = ()

    def to_json(self) -> str:
        """The whole report for people and programs."""
        values: dict[str, Any] = asdict(self)
        values["files"] = [file._asdict() for file in self.files]
        values["changed"] = [change._asdict() for change in self.changed]
        values["faults"] = [fault._asdict() for fault in self.faults]
        return json.dumps(values, ensure_ascii=False, indent=1)

    def summary(self) -> str:
        """One line of figures."""
        refused = sum(fault.refused for fault in self.faults)
        return (
            f"{self.outcome}: {len(self.new)} new, {len(self.changed)} changed, {len(self.gone)} gone, "
            f"{len(self.back)} back, {refused} rows refused; version {self.version or 'none'}"
        )


class ImportRegister:
    """Imports files of the regulators' registers into the catalogue."""

    def __init__(self, catalogues: CatalogueVersions, files: Files, clock: Clock, most_lost: float = MOST_LOST) -> None:
        self._catalogues = catalogues
        self._files = files
        self._clock = clock
        self._most_lost = most_lost

    def run(self, files: Sequence[DeliveredFile], *, force: bool = False, whole: bool = True) -> ImportReport:
        """Import a set of files together; see :func:`chalicelib.domain.registers.merge` for ``whole``.

        A refused import changes nothing. Raises Conflict if another import was published in the meantime.
        """
        return self._run(files, self._clock(), force=force, whole=whole)

    def run_stored(self, keys: Sequence[str], *, force: bool = False, whole: bool = True) -> ImportReport:
        """Import objects of the catalogue bucket, and store the report beside them. Raises Missing and Conflict."""
        return self._run_stored([(key, "") for key in keys], self._clock(), force=force, whole=whole)

    def run_arrived(self) -> ImportReport | None:
        """Import the files put under ``registers/`` since the last import; None if there are none. Raises Conflict."""
        now = self._clock()
        since = self._last_import() - _CLOCKS_DIFFER
        arrived = [(found.key, found.version) for found in self._files.objects(BUCKET, ARRIVALS, since) if found.size]
        return self._run_stored(arrived, now, force=False, whole=True) if arrived else None

    def _run_stored(
        self, stored: Sequence[tuple[str, str]], now: datetime, *, force: bool, whole: bool
    ) -> ImportReport:
        files = [
            DeliveredFile(key.rsplit("/", 1)[-1], self._files.read(BUCKET, key, version)) for key, version in stored
        ]
        report = self._run(files, now, force=force, whole=whole)
        self._files.write(BUCKET, now.strftime(_REPORT), report.to_json().encode(), "application/json")
        return report

    def _last_import(self) -> datetime:
        """When the last import of stored files began."""
        reports = (found.key for found in self._files.objects(BUCKET, REPORTS, _EVER))
        return max((datetime.strptime(key, _REPORT).replace(tzinfo=UTC) for key in reports), default=_EVER)

    def _run(self, files: Sequence[DeliveredFile], now: datetime, *, force: bool, whole: bool) -> ImportReport:
        previous, current = self._in_force()
        try:
            extracts = _read(files, current)
        except UnreadableRegisterFile as why:
            return ImportReport(ImportOutcome.REFUSED, now.isoformat(), previous, previous, str(why))
        merged = merge(_aims_of(current), _delivery(extracts), london_day(now), whole=whole)
        report = _report(now, previous, extracts, merged)
        if merged.lost > self._most_lost and not force:
            limit = f"{merged.lost:.0%} of a register's aims would go; at most {self._most_lost:.0%} may"
            return replace(report, reason=limit)
        return self._published(report, current, extracts, merged)

    def _in_force(self) -> tuple[str, SnapshotCatalogue | None]:
        try:
            version = self._catalogues.current_version()
        except Missing:
            return "", None
        catalogue = self._catalogues.load(version)
        if not isinstance(catalogue, SnapshotCatalogue):
            raise TypeError("the catalogue in force is not a snapshot")
        return version, catalogue

    def _published(
        self, report: ImportReport, current: SnapshotCatalogue | None, extracts: Sequence[Extract], merged: Merged
    ) -> ImportReport:
        bodies = _joined(
            current.awarding_bodies() if current is not None else (),
            (body for extract in extracts for body in extract.awarding_bodies),
            lambda body: body.recognition_number,
        )
        providers = _joined(
            current.providers() if current is not None else (),
            (provider for extract in extracts for provider in extract.providers),
            lambda provider: provider.ukprn,
        )
        version, snapshot = versioned_snapshot(merged.aims.values(), providers, bodies)
        report = replace(
            report, version=version, aims=len(merged.aims), awarding_bodies=len(bodies), providers=len(providers)
        )
        if version == report.previous:
            return replace(report, outcome=ImportOutcome.UNCHANGED)
        if self._in_force()[0] != report.previous:
            raise Conflict
        self._catalogues.publish(version, snapshot)
        return replace(report, outcome=ImportOutcome.PUBLISHED)


def _read(files: Sequence[DeliveredFile], current: SnapshotCatalogue | None) -> list[Extract]:
    """The files in the order in which they are merged: by kind, then by name. Raises UnreadableRegisterFile."""
    if not files:
        raise UnreadableRegisterFile("no files")
    ordered = sorted(files, key=lambda file: (_ORDER.index(kind_of(file.data, file.name)), file.name))
    bodies = _by_name(current.awarding_bodies()) if current is not None else {}
    extracts: list[Extract] = []
    for file in ordered:
        extract = read_extract(file.data, file.name, bodies)
        bodies.update(_by_name(extract.awarding_bodies))
        extracts.append(extract)
    return extracts


def _by_name(bodies: Iterable[AwardingBody]) -> dict[str, str]:
    """Recognition numbers by name and legal name; a name shared by two bodies is left out."""
    found: dict[str, str] = {}
    for body in bodies:
        for name in {plain(body.name), plain(body.legal_name)} - {""}:
            number = body.recognition_number
            found[name] = number if found.get(name, number) == number else ""
    return found


def _delivery(extracts: Iterable[Extract]) -> Delivery:
    delivery = Delivery()
    for extract in extracts:
        if extract.kind in _PARTS:
            delivery.add(_PARTS[extract.kind], extract.aims, says_sharing=extract.says_sharing)
        elif extract.kind is RegisterFile.QUALIFICATION_UNITS:
            delivery.states_units = True
            delivery.units.update(extract.units)
    return delivery


def _aims_of(current: SnapshotCatalogue | None) -> dict[AimReference, Aim]:
    return {aim.reference: aim for aim in current.aims()} if current is not None else {}


def _report(now: datetime, previous: str, extracts: Sequence[Extract], merged: Merged) -> ImportReport:
    return ImportReport(
        outcome=ImportOutcome.REFUSED,
        at=now.isoformat(),
        previous=previous,
        version=previous,
        files=tuple(FileReport(one.name, str(one.kind), one.rows, one.refused) for one in extracts),
        new=merged.new,
        changed=merged.changed,
        gone=merged.gone,
        back=merged.back,
        faults=tuple(fault for one in extracts for fault in one.faults) + _dangling(extracts, merged),
    )


def _dangling(extracts: Iterable[Extract], merged: Merged) -> tuple[RowFault, ...]:
    """Remarks about pairs of a qualification and a unit if the catalogue does not have both."""
    found = []
    for extract in extracts:
        missing = sum(pair.unit not in merged.aims or pair.qualification not in merged.aims for pair in extract.units)
        if missing:
            reason = f"{missing} rows name a qualification or a unit that the catalogue does not have"
            found.append(RowFault(extract.name, 0, reason, refused=False))
    return tuple(found)


_Entry = TypeVar("_Entry")


def _joined(current: Iterable[_Entry], stated: Iterable[_Entry], key: Callable[[_Entry], str]) -> Collection[_Entry]:
    """The entries in force and those in the files, which take precedence. None is removed, since records refer to
    them.
    """
    return {key(entry): entry for group in (current, stated) for entry in group}.values()
