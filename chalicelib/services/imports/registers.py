"""The catalogue of aims: importing the regulators' registers (QUAL-01).

An import reads a set of public files, merges them with the version in force, and publishes the result as a new version.
It is repeatable: the same files change nothing. It is careful: an import with objections (``domain.register_checks``)
is refused until a person accepts its report. What is accepted is exactly what the report shows: the same versions of
the files, on top of the same catalogue.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from chalicelib.domain.achievements import Catalogue
from chalicelib.domain.aims import Aim, AimKind, AimReference, AwardingBody, Provider, Register
from chalicelib.domain.register_checks import (
    Doubt,
    Objection,
    change_objections,
    delivery_objections,
    entry_objections,
    file_objections,
)
from chalicelib.domain.registers import Change, Delivery, Merged, merge
from chalicelib.domain.working_time import london_day
from chalicelib.formats.registers.catalogue_files import SnapshotCatalogue, versioned_snapshot
from chalicelib.formats.registers.register_files import Extract, RowFault, UnreadableRegisterFile, read_extract
from chalicelib.formats.registers.register_tables import RegisterFile, kind_of, plain
from chalicelib.formats.words.objections import objection_text
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import Missing
from chalicelib.ports.files import Files

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

    def publish(self, version: str, snapshot: bytes, previous: str | None = None) -> bool:
        """Store a version and put it in force, if ``previous`` is in force. Raises Conflict if it is not."""
        ...


class DeliveredFile(NamedTuple):
    """One file of a register."""

    name: str
    data: bytes


class ImportOutcome(StrEnum):
    """The outcome of an import."""

    PUBLISHED = "published"
    PUBLISHING = "publishing"
    """Only in a stored report, if the import ended before it was sure; the next import completes it."""
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class StoredFile(NamedTuple):
    """One file of an import in the catalogue bucket."""

    key: str
    version: str
    """Empty for the current one."""


class Acceptance(NamedTuple):
    """A report that a person has accepted."""

    key: str
    at: datetime
    previous: str
    proposed: str
    files: tuple[StoredFile, ...]
    whole: bool


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
    objections: tuple[Objection, ...] = ()
    """Why it needs to be accepted."""
    proposed: str = ""
    """The version that it would publish, or has published."""
    accepted: str = ""
    """The report that was accepted."""
    stored: tuple[StoredFile, ...] = ()
    whole: bool = True

    def to_json(self) -> str:
        """The whole report for people and programs."""
        values: dict[str, Any] = asdict(self)
        values["files"] = [file._asdict() for file in self.files]
        values["changed"] = [change._asdict() for change in self.changed]
        values["faults"] = [fault._asdict() for fault in self.faults]
        values["objections"] = [{**one._asdict(), "sentence": objection_text(one)} for one in self.objections]
        values["stored"] = [file._asdict() for file in self.stored]
        return json.dumps(values, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, data: bytes) -> ImportReport:
        """The report that was written with ``to_json``; raises ValueError, KeyError or TypeError for anything else."""
        values = json.loads(data)
        for name, made in _READ.items():
            values[name] = tuple(map(made, values[name]))
        return cls(**{**values, "outcome": ImportOutcome(values["outcome"])})

    def summary(self) -> str:
        """One line of figures."""
        refused = sum(fault.refused for fault in self.faults)
        return (
            f"{self.outcome}: {len(self.new)} new, {len(self.changed)} changed, {len(self.gone)} gone, "
            f"{len(self.back)} back, {refused} rows refused; version {self.version or 'none'}"
        )


class ImportRegister:
    """Imports files of the regulators' registers into the catalogue."""

    def __init__(self, catalogues: CatalogueVersions, files: Files, clock: Clock) -> None:
        self._catalogues = catalogues
        self._files = files
        self._clock = clock

    def run(
        self, files: Sequence[DeliveredFile], *, accepted: ImportReport | None = None, whole: bool = True
    ) -> ImportReport:
        """Import a set of files together; see :func:`chalicelib.domain.registers.merge` for ``whole``.

        A refused import changes nothing. Give its report as ``accepted`` to publish it all the same. Raises Conflict if
        another import was published in the meantime.
        """
        accepts = None
        if accepted is not None:
            at = datetime.fromisoformat(accepted.at)
            accepts = Acceptance("", at, accepted.previous, accepted.proposed, (), whole)
        return self._run(files, self._clock(), accepts, whole=whole)

    def run_stored(self, keys: Sequence[str], *, whole: bool = True) -> ImportReport:
        """Import objects of the catalogue bucket, and store the report beside them. Raises Missing and Conflict."""
        self._complete_last()
        return self._run_stored([StoredFile(key, "") for key in keys], self._clock(), whole=whole)

    def run_arrived(self) -> ImportReport | None:
        """Import the files put under ``registers/`` since the last import; None if there are none. Raises Conflict.

        An import that ended before its report was complete comes first, on its own.
        """
        completed = self._complete_last()
        if completed is not None:
            return completed
        now = self._clock()
        since = self._last_import() - _CLOCKS_DIFFER
        arrived = [
            StoredFile(found.key, found.version)
            for found in self._files.objects(BUCKET, ARRIVALS, since)
            if not found.key.endswith("/")  # a folder, as consoles make it
        ]
        return self._run_stored(arrived, now, whole=True) if arrived else None

    def accept(self, report: str) -> ImportReport:
        """Publish the import of a report, named by its key, in spite of its objections.

        It is refused again if the same files would now make another catalogue. Raises Missing, Conflict, and ValueError
        if there is no report of stored files under this key.
        """
        accepts = _acceptance(report, self._files.read(BUCKET, report) if report.startswith(REPORTS) else b"")
        self._complete_last()
        return self._run_stored(accepts.files, self._clock(), accepts, whole=accepts.whole)

    def _run_stored(
        self, stored: Sequence[StoredFile], now: datetime, accepts: Acceptance | None = None, *, whole: bool
    ) -> ImportReport:
        files = [
            DeliveredFile(key.rsplit("/", 1)[-1], self._files.read(BUCKET, key, version)) for key, version in stored
        ]
        report, made = self._decided(files, now, accepts, whole=whole)
        report = replace(report, stored=tuple(stored))
        if made is not None:
            # Published first, a crash would lose the report: the same import again would find nothing to change.
            self._store(replace(report, outcome=ImportOutcome.PUBLISHING))
            self._catalogues.publish(made.version, made.snapshot, report.previous)
        return self._store(report)

    def _store(self, report: ImportReport) -> ImportReport:
        key = datetime.fromisoformat(report.at).strftime(_REPORT)
        self._files.write(BUCKET, key, report.to_json().encode(), "application/json")
        return report

    def _complete_last(self) -> ImportReport | None:
        """Complete the last import of stored files if it ended before its report was; None if there is nothing to do.

        If it had not published yet, it is made again, with the same files, as at the same time.
        """
        key = max((found.key for found in self._files.objects(BUCKET, REPORTS, _EVER)), default="")
        report = ImportReport.from_json(self._files.read(BUCKET, key)) if key else None
        if report is None or report.outcome is not ImportOutcome.PUBLISHING:
            return None
        version, _ = self._in_force()
        if version == report.proposed:
            return self._store(replace(report, outcome=ImportOutcome.PUBLISHED))
        accepts = None
        if report.accepted:
            accepts = _acceptance(report.accepted, self._files.read(BUCKET, report.accepted))
        return self._run_stored(report.stored, datetime.fromisoformat(report.at), accepts, whole=report.whole)

    def _last_import(self) -> datetime:
        """When the last import of stored files began."""
        reports = (found.key for found in self._files.objects(BUCKET, REPORTS, _EVER))
        return max((datetime.strptime(key, _REPORT).replace(tzinfo=UTC) for key in reports), default=_EVER)

    def _run(
        self, files: Sequence[DeliveredFile], now: datetime, accepts: Acceptance | None, *, whole: bool
    ) -> ImportReport:
        report, made = self._decided(files, now, accepts, whole=whole)
        if made is not None:
            self._catalogues.publish(made.version, made.snapshot, report.previous)
        return report

    def _decided(
        self, files: Sequence[DeliveredFile], now: datetime, accepts: Acceptance | None, *, whole: bool
    ) -> tuple[ImportReport, _Catalogue | None]:
        """The report of an import, and the catalogue that is still to be published for it to be true."""
        previous, current = self._in_force()
        try:
            extracts = _read(files, current)
        except UnreadableRegisterFile as why:
            outcome = ImportOutcome.REFUSED
            return ImportReport(outcome, now.isoformat(), previous, previous, str(why), whole=whole), None
        delivery = _delivery(extracts)
        merged = merge(_aims_of(current), delivery, london_day(accepts.at if accepts else now), whole=whole)
        report = replace(_report(now, previous, extracts, merged), whole=whole, accepted=accepts.key if accepts else "")
        made = _Catalogue.of(current, extracts, merged)
        report = replace(report, proposed=made.version, objections=_objections(current, extracts, delivery, merged))
        if accepts and (accepts.previous, accepts.proposed) != (previous, made.version):
            return replace(report, reason="the accepted report is of another import or catalogue"), None
        if report.objections and not accepts:
            return replace(report, reason=_reason(report.objections)), None
        report = _publishable(report, made)
        return report, made if report.outcome is ImportOutcome.PUBLISHED else None

    def _in_force(self) -> tuple[str, SnapshotCatalogue | None]:
        try:
            version = self._catalogues.current_version()
        except Missing:
            return "", None
        catalogue = self._catalogues.load(version)
        if not isinstance(catalogue, SnapshotCatalogue):
            raise TypeError("the catalogue in force is not a snapshot")
        return version, catalogue


class _Catalogue(NamedTuple):
    """The catalogue that an import makes."""

    version: str
    snapshot: bytes
    aims: int
    bodies: Collection[AwardingBody]
    providers: Collection[Provider]

    @classmethod
    def of(cls, current: SnapshotCatalogue | None, extracts: Sequence[Extract], merged: Merged) -> _Catalogue:
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
        return cls(version, snapshot, len(merged.aims), bodies, providers)


def _publishable(report: ImportReport, made: _Catalogue) -> ImportReport:
    """The report of an import that nothing prevents."""
    return replace(
        report,
        outcome=ImportOutcome.UNCHANGED if made.version == report.previous else ImportOutcome.PUBLISHED,
        version=made.version,
        aims=made.aims,
        awarding_bodies=len(made.bodies),
        providers=len(made.providers),
    )


def _acceptance(key: str, report: bytes) -> Acceptance:
    try:
        found = ImportReport.from_json(report)
        at = datetime.fromisoformat(found.at)
        return Acceptance(key, at, found.previous, found.proposed, found.stored, found.whole)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError("not the report of an import of stored files") from error


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
            delivery.unreadable |= extract.unreadable
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


# --- Objections -------------------------------------------------------------------------------------------------------

_READ: Final[Mapping[str, Callable[[Any], object]]] = {
    "files": lambda file: FileReport(**file),
    "new": AimReference,
    "changed": lambda one: Change(AimReference(one["reference"]), tuple(one["fields"])),
    "gone": AimReference,
    "back": AimReference,
    "faults": lambda fault: RowFault(**fault),
    "objections": lambda one: Objection(Doubt(one["doubt"]), *(one[name] for name in Objection._fields[1:])),
    "stored": lambda file: StoredFile(**file),
}
"""How the lists of a stored report are read."""
_NAMED: Final = 5
"""Objections in the reason; the report has all of them."""


def _objections(
    current: SnapshotCatalogue | None, extracts: Sequence[Extract], delivery: Delivery, merged: Merged
) -> tuple[Objection, ...]:
    """Why the import must be accepted by a person before it is published."""
    found: list[Objection] = []
    for one in extracts:
        found += file_objections(one.name, one.rows, one.refused, cut_off=one.cut_off)
        found += delivery_objections(one.name, one.aims)
        if current is not None and one.awarding_bodies:
            bodies = {body.recognition_number: body for body in current.awarding_bodies()}
            found += entry_objections(one.name, bodies, {body.recognition_number: body for body in one.awarding_bodies})
        if current is not None and one.providers:
            providers = {provider.ukprn: provider for provider in current.providers()}
            found += entry_objections(one.name, providers, {provider.ukprn: provider for provider in one.providers})
    parts = {(aim.kind, aim.register) for aim in merged.aims.values()} if delivery.states_units else delivery.parts
    return (*found, *change_objections(_aims_of(current), merged, parts))


def _reason(objections: Sequence[Objection]) -> str:
    more = f"; and {len(objections) - _NAMED:,} more" if len(objections) > _NAMED else ""
    return "; ".join(map(objection_text, objections[:_NAMED])) + more


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
