"""Fakes of the catalogue, the accounts, the audit log and the outages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from chalicelib.domain.achievements import Catalogue
from chalicelib.domain.developers import Developer
from chalicelib.domain.maintenance import Environment, Window, unavailable_periods
from chalicelib.domain.monthly_levels import Month
from chalicelib.domain.organisations import Listed
from chalicelib.domain.recoveries import Recovery, with_recovery
from chalicelib.domain.working_time import merged_periods
from chalicelib.ports.accounts import Organisation
from chalicelib.ports.audit import AuditEntry, mark_of
from chalicelib.ports.errors import Conflict, Missing
from chalicelib.ports.levels import Schedule
from chalicelib.ports.timeliness import DayCounts, Place
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

    @call("accounts.save")
    def save(self, organisation: Organisation) -> None:
        held = self.organisations.get(organisation.ukprn)
        if held != organisation and (held.revision if held else 0) != organisation.revision - 1:
            raise Conflict
        self.organisations[organisation.ukprn] = organisation

    @call("accounts.listed")
    def listed(self) -> list[Listed]:
        return [self.organisations[ukprn].listed for ukprn in sorted(self.organisations)]

    @call("accounts.organisation")
    def organisation(self, ukprn: str) -> Organisation | None:
        return self.organisations.get(ukprn)

    @call("accounts.page")
    def page(self, after: str = "") -> tuple[list[Organisation], str]:
        ukprns = sorted(ukprn for ukprn in self.organisations if ukprn > after)
        page = ukprns[:2]
        return [self.organisations[ukprn] for ukprn in page], page[-1] if len(ukprns) > 2 else ""


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

    @call("audit.of_subject")
    def of_subject(self, subject: str) -> list[AuditEntry]:
        return [self.held[identity] for identity in sorted(self.held) if identity[0] == subject]

    @call("audit.latest")
    def latest(self, subject: str, most: int, before: str = "") -> list[AuditEntry]:
        held = [self.held[identity] for identity in sorted(self.held, reverse=True) if identity[0] == subject]
        return [one for one in held if not before or mark_of(one) < before][:most]


class FakeSchedules(Fake):
    """The maintenance schedule."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held = Schedule()
        self.past: dict[str, Window] = {}

    @call("schedules.read")
    def read(self, *, consistent: bool = True) -> Schedule:
        del consistent
        return self.held

    @call("schedules.since")
    def since(self, moment: datetime, *, consistent: bool = True) -> list[Window]:
        del consistent
        return self.ending_after(moment)

    def ending_after(self, moment: datetime) -> list[Window]:
        found = {one.window_id: one for one in self.held.windows} | self.past
        return sorted((one for one in found.values() if one.end > moment), key=lambda one: (one.end, one.window_id))

    @call("schedules.save", knows_own=True)
    def save(self, schedule: Schedule, over: Sequence[Window] = ()) -> None:
        self.past |= {one.window_id: one for one in over}
        if schedule.revision != self.held.revision + 1:
            raise Conflict
        self.held = schedule


class FakeDevelopers(Fake):
    """Registered developers by their ids."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[str, Developer] = {}

    @call("developers.all")
    def all(self) -> list[Developer]:
        return [self.held[one] for one in sorted(self.held)]

    @call("developers.save")
    def save(self, developer: Developer) -> None:
        self.held[developer.developer_id] = developer


class FakeRecoveries(Fake):
    """Recoveries, of which at most one runs."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: list[Recovery] = []

    @call("recoveries.all")
    def all(self) -> list[Recovery]:
        return list(self.held)

    @call("recoveries.save")
    def save(self, recovery: Recovery) -> None:
        kept = with_recovery(self.held, recovery)
        if kept is None:
            raise Conflict
        self.held = kept


class FakeTimeliness(Fake):
    """Counts by organisation and day."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[tuple[str, date], DayCounts] = {}
        self.kept: Place | None = None

    @call("timeliness.place")
    def place(self) -> Place | None:
        return self.kept

    @call("timeliness.keep_place")
    def keep_place(self, place: Place) -> None:
        self.kept = place

    @call("timeliness.record")
    def record(self, days: Sequence[DayCounts]) -> None:
        self.held.update({(one.ukprn, one.day): one for one in days})

    @call("timeliness.of_month")
    def of_month(self, month: Month, ukprn: str = "") -> list[DayCounts]:
        return [
            one for (own, day), one in sorted(self.held.items()) if ukprn in ("", own) and f"{day:%Y-%m}" == str(month)
        ]


class FakeOutages(Fake):
    """Periods of unavailability, emergency maintenance of the live environment among them."""

    def __init__(self, schedules: FakeSchedules, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self._schedules = schedules
        self.periods: dict[datetime, datetime] = {}

    @call("outages.since")
    def since(self, day: date) -> list[tuple[datetime, datetime]]:
        after = datetime(day.year, day.month, day.day, tzinfo=UTC)
        own = [one for one in self._schedules.ending_after(after) if one.environment is Environment.LIVE]
        found = merged_periods([*self.periods.items(), *unavailable_periods(own)])
        return [period for period in found if period[1].date() > day]

    @call("outages.record")
    def record(self, start: datetime, end: datetime) -> None:
        self.periods[start] = end
