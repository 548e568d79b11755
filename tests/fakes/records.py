"""Fakes of the catalogue, the accounts, the audit log and the outages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from chalicelib.domain.achievements import Catalogue
from chalicelib.ports.accounts import Organisation
from chalicelib.ports.audit import AuditEntry
from chalicelib.ports.errors import Conflict, Missing
from tests.fakes.calls import Fake, FakeClock, Hook, call, no_hook


class FakeCatalogues(Fake):
    """Versions of the catalogue; the last published is current."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.versions: dict[str, Catalogue] = {}
        self.current = ""

    def publish(self, version: str, catalogue: Catalogue, previous: str | None = None) -> bool:
        """Add a version and make it current. Unlike the real store it keeps the catalogue object itself."""
        if previous is not None and self.current not in (previous, version):
            raise Conflict
        new = version not in self.versions
        self.versions.setdefault(version, catalogue)
        self.current = version
        return new

    @call("catalogues.current_version")
    def current_version(self) -> str:
        if not self.current:
            raise Missing
        return self.current

    @call("catalogues.load")
    def load(self, version: str) -> Catalogue:
        if version not in self.versions:
            raise Missing
        return self.versions[version]


class FakeAccounts(Fake):
    """Organisations by UKPRN."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.organisations: dict[str, Organisation] = {}

    def put(self, organisation: Organisation) -> None:
        self.organisations[organisation.ukprn] = organisation

    @call("accounts.organisation")
    def organisation(self, ukprn: str) -> Organisation | None:
        return self.organisations.get(ukprn)


class FakeAudit(Fake):
    """Entries by subject, time and id; 25 per call, so that after a crash some of them are written."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[tuple[str, str, str], AuditEntry] = {}

    def record(self, entries: Sequence[AuditEntry]) -> None:
        for start in range(0, len(entries), 25):
            self._record(entries[start : start + 25])

    @call("audit.record")
    def _record(self, entries: Sequence[AuditEntry]) -> None:
        for entry in entries:
            key = (entry.subject, entry.at, entry.entry_id)
            self.held.setdefault(key, entry._replace(detail=dict(entry.detail)))


class FakeOutages(Fake):
    """Windows of unavailability."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.windows: list[tuple[datetime, datetime]] = []

    def put(self, start: datetime, end: datetime) -> None:
        """Add a window, to arrange a test."""
        self.windows.append((start, end))

    @call("outages.since")
    def since(self, day: date) -> list[tuple[datetime, datetime]]:
        return sorted(window for window in self.windows if window[1].date() > day)
