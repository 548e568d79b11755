"""The stage for learner and verification files: every write of the register is noted, in order."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from chalicelib.domain.jobs import VERIFICATIONS
from chalicelib.domain.learners import ACTIVE, LINKED, Learner
from chalicelib.domain.pending_matches import PendingState
from chalicelib.formats.batch.work_files import read_results
from chalicelib.ports.errors import Conflict
from chalicelib.services.registration import next_version
from tests.builders.jobs import Pipeline, caller
from tests.builders.organisations import provider
from tests.fakes import FakeWorld
from tests.semantics.actors import Actor
from tests.semantics.people_files import ORGANISATIONS, POISON, POSTCODES, Person, held_at_first, spoilt
from tests.semantics.stage import Message, Stage

Chunk = tuple[str, int]
Held = dict[str, Learner]

STRANGER = Person("Zebedee", "Quartermaine", date(1980, 1, 9))
"""Whom somebody else turns a learner into."""


class Written(NamedTuple):
    """One version of one learner."""

    chunk: Chunk | None
    """The chunk that wrote it; None for a person."""
    before: Learner | None
    after: Learner


class PeopleStage(Stage):
    """One run with learner or verification files."""

    def __init__(self, kind: str, chunk_size: int, *, make: Callable[..., object] = Pipeline) -> None:
        self.kind = kind
        super().__init__(chunk_size, make=make)
        self.written: list[Written] = []
        self.states: list[Held] = [dict(self.world.learner_register.whole)]
        """The register after each number of writes."""
        self.first: dict[Chunk, int] = {}
        """How many writes there were when a chunk was first delivered; the same for when its results were stored."""
        self.last: dict[Chunk, int] = {}
        self.strangers = 0
        register, files = self.world.learner_register, self.world.files
        keep, store = register._keep, files.write_if_absent

        def kept(one: Learner) -> None:
            before = self.states[-1].get(one.uln)
            keep(one)
            self.written.append(Written(self._chunk(), before, one))
            self.states.append(self.states[-1] | {one.uln: one})

        def stored(bucket: str, key: str, data: bytes, content_type: str) -> bool:
            if "/result/" not in key:
                return store(bucket, key, data, content_type)
            self._check_audited(data)
            there = files.held.get((bucket, key))
            try:
                return store(bucket, key, data, content_type)
            finally:  # its answer may be lost
                if files.held.get((bucket, key)) is not there:
                    self.last[key.split("/")[1], int(key.split("/")[3][:4])] = len(self.written)

        register._keep = kept  # type: ignore[method-assign]
        files.write_if_absent = stored  # type: ignore[method-assign]

    def made_world(self) -> FakeWorld:
        world = FakeWorld()
        for ukprn in ORGANISATIONS:
            world.accounts.put(provider(ukprn))
        for one in held_at_first():
            world.learner_register.put(one)
        world.learner_register.get = spoilt(world.learner_register.get, lambda uln: uln == POISON)  # type: ignore[method-assign]
        world.learners.profiles = spoilt(world.learners.profiles, lambda ulns: POISON in ulns)  # type: ignore[method-assign]
        return world

    def deliver(self, message: Message) -> Actor:
        if message.queue == "chunks":
            body = json.loads(message.body)
            self.first.setdefault((body["job"], body["chunk"]), len(self.written))
        return super().deliver(message)

    def _chunk(self) -> Chunk | None:
        message = self._holding.get(self._running) if self._running is not None else None
        if message is None or message.queue != "chunks":
            return None
        body = json.loads(message.body)
        return body["job"], body["chunk"]

    def _check_audited(self, data: bytes) -> None:
        """Every learner who is returned is in the audit log before the results are stored (SEC-01)."""
        chunk = self._chunk()
        since = self.world.jobs.held[chunk[0]].submitted_at.isoformat() if chunk else ""
        looked = {entry.subject for entry in self.world.audit.held.values() if entry.at >= since[:19]}
        for result in read_results(data):
            if result.returned and f"ULN#{result.returned[0]}" not in looked:
                self.truth.faults.append(f"record {result.number} is returned without a look")

    # People.

    def change(self, how: str, one: int, other: int) -> Actor:
        """Somebody changes a learner: ``stranger``, ``moved``, ``titled``, ``linked`` or ``unlinked``."""
        return self.begin("edit", lambda: self._change(how, one, other))

    def _change(self, how: str, one: int, other: int) -> None:
        held = sorted(uln for uln in self.states[-1] if uln != POISON)
        read = self.world.learner_register.get
        first = read(held[one % len(held)], consistent=True)
        second = read(held[other % len(held)], consistent=True)
        changed = self._changed(how, first, second)
        at = self.world.clock()
        with suppress(Conflict):
            if changed:
                self.world.learner_register.update(
                    *(next_version(caller(ORGANISATIONS[1]), it, how, at) for it in changed)
                )

    def _changed(self, how: str, one: Learner, other: Learner) -> list[Learner]:
        details = one.details
        if how == "stranger" and details.given_name != STRANGER.given_name:
            self.strangers += 1
            name = "".join("BCDFGHJKLM"[int(digit)] + "a" for digit in str(self.strangers))
            names = {"given_name": STRANGER.given_name, "family_name": f"{STRANGER.family_name} {name.title()}"}
            born = STRANGER.date_of_birth.replace(day=1 + self.strangers % 28)
            return [one._replace(details=details._replace(**names, date_of_birth=born))]
        if how == "moved":
            postcode = POSTCODES[details.last_known_post_code == POSTCODES[0]]
            return [one._replace(details=details._replace(last_known_post_code=postcode))]
        if how == "titled":
            return [one._replace(details=details._replace(title="Dr" if details.title != "Dr" else "Ms"))]
        free = one.status == ACTIVE and other.status == ACTIVE and not one.linked_ulns and one.uln != other.uln
        if how == "linked" and free:
            linked = one._replace(status=LINKED, master_uln=other.uln)
            return [linked, other._replace(linked_ulns=(*other.linked_ulns, one.uln))]
        return []

    def decide(self, place: int, state: PendingState) -> Actor:
        """Somebody decides a possible match."""
        return self.begin("edit", lambda: self._decide(place, state))

    def _decide(self, place: int, state: PendingState) -> None:
        waiting = [one for one in self.world.pending_matches.held.values() if not one.state.is_end]
        if waiting:
            with suppress(Conflict):
                self.world.pending_matches.save(waiting[place % len(waiting)]._replace(state=state))

    @property
    def verifies(self) -> bool:
        return self.kind == VERIFICATIONS
