"""Fakes of personal learning records: holdings, events of feeds, challenges, the access log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chalicelib.domain.challenges import Challenge, ChallengeMark, mark_of
from chalicelib.domain.learners import Learner, learner_of
from chalicelib.domain.looks import REPEATED_LOOKS
from chalicelib.domain.records import Availability, AvailabilityChange, Holdings, ParticipationEvent, held_of
from chalicelib.ports.errors import BadCursor, Conflict
from chalicelib.ports.records import AccessPage, EventIdentity, EventKey
from tests.fakes.calls import Fake, FakeClock, Hook, call, no_hook
from tests.fakes.records import FakeAudit
from tests.fakes.register import FakeAchievements, FakeLearners

READ_BATCH = 100
WRITE_BATCH = 25


class FakeParticipationEvents(Fake):
    """Events by ULN, source and id."""

    def __init__(self, clock: FakeClock, before: Hook = no_hook) -> None:
        super().__init__(clock, before)
        self.held: dict[EventKey, ParticipationEvent] = {}
        self.holder_of: dict[EventIdentity, str] = {}

    def put(self, event: ParticipationEvent) -> None:
        """Store an event, to arrange a test."""
        self.held[event.uln, event.source.value, event.event_id] = event

    def read(self, keys: Iterable[EventKey]) -> dict[EventKey, ParticipationEvent]:
        wanted = list(dict.fromkeys(keys))
        found: dict[EventKey, ParticipationEvent] = {}
        for start in range(0, len(wanted), READ_BATCH):
            found.update(self._read(wanted[start : start + READ_BATCH]))
        return found

    @call("participation_events.read")
    def _read(self, keys: list[EventKey]) -> dict[EventKey, ParticipationEvent]:
        return {key: self.held[key] for key in keys if key in self.held}

    def write(self, events: Sequence[ParticipationEvent]) -> None:
        for start in range(0, len(events), WRITE_BATCH):
            self._write(events[start : start + WRITE_BATCH])

    @call("participation_events.write")
    def _write(self, events: Sequence[ParticipationEvent]) -> None:
        for event in events:
            self.put(event)

    @call("participation_events.holders")
    def holders(self, events: Iterable[EventIdentity]) -> dict[EventIdentity, str]:
        return {event: self.holder_of[event] for event in events if event in self.holder_of}

    @call("participation_events.hold")
    def hold(self, holders: Mapping[EventIdentity, str]) -> None:
        self.holder_of.update(holders)


class FakeRecords(Fake):
    """Everything under a ULN, from the fakes that hold its parts; ``learners`` has those with all their details."""

    def __init__(
        self,
        profiles: FakeLearners,
        achievements: FakeAchievements,
        events: FakeParticipationEvents,
        before: Hook = no_hook,
    ) -> None:
        super().__init__(profiles.clock, before)
        self._profiles = profiles
        self._achievements = achievements
        self._events = events
        self.learners: dict[str, Learner] = {}
        self.availabilities: dict[str, Availability] = {}
        self.replaced: dict[tuple[str, int], AvailabilityChange] = {}
        self.marks: dict[tuple[str, str], ChallengeMark] = {}

    @call("records.holdings")
    def holdings(self, uln: str) -> Holdings | None:
        learner = self.learners.get(uln)
        if learner is None:
            profile = self._profiles.held.get(uln)
            if profile is None:
                return None
            learner = learner_of(profile)
        achievements = [held_of(held) for key, held in self._achievements.held.items() if key.uln == uln]
        return Holdings(
            learner,
            tuple(sorted(achievements, key=lambda held: held.key)),
            tuple(event for key, event in sorted(self._events.held.items()) if key[0] == uln),
            self.availabilities.get(uln),
            tuple(mark for key, mark in sorted(self.marks.items()) if key[0] == uln),
        )

    @call("records.save_availability", knows_own=True)
    def save_availability(self, availability: Availability) -> None:
        if availability.replaced is not None:
            self.replaced.setdefault((availability.uln, availability.revision - 1), availability.replaced)
        stored = self.availabilities.get(availability.uln)
        if (stored.revision if stored else 0) != availability.revision - 1:
            raise Conflict
        self.availabilities[availability.uln] = availability._replace(replaced=None)


class FakeCasework(Fake):
    """Challenges by reference."""

    def __init__(self, records: FakeRecords, before: Hook = no_hook) -> None:
        super().__init__(records.clock, before)
        self._records = records
        self.held: dict[str, Challenge] = {}
        self.raised: dict[tuple[object, ...], str] = {}
        """The reference of the last challenge, by organisation and problem."""

    @call("casework.create", knows_own=True)
    def create(self, challenge: Challenge, after: str = "") -> str:
        if self.held.get(challenge.reference) == challenge:
            return ""
        if challenge.reference in self.held:
            raise Conflict
        report = challenge.report
        problem = (challenge.raised_by, report.type, tuple(sorted(report.event_ids)) or challenge.uln)
        last = self.raised.setdefault(problem, challenge.reference)
        if last not in (challenge.reference, after):
            return last
        self.raised[problem] = challenge.reference
        self._keep(challenge)
        return ""

    @call("casework.get")
    def get(self, reference: str) -> Challenge | None:
        return self.held.get(reference)

    @call("casework.save", knows_own=True)
    def save(self, challenge: Challenge) -> Challenge:
        stored = self.held.get(challenge.reference)
        if stored is None or stored.revision != challenge.revision:
            raise Conflict
        saved = challenge._replace(revision=challenge.revision + 1)
        self._keep(saved)
        return saved

    def _keep(self, challenge: Challenge) -> None:
        self.held[challenge.reference] = challenge
        self._records.marks[challenge.uln, challenge.reference] = mark_of(challenge)


class FakeAccessLog(Fake):
    """The fake audit log, read by learner."""

    def __init__(self, audit: FakeAudit, before: Hook = no_hook) -> None:
        super().__init__(audit.clock, before)
        self._audit = audit

    @call("access_log.page")
    def page(self, uln: str, ukprn: str, limit: int, cursor: str = "", *, own_only: bool = False) -> AccessPage:
        entries = [
            entry
            for key, entry in sorted(self._audit.held.items(), reverse=True)
            if key[0] == f"ULN#{uln}"
            and entry.action not in REPEATED_LOOKS
            and (not own_only or entry.organisation == ukprn)
        ]
        start = 0
        if cursor:
            places = [n for n, entry in enumerate(entries) if cursor == f"log {ukprn} {entry.at} {entry.entry_id}"]
            if not places:
                raise BadCursor
            start = places[0] + 1
        page = entries[start : start + limit]
        more = len(page) == limit
        return AccessPage(page, f"log {ukprn} {page[-1].at} {page[-1].entry_id}" if more else "")
